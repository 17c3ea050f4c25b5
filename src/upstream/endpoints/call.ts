import { canonicalJson } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { type ArgsOf, type EndpointName, endpoints, isEndpointName } from './table.js';

/** One paid request to upstream: an endpoint, and what it is asked for. */
export interface Call {
  readonly endpoint: Endpoint<EndpointName>;
  readonly args: object;
  /** The same text for the same endpoint and arguments, and for no others, whatever text the arguments hold. */
  readonly key: string;
}

export function callOf<Name extends EndpointName>(name: Name, args: ArgsOf<Name>): Call {
  return { endpoint: endpoints[name], args, key: name + canonicalJson(args) };
}

/** The call that has a key. Null: it is no key of an endpoint that is known here. */
export function callWithKey(key: string): Call | null {
  const argsAt = key.indexOf('{');
  const name = key.slice(0, argsAt);
  if (argsAt < 0 || !isEndpointName(name)) return null;
  return callFrom(name, parsed(key.slice(argsAt)));
}

/** A call whose arguments come from outside this process. Null: the endpoint does not take them. */
export function callFrom(name: EndpointName, args: unknown): Call | null {
  const { success, data } = endpoints[name].args.safeParse(args);
  return success ? callOf(name, data) : null;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
