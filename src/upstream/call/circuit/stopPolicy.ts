import { dayMs, untilChinaMidnight } from '../../../time.js';

/** After these every call is in vain, until the operator acts (303: until midnight in China). */
export const stopsEverything: ReadonlySet<number> = new Set([100, 101, 303, 601, 602]);

/** After this every call to the endpoint is. */
const stopsEndpoint = 600;

/** Failures that upstream has only once the token, its permissions and its balance were found good. */
export const behindTheGate: ReadonlySet<number> = new Set([300, 301]);

/** How often one call finds out whether the others may go on. */
export const probeEveryMs = 60_000;

/** By how much our clock and upstream's may differ. */
const clocksDifferMs = 10 * 60_000;

/** The scope of what stops every endpoint; of others it is the endpoint's name. */
export const everything = '*';

interface Probed {
  readonly upstreamCode: number | null;
  readonly nextProbeAtMs: number;
}

/** What a code of upstream's stops, if anything. */
export function stopScope(endpoint: string, upstreamCode: number | undefined): string | null {
  if (upstreamCode === stopsEndpoint) return endpoint;
  return upstreamCode !== undefined && stopsEverything.has(upstreamCode) ? everything : null;
}

/** When one call will find out whether a stop still holds: in a minute, but for a quota. */
export function nextProbeAfter(upstreamCode: number | null, nowMs: number): number {
  const untilMidnightMs = untilChinaMidnight(nowMs);
  // Just after midnight, by a clock that may be ahead of upstream's, it may be yesterday's quota still.
  const isYesterdays = dayMs - untilMidnightMs < clocksDifferMs;
  return nowMs + (upstreamCode === 303 && !isYesterdays ? untilMidnightMs : probeEveryMs);
}

/** What holds calls up lets one through. Also when that is further away than it ever was: the clock has been set back. */
export function isDue({ upstreamCode, nextProbeAtMs }: Probed, nowMs: number): boolean {
  const longestMs = upstreamCode === 303 ? dayMs : probeEveryMs;
  return nowMs >= nextProbeAtMs || nextProbeAtMs - nowMs > longestMs;
}
