import type { Payer } from '../../apiKeys.js';
import type { Billed } from '../errors.js';
import type { WhileQueued } from './limiter/limiter.js';

/** An operation, as far as a call that it waits for needs to know it. */
export interface Waiter {
  /** Whose key pays for the calls that it starts. Null: there are no keys. */
  readonly payer: Payer | null;
}

/** A call from its start to its result, shared by all operations that ask for the same thing meanwhile. */
export class InFlightCall<Result> {
  readonly result: Promise<Result>;
  /** The operation that started it, and whose key is charged. */
  readonly starter: Waiter;
  readonly #waiters: Waiter[];
  #whileQueued: WhileQueued | null = null;
  #isAbandoned = false;
  #isReserved = false;
  #billed: Billed = 'no';
  #attempts = 0;
  #madeBy: 'us' | 'others' | null = null;

  constructor(starter: Waiter, start: (self: InFlightCall<Result>) => Promise<Result>) {
    this.starter = starter;
    this.#waiters = [starter];
    this.result = start(this);
  }

  get waiters(): readonly Waiter[] {
    return this.#waiters;
  }

  /** False: every waiter has hung up. An operation whose time is up still counts: the answer is stored for its next try. */
  get isWanted(): boolean {
    return this.#waiters.length > 0;
  }

  /** It will not be sent (again), so nobody may join it. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** The budgets count it. */
  get isReserved(): boolean {
    return this.#isReserved;
  }

  /** What it has cost so far. `maybe` while an attempt is under way. */
  get billed(): Billed {
    return this.#billed;
  }

  /** HTTP requests sent for it. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Which process made the call in the end. Null: it is under way. */
  get madeBy(): 'us' | 'others' | null {
    return this.#madeBy;
  }

  join(waiter: Waiter): void {
    this.#waiters.push(waiter);
    this.#whileQueued?.onJoined();
  }

  leave(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter);
    if (at >= 0) this.#waiters.splice(at, 1);
    if (this.isWanted || !this.#whileQueued) return;
    this.#isAbandoned = true;
    this.#whileQueued.onUnwanted();
  }

  /** It waits in a queue from now on. Returns what ends that. */
  queued(whileQueued: WhileQueued): () => void {
    this.#whileQueued = whileQueued;
    return () => {
      this.#whileQueued = null;
    };
  }

  abandon(): void {
    this.#isAbandoned = true;
  }

  noteReserved(): void {
    this.#isReserved = true;
  }

  /** An attempt is sent now. */
  noteSent(): void {
    this.#attempts += 1;
    this.#billed = 'maybe';
  }

  /** What the attempt turned out to have cost. */
  noteBilled(billed: Billed): void {
    this.#billed = billed;
  }

  noteMadeBy(madeBy: 'us' | 'others'): void {
    this.#madeBy = madeBy;
  }
}
