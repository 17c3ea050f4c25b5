/** The wall clock, in milliseconds since 1970. Injected wherever time decides something, so that no test sleeps. */
export type Clock = () => number;

/** For durations: never steps, whatever becomes of the wall clock. Its zero is nobody's. */
export const elapsed: Clock = () => performance.now();

/** China's time has been this far ahead of UTC all year round since 1991. */
export const chinaOffsetMs = 8 * 3_600_000;
export const dayMs = 86_400_000;

/** The number of China's calendar day (UTC+8, no summer time): upstream's quotas and our daily counts turn with it. */
export function chinaDay(nowMs: number): number {
  return Math.floor((nowMs + chinaOffsetMs) / dayMs);
}

/** Milliseconds until the next midnight in China. */
export function untilChinaMidnight(nowMs: number): number {
  return (chinaDay(nowMs) + 1) * dayMs - chinaOffsetMs - nowMs;
}

/** Runs something later. Injected beside the clock, and returns what calls it off. */
export type After = (delayMs: number, run: () => void) => () => void;

/** 24 days; a longer timer would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The real one. It keeps no process alive: what it waits for is upstream's, and a server that ends doesn't wait. */
export const later: After = (delayMs, run) => {
  // What was due a moment ago is due now: Node warns of negative times.
  const timer = setTimeout(run, Math.max(0, Math.min(delayMs, longestTimerMs))).unref();
  return () => clearTimeout(timer);
};

/** How long something takes: until it is stopped, or until now. */
export class Stopwatch {
  readonly #elapsed: Clock;
  readonly #startedAtMs: number;
  #stoppedAtMs: number | null = null;

  constructor(elapsed: Clock) {
    this.#elapsed = elapsed;
    this.#startedAtMs = elapsed();
  }

  stop(): void {
    this.#stoppedAtMs = this.#elapsed();
  }

  get ms(): number {
    return (this.#stoppedAtMs ?? this.#elapsed()) - this.#startedAtMs;
  }
}
