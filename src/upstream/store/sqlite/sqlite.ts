import type { Logger } from '../../../logger.js';
import { type Clock, elapsed } from '../../../time.js';
import { applyCount, applyExtend, applyForget, applyLease, applyRelease, applySet } from '../records.js';
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
} from '../store.js';
import { isTemporary } from './errors.js';
import { sizeOf, walBytes } from './file.js';
import { changeRecord, type MakeChange, readValues } from './records.js';
import { appendEntry, entriesAfter, entryOf, forgetSeries, latestEntries } from './series.js';
import type { EntryRow } from './statements.js';
import { StoreFile } from './storeFile.js';

/** How many keys are read at once. */
const pageLength = 1_000;

/** Sorts after every text that begins with a prefix, when it is added to the prefix. */
const afterAll = '\u{10ffff}';

export interface SqliteOptions {
  readonly now: Clock;
  readonly logger: Logger;
}

/**
 * Opens a file on this machine, which several processes may share, or creates it. Rejects if the file can
 * never be used. A damaged file is set aside. If the file can't be used now, `check` tries again.
 */
export async function openSqliteStore(path: string, options: SqliteOptions): Promise<Store> {
  const file = new StoreFile(path, { ...options, elapsed });
  try {
    await file.open();
  } catch (error) {
    if (!isTemporary(error)) throw error;
  }
  return new SqliteStore(path, file, options.now);
}

class SqliteStore implements Store {
  readonly isShared = true;
  readonly isIncomplete = false;
  /** Longer than `Writer` waits for a lock. */
  readonly timeoutMs = 3_000;
  readonly recheckEveryMs = 1_000;
  readonly #path: string;
  readonly #file: StoreFile;
  readonly #now: Clock;

  constructor(path: string, file: StoreFile, now: Clock) {
    this.#path = path;
    this.#file = file;
    this.#now = now;
  }

  get lostBecause(): string | null {
    return this.#file.lostBecause;
  }

  get warnings(): readonly string[] {
    return this.#file.warnings;
  }

  async getMany(keys: readonly string[]): Promise<readonly (string | null)[]> {
    if (keys.length === 0) return [];
    const values = await this.#file.read((connection) => readValues(connection, keys, this.#now()));
    return keys.map((key) => values.get(key) ?? null);
  }

  set(key: string, value: string, options: SetOptions = {}): Promise<boolean> {
    return this.#change(key, 'tell', (record, nowMs) => applySet(record, value, options, nowMs));
  }

  forget(key: string): Promise<boolean> {
    return this.#file.write((connection) => {
      const nowMs = this.#now();
      const hadSeries = forgetSeries(connection, key);
      const { result, isChanged } = changeRecord(connection, key, nowMs, applyForget);
      if (hadSeries || isChanged) this.#file.tell(connection, key, nowMs);
      return result || hadSeries;
    });
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | Refusal> {
    const leasing = await this.#change(key, 'quietly', (record, nowMs) => applyLease(record, options, nowMs));
    if (!leasing.isGranted) return leasing;
    const { version } = leasing;
    return {
      ...leasing,
      extend: (forMs) =>
        this.#change(key, 'quietly', (record, nowMs) => applyExtend(record, version, forMs, nowMs)),
      release: () => this.#change(key, 'tell', (record, nowMs) => applyRelease(record, version, nowMs)),
    };
  }

  count(key: string, options: CountOptions): Promise<number | null> {
    return this.#change(key, 'quietly', (record, nowMs) => applyCount(record, options, nowMs));
  }

  append(key: string, entry: SeriesEntry, options: AppendOptions): Promise<boolean> {
    return this.#file.write((connection) => appendEntry(connection, key, entry, options, this.#now()));
  }

  latest(key: string, options: LatestOptions): Promise<readonly SeriesEntry[]> {
    return this.#file.read((connection) => latestEntries(connection, key, options, this.#now()));
  }

  async *series(key: string): AsyncIterable<SeriesEntry> {
    let page = await this.#entriesAfter(key, null);
    while (page.length > 0) {
      for (const row of page) yield entryOf(row);
      page = await this.#entriesAfter(key, page.at(-1) ?? null);
    }
  }

  #entriesAfter(key: string, last: EntryRow | null): Promise<readonly EntryRow[]> {
    return this.#file.read((connection) => entriesAfter(connection, key, last, this.#now()));
  }

  onChange(listener: (key: string | null) => void): void {
    this.#file.onChange(listener);
  }

  onReplaced(listener: () => void): void {
    this.#file.onReplaced(listener);
  }

  async *keys(prefix: string): AsyncIterable<string> {
    for (const kind of ['recordKeys', 'seriesKeys'] as const) {
      let page = await this.#keysFrom(kind, prefix, prefix);
      while (page.length > 0) {
        yield* page;
        page = await this.#keysFrom(kind, `${page.at(-1)}\u0000`, prefix);
      }
    }
  }

  #keysFrom(kind: 'recordKeys' | 'seriesKeys', from: string, prefix: string): Promise<readonly string[]> {
    return this.#file.read(({ statements }) =>
      statements[kind].all([from, prefix + afterAll, this.#now(), pageLength]).map(([key]) => key),
    );
  }

  async check(): Promise<void> {
    await this.#file.open();
    await this.#change('check', 'quietly', (record, nowMs) => applySet(record, String(nowMs), {}, nowMs));
  }

  async bytes(): Promise<number | null> {
    return sizeOf(this.#path) + walBytes(this.#path);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** `how`: whether other processes are told. */
  #change<T>(key: string, how: 'tell' | 'quietly', make: MakeChange<T>): Promise<T> {
    return this.#file.write((connection) => {
      const nowMs = this.#now();
      const { result, isChanged } = changeRecord(connection, key, nowMs, make);
      if (isChanged && how === 'tell') this.#file.tell(connection, key, nowMs);
      return result;
    });
  }
}
