import { dayMs, untilChinaMidnight } from '../../../time.js';

/** Upstream's codes after which no call can succeed until the operator acts (303: until midnight in China). */
export const codesThatStopAll: ReadonlySet<number> = new Set([100, 101, 303, 601, 602]);

/** Upstream's code after which no call to the same endpoint can succeed. */
const codeThatStopsEndpoint = 600;

/** Failures that upstream reports only after it has accepted the token, its permissions and its balance. */
export const codesAfterAcceptance: ReadonlySet<number> = new Set([300, 301]);

export const probeEveryMs = 60_000;

/** How far our clock and upstream's may be apart. */
const maxClockDifferenceMs = 10 * 60_000;

/** The scope of a stop for all endpoints. The scope of any other stop is its endpoint's name. */
export const allEndpoints = '*';

/** Null: the code stops nothing. */
export function stopScope(endpoint: string, upstreamCode: number | undefined): string | null {
  if (upstreamCode === codeThatStopsEndpoint) return endpoint;
  return upstreamCode !== undefined && codesThatStopAll.has(upstreamCode) ? allEndpoints : null;
}

/** In a minute; after 303, at midnight in China. */
export function nextProbeAfter(upstreamCode: number | null, nowMs: number): number {
  const untilMidnightMs = untilChinaMidnight(nowMs);
  // Just after midnight, upstream's clock may still show the day before, so that 303 is about that day's quota.
  const mayBeYesterdays = dayMs - untilMidnightMs < maxClockDifferenceMs;
  return nowMs + (upstreamCode === 303 && !mayBeYesterdays ? untilMidnightMs : probeEveryMs);
}

interface ProbeTime {
  readonly upstreamCode: number | null;
  readonly nextProbeAtMs: number;
}

/** Whether a probe may be made. A time further away than any that is ever set means that the clock was set back. */
export function isProbeDue({ upstreamCode, nextProbeAtMs }: ProbeTime, nowMs: number): boolean {
  const longestMs = upstreamCode === 303 ? dayMs : probeEveryMs;
  return nowMs >= nextProbeAtMs || nextProbeAtMs - nowMs > longestMs;
}
