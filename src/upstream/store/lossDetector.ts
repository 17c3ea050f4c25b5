import type { Logger } from '../../logger.js';
import type { After } from '../../time.js';
import type { Store } from './store.js';
import { type StoreTimeout, StoreTimeoutError } from './storeTimeout.js';

export interface LossDetectorOptions {
  readonly store: Store;
  readonly timeout: StoreTimeout;
  /** Called when a lost store is available again. */
  readonly onBack: () => void;
  /** See `FailoverOptions`. */
  readonly isRequired?: boolean;
  readonly logger: Logger;
  readonly after: After;
}

/** Why the store is lost, and what it can still do. */
interface Loss {
  why: string;
  /** Reads are still sent to the store. */
  canRead: boolean;
  /** The store did not answer in time, though it has a connection. */
  readonly isTimeout: boolean;
}

/** Whether the store is lost. It is from its first failure until a check of it succeeds. */
export class LossDetector {
  readonly #options: LossDetectorOptions;
  #loss: Loss | null = null;
  #stopRecheck: (() => void) | null = null;
  #isRechecking = false;
  #isClosed = false;

  constructor(options: LossDetectorOptions) {
    this.#options = options;
  }

  /** Null: the store is not lost. */
  get loss(): Readonly<Loss> | null {
    return this.#loss;
  }

  /** An operation of the store failed. */
  lose(error: unknown, { canRead }: Pick<Loss, 'canRead'>): void {
    if (this.#isClosed) return;
    if (this.#loss) {
      this.#loss.canRead &&= canRead;
      return;
    }
    const { store, isRequired = false, logger } = this.#options;
    const noConnection = store.lostBecause;
    const why = noConnection ?? messageOf(error);
    const isTimeout = noConnection === null && error instanceof StoreTimeoutError;
    this.#loss = { why, canRead, isTimeout };
    logger.error(
      { why },
      isRequired
        ? 'The store is lost, so no call is made until it is back (STORE_REQUIRED)'
        : 'The store is lost: answers, stops and counts are stored in memory until it is back',
    );
    this.#recheckLater();
  }

  /** Checks a lost store without waiting for the next time to. */
  recheckNow(): void {
    if (!this.#loss || this.#isRechecking) return;
    this.#stopRecheck?.();
    void this.#recheck();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopRecheck?.();
  }

  #recheckLater(): void {
    const { store, after } = this.#options;
    this.#stopRecheck = after(store.recheckEveryMs, () => void this.#recheck());
  }

  async #recheck(): Promise<void> {
    const { store, timeout, onBack } = this.#options;
    this.#isRechecking = true;
    try {
      await timeout.run(store.check());
    } catch (error) {
      if (this.#loss) this.#loss.why = messageOf(error);
      if (!this.#isClosed) this.#recheckLater();
      return;
    } finally {
      this.#isRechecking = false;
    }
    this.#loss = null;
    onBack();
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
