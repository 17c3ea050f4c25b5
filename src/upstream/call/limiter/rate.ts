/**
 * Upstream counts its seconds by arrivals, we by departures. What the network adds to one and not to the next must not
 * put more into one of upstream's seconds than into ours.
 */
export const secondMs = 1_050;

/**
 * How many calls may start, so that never too many go out in any second. A call takes its place when it is handed over,
 * and keeps it for a second from when it goes out: a connection that is still to be made would otherwise let calls of
 * one second go out in the next.
 */
export interface Rate {
  /** When one more may start: at once, then, or (Infinity) when `onFree` tells or one of those handed over has gone out. */
  freeAtMs(nowMs: number): number;
  handedOver(): void;
  sent(nowMs: number): void;
  /** It never went out. */
  givenBack(): void;
  /** Hears that one more may start, where that takes asking. */
  onFree(listener: () => void): void;
}

/** One process' own rate. Arithmetic only: time is passed in. */
export class OwnRate implements Rate {
  readonly #most: number;
  /** When those of the last second went out, oldest first. */
  readonly #sentAtMs: number[] = [];
  #handedOver = 0;

  constructor(most: number | null) {
    this.#most = most ?? Number.POSITIVE_INFINITY;
  }

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

  givenBack(): void {
    this.#handedOver -= 1;
  }

  onFree(): void {}
}
