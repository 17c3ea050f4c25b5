import type { Payer } from '../../apiKeys.js';
import type { After, Clock } from '../../time.js';
import type { TraceParent } from '../../tracing.js';
import type { Waiter } from '../call/inFlightCall.js';
import { UpstreamError, unwantedError } from '../errors.js';
import type { Lookup } from './lookup.js';

/** The `retryAfterSeconds` of an operation that timed out. */
const retryAfterSeconds = 5;

export interface OperationOptions {
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
  /** Whose key pays for the calls that it starts. Null: there are no keys. */
  readonly payer: Payer | null;
  /** Its name in the document. Null: it has none. */
  readonly operationName: string | null;
  readonly requestId: string;
  /** The operation's span. Default: nobody records one. */
  readonly trace?: TraceParent;
  /** How long the operation may take, from now on. */
  readonly timeoutMs: number;
  /** Monotonic. */
  readonly elapsed: Clock;
  readonly after: After;
}

interface Wait {
  readonly endTimedOut: () => void;
  readonly endDisconnected: () => void;
}

/** A client's GraphQL operation. It looks sections up, and waits for calls until it times out or the client disconnects. */
export class Operation implements Waiter {
  readonly #lookups: Lookup[] = [];
  readonly #options: OperationOptions;
  readonly #deadlineMs: number;
  readonly #waits = new Set<Wait>();
  #isRepeatable = true;
  #hasGivenUp = false;
  #stopWatching: (() => void) | null = null;

  constructor(options: OperationOptions) {
    this.#options = options;
    this.#deadlineMs = options.elapsed() + options.timeoutMs;
  }

  get payer(): Payer | null {
    return this.#options.payer;
  }

  get operationName(): string | null {
    return this.#options.operationName;
  }

  get trace(): TraceParent {
    return this.#options.trace ?? null;
  }

  get requestId(): string {
    return this.#options.requestId;
  }

  /** Its look-ups, in the order in which they began. */
  get lookups(): readonly Lookup[] {
    return this.#lookups;
  }

  note(lookup: Lookup): void {
    this.#lookups.push(lookup);
  }

  /** False: its response holds what may change while its sections stay: upstream's status, or earlier answers. */
  get isRepeatable(): boolean {
    return this.#isRepeatable;
  }

  noteUnrepeatable(): void {
    this.#isRepeatable = false;
  }

  /** Throws UpstreamError if the operation has ended: nothing is started for it any more. */
  throwIfOver(endpoint: string): void {
    if (this.#options.signal.aborted || this.#hasGivenUp) throw unwantedError(endpoint);
    if (this.#options.elapsed() >= this.#deadlineMs) {
      throw this.#timedOutError(endpoint, 'No call was made for this field: send the operation again.');
    }
  }

  /**
   * Settles as `call` does. Rejects earlier with UPSTREAM_TIMEOUT when the operation times out, while the call goes on,
   * or when the client disconnects, after calling `onDisconnect`.
   */
  waitFor<T>(call: Promise<T>, endpoint: string, onDisconnect: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const wait: Wait = {
        endTimedOut: () =>
          reject(
            this.#timedOutError(
              endpoint,
              'The call goes on, and its answer will be stored: send the operation again in a moment.',
            ),
          ),
        endDisconnected: () => {
          onDisconnect();
          reject(unwantedError(endpoint));
        },
      };
      this.#add(wait);
      call.then(
        (value) => {
          this.#remove(wait);
          resolve(value);
        },
        (error: unknown) => {
          this.#remove(wait);
          reject(error);
        },
      );
    });
  }

  /** As if the client had disconnected: calls that only this operation waits for are not sent, unless they were already. */
  giveUp(): void {
    this.#hasGivenUp = true;
    this.#endAll('endDisconnected');
  }

  #add(wait: Wait): void {
    this.#waits.add(wait);
    if (this.#stopWatching) return;
    const { signal, after, elapsed } = this.#options;
    const onAbort = () => this.#endAll('endDisconnected');
    signal.addEventListener('abort', onAbort, { once: true });
    const stopTimer = after(this.#deadlineMs - elapsed(), () => this.#endAll('endTimedOut'));
    this.#stopWatching = () => {
      signal.removeEventListener('abort', onAbort);
      stopTimer();
      this.#stopWatching = null;
    };
  }

  #remove(wait: Wait): void {
    this.#waits.delete(wait);
    if (this.#waits.size === 0) this.#stopWatching?.();
  }

  #endAll(end: keyof Wait): void {
    const waits = [...this.#waits];
    this.#waits.clear();
    this.#stopWatching?.();
    for (const wait of waits) wait[end]();
  }

  #timedOutError(endpoint: string, whatNow: string): UpstreamError {
    return new UpstreamError(
      'UPSTREAM_TIMEOUT',
      `There was no answer within the ${this.#options.timeoutMs / 1000} s that an operation may take. ${whatNow}`,
      { endpoint, billed: 'no', isHeldBack: true, retryAfterSeconds },
    );
  }
}
