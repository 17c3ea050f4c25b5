import { elapsed } from '../../../time.js';
import type { Connection } from './connection.js';
import { isBusy } from './errors.js';

/** A transaction takes no more changes once it has taken this long. The rest follow after other events. */
const turnMs = 3;

/** How long the write lock of another process is waited for, and how often it is asked for: by chance, so that none starves. */
const lockWithinMs = 2_000;
const leastRetryMs = 1;
const mostRetryMs = 6;

type Change<T> = (connection: Connection) => T;

interface Pending {
  readonly change: Change<unknown>;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

export interface WriterOptions {
  /** The open file. Throws if there is none, or another file has its name by now. */
  readonly connection: () => Connection;
  /** A transaction failed, for another reason than a lock. */
  readonly onError: (error: unknown) => void;
}

/**
 * Writes in transactions, each with all changes that are pending. It never waits for the lock of another process: SQLite
 * would block the event loop meanwhile. It asks again a little later instead.
 */
export class Writer {
  readonly #options: WriterOptions;
  #pending: Pending[] = [];
  #isScheduled = false;
  /** With the write lock of its file, for which changes wait. */
  #held: Connection | null = null;
  /** Since when another process has had the lock. Null: it was free. */
  #busySinceMs: number | null = null;
  #hasWritten = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Rejects if the transaction fails. Then nothing of it was written. */
  write<T>(change: Change<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#pending.push({ change, resolve, reject });
      this.#schedule();
    });
  }

  /**
   * Keeps the write lock while `run` works, so that nobody writes meanwhile. What this process writes waits as if another one
   * had it. If another one has it, nothing is done.
   */
  async hold(run: (connection: Connection) => Promise<void>): Promise<void> {
    const connection = this.#options.connection();
    try {
      connection.database.exec('BEGIN IMMEDIATE');
    } catch (error) {
      if (isBusy(error)) return;
      throw error;
    }
    this.#held = connection;
    try {
      throwIfReplaced(connection, this.#options);
      await run(connection);
    } finally {
      rollBack(connection);
      this.#held = null;
    }
  }

  /** Whether there was a transaction since the last time that this was asked. */
  takeHasWritten(): boolean {
    const had = this.#hasWritten;
    this.#hasWritten = false;
    return had;
  }

  /** Resolves when nothing is pending. */
  idle(): Promise<void> {
    return this.#isScheduled ? new Promise((resolve) => this.#whenIdle.push(resolve)) : Promise.resolve();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    const retryMs = this.#transact();
    if (retryMs !== null) {
      // The process does not end before what is pending is written.
      setTimeout(() => this.#run(), retryMs);
      return;
    }
    this.#isScheduled = false;
    if (this.#pending.length > 0) {
      this.#schedule();
      return;
    }
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Null: the transaction is over. A number: another process has the lock, to be asked for again after as many ms. */
  #transact(): number | null {
    let connection: Connection;
    try {
      connection = this.#options.connection();
      if (connection === this.#held) return this.#waitForLock('its file is being copied');
      connection.database.exec('BEGIN IMMEDIATE');
    } catch (error) {
      return isBusy(error)
        ? this.#waitForLock('another program has locked it', error)
        : this.#fail(this.#take(), error);
    }
    this.#busySinceMs = null;
    const done: (readonly [pending: Pending, result: unknown])[] = [];
    const startedAtMs = elapsed();
    try {
      throwIfReplaced(connection, this.#options);
      do {
        const next = this.#pending[done.length];
        if (!next) break;
        done.push([next, next.change(connection)]);
      } while (elapsed() - startedAtMs < turnMs);
      connection.database.exec('COMMIT');
    } catch (error) {
      rollBack(connection);
      // The change that failed has no result.
      return this.#fail(this.#take(done.length + 1), error);
    }
    this.#hasWritten = true;
    this.#take(done.length);
    for (const [{ resolve }, result] of done) resolve(result as never);
    return null;
  }

  #waitForLock(why: string, cause?: unknown): number | null {
    const nowMs = elapsed();
    this.#busySinceMs ??= nowMs;
    if (nowMs - this.#busySinceMs < lockWithinMs) {
      return leastRetryMs + Math.random() * (mostRetryMs - leastRetryMs);
    }
    this.#busySinceMs = null;
    return this.#fail(this.#take(), new Error(why, { cause }));
  }

  #take(count = this.#pending.length): readonly Pending[] {
    return this.#pending.splice(0, count);
  }

  #fail(failed: readonly Pending[], error: unknown): null {
    for (const { reject } of failed) reject(error);
    this.#options.onError(error);
    return null;
  }
}

/** Another process may have replaced the file before this one had its lock. Throws as `WriterOptions.connection` does. */
function throwIfReplaced(locked: Connection, { connection }: WriterOptions): void {
  if (connection() !== locked) throw new Error('its file was replaced by another one');
}

/** SQLite has already rolled back after some errors. */
function rollBack({ database }: Connection): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // There was nothing left to roll back.
  }
}
