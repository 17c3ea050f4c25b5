/** The gap after the first 302, the longest, and the one under which there is none. */
const firstGapMs = 200;
const longestGapMs = 10_000;
const leastGapMs = 20;

const slower = 2;
const faster = 0.8;

/**
 * How fast an endpoint's calls may follow one another. Free until upstream says 302; then a gap between their starts that
 * doubles with each further 302 and shrinks with each answer, for whoever calls. What was sent before the last slow-down
 * says nothing about the pace since. Arithmetic only: time is passed in.
 */
export class AdaptiveThrottle {
  #gapMs = 0;
  #freeAtMs = Number.NEGATIVE_INFINITY;
  #slowedAtMs = Number.NEGATIVE_INFINITY;

  /** When the next call may start. */
  get freeAtMs(): number {
    return this.#freeAtMs;
  }

  /** How long a call waits that has so many before it, if upstream answers them all. */
  waitMs(ahead: number, nowMs: number): number {
    return Math.max(0, this.#freeAtMs - nowMs) + (this.#gapMs * (1 - faster ** ahead)) / (1 - faster);
  }

  started(nowMs: number): void {
    if (this.#gapMs > 0) this.#freeAtMs = Math.max(this.#freeAtMs, nowMs + this.#gapMs);
  }

  answered(startedAtMs: number): void {
    if (startedAtMs < this.#slowedAtMs) return;
    this.#gapMs = this.#gapMs * faster < leastGapMs ? 0 : this.#gapMs * faster;
  }

  limited(startedAtMs: number, retryAfterMs: number, nowMs: number): void {
    if (startedAtMs >= this.#slowedAtMs) {
      this.#gapMs = Math.min(longestGapMs, Math.max(firstGapMs, this.#gapMs * slower));
      this.#slowedAtMs = nowMs;
    }
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs + Math.max(this.#gapMs, retryAfterMs));
  }
}
