import type { Payer } from '../config.js';
import type { Billed } from './errors.js';
import type { Waiting } from './limiter.js';
import type { Flow } from './line.js';
import type { Made } from './shared.js';

/** Who starts a call. */
export interface Starter {
  /** Who pays for it. Null: nobody in particular. */
  readonly payer: Payer | null;
}

/** One call under way, shared by all who ask for the same thing meanwhile. */
export class Flight implements Waiting {
  readonly landed: Promise<Made>;
  readonly payer: Payer | null;
  readonly #flows: Flow[];
  readonly #onAbandoned: (flight: Flight) => void;
  /** What it has cost so far. `maybe` while a request is out. */
  billed: Billed = 'no';
  /** Whose call it turned out to be: another process may have made it meanwhile. Null: it is under way. */
  madeBy: 'us' | 'others' | null = null;
  #attempts = 0;

  /** `onAbandoned` hears when it is given up, and nobody may join any more. */
  constructor(
    starter: Starter,
    start: (flight: Flight) => Promise<Made>,
    onAbandoned: (flight: Flight) => void,
  ) {
    this.payer = starter.payer;
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

  /** HTTP requests sent for it. */
  get attempts(): number {
    return this.#attempts;
  }

  /** A request goes out now. */
  sending(): void {
    this.#attempts += 1;
    this.billed = 'maybe';
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
