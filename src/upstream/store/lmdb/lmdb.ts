import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { Clock } from '../../../time.js';
import { dictionary, minCompressedLength } from '../dictionary.js';
import { format, formatKey, throwIfUnknownFormat } from '../format.js';
import {
  applyCount,
  applyExtend,
  applyForget,
  applyLease,
  applyRelease,
  applySet,
  type Change,
  type StoredRecord,
  unexpired,
} from '../records.js';
import type { CountOptions, Lease, LeaseOptions, Refusal, SetOptions, Store } from '../store.js';
import { markOpen, throwIfDamaged } from './file.js';

/** How often changes of other processes are read, and how long a change is stored for them. */
const lookEveryMs = 50;
const changeLifeMs = 10 * 60_000;
const changes = 'change:';

/** How often expired records are deleted, how many at once, and how soon the rest follows. */
const sweepEveryMs = 60_000;
const sweepMost = 5_000;
const sweepOnMs = 100;

const closeWithinMs = 2_000;

type Make<T> = (record: StoredRecord | null, nowMs: number) => Change<T>;

interface Pending {
  /** Whether other processes are told. */
  readonly how: 'aloud' | 'quietly';
  readonly make: Make<unknown>;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** A record and its revision at the time of reading. */
interface Read {
  readonly record: StoredRecord | null;
  readonly revision: number | null;
}

const options = {
  noSubdir: false,
  encoding: 'string',
  useVersions: true,
  // One for each process: there may be 256 workers, and twice as many during a reload.
  maxReaders: 1_024,
  // LZ4, off the main thread.
  compression: { threshold: minCompressedLength, dictionary },
  // Otherwise lmdb creates a promise for each batch, whose rejection on a full disk ends the process.
  eventTurnBatching: false,
  // Writes in one turn of the event loop are one batch anyway.
  txnStartThreshold: Number.MAX_SAFE_INTEGER,
} as const;

/** The environment, with records in its main database. */
type Records = RootDatabase<string, string>;

/**
 * Opens a folder on this machine, which several processes may share. A change is written only if the record still has the
 * revision that was read, and is otherwise repeated. No lock is held while JavaScript runs, so a paused or killed process
 * blocks no other. Rejects if the folder has other data, or is damaged.
 */
export async function openLmdbStore(path: string, { now }: { readonly now: Clock }): Promise<Store> {
  await throwIfDamaged(path);
  const records: Records = open({ ...options, path });
  try {
    await claim(records);
    return new LmdbStore({ records, now, path });
  } catch (error) {
    await records.close();
    throw error;
  }
}

/** Marks a new folder as ours, before anything else is written to it. */
async function claim(records: Records): Promise<void> {
  if (records.get(formatKey) === undefined && records.getKeysCount({ limit: 1 }) === 0) {
    await records.ifNoExists(formatKey, () =>
      records.put(formatKey, textOf(permanentRecord(format)), newRevision()),
    );
  }
  const found = records.get(formatKey);
  if (found === undefined) throw new Error('it holds the data of another program');
  throwIfUnknownFormat(recordOf(found).value);
}

class LmdbStore implements Store {
  readonly isShared = true;
  readonly lostBecause = null;
  // Other writers may delay an operation. A full disk fails at once.
  readonly timeoutMs = 2_000;
  // A full disk stays full for long, and lmdb prints each failure.
  readonly recheckEveryMs = 10_000;
  readonly #records: Records;
  /** The records in the order of their expiry. */
  readonly #expiries: Database<string, [untilMs: number, key: string]>;
  readonly #now: Clock;
  readonly #path: string;
  readonly #unmark: () => void;
  readonly #pending = new Map<string, Pending[]>();
  readonly #listeners: ((key: string | null) => void)[] = [];
  readonly #lookTimer: NodeJS.Timeout;
  #sweepTimer: NodeJS.Timeout | null = null;
  #isClosed = false;
  /** The key prefix of this process's changes, and the last change that was read of each other process. */
  readonly #own = `${changes}${randomUUID()}:`;
  readonly #heard = new Map<string, string>();
  #changeCount = 0;

