import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Redis, type RedisOptions } from 'ioredis';
import { elapsed, later } from '../../../time.js';
import { compressFrom, dictionary } from '../dictionary.js';
import { format, formatKey, throwIfUnknownFormat } from '../format.js';
import type { Lease, LeaseOptions, Refusal, Store } from '../store.js';
import { countScript, extendScript, forgetScript, leaseScript, releaseScript, setScript } from './scripts.js';

/** Before every key of ours, for a Redis may have other tenants. */
const namespace = 'xingtu:';
const changes = `${namespace}changes`;

const versionDigits = 16;
const plain = 'p';
const deflated = 'd';

/** What was counted, by the sender's own number for it. */
const notes = 'counted:';

const keysAtOnce = 1_000;

/** A server starts without Redis rather than wait for it longer. */
const connectWithinMs = 300;

/** Hundreds of commands may wait: looking again at once would leave no time for anything else. */
const cutShowsWithinMs = 5;

const noConnection = 'there is no connection yet';

/** For so long a command waits for a connection that was cut: a failover takes some hundred milliseconds. */
const reconnectWithinMs = 1_000;

/** The pause between two attempts to connect: at first, while what is asked waits for that, and later. */
const reconnectSoonMs = 20;
const soonAttempts = 20;
const reconnectEveryMs = 500;

const scripts = {
  setKept: { numberOfKeys: 1, lua: setScript },
  forgetKept: { numberOfKeys: 1, lua: forgetScript },
  leasePlace: { numberOfKeys: 1, lua: leaseScript },
  extendPlace: { numberOfKeys: 1, lua: extendScript },
  releasePlace: { numberOfKeys: 1, lua: releaseScript },
  countUp: { numberOfKeys: 2, lua: countScript },
} as const;

type Script = (key: string, ...args: (string | number | Buffer)[]) => Promise<unknown>;
type Scripted = Redis & Readonly<Record<keyof typeof scripts, Script>>;

const options: RedisOptions = {
  scripts,
  // What can't be sent now fails now; what is sent again, and when, is decided below.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (attempts) => (attempts <= soonAttempts ? reconnectSoonMs : reconnectEveryMs),
  // After a failover the one at the other end is a replica, and another connection leads to its master.
  reconnectOnError: isReplicas,
  connectTimeout: 2_000,
  connectionName: 'xingtu-graphql',
};

/**
 * One Redis (7) or Valkey for servers on several machines. It connects, and connects again, by itself: resolves also when
 * it couldn't at once.
 */
