/** Returns milliseconds: `Date.now`, or `elapsed` below. Injected, so that no test sleeps. */
export type Clock = () => number;

/** A monotonic clock for durations. Its origin is arbitrary. */
export const elapsed: Clock = () => performance.now();

/** China is at UTC+8, without summer time since 1991. */
const hourMs = 3_600_000;
export const chinaOffsetMs = 8 * hourMs;
export const dayMs = 86_400_000;

/** The number of the calendar day in China. Upstream's quotas and our daily counts start again at its midnight. */
export function chinaDay(nowMs: number): number {
  return Math.floor((nowMs + chinaOffsetMs) / dayMs);
}

/** The date of such a day: `2026-03-01`. */
export function chinaDate(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

/** The date and the hour in China: `2026-03-01 14:00`. */
export function chinaHour(nowMs: number): string {
  const hour = Math.floor(sinceChinaMidnight(nowMs) / hourMs);
  return `${chinaDate(chinaDay(nowMs))} ${String(hour).padStart(2, '0')}:00`;
}

/** Milliseconds since the last midnight in China. */
export function sinceChinaMidnight(nowMs: number): number {
  return nowMs + chinaOffsetMs - chinaDay(nowMs) * dayMs;
}

/** Milliseconds until the next midnight in China. */
export function untilChinaMidnight(nowMs: number): number {
  return dayMs - sinceChinaMidnight(nowMs);
}

/** Runs a function after a delay, and returns a function that cancels it. Injected like the clock. */
export type After = (delayMs: number, run: () => void) => () => void;

/** 24 days. Node fires longer timers at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The real timer. It does not keep the process alive, since a server that ends does not wait for upstream. */
export const later: After = (delayMs, run) => {
  // Node warns of negative delays.
  const timer = setTimeout(run, Math.max(0, Math.min(delayMs, longestTimerMs))).unref();
  return () => clearTimeout(timer);
};

/** A timer that keeps the process alive, for what must be done before it ends. */
export const laterKeepingAlive: After = (delayMs, run) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

/** Measures the time from its creation until it is stopped, or until now. */
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
