import { rm } from 'node:fs/promises';
import type { Logger } from '../../../logger.js';
import type { Clock } from '../../../time.js';
import type { Checkpoints } from './checkpoints.js';
import type { Connection } from './connection.js';
import { companionsOf, identityOf, replaceWithCopy } from './file.js';

/** After how long a copy that failed is tried again. */
const againAfterMs = 10_000;

export interface RenewalOptions {
  readonly path: string;
  /** Monotonic. */
  readonly elapsed: Clock;
  readonly logger: Logger;
}

/**
 * Renews a file that lacks what SQLite keeps beside it, because somebody deleted that: a process that opens the file then
 * gets new ones, and does not see the locks of those who have it open. So a copy takes its place, which all of them open as
 * they do when a file is replaced.
 */
export class Renewal {
  readonly #options: RenewalOptions;
  #running: Promise<void> | null = null;
  #againAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  renewIfNeeded(connection: Connection, checkpoints: Checkpoints): void {
    const { path, elapsed } = this.#options;
    const { companions } = connection;
    const isWhole = companionsOf(path).every((identity, at) => identity === companions[at]);
    if (isWhole || this.#running || elapsed() < this.#againAtMs) return;
    this.#running = this.#renew(connection, checkpoints).finally(() => {
      this.#running = null;
    });
  }

  /** Resolves when no copy is being made. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #renew({ identity }: Connection, checkpoints: Checkpoints): Promise<void> {
    const { path, elapsed, logger } = this.#options;
    const what = `${path}-wal or -shm was deleted while the store is in use`;
    const copyPath = `${path}.copy-${process.pid}`;
    try {
      await rm(copyPath, { force: true });
      await checkpoints.copyTo(copyPath);
      // Another process may have been faster.
      if (identityOf(path) === identity) {
        replaceWithCopy(path, copyPath);
        logger.error(`${what}: a copy of ${path} has taken its place`);
      }
    } catch (error) {
      this.#againAtMs = elapsed() + againAfterMs;
      const why = error instanceof Error ? error.message : String(error);
      logger.error({ why }, `${what}, and ${path} can't be copied: start no other program that uses it`);
    } finally {
      await rm(copyPath, { force: true }).catch(() => {});
    }
  }
}
