import type { Payer } from '../../apiKeys.js';
import type { TraceParent } from '../../tracing.js';
import type { Billed } from '../errors.js';
import type { QueueListener } from './limiter/limiter.js';

/** What an in-flight call knows of an operation that waits for it. */
export interface Waiter {
  /** The API key that pays for the calls it starts. Null: no API keys are set. */
  readonly payer: Payer | null;
  /** The name of its GraphQL operation. Null: it has none. */
  readonly operationName: string | null;
  /** Names its request in the log. */
  readonly requestId: string;
}

/** A call that has started and not ended. Operations that need the same section join it. */
export class InFlightCall<Result> {
  readonly result: Promise<Result>;
  /** The operation that started it, whose API key pays. */
  readonly startedBy: Waiter;
  /** The span of the look-up that started it. */
  readonly trace: TraceParent;
  readonly #waiters: Waiter[];
  #queueListener: QueueListener | null = null;
  #isAbandoned = false;
  #isReserved = false;
  #billed: Billed = 'no';
  #attempts = 0;
  #bytes: number | null = null;
  #madeBy: 'us' | 'others' | null = null;

  constructor(
    startedBy: Waiter,
    start: (self: InFlightCall<Result>) => Promise<Result>,
    trace: TraceParent = null,
  ) {
    this.startedBy = startedBy;
    this.trace = trace;
    this.#waiters = [startedBy];
    this.result = start(this);
  }

  get waiters(): readonly Waiter[] {
    return this.#waiters;
  }

  /**
   * False: the clients of all its operations have disconnected. An operation that has timed out still counts: its
   * client will retry.
   */
  get isWanted(): boolean {
    return this.#waiters.length > 0;
  }

  /** No attempt will be sent any more, so operations must not join it. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** The budgets count it. */
  get isReserved(): boolean {
    return this.#isReserved;
  }

  /** `maybe` while an attempt is being made. */
  get billed(): Billed {
    return this.#billed;
  }

  /** HTTP requests sent for it. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The length of the last answer that came. Null: none came. */
  get bytes(): number | null {
    return this.#bytes;
  }

  /** The process that made the call: this one, or another one that shares the store. Null: the call has not ended. */
  get madeBy(): 'us' | 'others' | null {
    return this.#madeBy;
  }

  join(waiter: Waiter): void {
    this.#waiters.push(waiter);
    this.#queueListener?.onJoined();
  }

  leave(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter);
    if (at >= 0) this.#waiters.splice(at, 1);
    if (this.isWanted || !this.#queueListener) return;
    this.#isAbandoned = true;
    this.#queueListener.onUnwanted();
  }

  /** Notes that the call is in a queue. Returns a function that notes that it has left it. */
  queued(listener: QueueListener): () => void {
    this.#queueListener = listener;
    return () => {
      this.#queueListener = null;
    };
  }

  abandon(): void {
    this.#isAbandoned = true;
  }

  noteReserved(): void {
    this.#isReserved = true;
  }

  noteSent(): void {
    this.#attempts += 1;
    this.#billed = 'maybe';
  }

  noteAnswer(body: string): void {
    this.#bytes = Buffer.byteLength(body);
  }

  noteBilled(billed: Billed): void {
    this.#billed = billed;
  }

  noteMadeBy(madeBy: 'us' | 'others'): void {
    this.#madeBy = madeBy;
  }
}
