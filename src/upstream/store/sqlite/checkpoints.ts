import AsyncDatabase from 'libsql/promise';
import type { Clock } from '../../../time.js';
import { walBytes } from './file.js';

const lookEveryMs = 1_000;
/** A WAL of this size is written into the file at once. A smaller one after a while, which bounds what a power cut may lose. */
const largeWalBytes = 4 * 1_048_576;
const smallWalAfterMs = 5_000;

/** How long a checkpoint waits for another process's, off the main thread. */
const lockWithinMs = 1_000;

export interface CheckpointsOptions {
  readonly path: string;
  /** Monotonic. */
  readonly elapsed: Clock;
  /** Whether this process has written since the last time that this was asked. */
  readonly takeHasWritten: () => boolean;
}

/**
 * Checkpoints the WAL, and copies the file, on a connection of its own, whose work libsql does off the main thread, because
 * that waits for the disk. Only with `exec`, since a statement would hold the file open.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #database: InstanceType<typeof AsyncDatabase>;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;
  #lastAtMs: number;

  /** SQLite opens the WAL when it reads. Once this resolves, another file may get the WAL's name. */
  static async open(options: CheckpointsOptions): Promise<Checkpoints> {
    const checkpoints = new Checkpoints(options);
    await checkpoints.#exec('SELECT count(*) FROM sqlite_schema');
    return checkpoints;
  }

  private constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#database = new AsyncDatabase(options.path, { timeout: lockWithinMs });
    this.#lastAtMs = options.elapsed();
    this.#timer = setInterval(() => this.#look(), lookEveryMs).unref();
  }

  /** `isLast`: the WAL is emptied, which says that the process has ended properly. */
  async close({ isLast }: { readonly isLast: boolean }): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    if (isLast) await this.#checkpoint('TRUNCATE');
    this.#database.close();
  }

  /** Writes everything that is in the file, and in its WAL, to a new file. Rejects if it can't. */
  async copyTo(path: string): Promise<void> {
    await this.#running;
    await this.#database.exec(`VACUUM INTO '${path.replaceAll("'", "''")}'`);
  }

  #look(): void {
    const { path, elapsed, takeHasWritten } = this.#options;
    if (this.#running) return;
    const bytes = walBytes(path);
    if (bytes < largeWalBytes && elapsed() - this.#lastAtMs < smallWalAfterMs) return;
    if (bytes < largeWalBytes && !takeHasWritten()) return;
    this.#lastAtMs = elapsed();
    this.#running = this.#checkpoint('PASSIVE').finally(() => {
      this.#running = null;
    });
  }

  #checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): Promise<void> {
    return this.#exec(`PRAGMA wal_checkpoint(${mode})`);
  }

  /** What fails here fails for the writer, too, which tells. */
  async #exec(sql: string): Promise<void> {
    await this.#database.exec(sql).catch(() => {});
  }
}
