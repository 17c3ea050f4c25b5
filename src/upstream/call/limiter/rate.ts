/**
 * Upstream counts calls by arrival and this server by departure. The margin of 50 ms keeps calls whose network delays
 * differ from arriving within one of upstream's seconds.
 */
export const secondMs = 1_050;

/**
 * How many calls may go out in any one second. A call is reserved before its connection is ready, and counts for a
 * second from when it is sent: counting from the reservation would let calls with a slow connection go out together
 * with those of the next second.
 */
export interface Rate {
  /**
   * When the next call may start. `nowMs`: at once. Infinity: after `onAvailable`'s listener is called, or after a
   * reserved call is sent or released.
   */
  freeAtMs(nowMs: number): number;
  reserve(): void;
  sent(nowMs: number): void;
  /** The reserved call was not sent. */
  release(): void;
  onAvailable(listener: () => void): void;
}

/** The rate of one process. Holds no timer and no clock. */
export class OwnRate implements Rate {
  readonly #perSecond: number;
  /** When the calls of the last second were sent, oldest first. */
  readonly #sentAtMs: number[] = [];
  #reserved = 0;

  /** Null: unlimited. */
  constructor(perSecond: number | null) {
    this.#perSecond = perSecond ?? Number.POSITIVE_INFINITY;
  }

  freeAtMs(nowMs: number): number {
    while (this.#sentAtMs[0] !== undefined && this.#sentAtMs[0] + secondMs <= nowMs) this.#sentAtMs.shift();
    const excess = this.#reserved + this.#sentAtMs.length - this.#perSecond;
    if (excess < 0) return nowMs;
    const sentAtMs = this.#sentAtMs[excess];
    return sentAtMs === undefined ? Number.POSITIVE_INFINITY : sentAtMs + secondMs;
  }

  reserve(): void {
    this.#reserved += 1;
  }

  sent(nowMs: number): void {
    this.#reserved -= 1;
    if (this.#perSecond !== Number.POSITIVE_INFINITY) this.#sentAtMs.push(nowMs);
  }

  release(): void {
    this.#reserved -= 1;
  }

  /** `freeAtMs` says when, so nothing has to be announced. */
  onAvailable(): void {}
}
