import { MemoryCounts } from './memoryCounts.js';
import type { CountOptions, Store } from './store.js';
import type { StoreTimeout } from './storeTimeout.js';

/** Uses the store, or memory if the store is lost. `onLate`: called with a result that comes when memory has answered. */
export type StoreOrMemory = <T>(
  useStore: () => Promise<T>,
  useMemory: () => Promise<T>,
  onLate?: (result: T) => void,
) => Promise<T>;

export interface FailoverCountsOptions {
  readonly store: Pick<Store, 'count'>;
  readonly timeout: StoreTimeout;
  readonly storeOrMemory: StoreOrMemory;
  /** The store is lost, and its counts can still be read. */
  readonly canReadLost: () => boolean;
}

/** The counts of a store with memory as its failover. */
export class FailoverCounts {
  readonly #options: FailoverCountsOptions;
  readonly #memory = new MemoryCounts();

  constructor(options: FailoverCountsOptions) {
    this.#options = options;
  }

  /** As `Store.count`. Never rejects. */
  count(key: string, options: CountOptions): Promise<number | null> {
    return this.#count(key, options, async (mayBeDone) => {
      await this.#readTotal(key, options);
      return mayBeDone ? this.#memory.totalOf(key) + options.by : this.#memory.count(key, options);
    });
  }

  /** Gives a store that is back what was counted meanwhile. */
  handOver(): Promise<unknown>[] {
    return this.#memory.takePending().map(([key, { by, lifeMs }]) =>
      this.#count(key, { by, lifeMs }, async (mayBeDone) => {
        if (!mayBeDone) this.#memory.addPending(key, by, lifeMs);
        return this.#memory.totalOf(key);
      }),
    );
  }

  /** The store has got everything that was counted meanwhile. */
  get isHandedOver(): boolean {
    return !this.#memory.hasPending;
  }

  /** Gives a store that has lost its counts the totals that are known here. Other processes may know more, so it raises them. */
  restore(): Promise<unknown>[] {
    return this.#memory
      .totals()
      .map(([key, { highest, lifeMs }]) =>
        this.#count(key, { by: 0, atLeast: highest, lifeMs }, async () => highest),
      );
  }

  /** The restored totals include what was counted meanwhile. */
  noteRestored(): void {
    this.#memory.takePending();
  }

  async #count(
    key: string,
    options: CountOptions,
    countInMemory: (mayBeDone: boolean) => Promise<number | null>,
  ): Promise<number | null> {
    const { store, storeOrMemory } = this.#options;
    const { by, lifeMs } = options;
    // The store may have subtracted although it failed, and a budget must not get anything back twice.
    let mayBeDone = false;
    const total = await storeOrMemory(
      () => {
        mayBeDone = by < 0;
        return store.count(key, options);
      },
      () => countInMemory(mayBeDone),
      // Memory has counted it, too, so it is subtracted again.
      (late) => !mayBeDone && late !== null && store.count(key, { by: -by, lifeMs }).catch(() => {}),
    );
    this.#memory.noteResult(key, options, total);
    return total;
  }

  /** Reads a total that is not known yet, if a lost store can still be read. */
  async #readTotal(key: string, { lifeMs }: CountOptions): Promise<void> {
    const { store, timeout, canReadLost } = this.#options;
    if (this.#memory.isKnown(key) || !canReadLost()) return;
    const total = await timeout.run(store.count(key, { by: 0, lifeMs })).catch(() => null);
    if (total !== null && !this.#memory.isKnown(key)) this.#memory.setTotal(key, total, lifeMs);
  }
}
