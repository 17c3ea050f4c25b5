/** The gap after the first 302, the longest, and the one under which there is none. */
const firstGapMs = 200;
const longestGapMs = 10_000;
const leastGapMs = 20;

const slower = 2;
const faster = 0.8;

/**
 * How fast an endpoint's calls may follow one another. Free until upstream says 302; then a gap between their starts that
 * doubles with each further 302 and shrinks with each answer, for whoever calls. Arithmetic only: time is passed in.
 */
export class Pace {
  #gapMs = 0;
  #freeAtMs = Number.NEGATIVE_INFINITY;
  #slowedAtMs = Number.NEGATIVE_INFINITY;

  /** When the next call may start. */
  get freeAtMs(): number {
    return this.#freeAtMs;
  }

  started(nowMs: number): void {
    if (this.#gapMs > 0) this.#freeAtMs = Math.max(this.#freeAtMs, nowMs + this.#gapMs);
  }

  answered(): void {
    this.#gapMs = this.#gapMs * faster < leastGapMs ? 0 : this.#gapMs * faster;
  }

  /** Upstream said 302 to a call started then. One sent before the last slow-down says nothing new about the pace. */
  limited(startedAtMs: number, retryAfterMs: number, nowMs: number): void {
    if (startedAtMs >= this.#slowedAtMs) {
      this.#gapMs = Math.min(longestGapMs, Math.max(firstGapMs, this.#gapMs * slower));
      this.#slowedAtMs = nowMs;
    }
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs + Math.max(this.#gapMs, retryAfterMs));
  }
}
