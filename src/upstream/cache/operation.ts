import type { Payer } from '../../apiKeys.js';
import type { After, Clock } from '../../time.js';
import type { Waiter } from '../call/inFlightCall.js';
import { UpstreamError, unwantedError } from '../errors.js';
import type { Lookup } from './lookup.js';

/** When to ask again for an answer whose call goes on without the operation. */
const askAgainSeconds = 5;

export interface OperationOptions {
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
  /** Whose key pays for the calls that it starts. Null: there are no keys. */
  readonly payer: Payer | null;
  /** How long its answer may take, from now on. */
  readonly timeoutMs: number;
  /** A clock that never steps. */
  readonly elapsed: Clock;
  readonly after: After;
}

interface Wait {
  readonly endTimedOut: () => void;
  readonly endGone: () => void;
}

/** What a client sent: it looks sections up, and waits for calls until its time is up or the client hangs up. */
export class Operation implements Waiter {
  readonly #lookups: Lookup[] = [];
  readonly #options: OperationOptions;
  readonly #deadlineMs: number;
  readonly #waits = new Set<Wait>();
  #sawStatus = false;
  #hasGivenUp = false;
  #stopWatching: (() => void) | null = null;

  constructor(options: OperationOptions) {
    this.#options = options;
    this.#deadlineMs = options.elapsed() + options.timeoutMs;
  }

  get payer(): Payer | null {
    return this.#options.payer;
  }

  /** How it came by its sections, in the order in which it looked them up. */
  get lookups(): readonly Lookup[] {
    return this.#lookups;
  }

  note(lookup: Lookup): void {
    this.#lookups.push(lookup);
  }

  /** It was told upstream's status, which changes all the time. */
  get sawStatus(): boolean {
    return this.#sawStatus;
  }

  noteStatus(): void {
    this.#sawStatus = true;
  }

  /** Nothing is started for a client that has gone, or whose answer has left. */
  throwIfOver(endpoint: string): void {
    if (this.#options.signal.aborted || this.#hasGivenUp) throw unwantedError(endpoint);
    if (this.#options.elapsed() >= this.#deadlineMs) {
      throw this.#timedOutError(endpoint, 'This was asked for after that, so no call was made: ask again.');
    }
  }

  /**
   * Settles as `call` does; or with UPSTREAM_TIMEOUT when the operation's time is up, which leaves the call alone; or
   * when the client hangs up, of which `onGone` hears.
   */
  waitFor<T>(call: Promise<T>, endpoint: string, onGone: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const wait: Wait = {
        endTimedOut: () =>
          reject(
            this.#timedOutError(endpoint, 'The call goes on, and its answer is kept: ask again in a moment.'),
          ),
        endGone: () => {
          onGone();
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

  /** As if the client had hung up: what only it waits for, and is not sent yet, is not sent. */
  giveUp(): void {
    this.#hasGivenUp = true;
    this.#endAll('endGone');
  }

  #add(wait: Wait): void {
    this.#waits.add(wait);
    if (this.#stopWatching) return;
    const { signal, after, elapsed } = this.#options;
    const onAbort = () => this.#endAll('endGone');
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
      { endpoint, billed: 'no', isHeldBack: true, retryAfterSeconds: askAgainSeconds },
    );
  }
}
