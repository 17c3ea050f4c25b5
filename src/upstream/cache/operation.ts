import type { Payer } from '../../apiKeys.js';
import type { After, Clock } from '../../time.js';
import { unwantedError } from '../call/limiter/limiter.js';
import { UpstreamError } from '../errors.js';
import type { Lookup } from './lookup.js';

/** When to ask again for what goes on without the asker. */
const askAgainSeconds = 5;

export interface AskerOptions {
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
  /** Who pays for the calls that it starts. Null: nobody in particular. */
  readonly payer: Payer | null;
  /** How long the operation is waited for, from now on. */
  readonly timeoutMs: number;
  /** A clock that never steps. */
  readonly elapsed: Clock;
  readonly after: After;
}

interface Wait {
  readonly endTimedOut: () => void;
  readonly endGone: () => void;
}

/** Who asks for sections and waits for them: one GraphQL operation. */
export class Asker {
  /** How it came by what it asked for. */
  readonly lookups: Lookup[] = [];
  /** It was told of upstream's state, which changes all the time. */
  sawStatus = false;
  readonly #options: AskerOptions;
  readonly #deadlineMs: number;
  readonly #waits = new Set<Wait>();
  #hasGivenUp = false;
  #stopWatching: (() => void) | null = null;

  constructor(options: AskerOptions) {
    this.#options = options;
    this.#deadlineMs = options.elapsed() + options.timeoutMs;
  }

  get payer(): Payer | null {
    return this.#options.payer;
  }

  /** Nothing is started for somebody who has gone, or whose answer has left. */
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
