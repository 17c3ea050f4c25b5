import type { Entry } from './cache.js';

/** One call under way, shared by all who ask for the same thing meanwhile. Whoever starts it is the first to wait. */
export class Flight {
  readonly entry: Promise<Entry>;
  readonly #onOver: () => void;
  #waiting = 1;

  /** `onOver` hears when nobody can join any more; it may hear so twice. */
  constructor(start: (flight: Flight) => Promise<Entry>, onOver: (flight: Flight) => void) {
    this.#onOver = () => onOver(this);
    this.entry = start(this).finally(this.#onOver);
  }

  /** False: whoever waited has hung up. Those whose time was up still count: its answer is to be kept for them. */
  get isWanted(): boolean {
    return this.#waiting > 0;
  }

  join(): void {
    this.#waiting += 1;
  }

  leave(): void {
    this.#waiting -= 1;
  }

  /** It will not be sent (again). Whoever asks from now on starts another. */
  abandon(): void {
    this.#onOver();
  }
}
