import { readdir, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../../logger.js';
import type { Clock } from '../../../time.js';
import type { Checkpoints } from './checkpoints.js';
import type { Connection } from './connection.js';
import {
  companionsOf,
  createLike,
  flush,
  identityOf,
  isCopyOf,
  replaceWithCopy,
  sizeOf,
  walBytes,
} from './file.js';
import { noteOrigin } from './origin.js';
import type { Writer } from './writer.js';

/** After how long a copy that failed is tried again at first. Each time it is twice as long. */
const firstAgainAfterMs = 10_000;
const mostAgainAfterMs = 3_600_000;

/** How long the end of a process waits for a copy. */
const closeWithinMs = 1_000;

export interface RenewalOptions {
  readonly path: string;
  readonly writer: Writer;
  /** Monotonic. */
  readonly elapsed: Clock;
  readonly logger: Logger;
}

/**
 * Renews a file that lacks what SQLite keeps beside it, because somebody deleted that: a process that opens the file then
 * gets new ones, and does not see the locks of those who have it open. So a copy takes its place, which all of them open as
 * they do when a file is replaced. One of those who have it open makes it, and the others can't write meanwhile.
 */
export class Renewal {
  readonly #options: RenewalOptions;
  #running: Promise<void> | null = null;
  #failures = 0;
  #againAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  renewIfNeeded(connection: Connection, checkpoints: Checkpoints): void {
    if (this.#isWhole(connection)) {
      this.#failures = 0;
      this.#againAtMs = Number.NEGATIVE_INFINITY;
      return;
    }
    if (this.#running || this.#options.elapsed() < this.#againAtMs) return;
    this.#running = this.#renew(connection.identity, checkpoints).finally(() => {
      this.#running = null;
    });
  }

  /** A copy that is being made takes the file's place soon, or not at all. Resolves with whether it is still being made. */
  async close(): Promise<boolean> {
    if (this.#running) await Promise.race([this.#running, pause(closeWithinMs)]);
    this.#isClosed = true;
    return this.#running !== null;
  }

  #isWhole({ companions }: Connection): boolean {
    return companionsOf(this.#options.path).every((identity, at) => identity === companions[at]);
  }

  async #renew(identity: string | null, checkpoints: Checkpoints): Promise<void> {
    const { path, writer, elapsed, logger } = this.#options;
    const what = `${path}-wal or -shm was deleted while the store is in use`;
    try {
      await writer.hold(async (connection) => {
        // Another process may have been faster.
        if (this.#isWhole(connection) || !(await this.#replace(connection, checkpoints))) return;
        logger.error(`${what}: a copy of ${path} has taken its place`);
      });
    } catch (error) {
      // Another process was faster, and its copy is opened next.
      if (identityOf(path) !== identity) return;
      this.#againAtMs = elapsed() + Math.min(firstAgainAfterMs * 2 ** this.#failures, mostAgainAfterMs);
      this.#failures += 1;
      const why = error instanceof Error ? error.message : String(error);
      if (this.#failures === 1) {
        logger.error({ why }, `${what}, and ${path} can't be copied: start no other program that uses it`);
      }
    }
  }

  /** False: it is not replaced, since the store was closed meanwhile. */
  async #replace({ database, identity }: Connection, checkpoints: Checkpoints): Promise<boolean> {
    const { path } = this.#options;
    await deleteCopies(path);
    await throwIfNoRoom(path);
    const copyPath = createLike(path);
    try {
      await checkpoints.copyTo(copyPath);
      await noteOrigin(copyPath, identity ?? '');
      await flush(copyPath);
      if (this.#isClosed || identityOf(path) !== identity) return false;
      if (!database.inTransaction) throw new Error('its lock was lost meanwhile');
      replaceWithCopy(path, copyPath);
      return true;
    } finally {
      await rm(copyPath, { force: true });
    }
  }
}

/** Of processes that ended while they made one: only who has the lock makes one. */
async function deleteCopies(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await readdir(folder);
  const copies = names.filter((name) => isCopyOf(basename(path), name));
  await Promise.all(copies.map((name) => rm(join(folder, name), { force: true })));
}

/** Otherwise the copy would take the room of everything else for a while. */
async function throwIfNoRoom(path: string): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  const bytes = sizeOf(path) + walBytes(path);
  if (bavail * bsize < bytes) throw new Error(`there is no room for a copy of ${bytes} bytes`);
}
