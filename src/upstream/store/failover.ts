import type { Logger } from '../../logger.js';
import type { After, Clock } from '../../time.js';
import { type MemoryStore, openMemoryStore } from './memory.js';
import type { CountOptions, Lease, LeaseOptions, Refusal, SetOptions, Store } from './store.js';

/** Patience is counted in steps, so that an event loop that is busy for long doesn't use it up at once. */
const stepMs = 50;

export interface FailoverOptions {
  readonly store: Store;
  /** What is kept in memory while the store is lost, at most. */
  readonly maxBytes: number;
  readonly logger: Logger;
  readonly now: Clock;
  readonly after: After;
}

/**
 * A store that may be lost: what it can't do, or not in time, memory does, until it is back. Then it gets what was kept
 * meanwhile. No operation rejects.
 */
export class FailoverStore implements Store {
  readonly isShared = true;
  readonly patienceMs: number;
  readonly tryAgainMs: number;
  readonly #store: Store;
  readonly #memory: MemoryStore;
  readonly #options: FailoverOptions;
  readonly #listeners: ((key: string | null) => void)[] = [];
  /** What to forget and to add once it is back. */
  readonly #forgotten = new Set<string>();
  readonly #counted = new Map<string, { by: number; lifeMs: number }>();
  /** The totals that were heard last. */
  readonly #totals = new Map<string, number>();
  #answers = 0;
  #lost: { why: string; canRead: boolean; readonly isSilent: boolean } | null = null;
  #stopTrying: (() => void) | null = null;
  #isTrying = false;
  #isClosed = false;

  constructor(options: FailoverOptions) {
    const { store, maxBytes, now } = options;
    this.#store = store;
    this.patienceMs = store.patienceMs;
    this.tryAgainMs = store.tryAgainMs;
    this.#memory = openMemoryStore({ maxBytes, now });
    this.#options = options;
    store.onChange((key) => {
      // It may be back.
      if (key === null && this.#lost) this.#tryNow();
      this.#tell(key);
    });
  }

  get lostBecause(): string | null {
    return this.#lost?.why ?? null;
  }

  async getMany(keys: readonly string[]): Promise<readonly (string | null)[]> {
    if (this.#memory.isEmpty && this.#forgotten.size === 0) return this.#readThere(keys);
    const here = await this.#memory.getMany(keys);
    const keysThere = keys.filter((key, at) => here[at] == null && !this.#forgotten.has(key));
    const there = await this.#readThere(keysThere);
    const valuesThere = new Map(keysThere.map((key, at) => [key, there[at] ?? null]));
    return keys.map((key, at) => here[at] ?? valuesThere.get(key) ?? null);
  }

  async #readThere(keys: readonly string[]): Promise<readonly (string | null)[]> {
    const nothing = keys.map(() => null);
    if (keys.length === 0 || (this.#lost && !this.#lost.canRead)) return nothing;
    try {
      return await this.#inTime(this.#store.getMany(keys));
    } catch (error) {
      this.#lose(error, { canRead: false });
      return nothing;
    }
  }

  set(key: string, value: string, options: SetOptions = {}): Promise<boolean> {
    return this.#either(
      () => {
        this.#outdate(key, options.version);
        return this.#store.set(key, value, options);
      },
      () => {
        this.#forgotten.delete(key);
        return this.#memory.set(key, value, options);
      },
    );
  }

  forget(key: string): Promise<boolean> {
    return this.#either(
      () => {
        this.#outdate(key);
        return this.#store.forget(key);
      },
      async () => {
        this.#forgotten.add(key);
        return this.#memory.forget(key);
      },
    );
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | Refusal> {
    const leasing = await this.#either(
      () => this.#store.lease(key, options),
      () => this.#memory.lease(key, options),
      // Granted after all, when nobody waits for it any more.
      (late) => late.isGranted && late.release().catch(ignore),
    );
    if (!leasing.isGranted) return leasing;
    return {
      ...leasing,
      extend: (forMs) => this.#inTime(leasing.extend(forMs)).catch(() => false),
      release: () => this.#inTime(leasing.release()).catch(ignore),
    };
  }

  count(key: string, options: CountOptions): Promise<number | null> {
    return this.#count(key, options, async () => {
      await this.#learnTotal(key, options);
      return this.#countHere(key, options);
    });
  }

  onChange(listener: (key: string | null) => void): void {
    this.#listeners.push(listener);
  }

  keys(prefix: string): AsyncIterable<string> {
    return this.#store.keys(prefix);
  }

