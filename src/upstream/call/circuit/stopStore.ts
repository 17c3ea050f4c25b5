import { createHash } from 'node:crypto';
import { z } from 'zod';
import { errorCodes } from '../../../errors.js';
import type { Logger } from '../../../logger.js';
import { type Clock, dayMs } from '../../../time.js';
import { endpointNames } from '../../endpoints/table.js';
import type { Store } from '../../store/store.js';
import type { Reason, Stops } from './openCircuit.js';
import { allEndpoints } from './stopPolicy.js';

const storedStop = z.object({
  code: z.enum(errorCodes),
  upstreamCode: z.int().nullable(),
  message: z.string(),
  sinceMs: z.number(),
  nextProbeAtMs: z.number(),
});

const stopScopes = [allEndpoints, ...endpointNames];

/** The stored stops are read at most this often, unless the store reports that another process has changed one. */
const readEveryMs = 1_000;

export interface StopStoreOptions {
  readonly store: Store;
  readonly fingerprint: string;
  /** Monotonic. */
  readonly elapsed: Clock;
  readonly logger: Logger;
}

/**
 * Stores the stops of one token, so that a restart keeps them, other processes obey them, and the operator can lift
 * them. Each has a key of its own, so that processes do not overwrite each other's.
 */
export class StopStore {
  readonly #options: StopStoreOptions;
  /** Settles after the last write. Writes run one after another, and reads wait for them. */
  #written: Promise<void> = Promise.resolve();
  #changes = 0;
  /** What the store should have. */
  #known: Stops = {};
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
    options.store.onReplaced(() => {
      for (const [scope, stop] of Object.entries(this.#known)) this.save(scope, stop);
      return this.#written;
    });
  }

  /** Calls the listener when another process may have changed a stop. */
  watch(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Other processes may change the stored stops. */
  get areShared(): boolean {
    return this.#options.store.isShared;
  }

  /** Null: the stop has ended. */
  save(scope: string, stop: Reason | null): void {
    const { store } = this.#options;
    const key = this.#keyOf(scope);
    const { [scope]: _, ...others } = this.#known;
    this.#known = stop ? { ...others, [scope]: stop } : others;
    this.#write(async () => {
      await (stop ? store.set(key, JSON.stringify(stop)) : store.forget(key));
      await store.forget(this.#probeKeyOf(scope));
    });
  }

  /** Under a key of its own: writing the stop again would bring it back if the operator has lifted it. */
  saveProbe(scope: string, nextProbeAtMs: number): void {
    const options = { lifeMs: dayMs };
    this.#write(() => this.#options.store.set(this.#probeKeyOf(scope), String(nextProbeAtMs), options));
  }

  /**
   * Calls `replace` with the stored stops: at most once a second, and not if this process has changed a stop during the
   * read. Resolves after that; a caller that comes during a read waits for the same read.
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
      // It may have lost its data a moment ago, which a check finds out.
      if (Object.keys(this.#known).some((scope) => !stored[scope])) await store.check();
      // While the store is lost, memory stands in for it: a stop that is absent there was not lifted.
      if (this.#changes !== changes || store.lostBecause !== null || store.isIncomplete) return;
      this.#known = stored;
      replace(stored);
    } catch (error) {
      logger.error(error, 'The stored stops could not be read');
    }
  }

  /** Reads the store, without the stops that can't be parsed, which are logged. Rejects when the store fails. */
  async stored(): Promise<Stops> {
    const keys = stopScopes.flatMap((scope) => [this.#keyOf(scope), this.#probeKeyOf(scope)]);
    const values = await this.#options.store.getMany(keys);
    const stops = stopScopes.flatMap((scope, at) => {
      const [stop = null, probe = null] = values.slice(2 * at, 2 * at + 2);
      const reason = stop === null ? null : this.#parsed(scope, stop);
      if (!reason) return [];
      return [[scope, probe === null ? reason : { ...reason, nextProbeAtMs: Number(probe) }] as const];
    });
    return Object.fromEntries(stops);
  }

  #parsed(scope: string, stop: string): Reason | null {
    try {
      return storedStop.parse(JSON.parse(stop));
    } catch (error) {
      this.#options.logger.error({ err: error, scope }, 'A stored stop could not be read, and is ignored');
      return null;
    }
  }

  /** Lifts every stop. False: there were none. */
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
        this.#options.logger.error(
          error,
          'A stop could not be stored: it will be lost at a restart, and other processes do not see it',
        ),
    );
  }

  #keyOf(scope: string): string {
    return `stop:${this.#options.fingerprint}:${scope}`;
  }

  #probeKeyOf(scope: string): string {
    return `stop:${this.#options.fingerprint}:${scope}:probe`;
  }
}

/** Differs for each token and base URL. The token cannot be found out from it. */
export function fingerprintOf(token: string, baseUrl: string | null): string {
  return createHash('sha256')
    .update(JSON.stringify([token, baseUrl]))
    .digest('hex')
    .slice(0, 16);
}
