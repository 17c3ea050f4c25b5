import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { elapsed, later } from '../../../time.js';
import { format, formatKey, throwIfUnknownFormat } from '../format.js';
import type {
  AppendOptions,
  LatestOptions,
  Lease,
  LeaseOptions,
  Refusal,
  SeriesEntry,
  Store,
} from '../store.js';
import {
  appendScript,
  countScript,
  extendScript,
  forgetScript,
  leaseScript,
  releaseScript,
  setScript,
} from './scripts.js';
import { decode, decodeEntry, digestLength, digitsOf, encode, encodeEntry } from './value.js';

/** Starts every key of ours, since other programs may use the same Redis. */
const keyPrefix = 'xingtu:';
const changesChannel = `${keyPrefix}changes`;

/** Starts the keys under which `countScript` stores its results. */
const countRequests = 'counted:';

const scanCount = 1_000;

/** How long a start waits for Redis before it goes on without. */
const connectWithinMs = 300;

/** After how long ioredis reports a lost connection. Hundreds of commands may wait, so they must not retry at once. */
const lossReportedWithinMs = 5;

/** How many entries of a series are read at once. */
const pageLength = 1_000;

const noConnection = 'there is no connection yet';

/** How long a command waits after the connection was lost. A failover of Redis takes some hundred milliseconds. */
const reconnectWithinMs = 1_000;

/** The delay between the first attempts to reconnect, while commands wait, and between later ones. */
const firstReconnectDelayMs = 20;
const firstReconnects = 20;
const reconnectDelayMs = 500;

const scripts = {
  setValue: { numberOfKeys: 1, lua: setScript },
  forgetValue: { numberOfKeys: 1, lua: forgetScript },
  takeLease: { numberOfKeys: 1, lua: leaseScript },
  extendLease: { numberOfKeys: 1, lua: extendScript },
  releaseLease: { numberOfKeys: 1, lua: releaseScript },
  addToCount: { numberOfKeys: 2, lua: countScript },
  appendEntry: { numberOfKeys: 1, lua: appendScript },
} as const;

type Script = (key: string, ...args: (string | number | Buffer)[]) => Promise<unknown>;
type Scripted = Redis & Readonly<Record<keyof typeof scripts, Script>>;

const options: RedisOptions = {
  scripts,
  // ioredis must not queue or resend commands: `#run` decides that.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (attempts) => (attempts <= firstReconnects ? firstReconnectDelayMs : reconnectDelayMs),
  // After a failover the other end is a replica, and a new connection reaches the new master.
  reconnectOnError: isFromReplica,
  connectTimeout: 2_000,
  connectionName: 'xingtu-graphql',
};

/**
 * Opens a Redis (7) or Valkey, for servers on several machines. Resolves even if there is no connection yet: the driver
 * keeps trying to connect.
 */
export async function openRedisStore(url: string): Promise<Store> {
  const redis = new Redis(url, options) as Scripted;
  // Also with the ready check: without it ioredis takes a connection that is lost while connecting for ready, for ever.
  const subscriber = new Redis(url, { ...options, autoResubscribe: false });
  const store = new RedisStore(redis, subscriber);
  await new Promise<void>((resolve) => {
    redis.once('ready', resolve).once('error', () => resolve());
    setTimeout(resolve, connectWithinMs).unref();
  });
  return store;
}

class RedisStore implements Store {
  readonly isShared = true;
  readonly timeoutMs = 300;
  readonly recheckEveryMs = 1_000;
  readonly #redis: Scripted;
  readonly #subscriber: Redis;
  readonly #listeners: ((key: string | null) => void)[] = [];
  readonly #replacedListeners: (() => void)[] = [];
  /** Tells this process's changes from those of others. */
  readonly #processId = randomUUID();
  /** A check has succeeded before. */
  #hadData = false;
  /** The last reason why there was no connection. */
  #lastError: Error | null = null;
  /** Called when there is a connection. */
  readonly #onReconnect = new Set<() => void>();

