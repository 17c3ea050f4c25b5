import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../../logger.js';
import type { Clock } from '../../../time.js';
import { ChangeFeed } from './changeFeed.js';
import { Checkpoints } from './checkpoints.js';
import { type Connection, checkFile, DamagedFileError, openConnection } from './connection.js';
import { isBusy, isDamage } from './errors.js';
import { forgetCompanions, identityOf, setAside } from './file.js';
import { originOf } from './origin.js';
import { Renewal } from './renewal.js';
import { sweep } from './sweep.js';
import { Writer } from './writer.js';

/** How often the changes of other processes are read, and whether the file is still there. */
const lookEveryMs = 50;

const sweepEveryMs = 60_000;

/** How many files are set aside before the disk itself is at fault. */
const mostDamagedAtOnce = 3;

/** How long it is told that another file is in use. */
const warnForMs = 3_600_000;

/** How long a read waits for another process that recovers the WAL, and how often it tries. */
const readWithinMs = 2_000;
const readAgainMs = 10;

export interface StoreFileOptions {
  readonly now: Clock;
  /** Monotonic. */
  readonly elapsed: Clock;
  readonly logger: Logger;
}

interface OpenFile {
  readonly connection: Connection;
  readonly feed: ChangeFeed;
  readonly checkpoints: Checkpoints;
}

/** The file under a path: open, or not, or another one by now. */
export class StoreFile {
  readonly #path: string;
  readonly #options: StoreFileOptions;
  readonly #writer: Writer;
  readonly #renewal: Renewal;
  readonly #listeners: ((key: string | null) => void)[] = [];
  readonly #replacedListeners: (() => void)[] = [];
  readonly #timers: NodeJS.Timeout[];
  #open: OpenFile | null = null;
  #opening: Promise<void> | null = null;
  #lostBecause: string | null = 'it is not open yet';
  /** The file must be read as a whole before it is used again. */
  #isSuspect = false;
  /** The file that was open before is gone. Its identity does not tell: the system may give it to the next file. */
  #isReplaced = false;
  /** That file. As long as it is referenced, the system gives its identity to no other. */
  #before: Connection | null = null;
  /** Why another file is in use, and until when that is told. */
  #replacement: { readonly why: string; readonly untilMs: number } | null = null;
  #isClosed = false;

