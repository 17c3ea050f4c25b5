import type { Logger } from '../../logger.js';
import type { After, Clock } from '../../time.js';
import { FailoverCounts } from './failoverCounts.js';
import { LossDetector, messageOf } from './lossDetector.js';
import { type MemoryStore, openMemoryStore } from './memory.js';
import type {
  AppendOptions,
  CountOptions,
  LatestOptions,
  Lease,
  LeaseOptions,
  Refusal,
  SeriesEntry,
  SetOptions,
  Store,
} from './store.js';
import { StoreTimeout } from './storeTimeout.js';

export interface FailoverOptions {
  readonly store: Store;
  /** Of the values that memory stores while the store is lost. */
  readonly maxBytes: number;
  /** No call is made while the store is lost. Default: false. Only the log says so here. */
  readonly isRequired?: boolean;
  readonly logger: Logger;
  readonly now: Clock;
  readonly after: After;
}

/**
 * A store with memory as its failover. When the store fails or does not answer in time, it is lost, and memory does what it
 * can't do. When the store is back, it gets what memory has stored meanwhile. Only `keys`, `series` and `bytes` reject.
 */
export class FailoverStore implements Store {
  readonly isShared = true;
  readonly timeoutMs: number;
  readonly recheckEveryMs: number;
  readonly #store: Store;
  readonly #memory: MemoryStore;
  readonly #timeout: StoreTimeout;
  readonly #options: FailoverOptions;
  readonly #listeners: ((key: string | null) => void)[] = [];
  readonly #replacedListeners: (() => void | Promise<void>)[] = [];
  /** The store has lost its data, and has not got yet what is known here. */
  #isReplaced = false;
  readonly #counts: FailoverCounts;
  /** Keys that the store must forget when it is back. */
  readonly #pendingForgets = new Set<string>();
  readonly #detector: LossDetector;
  /** How many hand-overs are under way. */
  #handOvers = 0;
  /** Called when the store has what memory has stored. */
  #onHandedOver = ignore;

