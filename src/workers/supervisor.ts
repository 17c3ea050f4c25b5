import type { Logger } from '../logger.js';
import type { After, Clock } from '../time.js';

/** How soon a worker that ended by itself is replaced: the wait doubles until one lives for long. */
const firstWaitMs = 100;
const longestWaitMs = 30_000;
const livedLongMs = 60_000;

/** A process of the server, as the primary sees it. */
export interface Worker {
  readonly pid: number;
  /** The start line, once it listens. Rejects with StartError. */
  readonly listening: Promise<string>;
  /** How it ended: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** Lets go of its clients without failing a request, and ends. */
  retire(): void;
  /** Ends as a server alone does on SIGTERM. */
  end(): void;
  kill(): void;
}

/** A process that could not start. The message says why, and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface WorkersOptions<W extends Worker> {
  readonly count: number;
  readonly fork: () => W;
  readonly logger: Logger;
  readonly elapsed: Clock;
  /** Must keep the process alive: with every worker dead, nothing else does. */
  readonly after: After;
}

/** One of the `count` places. Empty until its worker listens, and while it waits for another. */
class Place<W> {
  worker: W | null = null;
  waitMs = firstWaitMs;
  stopWaiting = () => {};
}

/** Keeps so many workers running. */
export class Workers<W extends Worker> {
  readonly #options: WorkersOptions<W>;
  readonly #places: readonly Place<W>[];
  /** Those in a place, and those that come and go. */
  readonly #alive = new Set<W>();
  #lastChange: Promise<void> = Promise.resolve();
  #isEnding = false;

  constructor(options: WorkersOptions<W>) {
    this.#options = options;
    this.#places = Array.from({ length: options.count }, () => new Place<W>());
  }

  /** Those that still run, whether they listen or not. */
  get alive(): ReadonlySet<W> {
    return this.#alive;
  }

  /**
   * The start line, once all listen. Null: they were ended before. Rejects with the first StartError, once none is left.
   */
  async start(): Promise<string | null> {
    const starting = this.#places.map(async (place) => {
      const worker = this.#fork();
      const line = await worker.listening;
      this.#settle(place, worker);
      return line;
    });
    const started = Promise.all(starting);
    this.#lastChange = started.then(
      () => {},
      () => {},
    );
    try {
      const [line = ''] = await started;
      return this.#isEnding ? null : line;
    } catch (error) {
      if (this.#isEnding) return null;
      await this.end();
      throw error;
    }
  }

  /** Puts a new one in each place, one after the other, and retires the one that was there once the new one listens. */
  reload(): Promise<void> {
    this.#lastChange = this.#lastChange.then(() => this.#reload());
    return this.#lastChange;
  }

  async #reload(): Promise<void> {
    const { logger } = this.#options;
    for (const place of this.#places) {
      if (this.#isEnding) return;
      const next = this.#fork();
      const fault = await faultOf(next);
      if (this.#isEnding) return;
      if (fault !== null) {
        logger.error(`A new worker could not start, so the reload ends, and the others stay. ${fault}`);
        return;
      }
      const old = place.worker;
      this.#settle(place, next);
      old?.retire();
    }
    logger.info(`Reloaded: ${this.#places.length} new workers`);
  }

  /** Resolves when none is left. */
  async end(): Promise<void> {
    this.#isEnding = true;
    for (const place of this.#places) place.stopWaiting();
    for (const worker of this.#alive) worker.end();
    await Promise.all([...this.#alive].map(({ ended }) => ended));
  }

  kill(): void {
    for (const worker of this.#alive) worker.kill();
  }

  #fork(): W {
    const worker = this.#options.fork();
    this.#alive.add(worker);
    worker.ended.then(() => this.#alive.delete(worker));
    return worker;
  }

  #settle(place: Place<W>, worker: W): void {
    const { elapsed, logger } = this.#options;
    const sinceMs = elapsed();
    place.stopWaiting();
    place.worker = worker;
    worker.ended.then((how) => {
      // One that was retired has no place any more.
      if (place.worker !== worker || this.#isEnding) return;
      place.worker = null;
      if (elapsed() - sinceMs >= livedLongMs) place.waitMs = firstWaitMs;
      logger.error(
        { pid: worker.pid },
        `A worker ended by itself (${how}). Another starts in ${place.waitMs / 1000} s.`,
      );
      this.#fillLater(place);
    });
  }

  #fillLater(place: Place<W>): void {
    const { waitMs } = place;
    place.waitMs = Math.min(longestWaitMs, 2 * waitMs);
    place.stopWaiting = this.#options.after(waitMs, () => this.#fill(place));
  }

  async #fill(place: Place<W>): Promise<void> {
    const worker = this.#fork();
    const fault = await faultOf(worker);
    if (this.#isEnding) return;
    // A reload was faster.
    if (place.worker !== null) return worker.retire();
    if (fault === null) return this.#settle(place, worker);
    this.#options.logger.error(
      `A worker could not start. The next try is in ${place.waitMs / 1000} s. ${fault}`,
    );
    this.#fillLater(place);
  }
}

async function faultOf({ listening }: Worker): Promise<string | null> {
  try {
    await listening;
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
