import { createHash } from 'node:crypto';
import { z } from 'zod';
import { errorCodes } from '../errors.js';
import type { Logger } from '../telemetry/logger.js';
import type { Clock } from '../time.js';
import type { Stops } from './circuits.js';
import type { Store } from './store/store.js';

const keptStops = z.record(
  z.string(),
  z.object({
    code: z.enum(errorCodes),
    upstreamCode: z.int().nullable(),
    message: z.string(),
    sinceMs: z.number(),
    nextProbeAtMs: z.number(),
  }),
);

/** How often what is kept is read again while a stop holds. */
const readEveryMs = 1_000;

export interface StopKeeperOptions {
  readonly store: Store;
  readonly fingerprint: string;
  readonly now: Clock;
  readonly logger: Logger;
}

/** The stops of one token, kept so that a restart remembers them and another process can lift them. */
export class StopKeeper {
  readonly #options: StopKeeperOptions;
  readonly #key: string;
  /** Writes follow one another, and a reading follows them. */
  #written: Promise<void> = Promise.resolve();
  #changes = 0;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: StopKeeperOptions) {
    this.#options = options;
    this.#key = `stops:${options.fingerprint}`;
  }

  save(stops: Stops): void {
    const { store, logger } = this.#options;
    this.#changes += 1;
    const isEmpty = Object.keys(stops).length === 0;
    this.#written = this.#written
      .then(() => (isEmpty ? store.forget(this.#key) : store.set(this.#key, JSON.stringify(stops))))
      .catch((error: unknown) =>
        logger.error(error, 'The stops could not be kept: a restart will not know them'),
      );
  }

  /**
   * Gives what is kept to `replace`: at start, and when a stop stands in the way, for somebody may have lifted it. Not
   * more often than once a second, and not what has changed here meanwhile.
   */
  async read(replace: (stops: Stops) => void): Promise<void> {
    const { store, now, logger } = this.#options;
    if (now() - this.#readAtMs < readEveryMs) return;
    this.#readAtMs = now();
    await this.#written;
    const changes = this.#changes;
    try {
      const text = await store.get(this.#key);
      if (this.#changes === changes) replace(text === null ? {} : keptStops.parse(JSON.parse(text)));
    } catch (error) {
      logger.error(error, 'The stops that are kept could not be read');
    }
  }

  /** Lifts them all. False: there were none. */
  async lift(): Promise<boolean> {
    const { store } = this.#options;
    const areThere = (await store.get(this.#key)) !== null;
    await store.forget(this.#key);
    return areThere;
  }
}

/** Tells tokens (and the upstreams that they are for) apart, and tells nothing about them. */
export function fingerprintOf(token: string, baseUrl: string | null): string {
  return createHash('sha256')
    .update(JSON.stringify([token, baseUrl]))
    .digest('hex')
    .slice(0, 16);
}
