import type { Logger } from '../../logger.js';
import type { After, Clock } from '../../time.js';
import { FailoverCounts, type StoreOrMemory } from './failoverCounts.js';
import { HandOver } from './handOver.js';
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
  readonly #counts: FailoverCounts;
  /** Keys that the store must forget when it is back. */
  readonly #pendingForgets = new Set<string>();
  readonly #detector: LossDetector;
  readonly #handOver: HandOver;

  constructor(options: FailoverOptions) {
    const { store, maxBytes, now, after } = options;
    this.#store = store;
    this.timeoutMs = store.timeoutMs;
    this.recheckEveryMs = store.recheckEveryMs;
    this.#memory = openMemoryStore({ maxBytes, now });
    this.#timeout = new StoreTimeout({ store, after });
    this.#options = options;
    const storeOrMemory: StoreOrMemory = (useStore, useMemory, onLate) =>
      this.#storeOrMemory(useStore, useMemory, onLate);
    this.#counts = new FailoverCounts({
      store,
      timeout: this.#timeout,
      storeOrMemory,
      canReadLost: () => this.#loss?.canRead === true && !this.#loss.isTimeout,
    });
    this.#detector = new LossDetector({
      ...options,
      timeout: this.#timeout,
      onBack: () => void this.#returnToStore(),
    });
    this.#handOver = new HandOver({
      ...options,
      memory: this.#memory,
      counts: this.#counts,
      forgets: this.#pendingForgets,
      storeOrMemory,
      lostBecause: () => this.lostBecause,
      restore: () => Promise.all(this.#replacedListeners.map((listener) => listener())),
      onDone: () => this.#notify(null),
    });
    store.onReplaced(() => {
      this.#handOver.noteReplaced();
      this.#options.logger.warn('The store has lost its data, and gets what is known here');
      if (!this.#loss) void this.#handOver.run();
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
    return this.#handOver.isReplaced;
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
    await this.#handOver.close(withinMs);
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
    return this.#handOver.during(async () => {
      try {
        return await this.#timeout.run(useStore(), onLate);
      } catch (error) {
        this.#detector.lose(error, { canRead: true });
        return useMemory();
      }
    });
  }

  /** A value in memory that the store has not got yet must not replace a newer one. */
  #dropFromMemory(key: string, version = Number.POSITIVE_INFINITY): void {
    this.#pendingForgets.delete(key);
    const record = this.#memory.record(key);
    if (record && record.version <= version) this.#memory.drop(key);
  }

  async #returnToStore(): Promise<void> {
    const values = await this.#handOver.run();
    if (values !== null)
      this.#options.logger.info({ values }, 'The store is back, and has what memory stored');
  }

  #notify(key: string | null): void {
    for (const listener of this.#listeners) listener(key);
  }
}

function ignore(): void {}