  constructor({
    records,
    now,
    path,
  }: { readonly records: Records; readonly now: Clock; readonly path: string }) {
    this.#records = records;
    this.#expiries = records.openDB({
      name: 'expiries',
      encoding: 'string',
      useVersions: false,
      compression: false,
    });
    this.#now = now;
    this.#path = path;
    this.#unmark = markOpen(path);
    for (const process of this.#processes()) {
      const [last] = records.getKeys({ start: after(process), end: process, reverse: true, limit: 1 });
      if (last !== undefined) this.#heard.set(process, last);
    }
    this.#sweep();
    this.#lookTimer = setInterval(() => this.#lookAround(), lookEveryMs).unref();
  }

  async getMany(keys: readonly string[]): Promise<readonly (string | null)[]> {
    return keys.map((key) => unexpired(this.#read(key).record, this.#now())?.value ?? null);
  }

  set(key: string, value: string, options: SetOptions = {}): Promise<boolean> {
    return this.#change(key, 'aloud', (record, nowMs) => applySet(record, value, options, nowMs));
  }

  forget(key: string): Promise<boolean> {
    return this.#change(key, 'aloud', applyForget);
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | Refusal> {
    const leasing = await this.#change(key, 'quietly', (record, nowMs) => applyLease(record, options, nowMs));
    if (!leasing.isGranted) return leasing;
    const { version } = leasing;
    return {
      ...leasing,
      extend: (forMs) =>
        this.#change(key, 'quietly', (record, nowMs) => applyExtend(record, version, forMs, nowMs)),
      release: () => this.#change(key, 'aloud', (record, nowMs) => applyRelease(record, version, nowMs)),
    };
  }

  count(key: string, options: CountOptions): Promise<number | null> {
    return this.#change(key, 'quietly', (record, nowMs) => applyCount(record, options, nowMs));
  }

  append(): Promise<boolean> {
    throw new Error('This driver has no series.');
  }

  latest(): Promise<never> {
    throw new Error('This driver has no series.');
  }

  series(): AsyncIterable<never> {
    throw new Error('This driver has no series.');
  }

  onReplaced(): void {}

  onChange(listener: (key: string | null) => void): void {
    this.#listeners.push(listener);
  }

  async *keys(prefix: string): AsyncIterable<string> {
    for (const { key, value } of this.#records.getRange({ start: prefix })) {
      if (!key.startsWith(prefix)) return;
      if (unexpired(recordOf(value), this.#now())) yield key;
    }
  }

  async check(): Promise<void> {
    await this.set('check', String(this.#now()));
  }

  async bytes(): Promise<number | null> {
    return statSync(join(this.#path, 'data.mdb')).size;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#lookTimer);
    if (this.#sweepTimer) clearTimeout(this.#sweepTimer);
    // After a failed commit lmdb waits for ever. Committed data is in the file.
    await Promise.race([this.#records.close(), sleep(closeWithinMs, undefined, { ref: false })]);
    this.#unmark();
  }

  /** The current record. Without the reset, lmdb reads the snapshot of the first read in this turn of the event loop. */
  #read(key: string): Read {
    this.#records.resetReadTxn();
    const entry = this.#records.getEntry(key);
    if (!entry) return { record: null, revision: null };
    return { record: recordOf(entry.value), revision: entry.version ?? null };
  }

  /** Changes of a record that are requested during a write are made together in the next one. */
  #change<T>(key: string, how: Pending['how'], make: Make<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const change: Pending = { make, how, resolve, reject };
      const pending = this.#pending.get(key);
      if (pending) pending.push(change);
      else {
        this.#pending.set(key, [change]);
        this.#makePending(key);
      }
    });
  }

  async #makePending(key: string): Promise<void> {
    for (;;) {
      const batch = this.#pending.get(key)?.splice(0) ?? [];
      if (batch.length === 0) {
        this.#pending.delete(key);
        return;
      }
      try {
        const results = await this.#make(key, batch);
        for (const [nth, { resolve }] of batch.entries()) resolve(results[nth] as never);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
  }

  async #make(key: string, batch: readonly Pending[]): Promise<unknown[]> {
    for (;;) {
      const { record: stored, revision } = this.#read(key);
      const nowMs = this.#now();
      let record = unexpired(stored, nowMs);
      let isChanged = false;
      let isAloud = false;
      const results = batch.map(({ make, how }) => {
        const { to, result } = make(record, nowMs);
        if (to === undefined) return result;
        record = to;
        isChanged = true;
        isAloud ||= how === 'aloud';
        return result;
      });
      if (!isChanged || (await this.#write(key, record, revision, isAloud))) return results;
    }
  }

  /** False: another process has changed the record, so the change must be repeated. */
  async #write(
    key: string,
    record: StoredRecord | null,
    revision: number | null,
    isAloud: boolean,
  ): Promise<boolean> {
    const write = () => {
      if (record) this.#put(key, record);
      else settle(this.#records.remove(key));
      if (!isAloud) return;
      this.#changeCount += 1;
      const change = `${this.#own}${String(this.#changeCount).padStart(12, '0')}`;
      this.#put(change, { ...permanentRecord(key), untilMs: this.#now() + changeLifeMs });
    };
    try {
      return await (revision === null
        ? this.#records.ifNoExists(key, write)
        : this.#records.ifVersion(key, revision, write));
    } catch (error) {
      throw await causeOf(error);
    }
  }

  #put(key: string, record: StoredRecord): void {
    settle(this.#records.put(key, textOf(record), newRevision()));
    if (record.untilMs !== Number.POSITIVE_INFINITY) settle(this.#expiries.put([record.untilMs, key], ''));
  }

  #lookAround(): void {
    try {
      this.#look();
    } catch {
      // The next operation fails with the same error.
    }
  }

  /** Reads what other processes have changed since the last time. */
  #look(): void {
    for (const process of this.#processes()) {
      if (process === this.#own) continue;
      const heard = this.#heard.get(process);
      for (const { key, value } of this.#records.getRange({ start: heard ?? process, end: after(process) })) {
        if (key === heard) continue;
        this.#heard.set(process, key);
        for (const listener of this.#listeners) listener(recordOf(value).value);
      }
    }
  }

  /** The key prefixes of the processes that have changed something lately. */
  *#processes(): Iterable<string> {
    let from = changes;
    for (;;) {
      const [first] = this.#records.getKeys({ start: from, end: after(changes), limit: 1 });
      if (first === undefined) return;
      const process = first.slice(0, first.lastIndexOf(':') + 1);
      yield process;
      from = after(process);
    }
  }

  /** Repeats itself, sooner while there are more expired records. The next operation reports a failure. */
  async #sweep(): Promise<void> {
    const removed = await this.#removeExpired().catch(() => 0);
    if (this.#isClosed) return;
    const inMs = removed === sweepMost ? sweepOnMs : sweepEveryMs;
    this.#sweepTimer = setTimeout(() => this.#sweep(), inMs).unref();
  }

  /** Deletes expired records. Resolves with how many expiries were processed. */
  async #removeExpired(): Promise<number> {
    const nowMs = this.#now();
    const expiries = [...this.#expiries.getKeys({ start: [0, ''], end: [nowMs, ''], limit: sweepMost })];
    const removed = expiries.map((expiry) => {
      const [, key] = expiry;
      const { record, revision } = this.#read(key);
      if (record && revision !== null && !unexpired(record, nowMs)) {
        settle(this.#records.remove(key, revision));
      }
      return this.#expiries.remove(expiry);
    });
    await Promise.all(removed);
    return expiries.length;
  }
}

/** The first key after all with this prefix, which ends with a colon. */
function after(prefix: string): string {
  return `${prefix.slice(0, -1)};`;
}

function permanentRecord(value: string): StoredRecord {
  return { value, version: 0, untilMs: Number.POSITIVE_INFINITY };
}

function textOf({ untilMs, version, value }: StoredRecord): string {
  return `${untilMs} ${version} ${value}`;
}

function recordOf(text: string): StoredRecord {
  const first = text.indexOf(' ');
  const second = text.indexOf(' ', first + 1);
  return {
    untilMs: Number(text.slice(0, first)),
    version: Number(text.slice(first + 1, second)),
    value: text.slice(second + 1),
  };
}

/** Differs for each write, even if the record was deleted between two writes. */
function newRevision(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
}

/** Ignores a failure that another promise reports, or that is retried. */
function settle(written: Promise<unknown>): void {
  written.catch(() => {});
}

/** lmdb's error has its cause in a promise. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  return Promise.resolve(error.commitError).catch((cause: unknown) => cause);
}