export async function openRedisStore(url: string): Promise<Store> {
  const redis = new Redis(url, options) as Scripted;
  // With its ready check, too: without one ioredis takes a connection that is cut while it is made for ready, for ever.
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
  readonly patienceMs = 300;
  readonly tryAgainMs = 1_000;
  readonly #redis: Scripted;
  readonly #subscriber: Redis;
  readonly #listeners: ((key: string | null) => void)[] = [];
  readonly #self = randomUUID();
  /** Why there is no connection, as far as Redis or the network said. */
  #lastError: Error | null = null;
  /** Wait for the connection. */
  readonly #waiting = new Set<() => void>();

  constructor(redis: Scripted, subscriber: Redis) {
    this.#redis = redis;
    this.#subscriber = subscriber;
    // Without listeners ioredis prints them.
    redis.on('error', (error: Error) => {
      // Of several addresses each has its own, and the whole says nothing.
      this.#lastError = error instanceof AggregateError ? error.errors[0] : error;
    });
    let isFirst = true;
    redis.on('ready', () => {
      for (const goOn of [...this.#waiting]) goOn();
      // It may lead to another server than before, where what is told is to be heard.
      if (!isFirst && subscriber.status === 'ready') subscriber.disconnect(true);
      isFirst = false;
      // Whoever goes on without Redis may come back.
      this.#tell(null);
    });
    subscriber.on('error', () => {});
    subscriber.on('ready', () => {
      // What was changed while nobody listened is not told again.
      subscriber.subscribe(changes).then(
        () => this.#tell(null),
        () => {},
      );
    });
    subscriber.on('message', (_: string, message: string) => {
      const at = message.indexOf(' ');
      if (message.slice(0, at) !== this.#self) this.#tell(message.slice(at + 1));
    });
  }

  get lostBecause(): string | null {
    return this.#redis.status === 'ready' ? null : (this.#lastError?.message ?? noConnection);
  }

  async getMany(keys: readonly string[]): Promise<readonly (string | null)[]> {
    if (keys.length === 0) return [];
    const packed = await this.#run(() => this.#redis.mgetBuffer(keys.map(named)));
    return packed.map((value) => value && unpack(value));
  }

  async set(key: string, value: string, options: Parameters<Store['set']>[2] = {}): Promise<boolean> {
    const { version, lifeMs = Number.POSITIVE_INFINITY } = options;
    const life = lifeMs === Number.POSITIVE_INFINITY ? '' : String(Math.max(1, Math.round(lifeMs)));
    const digits = digitsOf(version ?? 0);
    const args = [
      version === undefined ? '' : digits,
      pack(digits, value),
      life,
      changes,
      this.#message(key),
    ];
    return (await this.#run(() => this.#redis.setKept(named(key), ...args))) === 1;
  }

  async forget(key: string): Promise<boolean> {
    return (await this.#run(() => this.#redis.forgetKept(named(key), changes, this.#message(key)))) === 1;
  }

  async lease(key: string, { most = 1, forMs }: LeaseOptions): Promise<Lease | Refusal> {
    const asker = randomUUID();
    const [isGranted, holder, freeInMs] = (await this.#run(() =>
      this.#redis.leasePlace(named(key), most, forMs, asker),
    )) as [number, string, string?];
    const version = Number(holder.split(':')[0]);
    if (isGranted === 0) return { isGranted: false, heldBy: version, freeInMs: Number(freeInMs) };
    return {
      isGranted: true,
      version,
      extend: async (moreMs) =>
        (await this.#run(() => this.#redis.extendPlace(named(key), holder, moreMs))) === 1,
      release: async () => {
        await this.#run(() => this.#redis.releasePlace(named(key), holder, changes, this.#message(key)));
      },
    };
  }

  async count(key: string, { by, most, lifeMs }: Parameters<Store['count']>[1]): Promise<number | null> {
    const note = named(`${notes}${randomUUID()}`);
    return (await this.#run(() => this.#redis.countUp(named(key), note, by, most ?? '', lifeMs))) as
      | number
      | null;
  }

  onChange(listener: (key: string | null) => void): void {
    this.#listeners.push(listener);
  }

  async *keys(prefix: string): AsyncIterable<string> {
    const match = `${named(prefix).replaceAll(/[*?[\]\\]/g, '\\$&')}*`;
    // A scan may name a key twice.
    const seen = new Set<string>();
    for await (const keys of this.#redis.scanStream({ match, count: keysAtOnce })) {
      for (const key of keys as string[]) {
        if (seen.has(key) || key.startsWith(named(notes))) continue;
        seen.add(key);
        yield key.slice(namespace.length);
      }
    }
  }

  async check(): Promise<void> {
    if (this.#redis.status !== 'ready') throw this.#lastError ?? new Error(noConnection);
    // A connection whose other end is gone without a word would be waited on for many minutes.
    const stopTimer = later(this.patienceMs, () => {
      this.#redis.disconnect(true);
      this.#subscriber.disconnect(true);
    });
    await this.#checkConnection().finally(stopTimer);
  }

  async #checkConnection(): Promise<void> {
    await this.#redis.setnx(named(formatKey), pack(digitsOf(0), format));
    const [found = null] = await this.getMany([formatKey]);
    throwIfUnknownFormat(found);
    // Reading goes on where writing doesn't: on a replica, or when memory or disk is full.
    await this.set('check', '');
    this.#lastError = null;
  }

  /** Sends a command, and again when its connection was cut and is soon there again. Each may be sent twice. */
  async #run<T>(command: () => Promise<T>): Promise<T> {
    const deadlineMs = elapsed() + reconnectWithinMs;
    for (;;) {
      try {
        return await command();
      } catch (error) {
        if (!isCut(error) || elapsed() >= deadlineMs) throw error;
        await this.#reconnected(deadlineMs, isReplicas(error));
      }
    }
  }

  /** `isAnew`: the one that is there is of no use. */
  async #reconnected(deadlineMs: number, isAnew: boolean): Promise<void> {
    // What has just been cut still counts as ready.
    await pause(cutShowsWithinMs);
    if (!isAnew && this.#redis.status === 'ready') return;
    await new Promise<void>((resolve, reject) => {
      const goOn = () => {
        stopTimer();
        this.#waiting.delete(goOn);
        resolve();
      };
      const stopTimer = later(deadlineMs - elapsed(), () => {
        this.#waiting.delete(goOn);
        reject(this.#lastError ?? new Error(noConnection));
      });
      this.#waiting.add(goOn);
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
    return `${this.#self} ${key}`;
  }

  #tell(key: string | null): void {
    for (const listener of this.#listeners) listener(key);
  }
}

/** The connection failed, and not the command; or it leads to where nothing can be written. */
function isCut(error: unknown): error is Error {
  return error instanceof Error && (error.name !== 'ReplyError' || isReplicas(error));
}

function isReplicas({ message }: Error): boolean {
  return message.startsWith('READONLY');
}

function named(key: string): string {
  return `${namespace}${key}`;
}

function digitsOf(version: number): string {
  return String(version).padStart(versionDigits, '0');
}

function pack(digits: string, value: string): Buffer {
  if (value.length < compressFrom) return Buffer.from(`${digits}${plain}${value}`);
  return Buffer.concat([Buffer.from(`${digits}${deflated}`), deflateRawSync(value, { dictionary })]);
}

/** What is damaged is as good as empty: a reason to leave it out, not one to do without Redis. */
function unpack(kept: Buffer): string {
  const body = kept.subarray(versionDigits + 1);
  const isDeflated = kept.toString('latin1', versionDigits, versionDigits + 1) === deflated;
  try {
    return (isDeflated ? inflateRawSync(body, { dictionary }) : body).toString();
  } catch {
    return '';
  }
}
