/**
 * Stores what must outlive the process or be shared with other processes: answers, stops, counts, leases, and series of
 * earlier answers and paid calls. A key has a value, a count, a lease or a series. Keys and values are text. A driver's
 * methods reject when the store can't be reached or written.
 */
export interface Store {
  /** Whether other processes, or a later one, may use the same data. */
  readonly isShared: boolean;
  /** Why the store is not available, so that memory stands in and data may be missing. Null: it is available. */
  readonly lostBecause: string | null;
  /** It has lost its data, and has not got yet what is known here: what it does not have was not forgotten for that reason. */
  readonly isIncomplete: boolean;
  /** What is wrong with the store although it works, for people: what may happen, and what to change. Absent: nothing. */
  readonly warnings: readonly string[];
  /** After how long without an answer the store counts as lost. */
  readonly timeoutMs: number;
  /** How often a lost store is checked. */
  readonly recheckEveryMs: number;
  /** Reads all keys at once. Null: the store does not have the key. */
  getMany(keys: readonly string[]): Promise<readonly (string | null)[]>;
  /** False: nothing was written, because the stored value has a higher version. */
  set(key: string, value: string, options?: SetOptions): Promise<boolean>;
  /** Deletes a value or a series. False: the store did not have it. */
  forget(key: string): Promise<boolean>;
  /** Takes one of the `most` leases of a key. A lease ends at its time even if its holder has crashed. */
  lease(key: string, options: LeaseOptions): Promise<Lease | Refusal>;
  /** Adds to a count and resolves with the new total. Null: the total would exceed `most`, so nothing was added. */
  count(key: string, options: CountOptions): Promise<number | null>;
  /** Adds an entry to a series. False: the newest entry has the same digest, so nothing was added. */
  append(key: string, entry: SeriesEntry, options: AppendOptions): Promise<boolean>;
  /** The newest entries of a series, the newest first. */
  latest(key: string, options: LatestOptions): Promise<readonly SeriesEntry[]>;
  /** All entries of a series, the oldest first. */
  series(key: string): AsyncIterable<SeriesEntry>;
  /** Called with each key that another process has set, forgotten or released. Null: changes may have been missed. */
  onChange(listener: (key: string | null) => void): void;
  /**
   * Called when the store has lost its data: its file was deleted or replaced, or its Redis started again without data. The
   * promise resolves when the store has what the listener knows.
   */
  onReplaced(listener: () => void | Promise<void>): void;
  /** Every key of a value, a count or a series with this prefix, in no particular order. */
  keys(prefix: string): AsyncIterable<string>;
  /** Rejects if reading or writing fails. */
  check(): Promise<void>;
  /** The size on disk, or of the whole Redis. Null: unknown. */
  bytes(): Promise<number | null>;
  /** `withinMs`: how long to wait for a lost store, so that it gets what memory has stored. Default: not at all. */
  close(withinMs?: number): Promise<void>;
}

export interface SetOptions {
  /** After this time the key is deleted. Default: never. */
  readonly lifeMs?: number;
  /** An older version does not replace a newer one. Absent: any value is replaced. */
  readonly version?: number;
}

export interface LeaseOptions {
  /** How many may hold a lease of the key at once. Default: 1. */
  readonly most?: number;
  readonly forMs: number;
}

export interface Lease {
  readonly isGranted: true;
  /** The time of the grant in microseconds. Higher than that of any earlier lease of this key. */
  readonly version: number;
  /** Makes the lease end `forMs` from now. False: it has already ended. */
  extend(forMs: number): Promise<boolean>;
  release(): Promise<void>;
}

export interface Refusal {
  readonly isGranted: false;
  /** The version of the lease that ends first, and in how long it ends unless its holder extends it. */
  readonly heldBy: number;
  readonly freeInMs: number;
}

export interface CountOptions {
  readonly by: number;
  readonly most?: number;
  /** The count is raised to this first. Default: 0. */
  readonly atLeast?: number;
  /** The count starts again from 0 this long after its first change. */
  readonly lifeMs: number;
}

export interface SeriesEntry {
  readonly atMs: number;
  readonly value: string;
  /** 16 characters. An entry is not added after one with the same digest. Null: it is always added. */
  readonly digest: string | null;
}

export interface AppendOptions {
  /** Entries of the series that are older than this are deleted. */
  readonly lifeMs: number;
  /** More entries than this are deleted, the oldest first. Default: all stay. */
  readonly most?: number;
}

export interface LatestOptions {
  readonly most: number;
  /** Only entries from before this time. Default: any. */
  readonly beforeMs?: number;
}
