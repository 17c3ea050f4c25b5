import { createHash } from 'node:crypto';
import { z } from 'zod';
import { errorCodes } from '../../../errors.js';
import type { Logger } from '../../../logger.js';
import { type Clock, dayMs } from '../../../time.js';
import { endpointNames } from '../../endpoints/table.js';
import type { Store } from '../../store/store.js';
import type { Reason, Stops } from './openCircuit.js';
import { everything } from './stopPolicy.js';

const storedStop = z.object({
  code: z.enum(errorCodes),
  upstreamCode: z.int().nullable(),
  message: z.string(),
  sinceMs: z.number(),
  nextProbeAtMs: z.number(),
});

const stopScopes = [everything, ...endpointNames];

/** How often what is kept is read again, unless another process is heard to have changed it. */
const readEveryMs = 1_000;

export interface StopStoreOptions {
  readonly store: Store;
  readonly fingerprint: string;
  /** A clock that never steps. */
  readonly elapsed: Clock;
  readonly logger: Logger;
}

/**
 * The stops of one token, each under a key of its own, kept so that a restart remembers them, other processes obey them,
 * and the operator can lift them.
 */
export class StopStore {
  readonly #options: StopStoreOptions;
  /** Writes follow one another, and a reading follows them. */
  #written: Promise<void> = Promise.resolve();
  #changes = 0;
  #onChange: () => void = () => {};
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: StopStoreOptions) {
    this.#options = options;
    const prefix = this.#keyOf('');
    options.store.onChange((key) => {
      if (key !== null && !key.startsWith(prefix)) return;
      this.#readAtMs = Number.NEGATIVE_INFINITY;
      this.#onChange();
    });
  }

  /** Hears that another process has begun or lifted one. */
  watch(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Other processes may have begun or lifted one. */
  get areShared(): boolean {
    return this.#options.store.isShared;
  }

  /** Null: it is over. */
  save(scope: string, stop: Reason | null): void {
    const { store } = this.#options;
    const key = this.#keyOf(scope);
    this.#write(async () => {
      await (stop ? store.set(key, JSON.stringify(stop)) : store.forget(key));
      await store.forget(this.#probeKeyOf(scope));
    });
  }

  /** Apart from its stop, which somebody may have lifted meanwhile: writing that would bring it back. */
  saveProbe(scope: string, nextProbeAtMs: number): void {
    const options = { lifeMs: dayMs };
    this.#write(() => this.#options.store.set(this.#probeKeyOf(scope), String(nextProbeAtMs), options));
  }

  /**
   * Gives what is kept to `replace`: at start, before a call that others may have stopped, and when a stop stands in the
   * way, for somebody may have lifted it. Not more often than once a second, and not what has changed here meanwhile.
   * Resolves when it has, also for those who come while it is being read.
   */
  read(replace: (stops: Stops) => void): Promise<void> {
    const { elapsed } = this.#options;
    if (elapsed() - this.#readAtMs >= readEveryMs) {
      this.#readAtMs = elapsed();
      this.#reading = this.#readAnew(replace);
    }
    return this.#reading;
  }

  async #readAnew(replace: (stops: Stops) => void): Promise<void> {
    const { store, logger } = this.#options;
    const changes = this.#changes;
    await this.#written;
    try {
      const stored = await this.stored();
      // What a lost store doesn't have was not lifted therefore.
      if (this.#changes === changes && store.lostBecause === null) replace(stored);
    } catch (error) {
      logger.error(error, 'The stops that are kept could not be read');
    }
  }

  /** As the store has them. */
  async stored(): Promise<Stops> {
    const keys = stopScopes.flatMap((scope) => [this.#keyOf(scope), this.#probeKeyOf(scope)]);
    const values = await this.#options.store.getMany(keys);
    const stops = stopScopes.flatMap((scope, at) => {
      const [stop = null, probe = null] = values.slice(2 * at, 2 * at + 2);
      if (stop === null) return [];
      const reason = storedStop.parse(JSON.parse(stop));
      return [[scope, probe === null ? reason : { ...reason, nextProbeAtMs: Number(probe) }] as const];
    });
    return Object.fromEntries(stops);
  }

  /** Lifts them all. False: there were none. */
  async lift(): Promise<boolean> {
    const { store } = this.#options;
    const lifted = await Promise.all(stopScopes.map((scope) => store.forget(this.#keyOf(scope))));
    return lifted.includes(true);
  }

  #write(write: () => Promise<unknown>): void {
    this.#changes += 1;
    this.#written = this.#written.then(write).then(
      () => {},
      (error: unknown) =>
        this.#options.logger.error(error, 'A stop could not be kept: a restart will not know of it'),
    );
  }

  #keyOf(scope: string): string {
    return `stop:${this.#options.fingerprint}:${scope}`;
  }

  #probeKeyOf(scope: string): string {
    return `stop:${this.#options.fingerprint}:${scope}:probe`;
  }
}

/** Tells tokens (and the upstreams that they are for) apart, and tells nothing about them. */
export function fingerprintOf(token: string, baseUrl: string | null): string {
  return createHash('sha256')
    .update(JSON.stringify([token, baseUrl]))
    .digest('hex')
    .slice(0, 16);
}
