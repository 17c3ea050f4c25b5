import { randomUUID } from 'node:crypto';
import { type After, later } from '../../../time.js';
import type {
  AppendOptions,
  CountOptions,
  LatestOptions,
  Lease,
  LeaseOptions,
  Refusal,
  SeriesEntry,
  SetOptions,
  Store,
} from '../store.js';
import { parseRedisUrl, type RedisAddress } from './address.js';
import { RedisConnection } from './connection.js';
import { RedisHealth } from './health.js';
import { RedisSeries } from './redisSeries.js';
import { hashTagOf } from './slot.js';
import { isRefusal, missingRights } from './unusableRedis.js';
import { decode, digitsOf, encode } from './value.js';

/** Starts the keys under which the script of counts stores its results. */
const countRequests = 'counted:';

/** Of leases that are given back at once. */
const checkKey = 'check';

const scanCount = 1_000;

/** How often a Redis is looked at that no command has found lost. It may have been emptied, or set up otherwise. */
const lookEveryMs = 10_000;

export interface RedisStoreOptions {
  /** Called with the store's warnings after the start and after each reconnect. */
  readonly onWarnings?: (warnings: readonly string[]) => void;
  /** Runs what is done at intervals. Default: the real timer. */
  readonly after?: After;
}

/**
 * Opens a Redis (7) or Valkey, for servers on several machines. Resolves even if there is no connection yet: the driver
 * keeps trying to connect. `url`: one that `parseRedisUrl` reads.
 */
export async function openRedisStore(url: string, options: RedisStoreOptions = {}): Promise<Store> {
  const address = parseRedisUrl(url);
  if (!address) throw new Error('Expected a URL of Redis, but got something else.');
  const store = new RedisStore(address, options);
  await store.opened();
  return store;
}

class RedisStore implements Store {
  readonly isShared = true;
  readonly isIncomplete = false;
  /** Long, because a server that gets hardly any processor time would take its Redis for lost, and pay alone. */
  readonly timeoutMs = 3_000;
  readonly recheckEveryMs = 1_000;
  readonly #keyPrefix: string;
  readonly #changesChannel: string;
  readonly #connection: RedisConnection;
  readonly #series: RedisSeries;
  readonly #health: RedisHealth;
  readonly #listeners: ((key: string | null) => void)[] = [];
  readonly #replacedListeners: (() => void)[] = [];
  /** Tells this process's changes from those of others. */
  readonly #processId = randomUUID();
  readonly #after: After;
  #stopLooking = () => {};

