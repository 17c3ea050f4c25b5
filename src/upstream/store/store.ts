/**
 * Where this server keeps what must outlive it, or be agreed on with others. Keys and values are text. A driver rejects
 * when its store can't be reached or can't write.
 */
export interface Store {
  /** Other processes may use it, too, or come after this one. If not, it holds nothing that its process doesn't know. */
  readonly isShared: boolean;
  /** Why memory stands in for it, so that what it doesn't know is not therefore nowhere. Null: it is there. */
  readonly lostBecause: string | null;
  /** How long an operation may take before the store counts as lost. */
  readonly patienceMs: number;
  /** How often it is tried again when it is lost. */
  readonly tryAgainMs: number;
  /** One read of the store. Null: there is nothing under that key. */
  getMany(keys: readonly string[]): Promise<readonly (string | null)[]>;
  /** False: nothing was written, for what is there has a higher version. */
  set(key: string, value: string, options?: SetOptions): Promise<boolean>;
  /** False: there was nothing. */
  forget(key: string): Promise<boolean>;
  /** Asks for one of `most` places, which is free again at the end of its time, whatever becomes of its holder. */
  lease(key: string, options: LeaseOptions): Promise<Lease | Refusal>;
  /** Adds to a count and tells the new total. Null: that would be over `most`, and nothing was added. */
  count(key: string, options: CountOptions): Promise<number | null>;
  /** Hears the keys that another process has set, forgotten or released; null: some may have been missed. */
  onChange(listener: (key: string | null) => void): void;
  /** Every key that begins so, in no order. */
  keys(prefix: string): AsyncIterable<string>;
  /** Rejects while reading and writing would. */
  check(): Promise<void>;
  /** What it takes, for the operator: on disk, or in Redis altogether. Null: nobody can tell. */
  bytes(): Promise<number | null>;
  close(): Promise<void>;
}

export interface SetOptions {
  /** How long it is kept. For ever by default. */
  readonly lifeMs?: number;
  /** Guards against a writer that comes too late. Not given: whatever is there is replaced. */
  readonly version?: number;
}

export interface LeaseOptions {
  /** How many may hold it at once. 1 by default. */
  readonly most?: number;
  readonly forMs: number;
}

export interface Lease {
  readonly isGranted: true;
  /** Higher than that of any lease granted on this key before: the time of the grant in microseconds. */
  readonly version: number;
  /** Holds it so long from now on. False: it was lost. */
  extend(forMs: number): Promise<boolean>;
  release(): Promise<void>;
}

export interface Refusal {
  readonly isGranted: false;
  /** The version of the lease that ends soonest, and when it does unless its holder extends it. */
  readonly heldBy: number;
  readonly freeInMs: number;
}

export interface CountOptions {
  readonly by: number;
  readonly most?: number;
  /** From the first on. */
  readonly lifeMs: number;
}
