/** The gap after the first rate limit, the longest gap, and the shortest before there is none. */
const firstGapMs = 200;
const longestGapMs = 10_000;
const shortestGapMs = 20;

const growth = 2;
const shrinkage = 0.8;

/**
 * The gap between the starts of an endpoint's calls. There is none until upstream limits the rate. The gap doubles with
 * each further limit and shrinks with each answer. Calls that started before the last slow-down do not change it, since
 * they were sent at the old rate. Holds no timer and no clock.
 */
export class AdaptiveThrottle {
  #gapMs = 0;
  #freeAtMs = Number.NEGATIVE_INFINITY;
  #slowedAtMs = Number.NEGATIVE_INFINITY;

  /** When the next call may start. */
  get freeAtMs(): number {
    return this.#freeAtMs;
  }

  /** How long a call with `ahead` calls before it waits, if upstream answers them all. */
  waitMs(ahead: number, nowMs: number): number {
    return Math.max(0, this.#freeAtMs - nowMs) + (this.#gapMs * (1 - shrinkage ** ahead)) / (1 - shrinkage);
  }

  started(nowMs: number): void {
    if (this.#gapMs > 0) this.#freeAtMs = Math.max(this.#freeAtMs, nowMs + this.#gapMs);
  }

  answered(startedAtMs: number): void {
    if (startedAtMs < this.#slowedAtMs) return;
    this.#gapMs = this.#gapMs * shrinkage < shortestGapMs ? 0 : this.#gapMs * shrinkage;
  }

  limited(startedAtMs: number, retryAfterMs: number, nowMs: number): void {
    if (startedAtMs >= this.#slowedAtMs) {
      this.#gapMs = Math.min(longestGapMs, Math.max(firstGapMs, this.#gapMs * growth));
      this.#slowedAtMs = nowMs;
    }
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs + Math.max(this.#gapMs, retryAfterMs));
  }
}
