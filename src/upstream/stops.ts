import { createHash } from 'node:crypto';
import { z } from 'zod';
import { errorCodes } from '../errors.js';
import type { Logger } from '../telemetry/logger.js';
import type { Clock } from '../time.js';
import { everything, type Reason, type Stops } from './circuits.js';
import { endpointNames } from './endpoints.js';
import type { Store } from './store/store.js';

const keptStop = z.object({
  code: z.enum(errorCodes),
  upstreamCode: z.int().nullable(),
  message: z.string(),
  sinceMs: z.number(),
  nextProbeAtMs: z.number(),
});

const stopScopes = [everything, ...endpointNames];

/** How often what is kept is read again while a stop holds. */
const readEveryMs = 1_000;

export interface StopKeeperOptions {
  readonly store: Store;
  readonly fingerprint: string;
  /** A clock that never steps. */
  readonly elapsed: Clock;
  readonly logger: Logger;
}

/**
 * The stops of one token, each under a key of its own, kept so that a restart remembers them and other processes can lift
 * them.
 */
export class StopKeeper {
  readonly #options: StopKeeperOptions;
  /** Writes follow one another, and a reading follows them. */
  #written: Promise<void> = Promise.resolve();
  #changes = 0;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: StopKeeperOptions) {
    this.#options = options;
  }

  /** Null: it is over. */
  save(scope: string, stop: Reason | null): void {
    const { store, logger } = this.#options;
    const key = this.#keyOf(scope);
    this.#changes += 1;
    this.#written = this.#written
      .then(() => (stop ? store.set(key, JSON.stringify(stop)) : store.forget(key)))
      .catch((error: unknown) =>
        logger.error(error, 'A stop could not be kept: a restart will not know of it'),
      );
  }

  /**
   * Gives what is kept to `replace`: at start, and when a stop stands in the way, for somebody may have lifted it. Not
   * more often than once a second, and not what has changed here meanwhile.
   */
  async read(replace: (stops: Stops) => void): Promise<void> {
    const { elapsed, logger } = this.#options;
    if (elapsed() - this.#readAtMs < readEveryMs) return;
    this.#readAtMs = elapsed();
    await this.#written;
    const changes = this.#changes;
    try {
      const kept = await this.#load();
      if (this.#changes === changes) replace(kept);
    } catch (error) {
      logger.error(error, 'The stops that are kept could not be read');
    }
  }

  /** Lifts them all. False: there were none. */
  async lift(): Promise<boolean> {
    const { store } = this.#options;
    const keys = stopScopes.map((scope) => this.#keyOf(scope));
    const kept = await Promise.all(keys.map((key) => store.get(key)));
    await Promise.all(keys.map((key) => store.forget(key)));
    return kept.some((stop) => stop !== null);
  }

  #keyOf(scope: string): string {
    return `stop:${this.#options.fingerprint}:${scope}`;
  }

  async #load(): Promise<Stops> {
    const texts = await Promise.all(stopScopes.map((scope) => this.#options.store.get(this.#keyOf(scope))));
    return Object.fromEntries(
      stopScopes.flatMap((scope, at) => {
        const text = texts[at] ?? null;
        return text === null ? [] : [[scope, keptStop.parse(JSON.parse(text))]];
      }),
    );
  }
}

/** Tells tokens (and the upstreams that they are for) apart, and tells nothing about them. */
export function fingerprintOf(token: string, baseUrl: string | null): string {
  return createHash('sha256')
    .update(JSON.stringify([token, baseUrl]))
    .digest('hex')
    .slice(0, 16);
}
