import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { Clock } from '../../../time.js';
import { compressFrom, dictionary } from '../dictionary.js';
import { format, formatKey, throwIfUnknownFormat } from '../format.js';
import {
  type Change,
  living,
  type Rec,
  toCount,
  toExtend,
  toForget,
  toLease,
  toRelease,
  toSet,
} from '../records.js';
import type { CountOptions, Lease, LeaseOptions, Refusal, SetOptions, Store } from '../store.js';
import { markOpen, throwIfDamaged } from './file.js';

/** How often it is looked for what other processes have changed, and for how long they can find it. */
const lookEveryMs = 50;
const changeLifeMs = 10 * 60_000;
const changes = 'change:';

/** How often what has expired is removed, and how much of it at once; the rest follows soon. */
const sweepEveryMs = 60_000;
const sweepMost = 5_000;
const sweepOnMs = 100;

const closeWithinMs = 2_000;

type Make<T> = (record: Rec | null, nowMs: number) => Change<T>;

interface Pending {
  /** Whether other processes hear of it. */
  readonly how: 'aloud' | 'quietly';
  readonly make: Make<unknown>;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** A record as it was read, and the revision that it had then. */
interface Read {
  readonly record: Rec | null;
  readonly revision: number | null;
}

const options = {
  noSubdir: false,
  encoding: 'string',
  useVersions: true,
  // A process takes one, and there may be 256 workers, twice that during a reload.
  maxReaders: 1_024,
  // LZ4, off the main thread.
  compression: { threshold: compressFrom, dictionary },
  // Or else lmdb makes a promise of its own for each batch, and when the disk is full its rejection ends the process.
  eventTurnBatching: false,
  // What is written in one turn of the event loop is one batch all the same.
  txnStartThreshold: Number.MAX_SAFE_INTEGER,
} as const;

/** An environment of LMDB's own, with records in its main database. */
type Records = RootDatabase<string, string>;

/**
 * A folder on this machine. Several processes may share it: a change is made on condition that the record is still as it
 * was read, or else anew. No lock is held while JavaScript runs, so a process that is paused or killed holds up nobody.
 * Rejects when the folder holds something else, or was damaged.
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
    await records.ifNoExists(formatKey, () => records.put(formatKey, textOf(kept(format)), newRevision()));
  }
  const found = records.get(formatKey);
  if (found === undefined) throw new Error('it holds the data of another program');
  throwIfUnknownFormat(recordOf(found).value);
}

class LmdbStore implements Store {
  readonly isShared = true;
  readonly lostBecause = null;
  // A file is not lost because others write to it, too; one that is full says so at once.
  readonly patienceMs = 2_000;
  // A disk that is full is so for long, and lmdb prints each failure.
  readonly tryAgainMs = 10_000;
  readonly #records: Records;
  /** What expires when. */
  readonly #expiries: Database<string, [untilMs: number, key: string]>;
  readonly #now: Clock;
  readonly #path: string;
  readonly #unmark: () => void;
  readonly #pending = new Map<string, Pending[]>();
  readonly #listeners: ((key: string | null) => void)[] = [];
  readonly #lookTimer: NodeJS.Timeout;
  #sweepTimer: NodeJS.Timeout | null = null;
  #isClosed = false;
  /** The changes of this process, and the last one heard of each other. */
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
    return keys.map((key) => living(this.#read(key).record, this.#now())?.value ?? null);
  }

  set(key: string, value: string, options: SetOptions = {}): Promise<boolean> {
    return this.#change(key, 'aloud', (record, nowMs) => toSet(record, value, options, nowMs));
  }

  forget(key: string): Promise<boolean> {
    return this.#change(key, 'aloud', toForget);
  }

  async lease(key: string, options: LeaseOptions): Promise<Lease | Refusal> {
    const leasing = await this.#change(key, 'quietly', (record, nowMs) => toLease(record, options, nowMs));
    if (!leasing.isGranted) return leasing;
    const { version } = leasing;
    return {
      ...leasing,
      extend: (forMs) =>
        this.#change(key, 'quietly', (record, nowMs) => toExtend(record, version, forMs, nowMs)),
      release: () => this.#change(key, 'aloud', (record, nowMs) => toRelease(record, version, nowMs)),
    };
  }

  count(key: string, options: CountOptions): Promise<number | null> {
    return this.#change(key, 'quietly', (record, nowMs) => toCount(record, options, nowMs));
  }

  onChange(listener: (key: string | null) => void): void {
    this.#listeners.push(listener);
  }

  async *keys(prefix: string): AsyncIterable<string> {
    for (const { key, value } of this.#records.getRange({ start: prefix })) {
      if (!key.startsWith(prefix)) return;
      if (living(recordOf(value), this.#now())) yield key;
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
    // After a failed commit lmdb waits for ever for it. What was committed is in the file.
    await Promise.race([this.#records.close(), sleep(closeWithinMs, undefined, { ref: false })]);
    this.#unmark();
  }

  /** As it is now: lmdb reads what is asked in one turn of the event loop as of the first time. */
  #read(key: string): Read {
    this.#records.resetReadTxn();
    const entry = this.#records.getEntry(key);
    if (!entry) return { record: null, revision: null };
    return { record: recordOf(entry.value), revision: entry.version ?? null };
  }

  /** Changes of one record that are asked for meanwhile are made together. */
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
      let record = living(stored, nowMs);
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

  /** False: another process was quicker, so that the change is to be made anew. */
  async #write(key: string, record: Rec | null, revision: number | null, isAloud: boolean): Promise<boolean> {
    const write = () => {
      if (record) this.#put(key, record);
      else settle(this.#records.remove(key));
      if (!isAloud) return;
      this.#changeCount += 1;
      const change = `${this.#own}${String(this.#changeCount).padStart(12, '0')}`;
      this.#put(change, { ...kept(key), untilMs: this.#now() + changeLifeMs });
    };
    try {
      return await (revision === null
        ? this.#records.ifNoExists(key, write)
        : this.#records.ifVersion(key, revision, write));
    } catch (error) {
      throw await causeOf(error);
    }
  }

  #put(key: string, record: Rec): void {
    settle(this.#records.put(key, textOf(record), newRevision()));
    if (record.untilMs !== Number.POSITIVE_INFINITY) settle(this.#expiries.put([record.untilMs, key], ''));
  }

  #lookAround(): void {
    try {
      this.#look();
    } catch {
      // What can't be read shows in the next operation, too.
    }
  }

  /** What other processes have changed since the last look. */
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

  /** Those that have changed something lately, each as the beginning of its keys. */
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

  /** From time to time, and sooner while there is more. A failure shows in the next operation, too. */
  async #sweep(): Promise<void> {
    const removed = await this.#removeExpired().catch(() => 0);
    if (this.#isClosed) return;
    const inMs = removed === sweepMost ? sweepOnMs : sweepEveryMs;
    this.#sweepTimer = setTimeout(() => this.#sweep(), inMs).unref();
  }

  /** What get() doesn't find any more. Resolves with how many were looked at. */
  async #removeExpired(): Promise<number> {
    const nowMs = this.#now();
    const expiries = [...this.#expiries.getKeys({ start: [0, ''], end: [nowMs, ''], limit: sweepMost })];
    const removed = expiries.map((expiry) => {
      const [, key] = expiry;
      const { record, revision } = this.#read(key);
      if (record && revision !== null && !living(record, nowMs)) {
        settle(this.#records.remove(key, revision));
      }
      return this.#expiries.remove(expiry);
    });
    await Promise.all(removed);
    return expiries.length;
  }
}

/** The first key behind all that begin so: prefixes end with a colon. */
function after(prefix: string): string {
  return `${prefix.slice(0, -1)};`;
}

function kept(value: string): Rec {
  return { value, version: 0, untilMs: Number.POSITIVE_INFINITY };
}

function textOf({ untilMs, version, value }: Rec): string {
  return `${untilMs} ${version} ${value}`;
}

function recordOf(text: string): Rec {
  const first = text.indexOf(' ');
  const second = text.indexOf(' ', first + 1);
  return {
    untilMs: Number(text.slice(0, first)),
    version: Number(text.slice(first + 1, second)),
    value: text.slice(second + 1),
  };
}

/** Tells two writings of one record apart, also when it was removed between them. */
function newRevision(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
}

/** Whose failure somebody else tells, or that will be tried again. */
function settle(written: Promise<unknown>): void {
  written.catch(() => {});
}

/** What lmdb's own error hides in a promise. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  return Promise.resolve(error.commitError).catch((cause: unknown) => cause);
}
