import { canonicalJson } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { type ArgsOf, type EndpointName, endpoints, isEndpointName } from './table.js';

/** One paid request to upstream: an endpoint and its arguments. */
export interface Call {
  readonly endpoint: Endpoint<EndpointName>;
  readonly args: object;
  /** Identifies the endpoint and arguments. Different calls have different keys, whatever text the arguments hold. */
  readonly key: string;
}

export function callOf<Name extends EndpointName>(name: Name, args: ArgsOf<Name>): Call {
  return { endpoint: endpoints[name], args, key: name + canonicalJson(args) };
}

/** The call with a key. Null: it is not the key of a call to one of the table's endpoints. */
export function callWithKey(key: string): Call | null {
  const argsAt = key.indexOf('{');
  const name = key.slice(0, argsAt);
  if (argsAt < 0 || !isEndpointName(name)) return null;
  return callFrom(name, parseOrUndefined(key.slice(argsAt)));
}

/** A call whose arguments come from outside this process. Null: the arguments are invalid. */
export function callFrom(name: EndpointName, args: unknown): Call | null {
  const { success, data } = endpoints[name].args.safeParse(args);
  return success ? callOf(name, data) : null;
}

function parseOrUndefined(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
