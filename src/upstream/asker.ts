import type { After, Clock } from '../time.js';
import { UpstreamError } from './errors.js';
import { type Flow, unwantedError } from './limiter.js';

export interface AskerOptions {
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
  /** How long the operation is waited for, from now on. */
  readonly timeoutMs: number;
  readonly now: Clock;
  readonly after: After;
}

interface Wait {
  readonly endTimedOut: () => void;
  readonly endGone: () => void;
}

/** Who asks for sections and waits for them: one GraphQL operation. */
export class Asker {
  /** Its place among the others that wait for upstream. */
  readonly flow: Flow = { lastTurn: 0 };
  readonly #options: AskerOptions;
  readonly #deadlineMs: number;
  readonly #waits = new Set<Wait>();
  #stopWatching: (() => void) | null = null;

  constructor(options: AskerOptions) {
    this.#options = options;
    this.#deadlineMs = options.now() + options.timeoutMs;
  }

  /** Nothing is started for somebody who has gone, or whose answer has left. */
  throwIfOver(endpoint: string): void {
    if (this.#options.signal.aborted) throw unwantedError(endpoint);
    if (this.#options.now() >= this.#deadlineMs) throw this.#timedOutError(endpoint);
  }

  /**
   * Settles as `call` does; or with UPSTREAM_TIMEOUT when the operation's time is up, which leaves the call alone; or
   * when the client hangs up, of which `onGone` hears.
   */
  waitFor<T>(call: Promise<T>, endpoint: string, onGone: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const wait: Wait = {
        endTimedOut: () => reject(this.#timedOutError(endpoint)),
        endGone: () => {
          onGone();
          reject(unwantedError(endpoint));
        },
      };
      this.#add(wait);
      call.then(resolve, reject).finally(() => this.#remove(wait));
    });
  }

  #add(wait: Wait): void {
    this.#waits.add(wait);
    if (this.#stopWatching) return;
    const { signal, after, now } = this.#options;
    const onAbort = () => this.#endAll('endGone');
    signal.addEventListener('abort', onAbort, { once: true });
    const stopTimer = after(this.#deadlineMs - now(), () => this.#endAll('endTimedOut'));
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

  #timedOutError(endpoint: string): UpstreamError {
    return new UpstreamError(
      'UPSTREAM_TIMEOUT',
      `There was no answer within the ${this.#options.timeoutMs / 1000} s that an operation may take. The call goes on, and its answer is kept: ask again in a moment.`,
      { endpoint, billed: 'no', isHeldBack: true, retryAfterSeconds: askAgainSeconds },
    );
  }
}

const askAgainSeconds = 5;
