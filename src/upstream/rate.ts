/**
 * Upstream counts its seconds by arrivals, we by departures. What the network adds to one and not to the next must not
 * put more into one of upstream's seconds than into ours.
 */
const secondMs = 1_050;

/**
 * How many calls may start, so that never more than `most` go out in any second. A call takes its place when it is handed
 * over, and keeps it for a second from when it goes out: a connection that is still to be made would otherwise let
 * calls of one second go out in the next. Arithmetic only: time is passed in.
 */
export class Rate {
  readonly #most: number;
  /** When those of the last second went out, oldest first. */
  readonly #sentAtMs: number[] = [];
  #handedOver = 0;

  constructor(most: number | null) {
    this.#most = most ?? Number.POSITIVE_INFINITY;
  }

  /** When one more may start: at once, then, or (Infinity) when one of those handed over has gone out. */
  freeAtMs(nowMs: number): number {
    while (this.#sentAtMs[0] !== undefined && this.#sentAtMs[0] + secondMs <= nowMs) this.#sentAtMs.shift();
    const tooMany = this.#handedOver + this.#sentAtMs.length - this.#most;
    if (tooMany < 0) return nowMs;
    const last = this.#sentAtMs[tooMany];
    return last === undefined ? Number.POSITIVE_INFINITY : last + secondMs;
  }

  handedOver(): void {
    this.#handedOver += 1;
  }

  sent(nowMs: number): void {
    this.#handedOver -= 1;
    if (this.#most !== Number.POSITIVE_INFINITY) this.#sentAtMs.push(nowMs);
  }

  /** It never went out. */
  givenBack(): void {
    this.#handedOver -= 1;
  }
}