  constructor(options: FailoverOptions) {
    const { store, maxBytes, now, after } = options;
    this.#store = store;
    this.timeoutMs = store.timeoutMs;
    this.recheckEveryMs = store.recheckEveryMs;
    this.#memory = openMemoryStore({ maxBytes, now });
    this.#timeout = new StoreTimeout({ store, after });
    this.#options = options;
    this.#counts = new FailoverCounts({
      store,
      timeout: this.#timeout,
      storeOrMemory: (useStore, useMemory, onLate) => this.#storeOrMemory(useStore, useMemory, onLate),
      canReadLost: () => this.#loss?.canRead === true && !this.#loss.isTimeout,
    });
    this.#detector = new LossDetector({
      ...options,
      timeout: this.#timeout,
      onBack: () => void this.#returnToStore(),
    });
    store.onReplaced(() => {
      this.#isReplaced = true;
      this.#options.logger.warn('The store has lost its data, and gets what is known here');
      if (!this.#loss) void this.#bringUpToDate();
    });
    store.onChange((key) => {
      // A driver also reports null when it has a connection again.
      if (key === null) this.#detector.recheckNow();
      this.#notify(key);
    });
  }

  get lostBecause(): string | null {
    return this.#loss?.why ?? null;
  }

  get isIncomplete(): boolean {
    return this.#isReplaced;
  }

  get warnings(): readonly string[] {
    return this.#store.warnings;
  }

  get #loss() {
    return this.#detector.loss;
  }

  async getMany(keys: readonly string[]): Promise<readonly (string | null)[]> {
    if (this.#memory.isEmpty && this.#pendingForgets.size === 0) return this.#readStore(keys);
    const inMemory = await this.#memory.getMany(keys);
    const missing = keys.filter((key, at) => inMemory[at] == null && !this.#pendingForgets.has(key));
    const inStore = await this.#readStore(missing);
    const found = new Map(missing.map((key, at) => [key, inStore[at] ?? null]));
    return keys.map((key, at) => inMemory[at] ?? found.get(key) ?? null);
  }

  async #readStore(keys: readonly string[]): Promise<readonly (string | null)[]> {
    const nothing = keys.map(() => null);
    if (keys.length === 0 || (this.#loss && !this.#loss.canRead)) return nothing;
    try {
      return await this.#timeout.run(this.#store.getMany(keys));
    } catch (error) {
      this.#detector.lose(error, { canRead: false });
      return nothing;
    }
  }

  set(key: string, value: string, options: SetOptions = {}): Promise<boolean> {
    return this.#storeOrMemory(
      () => {
        this.#dropFromMemory(key, options.version);
        return this.#store.set(key, value, options);
      },
      () => {
        this.#pendingForgets.delete(key);
        return this.#memory.set(key, value, options);
      },
    );
  }

  forget(key: string): Promise<boolean> {
    return this.#storeOrMemory(
      () => {
        this.#dropFromMemory(key);
        return this.#store.forget(key);
      },
      async () => {
        this.#pendingForgets.add(key);
        return this.#memory.forget(key);
      },
    );
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | Refusal> {
    let isOfMemory = false;
    const leasing = await this.#storeOrMemory(
      () => this.#store.lease(key, options),
      () => {
        isOfMemory = true;
        return this.#memory.lease(key, options);
      },
      // Memory has answered instead, so nobody holds this lease.
      (late) => late.isGranted && late.release().catch(ignore),
    );
    if (!leasing.isGranted) return leasing;
    return {
      ...leasing,
      extend: async (forMs) => {
        // The other processes do not see it, and the store is there again to grant one that they see.
        if (isOfMemory && !this.#loss) return false;
        return this.#timeout.run(leasing.extend(forMs)).catch(() => false);
      },
      release: () => this.#timeout.run(leasing.release()).catch(ignore),
    };
  }

  count(key: string, options: CountOptions): Promise<number | null> {
    return this.#counts.count(key, options);
  }

  append(key: string, entry: SeriesEntry, options: AppendOptions): Promise<boolean> {
    return this.#storeOrMemory(
      () => this.#store.append(key, entry, options),
      () => this.#memory.append(key, entry, options),
    );
  }

  async latest(key: string, options: LatestOptions): Promise<readonly SeriesEntry[]> {
    const inMemory = await this.#memory.latest(key, options);
    const inStore = await this.#readSeries(key, options);
    return [...inMemory, ...inStore].sort((a, b) => b.atMs - a.atMs).slice(0, options.most);
  }

  async #readSeries(key: string, options: LatestOptions): Promise<readonly SeriesEntry[]> {
    if (this.#pendingForgets.has(key) || (this.#loss && !this.#loss.canRead)) return [];
    try {
      return await this.#timeout.run(this.#store.latest(key, options));
    } catch (error) {
      this.#detector.lose(error, { canRead: false });
      return [];
    }
  }

  series(key: string): AsyncIterable<SeriesEntry> {
    return this.#store.series(key);
  }

  onChange(listener: (key: string | null) => void): void {
    this.#listeners.push(listener);
  }

  onReplaced(listener: () => void | Promise<void>): void {
    this.#replacedListeners.push(listener);
  }

  keys(prefix: string): AsyncIterable<string> {
    return this.#store.keys(prefix);
  }

  /** Finds out at the start whether the store is available. Resolves in any case, within the timeout. */
  async check(): Promise<void> {
    await this.#storeOrMemory(
      () => this.#store.check(),
      async () => {},
    );
  }

  bytes(): Promise<number | null> {
    return this.#store.bytes();
  }

  async close(withinMs = 0): Promise<void> {
    await this.#handedOver(withinMs);
    this.#detector.close();
    await this.#store.close().catch((error: unknown) => {
      this.#options.logger.error({ why: messageOf(error) }, 'The store could not be closed properly');
    });
  }

  /** `onLate`: called with a result of the store that comes after the timeout, when memory has answered. */
  async #storeOrMemory<T>(
    useStore: () => Promise<T>,
    useMemory: () => Promise<T>,
    onLate: (result: T) => void = ignore,
  ): Promise<T> {
    if (this.#loss) return useMemory();
    try {
      return await this.#timeout.run(useStore(), onLate);
    } catch (error) {
      this.#detector.lose(error, { canRead: true });
      return useMemory();
    }
  }

  /** A value in memory that the store has not got yet must not replace a newer one. */
  #dropFromMemory(key: string, version = Number.POSITIVE_INFINITY): void {
    this.#pendingForgets.delete(key);
    const record = this.#memory.record(key);
    if (record && record.version <= version) this.#memory.drop(key);
  }

  /** Memory has what the store has not got yet. */
  get #hasUnsaved(): boolean {
    if (this.#handOvers > 0) return true;
    if (!this.#loss) return false;
    return (
      this.#memory.records().length > 0 ||
      !this.#memory.seriesMemory.isEmpty ||
      this.#pendingForgets.size > 0 ||
      !this.#counts.isHandedOver
    );
  }

  /** Resolves when the store has what memory has stored, or after `withinMs`. */
  async #handedOver(withinMs: number): Promise<void> {
    if (!this.#hasUnsaved) return;
    const { logger, after } = this.#options;
    const why = this.lostBecause;
    if (withinMs > 0) {
      logger.warn({ why, withinMs }, 'The store is lost: the end waits until it has what memory stored');
      await new Promise<void>((resolve) => {
        const stopTimer = after(withinMs, resolve);
        this.#onHandedOver = () => {
          stopTimer();
          resolve();
        };
      });
    }
    if (this.#hasUnsaved) {
      const values = this.#memory.records().length;
      logger.error({ why, values }, 'The store is still lost at the end, and with it what memory stored');
    }
  }

  async #returnToStore(): Promise<void> {
    const values = await this.#bringUpToDate();
    if (values !== null)
      this.#options.logger.info({ values }, 'The store is back, and has what memory stored');
  }

  /** Resolves as `#handOver` does. */
  async #bringUpToDate(): Promise<number | null> {
    this.#handOvers += 1;
    const values = await this.#handOver();
    if (values !== null) {
      if (this.#isReplaced) await Promise.all(this.#replacedListeners.map((listener) => listener()));
      this.#isReplaced = false;
      this.#notify(null);
    }
    this.#handOvers -= 1;
    if (!this.#hasUnsaved) this.#onHandedOver();
    return values;
  }

  /**
   * Writes what memory has to the store. Resolves with the number of values. Null: the store is lost again, and memory
   * keeps the rest for the next time.
   */
  async #handOver(): Promise<number | null> {
    // Sent without an `await` between them, so that the store gets them before any later operation.
    const counts = this.#isReplaced ? this.#counts.restore() : this.#counts.handOver();
    await Promise.all([...counts, ...this.#handOverForgets()]);
    if (this.#loss) return null;
    if (this.#isReplaced) this.#counts.noteRestored();
    await Promise.all(this.#handOverSeries());
    if (this.#loss) return null;
    let written = 0;
    for (const [key, record] of this.#memory.records()) {
      if (this.#memory.record(key) !== record) continue;
      const { value, version, untilMs } = record;
      const lifeMs = untilMs - this.#options.now();
      // Version 0 means that the value came without one.
      const options = version === 0 ? { lifeMs } : { lifeMs, version };
      await this.#storeOrMemory(
        () => this.#store.set(key, value, options),
        async () => false,
      );
      if (this.#loss) return null;
      if (this.#memory.record(key) === record) this.#memory.drop(key);
      written += 1;
    }
    return written;
  }

  #handOverForgets(): Promise<unknown>[] {
    return [...this.#pendingForgets].map((key) =>
      this.#storeOrMemory(
        () => this.#store.forget(key).then(() => this.#pendingForgets.delete(key)),
        async () => false,
      ),
    );
  }

  #handOverSeries(): Promise<unknown>[] {
    return this.#memory.seriesMemory
      .takeAll()
      .flatMap(([key, { entries, options }]) => entries.map((entry) => this.append(key, entry, options)));
  }

  #notify(key: string | null): void {
    for (const listener of this.#listeners) listener(key);
  }
}

function ignore(): void {}
