import type { EndKind } from '../ending.js';
import type { Logger } from '../logger.js';
import type { After, Clock } from '../time.js';

/** The wait before a worker that ended by itself is replaced. It doubles each time until a worker lives for long. */
const firstWaitMs = 100;
const longestWaitMs = 30_000;
const livedLongMs = 60_000;

/** A process of the server, as the primary sees it. */
export interface Worker {
  readonly pid: number;
  /** Resolves with the startup message when the worker listens. Rejects with StartError. */
  readonly listening: Promise<string>;
  /** Resolves when it has stopped listening. Its connections stay open until `closeConnections`. */
  readonly stoppedListening: Promise<void>;
  /** Resolves with how it ended: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** Finishes the requests of its clients, takes no new ones, and ends. */
  retire(): void;
  /** Ends as a server without workers does. */
  end(how: EndKind): void;
  /** Lets it close its connections, once it has stopped listening. */
  closeConnections(): void;
  kill(): void;
}

/** A process that could not start. The message says why, and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface SupervisorOptions<W extends Worker> {
  /** How many workers to keep running. */
  readonly count: number;
  readonly fork: () => W;
  readonly logger: Logger;
  readonly elapsed: Clock;
  /** Its timers must keep the process alive: when all workers are dead, nothing else does. */
  readonly after: After;
}

/** One of the `count` workers to keep running. There is none until it listens, and while it waits to be replaced. */
class Position<W> {
  worker: W | null = null;
  waitMs = firstWaitMs;
  stopWaiting = () => {};
}

/** Keeps `count` workers running. */
export class Supervisor<W extends Worker> {
  readonly #options: SupervisorOptions<W>;
  readonly #positions: readonly Position<W>[];
  /** Every worker that runs: also those that start or retire, and have no position. */
  readonly #alive = new Set<W>();
  /** Those of them that have stopped listening. */
  readonly #notListening = new Set<W>();
  #lastChange: Promise<void> = Promise.resolve();
  #isEnding = false;

  constructor(options: SupervisorOptions<W>) {
    this.#options = options;
    this.#positions = Array.from({ length: options.count }, () => new Position<W>());
  }

  /** The workers that run, whether they listen or not. */
  get alive(): ReadonlySet<W> {
    return this.#alive;
  }

  /**
   * Resolves with the startup message when all workers listen; with null when `end` came first. Rejects with the first
   * StartError, once no worker is left.
   */
  async start(): Promise<string | null> {
    const starting = this.#positions.map(async (position) => {
      const worker = this.#fork();
      const startupMessage = await worker.listening;
      this.#settle(position, worker);
      return startupMessage;
    });
    const started = Promise.all(starting);
    this.#lastChange = started.then(
      () => {},
      () => {},
    );
    try {
      const [startupMessage = ''] = await started;
      return this.#isEnding ? null : startupMessage;
    } catch (error) {
      if (this.#isEnding) return null;
      await this.end('interrupted');
      throw error;
    }
  }

  /** Replaces each worker, one after the other. A worker retires once its successor listens. */
  reload(): Promise<void> {
    this.#lastChange = this.#lastChange.then(() => this.#reload());
    return this.#lastChange;
  }

  async #reload(): Promise<void> {
    const { logger } = this.#options;
    for (const position of this.#positions) {
      if (this.#isEnding) return;
      const next = this.#fork();
      const fault = await startFaultOf(next);
      if (this.#isEnding) return;
      if (fault !== null) {
        logger.error(`A new worker could not start, so the reload ends, and the others stay. ${fault}`);
        return;
      }
      const old = position.worker;
      this.#settle(position, next);
      old?.retire();
    }
    logger.info(`Reloaded: ${this.#positions.length} new workers`);
  }

  /** Resolves when no worker is left. */
  async end(how: EndKind): Promise<void> {
    this.#isEnding = true;
    for (const position of this.#positions) position.stopWaiting();
    for (const worker of this.#alive) worker.end(how);
    await Promise.all([...this.#alive].map(({ ended }) => ended));
  }

  kill(): void {
    for (const worker of this.#alive) worker.kill();
  }

  #fork(): W {
    const worker = this.#options.fork();
    this.#alive.add(worker);
    worker.stoppedListening.then(() => {
      this.#notListening.add(worker);
      this.#closeConnections();
    });
    worker.ended.then(() => {
      this.#alive.delete(worker);
      this.#notListening.delete(worker);
      this.#closeConnections();
    });
    return worker;
  }

  /**
   * Lets the workers close their connections that have stopped listening: one that retires at once, since another listens; but all that end
   * together, since a client whose connection is closed would connect to one that stops listening a moment later.
   */
  #closeConnections(): void {
    if (this.#isEnding && this.#notListening.size < this.#alive.size) return;
    for (const worker of this.#notListening) worker.closeConnections();
  }

  #settle(position: Position<W>, worker: W): void {
    const { elapsed, logger } = this.#options;
    const sinceMs = elapsed();
    position.stopWaiting();
    position.worker = worker;
    worker.ended.then((how) => {
      // A worker that has retired is not in the position any more.
      if (position.worker !== worker || this.#isEnding) return;
      position.worker = null;
      if (elapsed() - sinceMs >= livedLongMs) position.waitMs = firstWaitMs;
      logger.error(
        { pid: worker.pid },
        `A worker ended by itself (${how}). Another starts in ${position.waitMs / 1000} s.`,
      );
      this.#replaceLater(position);
    });
  }

  #replaceLater(position: Position<W>): void {
    const { waitMs } = position;
    position.waitMs = Math.min(longestWaitMs, 2 * waitMs);
    position.stopWaiting = this.#options.after(waitMs, () => this.#replace(position));
  }

  async #replace(position: Position<W>): Promise<void> {
    const worker = this.#fork();
    const fault = await startFaultOf(worker);
    if (this.#isEnding) return;
    // A reload was faster.
    if (position.worker !== null) return worker.retire();
    if (fault === null) return this.#settle(position, worker);
    this.#options.logger.error(
      `A worker could not start. The next try is in ${position.waitMs / 1000} s. ${fault}`,
    );
    this.#replaceLater(position);
  }
}

/** Why a worker could not start. Null: it listens. */
async function startFaultOf({ listening }: Worker): Promise<string | null> {
  try {
    await listening;
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
