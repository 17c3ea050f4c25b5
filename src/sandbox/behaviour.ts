import { type FaultRates, parseFaultRate } from './faults.js';
import { type Latency, parseLatency } from './latency.js';

/** How calls go. */
export interface Behaviour {
  /** How long an answer takes. Default: no time. */
  readonly latency?: Latency;
  /** How often a call fails, and how. Default: never, but for the ids that always do. */
  readonly faultRates?: FaultRates;
}

/** How all calls go, and how those about certain creators go instead. */
export interface Behaviours extends Behaviour {
  /** By creator id. What is not said here is as for all. */
  readonly creators?: ReadonlyMap<string, Behaviour>;
}

export function behaviourFor(creatorId: string | null, { creators, ...all }: Behaviours): Behaviour {
  return { ...all, ...creators?.get(creatorId ?? '') };
}

/**
 * `--latency` and `--fail` of the command line: `301=0.1` is for all, `6629722295873044494:301=0.1` for one. Of two
 * latencies for the same the last counts; faults add up.
 */
export function parseBehaviours(latencies: readonly string[], faults: readonly string[]): Behaviours {
  const byId = new Map<string | null, Behaviour>();
  for (const text of latencies) {
    const { creatorId, rest } = splitId(text);
    byId.set(creatorId, { ...byId.get(creatorId), latency: parseLatency(rest) });
  }
  for (const text of faults) {
    const { creatorId, rest } = splitId(text);
    const before = byId.get(creatorId);
    const faultRates = [...(before?.faultRates ?? []), parseFaultRate(rest)];
    byId.set(creatorId, { ...before, faultRates });
  }
  const all = byId.get(null);
  byId.delete(null);
  return { ...all, creators: byId as Map<string, Behaviour> };
}

function splitId(text: string): { creatorId: string | null; rest: string } {
  const colon = text.indexOf(':');
  if (colon === -1) return { creatorId: null, rest: text };
  const creatorId = text.slice(0, colon);
  if (/^\d{15,20}$/.test(creatorId)) return { creatorId, rest: text.slice(colon + 1) };
  throw new Error(`Expected a creator id of 15 to 20 digits before the colon, but got "${text}".`);
}