  constructor(path: string, options: StoreFileOptions) {
    this.#path = path;
    this.#options = options;
    this.#writer = new Writer({
      connection: () => this.#current(),
      onError: (error) => this.#noteError(error),
    });
    this.#renewal = new Renewal({ path, writer: this.#writer, ...options });
    this.#timers = [
      setInterval(() => this.#look(), lookEveryMs).unref(),
      setInterval(() => this.#sweep(), sweepEveryMs).unref(),
    ];
  }

  /** Null: it is open. */
  get lostBecause(): string | null {
    return this.#lostBecause;
  }

  get warnings(): readonly string[] {
    if (!this.#replacement || this.#replacement.untilMs <= this.#options.now()) return [];
    return [`another file is in use, because ${this.#replacement.why}`];
  }

  /** Opens the file unless it is open. Rejects if it can't be opened now. */
  open(): Promise<void> {
    if (this.#open) return Promise.resolve();
    this.#opening ??= this.#openFile().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** Rejects if the file is not open, or can't be read. */
  async read<T>(run: (connection: Connection) => T): Promise<T> {
    const deadlineMs = this.#options.elapsed() + readWithinMs;
    for (;;) {
      try {
        return run(this.#openConnection());
      } catch (error) {
        if (!isBusy(error) || this.#options.elapsed() >= deadlineMs) {
          this.#noteError(error);
          throw error;
        }
        await pause(readAgainMs);
      }
    }
  }

  /** As `Writer.write`. */
  write<T>(change: (connection: Connection) => T): Promise<T> {
    return this.#writer.write(change);
  }

  /** Tells other processes of a change, in the transaction that makes it. */
  tell(connection: Connection, key: string, nowMs: number): void {
    this.#open?.feed.tell(connection, key, nowMs);
  }

  onChange(listener: (key: string | null) => void): void {
    this.#listeners.push(listener);
  }

  onReplaced(listener: () => void): void {
    this.#replacedListeners.push(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    const isCopied = await this.#renewal.close();
    // Writes wait until the copy is made, which may take long.
    if (!isCopied) await this.#writer.idle();
    await this.#open?.checkpoints.close({ isLast: !isCopied });
    this.#lose('it is closed');
  }

  async #openFile(): Promise<void> {
    try {
      await this.#connectOrReplace();
    } catch (error) {
      this.#lostBecause = messageOf(error);
      throw error;
    }
    this.#isSuspect = false;
    // A copy of the file has all its data.
    const isReplaced = this.#isReplaced && !this.#isCopyOfBefore;
    this.#isReplaced = false;
    this.#before = null;
    if (isReplaced) for (const listener of this.#replacedListeners) listener();
    this.#notify(null);
  }

  /** A damaged file is set aside. Rejects with what is wrong with the last one, if one after the other is damaged. */
  async #connectOrReplace(triesLeft = mostDamagedAtOnce): Promise<void> {
    const identity = identityOf(this.#path);
    try {
      if (this.#isSuspect) await checkFile(this.#path);
      await this.#connect();
      return;
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      try {
        this.#replaceDamaged(identity, error);
      } finally {
        error.close();
      }
      if (triesLeft === 1) throw error;
    }
    await this.#connectOrReplace(triesLeft - 1);
  }

  #replaceDamaged(identity: string | null, { message }: DamagedFileError): void {
    const { now, logger } = this.#options;
    if (identityOf(this.#path) !== identity) {
      this.#noteReplaced('the one before is damaged, and another process has set it aside');
      return;
    }
    const asidePath = setAside(this.#path, now());
    this.#noteReplaced(`the one before is damaged, and is now ${asidePath}`);
    logger.error(
      { path: asidePath },
      `The store's file is set aside, because ${message}. A new one is in use, without the answers that were paid for and without the day's counts. What can be read of the old one: sqlite3 "${asidePath}" .recover`,
    );
  }

  /** Another file may get the name meanwhile, and the checkpoints would be of its WAL. */
  async #connect(): Promise<void> {
    const { elapsed } = this.#options;
    for (;;) {
      const connection = await openConnection(this.#path);
      const feed = new ChangeFeed(connection);
      const checkpoints = await Checkpoints.open({
        path: this.#path,
        elapsed,
        takeHasWritten: () => this.#writer.takeHasWritten(),
      });
      if (!this.#isClosed && identityOf(this.#path) === connection.identity) {
        this.#open = { connection, feed, checkpoints };
        break;
      }
      await checkpoints.close({ isLast: false });
      if (this.#isClosed) throw new Error('it is closed');
      forgetCompanions(this.#path, connection.companions);
    }
    this.#lostBecause = null;
    this.#sweep();
  }

  /** Throws if there is none. */
  #openConnection(): Connection {
    if (!this.#open) throw new Error(this.#lostBecause ?? 'it is not open');
    return this.#open.connection;
  }

  /** The open file. Throws if there is none, or if another file has its name by now: what is written there is lost. */
  #current(): Connection {
    const connection = this.#openConnection();
    const identity = identityOf(this.#path);
    if (identity === connection.identity) return connection;
    this.#before = connection;
    this.#lose(identity === null ? 'its file was deleted' : 'its file was replaced by another one');
    forgetCompanions(this.#path, connection.companions);
    this.#noteReplaced(this.#lostBecause ?? '');
    this.#options.logger.error(`The store's file is another one: ${this.#lostBecause}`);
    throw new Error(this.#lostBecause ?? '');
  }

  #noteReplaced(why: string): void {
    this.#isReplaced = true;
    this.#replacement = { why, untilMs: this.#options.now() + warnForMs };
  }

  get #isCopyOfBefore(): boolean {
    return this.#before !== null && originOf(this.#openConnection()) === this.#before.identity;
  }

  #lose(why: string): void {
    const open = this.#open;
    this.#open = null;
    this.#lostBecause = why;
    void open?.checkpoints.close({ isLast: false });
  }

  #noteError(error: unknown): void {
    if (!this.#open || !isDamage(error)) return;
    this.#isSuspect = true;
    this.#lose(messageOf(error));
  }

  /** Looks whether the file is still there, and reads what other processes have changed. */
  #look(): void {
    if (this.#isClosed) return;
    try {
      if (this.#open) {
        const connection = this.#current();
        for (const key of this.#open.feed.heard(connection)) this.#notify(key);
        this.#renewal.renewIfNeeded(connection, this.#open.checkpoints);
      }
    } catch {
      // The next operation fails with the same error.
    }
    // A file that is gone is replaced at once, also when a sweep has noticed it, whose failure nobody sees.
    if (!this.#open && this.#isReplaced) this.open().catch(() => {});
  }

  #sweep(): void {
    // What fails here fails for other operations, too.
    if (this.#open) sweep(this.#writer, this.#options.now).catch(() => {});
  }

  #notify(key: string | null): void {
    for (const listener of this.#listeners) listener(key);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
