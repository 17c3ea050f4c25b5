import type { Payer } from '../../apiKeys.js';
import type { Made } from '../cache/singleFlight.js';
import type { Billed } from '../errors.js';
import type { Waiting } from './limiter/limiter.js';

/** Who starts a call, or joins one that may become his. */
export interface Starter {
  /** Who pays for it. Null: nobody in particular. */
  readonly payer: Payer | null;
}

/** One call under way, shared by all who ask for the same thing meanwhile. */
export class Flight implements Waiting {
  readonly landed: Promise<Made>;
  readonly #flows: Starter[];
  readonly #onAbandoned: (flight: Flight) => void;
  /** What it has cost so far. `maybe` while a request is out. */
  billed: Billed = 'no';
  /** Whose call it turned out to be: another process may have made it meanwhile. Null: it is under way. */
  madeBy: 'us' | 'others' | null = null;
  #starter: Starter;
  #isCharged = false;
  #attempts = 0;

  /** `onAbandoned` hears when it is given up, and nobody may join any more. */
  constructor(
    starter: Starter,
    start: (flight: Flight) => Promise<Made>,
    onAbandoned: (flight: Flight) => void,
  ) {
    this.#starter = starter;
    this.#flows = [starter];
    this.#onAbandoned = onAbandoned;
    this.landed = start(this);
  }

  get flows(): readonly Starter[] {
    return this.#flows;
  }

  /** Whose call it is: who started it; or, should he hang up before anybody is charged, who joined it next. */
  get starter(): Starter {
    return this.#starter;
  }

  /** Settles who pays for it. */
  charge(): Payer | null {
    this.#isCharged = true;
    return this.#starter.payer;
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

  join(flow: Starter): void {
    this.#flows.push(flow);
  }

  leave(flow: Starter): void {
    const at = this.#flows.indexOf(flow);
    if (at >= 0) this.#flows.splice(at, 1);
    const [next] = this.#flows;
    if (next && flow === this.#starter && !this.#isCharged) this.#starter = next;
  }

  /** It will not be sent (again). Whoever asks from now on starts another. */
  abandon(): void {
    this.#onAbandoned(this);
  }
}
