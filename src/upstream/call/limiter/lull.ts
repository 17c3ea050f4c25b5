import { setImmediate, setTimeout } from 'node:timers/promises';

/** Longer than it takes to hand out the places that answers make when they come all at once. */
const lullMs = 10;

/**
 * Holds work back that can wait until the burst it came with is over, then lets it through piece by piece, with a look at
 * the network between.
 */
export class Lull {
  readonly #waiting: (() => void)[] = [];
  readonly #most: number;

  /** With room for so much: under a load that never lets up, what is held back must not pile up. */
  constructor(most: number) {
    this.#most = most;
  }

  get hasRoom(): boolean {
    return this.#waiting.length < this.#most;
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.#letThrough();
    });
  }

  async #letThrough(): Promise<void> {
    await setTimeout(lullMs);
    while (this.#waiting[0]) {
      this.#waiting[0]();
      await setImmediate();
      this.#waiting.shift();
    }
  }
}
