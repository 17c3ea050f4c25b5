import type { Logger } from '../../logger.js';
import type { After, Clock } from '../../time.js';
import type { FailoverCounts, StoreOrMemory } from './failoverCounts.js';
import type { MemoryStore } from './memory.js';
import type { StoredRecord } from './records.js';
import type { Store } from './store.js';

/** How many values the store gets at once. */
const valuesAtOnce = 50;

export interface HandOverOptions {
  readonly store: Store;
  readonly memory: MemoryStore;
  readonly counts: FailoverCounts;
  /** Keys that the store must forget. One that it has forgotten is deleted here. */
  readonly forgets: Set<string>;
  readonly storeOrMemory: StoreOrMemory;
  /** Why the store is lost. Null: it is not. */
  readonly lostBecause: () => string | null;
  /** Gives a store that has lost its data what others know. */
  readonly restore: () => Promise<unknown>;
  /** Called when the store has everything. */
  readonly onDone: () => void;
  readonly logger: Logger;
  readonly now: Clock;
  readonly after: After;
}

/** Gives a store that is back what memory has stored meanwhile. */
export class HandOver {
  readonly #options: HandOverOptions;
  /** Runs wait for the one before. */
  #last: Promise<unknown> = Promise.resolve();
  /** How many have not ended. */
  #runs = 0;
  /** These runs, and operations that the store has not answered. */
  #pending = 0;
  #onEnded = () => {};
  /** How often the store has lost its data, and up to which of these it has got what is known here. */
  #losses = 0;
  #restored = 0;
  #isClosed = false;

  constructor(options: HandOverOptions) {
    this.#options = options;
  }

  /** The store has lost its data, and has not got yet what is known here. */
  get isReplaced(): boolean {
    return this.#restored < this.#losses;
  }

  noteReplaced(): void {
    this.#losses += 1;
  }

  /** An end waits for this operation: if it fails, memory may have something for the store. */
  async during<T>(operation: () => Promise<T>): Promise<T> {
    this.#pending += 1;
    try {
      return await operation();
    } finally {
      this.#pending -= 1;
      if (this.#isEnded) this.#onEnded();
    }
  }

  /**
   * Resolves with the number of values that the store got. Null: it is lost again, or this was closed, and memory keeps the
   * rest.
   */
  run(): Promise<number | null> {
    if (this.#isClosed) return Promise.resolve(null);
    this.#runs += 1;
    const before = this.#last;
    const losses = this.#losses;
    const run = this.during(async () => {
      // Sent before anything is awaited, so that the store gets them before any later operation.
      const first = this.#writeFirst();
      await before;
      const values = await this.#writeAfter(first, losses);
      this.#runs -= 1;
      return values;
    });
    this.#last = run;
    return run;
  }

  /** `losses`: of the store's data, as many as it had when `first` was sent. */
  async #writeAfter(first: Promise<boolean>, losses: number): Promise<number | null> {
    const { restore, onDone, logger } = this.#options;
    try {
      if (!(await first)) return null;
      const values = await this.#writeRest();
      if (values === null) return null;
      if (this.#restored < losses) await restore();
      if (this.#isInterrupted) return null;
      this.#restored = Math.max(this.#restored, losses);
      onDone();
      return values;
    } catch (error) {
      logger.error(error, 'The store could not be given what is known here');
      return null;
    }
  }

  /** Waits until the store has everything, but not for longer than `withinMs`. From then on it gets nothing more. */
  async close(withinMs: number): Promise<void> {
    if (!this.#isEnded) await this.#end(withinMs);
    this.#isClosed = true;
  }

  async #end(withinMs: number): Promise<void> {
    const { memory, lostBecause, logger, after } = this.#options;
    if (withinMs > 0) {
      const why = lostBecause();
      if (why !== null)
        logger.warn({ why, withinMs }, 'The end waits until the store has what memory stored');
      await new Promise<void>((resolve) => {
        const stopTimer = after(withinMs, resolve);
        this.#onEnded = () => {
          stopTimer();
          resolve();
        };
      });
    }
    if (this.#hasSomething || this.#runs > 0) {
      const why = lostBecause() ?? 'there was no time left';
      const values = memory.records().length;
      logger.error(
        { why, values },
        'What memory stored is lost, because the store has not got it by the end',
      );
    }
  }

  get #isEnded(): boolean {
    return this.#pending === 0 && (this.#options.lostBecause() === null || !this.#hasSomething);
  }

  /** Memory has something for the store. */
  get #hasSomething(): boolean {
    const { memory, counts, forgets } = this.#options;
    return (
      memory.records().length > 0 || !memory.seriesMemory.isEmpty || forgets.size > 0 || !counts.isHandedOver
    );
  }

  get #isInterrupted(): boolean {
    return this.#isClosed || this.#options.lostBecause() !== null;
  }

  /** Counts, and what must be forgotten. False: interrupted. */
  async #writeFirst(): Promise<boolean> {
    const { counts } = this.#options;
    const { isReplaced } = this;
    const writes = isReplaced ? counts.restore() : counts.handOver();
    await Promise.all([...writes, ...this.#writeForgets()]);
    if (this.#isInterrupted) return false;
    if (isReplaced) counts.noteRestored();
    return true;
  }

  /** Null: interrupted. */
  async #writeRest(): Promise<number | null> {
    const { memory } = this.#options;
    await Promise.all(this.#writeSeries());
    if (this.#isInterrupted) return null;
    const records = memory.records();
    let written = 0;
    for (let at = 0; at < records.length; at += valuesAtOnce) {
      const some = records.slice(at, at + valuesAtOnce);
      const areWritten = await Promise.all(some.map(([key, record]) => this.#writeRecord(key, record)));
      if (this.#isInterrupted) return null;
      written += areWritten.filter(Boolean).length;
    }
    return written;
  }

  #writeForgets(): Promise<unknown>[] {
    const { store, forgets, storeOrMemory } = this.#options;
    return [...forgets].map((key) =>
      storeOrMemory(
        () => store.forget(key).then(() => forgets.delete(key)),
        async () => false,
      ),
    );
  }

  #writeSeries(): Promise<unknown>[] {
    const { store, memory, storeOrMemory } = this.#options;
    return memory.seriesMemory.takeAll().flatMap(([key, { entries, options }]) =>
      entries.map((entry) =>
        storeOrMemory(
          () => store.append(key, entry, options),
          () => memory.append(key, entry, options),
        ),
      ),
    );
  }

  /** False: it was replaced meanwhile, or the store has not got it. */
  async #writeRecord(key: string, record: StoredRecord): Promise<boolean> {
    const { store, memory, storeOrMemory, now } = this.#options;
    if (memory.record(key) !== record) return false;
    const { value, version, untilMs } = record;
    const lifeMs = untilMs - now();
    // Version 0 means that the value came without one.
    const options = version === 0 ? { lifeMs } : { lifeMs, version };
    const isWritten = await storeOrMemory(
      () => store.set(key, value, options).then(() => true),
      async () => false,
    );
    if (isWritten && memory.record(key) === record) memory.drop(key);
    return isWritten;
  }
}