  constructor(address: RedisAddress, { onWarnings = () => {}, after = later }: RedisStoreOptions) {
    const { keyPrefix } = address;
    this.#after = after;
    this.#keyPrefix = keyPrefix;
    this.#changesChannel = `${keyPrefix}changes`;
    this.#connection = new RedisConnection({
      address,
      channel: this.#changesChannel,
      onMessage: (message) => this.#heard(message),
      onResumed: () => this.#notify(null),
      onReconnected: () => {
        this.#health.reconnected();
        // A Redis that has started anew may be empty.
        void this.#look();
      },
    });
    this.#series = new RedisSeries(this.#connection);
    this.#health = new RedisHealth({
      connection: this.#connection,
      keyPrefix,
      onReplaced: () => {
        for (const listener of this.#replacedListeners) listener();
      },
      onWarnings,
    });
    this.#lookLater();
  }

  opened(): Promise<void> {
    return this.#connection.opened();
  }

  get lostBecause(): string | null {
    return this.#connection.lostBecause;
  }

  get warnings(): readonly string[] {
    return this.#health.warnings;
  }

  /** One round trip, or one to each node of a cluster, where the keys of a command must be in one slot. */
  async getMany(keys: readonly string[]): Promise<readonly (string | null)[]> {
    if (keys.length === 0) return [];
    const { isCluster, commands } = this.#connection;
    const names = keys.map((key) => this.#prefixed(key));
    const batches = isCluster ? names.map((name) => [name]) : [names];
    const read = (batch: string[]) => this.#connection.run(() => commands.mgetBuffer(batch));
    const values = (await Promise.all(batches.map(read))).flat();
    return values.map((value) => value && decode(value));
  }

  async set(key: string, value: string, { version, lifeMs }: SetOptions = {}): Promise<boolean> {
    const isUnlimited = lifeMs === undefined || lifeMs === Number.POSITIVE_INFINITY;
    const digits = digitsOf(version ?? 0);
    const args = [
      version === undefined ? '' : digits,
      encode(digits, value),
      isUnlimited ? '' : String(Math.max(1, Math.round(lifeMs))),
      ...this.#change(key),
    ];
    return (await this.#run((redis) => redis.setValue(this.#prefixed(key), ...args))) === 1;
  }

  async forget(key: string): Promise<boolean> {
    const change = this.#change(key);
    return (await this.#run((redis) => redis.forgetValue(this.#prefixed(key), ...change))) === 1;
  }

  async lease(key: string, { most = 1, forMs }: LeaseOptions): Promise<Lease | Refusal> {
    const name = this.#prefixed(key);
    const requestId = randomUUID();
    const [isGranted, holder, freeInMs] = (await this.#run((redis) =>
      redis.takeLease(name, most, forMs, requestId),
    )) as [number, string, string?];
    const version = Number(holder.split(':')[0]);
    if (isGranted === 0) return { isGranted: false, heldBy: version, freeInMs: Number(freeInMs) };
    return {
      isGranted: true,
      version,
      extend: async (moreMs) => (await this.#run((redis) => redis.extendLease(name, holder, moreMs))) === 1,
      release: async () => {
        await this.#run((redis) => redis.releaseLease(name, holder, ...this.#change(key)));
      },
    };
  }

  async count(key: string, { by, most, atLeast = 0, lifeMs }: CountOptions): Promise<number | null> {
    const name = this.#prefixed(key);
    // A script's keys must be in one slot of a cluster.
    const requestName = this.#prefixed(`${countRequests}{${hashTagOf(name)}}:${randomUUID()}`);
    return (await this.#run((redis) =>
      redis.addToCount(name, requestName, by, most ?? '', atLeast, lifeMs),
    )) as number | null;
  }

  append(key: string, entry: SeriesEntry, options: AppendOptions): Promise<boolean> {
    return this.#series.append(this.#prefixed(key), entry, options);
  }

  latest(key: string, options: LatestOptions): Promise<readonly SeriesEntry[]> {
    return this.#series.latest(this.#prefixed(key), options);
  }

  series(key: string): AsyncIterable<SeriesEntry> {
    return this.#series.all(this.#prefixed(key));
  }

  onChange(listener: (key: string | null) => void): void {
    this.#listeners.push(listener);
  }

  onReplaced(listener: () => void): void {
    this.#replacedListeners.push(listener);
  }

  async *keys(prefix: string): AsyncIterable<string> {
    const match = `${this.#prefixed(prefix).replaceAll(/[*?[\]\\]/g, '\\$&')}*`;
    // SCAN may return a key twice.
    const seen = new Set<string>();
    for (const master of this.#connection.masters()) {
      for await (const keys of master.scanStream({ match, count: scanCount })) {
        for (const key of keys as string[]) {
          if (seen.has(key) || key.startsWith(this.#prefixed(countRequests))) continue;
          seen.add(key);
          yield key.slice(this.#keyPrefix.length);
        }
      }
    }
  }

  async check(): Promise<void> {
    const stopTimer = later(this.timeoutMs, () => this.#connection.reconnect());
    try {
      await this.#health.check();
      await this.#checkScripts();
    } catch (error) {
      throw isRefusal(error) ? missingRights(error) : error;
    } finally {
      stopTimer();
    }
  }

  /** A user with too few rights may set keys, but not run scripts, or not all of their commands. */
  async #checkScripts(): Promise<void> {
    const lease = await this.lease(checkKey, { forMs: this.timeoutMs });
    if (lease.isGranted) await lease.release();
  }

  /** If it fails, so do commands. Unlike `check` it never cuts a connection, which may be busy with them. */
  async #look(): Promise<void> {
    await this.#health.check().catch(() => {});
  }

  #lookLater(): void {
    this.#stopLooking = this.#after(lookEveryMs, () => {
      void this.#look();
      this.#lookLater();
    });
  }

  bytes(): Promise<number | null> {
    return this.#health.bytes();
  }

  async close(): Promise<void> {
    this.#stopLooking();
    this.#connection.close();
  }

  #run<T>(command: (redis: RedisConnection['commands']) => Promise<T>): Promise<T> {
    return this.#connection.run(() => command(this.#connection.commands));
  }

  /** The arguments with which a script tells a change to other processes. */
  #change(key: string): [channel: string, message: string] {
    return [this.#changesChannel, `${this.#processId} ${key}`];
  }

  #heard(message: string): void {
    const at = message.indexOf(' ');
    if (message.slice(0, at) !== this.#processId) this.#notify(message.slice(at + 1));
  }

  #notify(key: string | null): void {
    for (const listener of this.#listeners) listener(key);
  }

  #prefixed(key: string): string {
    return `${this.#keyPrefix}${key}`;
  }
}
