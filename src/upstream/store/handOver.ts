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
  /** How many are under way. */
  #running = 0;
  #onEnded = () => {};
  #isReplaced = false;
  #isClosed = false;

  constructor(options: HandOverOptions) {
    this.#options = options;
  }

  /** The store has lost its data, and has not got yet what is known here. */
  get isReplaced(): boolean {
    return this.#isReplaced;
  }

  noteReplaced(): void {
    this.#isReplaced = true;
  }

  /**
   * Resolves with the number of values that the store got. Null: it is lost again, or this was closed, and memory keeps the
   * rest.
   */
  async run(): Promise<number | null> {
    const { restore, onDone } = this.#options;
    this.#running += 1;
    const values = await this.#write();
    if (values !== null) {
      if (this.#isReplaced) await restore();
      this.#isReplaced = false;
      onDone();
    }
    this.#running -= 1;
    if (this.#isEnded) this.#onEnded();
    return values;
  }

  /** Waits until the store has everything, but not for longer than `withinMs`. From then on it gets nothing more. */
  async close(withinMs: number): Promise<void> {
    if (!this.#isEnded) await this.#end(withinMs);
    this.#isClosed = true;
  }

  async #end(withinMs: number): Promise<void> {
    const { memory, lostBecause, logger, after } = this.#options;
    if (withinMs > 0) {
      const why = lostBecause() ?? 'it was lost';
      logger.warn({ why, withinMs }, 'The end waits until the store has what memory stored');
      await new Promise<void>((resolve) => {
        const stopTimer = after(withinMs, resolve);
        this.#onEnded = () => {
          stopTimer();
          resolve();
        };
      });
    }
    if (this.#hasSomething) {
      const why = lostBecause() ?? 'there was no time left';
      const values = memory.records().length;
      logger.error(
        { why, values },
        'What memory stored is lost, because the store has not got it by the end',
      );
    }
  }

  get #isEnded(): boolean {
    return this.#running === 0 && (this.#options.lostBecause() === null || !this.#hasSomething);
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

  async #write(): Promise<number | null> {
    const { memory, counts } = this.#options;
    // Sent without an `await` between them, so that the store gets them before any later operation.
    const writes = this.#isReplaced ? counts.restore() : counts.handOver();
    await Promise.all([...writes, ...this.#writeForgets()]);
    if (this.#isInterrupted) return null;
    if (this.#isReplaced) counts.noteRestored();
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

  /** False: it was replaced meanwhile. */
  async #writeRecord(key: string, record: StoredRecord): Promise<boolean> {
    const { store, memory, storeOrMemory, now } = this.#options;
    if (memory.record(key) !== record) return false;
    const { value, version, untilMs } = record;
    const lifeMs = untilMs - now();
    // Version 0 means that the value came without one.
    const options = version === 0 ? { lifeMs } : { lifeMs, version };
    await storeOrMemory(
      () => store.set(key, value, options),
      async () => false,
    );
    if (!this.#isInterrupted && memory.record(key) === record) memory.drop(key);
    return true;
  }
}
