import { type FaultRates, parseFaultRate } from './faults.js';
import { type Latency, parseLatency } from './latency.js';

/** How calls go. */
export interface Behaviour {
  /** How long an answer takes. Default: no time. */
  readonly latency?: Latency;
  /** How often a call fails, and how. Default: never, but for the ids that always do. */
  readonly faultRates?: FaultRates;
}

/** How all calls go, and how those to certain endpoints, or about certain creators, go instead. */
export interface Behaviours extends Behaviour {
  /** By an endpoint's name. What is not said here is as for all. */
  readonly endpoints?: ReadonlyMap<string, Behaviour>;
  /** By creator id. What is not said here is as for the endpoint, or for all. */
  readonly creators?: ReadonlyMap<string, Behaviour>;
}

export function behaviourFor(
  { creatorId, endpoint }: { readonly creatorId: string | null; readonly endpoint: string | null },
  { creators, endpoints, ...all }: Behaviours,
): Behaviour {
  return { ...all, ...endpoints?.get(endpoint ?? ''), ...creators?.get(creatorId ?? '') };
}

/**
 * `--latency` and `--fail` of the command line: `301=0.1` is for all, `prices:301=0.1` for one of `endpointNames`,
 * `6629722295873044494:301=0.1` for one creator. Of two latencies for the same the last counts; faults add up.
 */
export function parseBehaviours(
  latencies: readonly string[],
  faults: readonly string[],
  endpointNames: readonly string[],
): Behaviours {
  const byScope = new Map<string | null, Behaviour>();
  for (const text of latencies) {
    const { scope, rest } = splitScope(text, endpointNames);
    byScope.set(scope, { ...byScope.get(scope), latency: parseLatency(rest) });
  }
  for (const text of faults) {
    const { scope, rest } = splitScope(text, endpointNames);
    const before = byScope.get(scope);
    const faultRates = [...(before?.faultRates ?? []), parseFaultRate(rest)];
    byScope.set(scope, { ...before, faultRates });
  }
  const endpoints = new Map<string, Behaviour>();
  const creators = new Map<string, Behaviour>();
  for (const [scope, behaviour] of byScope) {
    if (scope !== null) (endpointNames.includes(scope) ? endpoints : creators).set(scope, behaviour);
  }
  return { ...byScope.get(null), endpoints, creators };
}

function splitScope(text: string, endpointNames: readonly string[]): { scope: string | null; rest: string } {
  const colon = text.indexOf(':');
  if (colon === -1) return { scope: null, rest: text };
  const scope = text.slice(0, colon);
  if (/^\d{15,20}$/.test(scope) || endpointNames.includes(scope))
    return { scope, rest: text.slice(colon + 1) };
  throw new Error(
    `Expected a creator id of 15 to 20 digits, or one of ${endpointNames.join(', ')}, before the colon, but got "${text}".`,
  );
}
