import type { After } from '../../time.js';
import type { Store } from './store.js';

/** Time is counted in steps, so that an event loop that was blocked for long does not use all of it up at once. */
const stepMs = 50;

/**
 * An operation is timed out after so many times the store's timeout even if others are answered: in a cluster, one node may
 * hang alone.
 */
const mostTimeouts = 5;

export interface StoreTimeoutOptions {
  readonly store: Pick<Store, 'timeoutMs' | 'lostBecause'>;
  readonly after: After;
}

/** Bounds how long a store may answer nothing. A busy store has answered other operations meanwhile, and gets more time. */
export class StoreTimeout {
  readonly #options: StoreTimeoutOptions;
  #answerCount = 0;

  constructor(options: StoreTimeoutOptions) {
    this.#options = options;
  }

  /** Rejects with StoreTimeoutError, or as `operation` does. `onLate`: called with a result that comes after the timeout. */
  run<T>(operation: Promise<T>, onLate: (result: T) => void = () => {}): Promise<T> {
    const { store, after } = this.#options;
    const { timeoutMs } = store;
    const longestMs = mostTimeouts * timeoutMs;
    return new Promise((resolve, reject) => {
      let stopTimer: () => void;
      let isTimedOut = false;
      const wait = (silentMs: number, waitedMs: number, answerCount: number) => {
        const isSilent = silentMs >= timeoutMs;
        isTimedOut = isSilent || waitedMs >= longestMs;
        if (isTimedOut) {
          reject(new StoreTimeoutError(isSilent ? timeoutMs : longestMs));
          return;
        }
        stopTimer = after(stepMs, () => {
          // A driver without a connection waits for one itself, and rejects when that takes too long.
          const addedMs = store.lostBecause === null ? stepMs : 0;
          const nextSilentMs = this.#answerCount === answerCount ? silentMs + addedMs : 0;
          wait(nextSilentMs, waitedMs + addedMs, this.#answerCount);
        });
      };
      wait(0, 0, this.#answerCount);
      operation.then(
        (result) => {
          this.#answerCount += 1;
          stopTimer();
          if (isTimedOut) onLate(result);
          else resolve(result);
        },
        (error: unknown) => {
          stopTimer();
          reject(error);
        },
      );
    });
  }
}

export class StoreTimeoutError extends Error {
  override readonly name = 'StoreTimeoutError';

  constructor(timeoutMs: number) {
    super(`it did not answer within ${timeoutMs} ms`);
  }
}