  /** Finds out whether the store is there, as at start: what is asked before waits no longer than for anything else. */
  async check(): Promise<void> {
    await this.#either(
      () => this.#store.check(),
      async () => {},
    );
  }

  bytes(): Promise<number | null> {
    return this.#store.bytes();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTrying?.();
    await this.#store.close().catch((error: unknown) => {
      this.#options.logger.error({ why: messageOf(error) }, 'The store could not be closed in order');
    });
  }

  async #either<T>(
    there: () => Promise<T>,
    here: () => Promise<T>,
    onLate: (result: T) => void = ignore,
  ): Promise<T> {
    if (this.#lost) return here();
    try {
      return await this.#inTime(there(), onLate);
    } catch (error) {
      this.#lose(error, { canRead: true });
      return here();
    }
  }

  async #count(
    key: string,
    options: CountOptions,
    here: () => Promise<number | null>,
  ): Promise<number | null> {
    const { by, most, lifeMs } = options;
    const total = await this.#either(
      () => this.#store.count(key, options),
      here,
      // Counted after all, when it is counted here.
      (late) => late !== null && this.#store.count(key, { by: -by, lifeMs }).catch(ignore),
    );
    if (total !== null) this.#totals.set(key, total);
    else if (most !== undefined) this.#totals.set(key, Math.max(this.#totalOf(key), most - by + 1));
    return total;
  }

  /** Where nothing was heard of it since the start, but it can still be read. */
  async #learnTotal(key: string, { lifeMs }: CountOptions): Promise<void> {
    if (this.#totals.has(key) || !this.#lost?.canRead || this.#lost.isSilent) return;
    const total = await this.#inTime(this.#store.count(key, { by: 0, lifeMs })).catch(() => null);
    if (total !== null && !this.#totals.has(key)) this.#totals.set(key, total);
  }

  #countHere(key: string, { by, most, lifeMs }: CountOptions): number | null {
    const total = this.#totalOf(key) + by;
    if (most !== undefined && by > 0 && total > most) return null;
    this.#countLater(key, by, lifeMs);
    return total;
  }

  #countLater(key: string, by: number, lifeMs: number): void {
    this.#counted.set(key, { by: (this.#counted.get(key)?.by ?? 0) + by, lifeMs });
  }

  #totalOf(key: string): number {
    return this.#totals.get(key) ?? 0;
  }

  /** What was kept here and is not handed over yet must not replace what the store is given now. */
  #outdate(key: string, version = Number.POSITIVE_INFINITY): void {
    this.#forgotten.delete(key);
    const kept = this.#memory.record(key);
    if (kept && kept.version <= version) this.#memory.drop(key);
  }

  /** Rejects when the store has answered nothing for as long as it may take. One that is busy still answers others. */
  #inTime<T>(result: Promise<T>, onLate: (result: T) => void = ignore): Promise<T> {
    const { patienceMs } = this;
    return new Promise((resolve, reject) => {
      let stopTimer: () => void;
      let isOver = false;
      const wait = (waitedMs: number, answers: number) => {
        isOver = waitedMs >= patienceMs;
        if (isOver) reject(new SilentStoreError(patienceMs));
        else {
          stopTimer = this.#options.after(stepMs, () => {
            // One that has no connection is not silent: it waits for one itself, and not for ever.
            const silentMs = this.#store.lostBecause === null ? stepMs : 0;
            wait(this.#answers === answers ? waitedMs + silentMs : 0, this.#answers);
          });
        }
      };
      wait(0, this.#answers);
      result.then(
        (value) => {
          this.#answers += 1;
          stopTimer();
          if (isOver) onLate(value);
          else resolve(value);
        },
        (error: unknown) => {
          stopTimer();
          reject(error);
        },
      );
    });
  }

  #lose(error: unknown, { canRead }: { readonly canRead: boolean }): void {
    if (this.#isClosed) return;
    if (this.#lost) {
      this.#lost.canRead &&= canRead;
      return;
    }
    const noConnection = this.#store.lostBecause;
    const why = noConnection ?? messageOf(error);
    const isSilent = noConnection === null && error instanceof SilentStoreError;
    this.#lost = { why, canRead, isSilent };
    this.#options.logger.error(
      { why },
      'The store is lost: answers, stops and counts are kept in memory until it is back',
    );
    this.#tryLater();
  }

  #tryLater(): void {
    this.#stopTrying = this.#options.after(this.tryAgainMs, () => void this.#try());
  }

  #tryNow(): void {
    if (this.#isTrying) return;
    this.#stopTrying?.();
    void this.#try();
  }

  async #try(): Promise<void> {
    this.#isTrying = true;
    try {
      await this.#inTime(this.#store.check());
    } catch (error) {
      if (this.#lost) this.#lost.why = messageOf(error);
      if (!this.#isClosed) this.#tryLater();
      return;
    } finally {
      this.#isTrying = false;
    }
    this.#lost = null;
    const kept = await this.#handOver();
    if (kept === null) return;
    this.#options.logger.info({ kept }, 'The store is back, and has what was kept meanwhile');
    this.#tell(null);
  }

  /**
   * What the store gets that was kept here; resolves with how many values. Null: it is lost again, and the rest stays for
   * the next time.
   */
  async #handOver(): Promise<number | null> {
    // At once, so that they are in it before whatever is asked of it next.
    await Promise.all([...this.#handOverCounts(), ...this.#handOverForgotten()]);
    if (this.#lost) return null;
    let written = 0;
    for (const [key, record] of this.#memory.records()) {
      if (this.#memory.record(key) !== record) continue;
      const { value, version, untilMs } = record;
      const lifeMs = untilMs - this.#options.now();
      // Without a version, as it came: nobody else's is older.
      const options = version === 0 ? { lifeMs } : { lifeMs, version };
      await this.#either(
        () => this.#store.set(key, value, options),
        async () => false,
      );
      if (this.#lost) return null;
      if (this.#memory.record(key) === record) this.#memory.drop(key);
      written += 1;
    }
    return written;
  }

  #handOverCounts(): Promise<unknown>[] {
    const counted = [...this.#counted];
    this.#counted.clear();
    return counted.map(([key, { by, lifeMs }]) =>
      this.#count(key, { by, lifeMs }, async () => {
        this.#countLater(key, by, lifeMs);
        return this.#totalOf(key);
      }),
    );
  }

  #handOverForgotten(): Promise<unknown>[] {
    return [...this.#forgotten].map((key) =>
      this.#either(
        async () => {
          await this.#store.forget(key);
          this.#forgotten.delete(key);
        },
        async () => {},
      ),
    );
  }

  #tell(key: string | null): void {
    for (const listener of this.#listeners) listener(key);
  }
}

class SilentStoreError extends Error {
  override readonly name = 'SilentStoreError';

  constructor(patienceMs: number) {
    super(`it did not answer within ${patienceMs} ms`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function ignore(): void {}
