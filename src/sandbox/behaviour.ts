import { type FaultRates, parseFaultRate } from './faults.js';
import { type Latency, parseLatency, slowIds } from './latency.js';

/** How the sandbox answers calls. */
export interface Behaviour {
  /** How long an answer takes. Default: 0 ms. */
  readonly latency?: Latency;
  /** How often calls fail, and how. Default: only calls about the ids that always fail. */
  readonly faultRates?: FaultRates;
}

/** The behaviour for all calls, with overrides for endpoints and creators. */
export interface Behaviours extends Behaviour {
  /** By endpoint name. Overrides the behaviour for all calls. */
  readonly endpoints?: ReadonlyMap<string, Behaviour>;
  /** By creator id. Overrides both. */
  readonly creators?: ReadonlyMap<string, Behaviour>;
}

export function behaviourFor(
  { creatorId, endpoint }: { readonly creatorId: string | null; readonly endpoint: string | null },
  { creators, endpoints, ...all }: Behaviours,
): Behaviour {
  const slow = slowIds.get(creatorId ?? '');
  return {
    ...all,
    ...endpoints?.get(endpoint ?? ''),
    ...(slow && { latency: slow }),
    ...creators?.get(creatorId ?? ''),
  };
}

/**
 * Parses `--latency` and `--fail` of the command line. `301=0.1` applies to all calls, `prices:301=0.1` to one of
 * `endpointNames`, `6629722295873044494:301=0.1` to one creator. The last latency of a scope replaces the others; faults
 * add up.
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
