import type { Waiting } from './limiter.js';
import type { Flow } from './line.js';
import type { Made } from './shared.js';

/** One call under way, shared by all who ask for the same thing meanwhile. */
export class Flight implements Waiting {
  readonly landed: Promise<Made>;
  readonly #flows: Flow[];
  readonly #onAbandoned: (flight: Flight) => void;

  /** `onAbandoned` hears when it is given up, and nobody may join any more. */
  constructor(
    starter: Flow,
    start: (flight: Flight) => Promise<Made>,
    onAbandoned: (flight: Flight) => void,
  ) {
    this.#flows = [starter];
    this.#onAbandoned = onAbandoned;
    this.landed = start(this);
  }

  get flows(): readonly Flow[] {
    return this.#flows;
  }

  /** False: whoever waited has hung up. Those whose time was up still count: its answer is to be kept for them. */
  get isWanted(): boolean {
    return this.#flows.length > 0;
  }

  join(flow: Flow): void {
    this.#flows.push(flow);
  }

  leave(flow: Flow): void {
    const at = this.#flows.indexOf(flow);
    if (at >= 0) this.#flows.splice(at, 1);
  }

  /** It will not be sent (again). Whoever asks from now on starts another. */
  abandon(): void {
    this.#onAbandoned(this);
  }
}