  constructor(redis: Scripted, subscriber: Redis) {
    this.#redis = redis;
    this.#subscriber = subscriber;
    // ioredis prints errors that have no listener.
    redis.on('error', (error: Error) => {
      // With several addresses, each has an error, and the AggregateError has no message.
      this.#lastError = error instanceof AggregateError ? error.errors[0] : error;
    });
    let isFirstConnection = true;
    redis.on('ready', () => {
      for (const resume of [...this.#onReconnect]) resume();
      // The new connection may lead to another server, which publishes its own changes.
      if (!isFirstConnection && subscriber.status === 'ready') subscriber.disconnect(true);
      isFirstConnection = false;
      // Lets the failover use Redis again.
      this.#notify(null);
    });
    subscriber.on('error', () => {});
    subscriber.on('ready', () => {
      // Changes during the interruption were missed.
      subscriber.subscribe(changesChannel).then(
        () => this.#notify(null),
        () => {},
      );
    });
    subscriber.on('message', (_: string, message: string) => {
      const at = message.indexOf(' ');
      if (message.slice(0, at) !== this.#processId) this.#notify(message.slice(at + 1));
    });
  }

  get lostBecause(): string | null {
    return this.#redis.status === 'ready' ? null : (this.#lastError?.message ?? noConnection);
  }

  async getMany(keys: readonly string[]): Promise<readonly (string | null)[]> {
    if (keys.length === 0) return [];
    const values = await this.#run(() => this.#redis.mgetBuffer(keys.map(prefixed)));
    return values.map((value) => value && decode(value));
  }

  async set(key: string, value: string, options: Parameters<Store['set']>[2] = {}): Promise<boolean> {
    const { version, lifeMs = Number.POSITIVE_INFINITY } = options;
    const life = lifeMs === Number.POSITIVE_INFINITY ? '' : String(Math.max(1, Math.round(lifeMs)));
    const digits = digitsOf(version ?? 0);
    const args = [
      version === undefined ? '' : digits,
      encode(digits, value),
      life,
      changesChannel,
      this.#message(key),
    ];
    return (await this.#run(() => this.#redis.setValue(prefixed(key), ...args))) === 1;
  }

  async forget(key: string): Promise<boolean> {
    return (
      (await this.#run(() => this.#redis.forgetValue(prefixed(key), changesChannel, this.#message(key)))) ===
      1
    );
  }

  async lease(key: string, { most = 1, forMs }: LeaseOptions): Promise<Lease | Refusal> {
    const requestId = randomUUID();
    const [isGranted, holder, freeInMs] = (await this.#run(() =>
      this.#redis.takeLease(prefixed(key), most, forMs, requestId),
    )) as [number, string, string?];
    const version = Number(holder.split(':')[0]);
    if (isGranted === 0) return { isGranted: false, heldBy: version, freeInMs: Number(freeInMs) };
    return {
      isGranted: true,
      version,
      extend: async (moreMs) =>
        (await this.#run(() => this.#redis.extendLease(prefixed(key), holder, moreMs))) === 1,
      release: async () => {
        await this.#run(() =>
          this.#redis.releaseLease(prefixed(key), holder, changesChannel, this.#message(key)),
        );
      },
    };
  }

  async count(
    key: string,
    { by, most, atLeast = 0, lifeMs }: Parameters<Store['count']>[1],
  ): Promise<number | null> {
    const requestKey = prefixed(`${countRequests}${randomUUID()}`);
    return (await this.#run(() =>
      this.#redis.addToCount(prefixed(key), requestKey, by, most ?? '', atLeast, lifeMs),
    )) as number | null;
  }

  async append(key: string, entry: SeriesEntry, { lifeMs, most }: AppendOptions): Promise<boolean> {
    const oldestMs = Date.now() - lifeMs;
    const args = [entry.atMs, encodeEntry(entry), oldestMs, most ?? '', lifeMs, digestLength];
    return (await this.#run(() => this.#redis.appendEntry(prefixed(key), ...args))) === 1;
  }

  async latest(key: string, { most, beforeMs }: LatestOptions): Promise<readonly SeriesEntry[]> {
    const before = beforeMs === undefined ? '+inf' : `(${beforeMs}`;
    const found = await this.#run(() =>
      this.#redis.zrangeBuffer(
        prefixed(key),
        before,
        '-inf',
        'BYSCORE',
        'REV',
        'LIMIT',
        0,
        most,
        'WITHSCORES',
      ),
    );
    return entriesOf(found);
  }

  async *series(key: string): AsyncIterable<SeriesEntry> {
    for (let from = 0; ; from += pageLength) {
      const to = from + pageLength - 1;
      const page = await this.#run(() => this.#redis.zrangeBuffer(prefixed(key), from, to, 'WITHSCORES'));
      yield* entriesOf(page);
      if (page.length < 2 * pageLength) return;
    }
  }

  onChange(listener: (key: string | null) => void): void {
    this.#listeners.push(listener);
  }

  onReplaced(listener: () => void): void {
    this.#replacedListeners.push(listener);
  }

  async *keys(prefix: string): AsyncIterable<string> {
    const match = `${prefixed(prefix).replaceAll(/[*?[\]\\]/g, '\\$&')}*`;
    // SCAN may return a key twice.
    const seen = new Set<string>();
    for await (const keys of this.#redis.scanStream({ match, count: scanCount })) {
      for (const key of keys as string[]) {
        if (seen.has(key) || key.startsWith(prefixed(countRequests))) continue;
        seen.add(key);
        yield key.slice(keyPrefix.length);
      }
    }
  }

  async check(): Promise<void> {
    if (this.#redis.status !== 'ready') throw this.#lastError ?? new Error(noConnection);
    // Without this, a connection whose other end has vanished would stay open for many minutes.
    const stopTimer = later(this.timeoutMs, () => {
      this.#redis.disconnect(true);
      this.#subscriber.disconnect(true);
    });
    await this.#checkConnection().finally(stopTimer);
  }

  async #checkConnection(): Promise<void> {
    const isEmpty = (await this.#redis.setnx(prefixed(formatKey), encode(digitsOf(0), format))) === 1;
    const [found = null] = await this.getMany([formatKey]);
    throwIfUnknownFormat(found);
    // Writes can fail while reads succeed: on a replica, or when memory or disk is full.
    await this.set('check', '');
    this.#lastError = null;
    if (isEmpty && this.#hadData) for (const listener of this.#replacedListeners) listener();
    this.#hadData = true;
  }

  /** Sends a command, and again if the connection is lost and soon restored. So a command may run twice. */
  async #run<T>(command: () => Promise<T>): Promise<T> {
    const deadlineMs = elapsed() + reconnectWithinMs;
    for (;;) {
      try {
        return await command();
      } catch (error) {
        if (!isConnectionError(error) || elapsed() >= deadlineMs) throw error;
        await this.#reconnected(deadlineMs, isFromReplica(error));
      }
    }
  }

  /** `needsNewConnection`: the current one can't be used. */
  async #reconnected(deadlineMs: number, needsNewConnection: boolean): Promise<void> {
    // ioredis still takes a connection that was just lost for ready.
    await pause(lossReportedWithinMs);
    if (!needsNewConnection && this.#redis.status === 'ready') return;
    await new Promise<void>((resolve, reject) => {
      const resume = () => {
        stopTimer();
        this.#onReconnect.delete(resume);
        resolve();
      };
      const stopTimer = later(deadlineMs - elapsed(), () => {
        this.#onReconnect.delete(resume);
        reject(this.#lastError ?? new Error(noConnection));
      });
      this.#onReconnect.add(resume);
    });
  }

  async bytes(): Promise<number | null> {
    const used = /^used_memory:(\d+)/m.exec(await this.#redis.info('memory'))?.[1];
    return used === undefined ? null : Number(used);
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
    this.#subscriber.disconnect();
  }

  #message(key: string): string {
    return `${this.#processId} ${key}`;
  }

  #notify(key: string | null): void {
    for (const listener of this.#listeners) listener(key);
  }
}

/** The connection failed, or it leads to a replica. Other errors are of the command. */
function isConnectionError(error: unknown): error is Error {
  return error instanceof Error && (error.name !== 'ReplyError' || isFromReplica(error));
}

function isFromReplica({ message }: Error): boolean {
  return message.startsWith('READONLY');
}

/** `found`: pairs of an entry and its time. */
function entriesOf(found: readonly Buffer[]): SeriesEntry[] {
  const entries: SeriesEntry[] = [];
  for (let at = 0; at < found.length; at += 2) {
    entries.push(decodeEntry(found[at] as Buffer, Number(found[at + 1])));
  }
  return entries;
}

function prefixed(key: string): string {
  return `${keyPrefix}${key}`;
}
