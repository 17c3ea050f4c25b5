import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Cluster, type Redis, type RedisCommander } from 'ioredis';
import { later } from '../../../time.js';
import type { RedisAddress, RedisHost } from './address.js';
import { ChangeFeed } from './changeFeed.js';
import { isFromReplica, openClient, openSubscriber } from './clients.js';
import { Patience } from './patience.js';
import type { scripts } from './scripts.js';
import { slotOf } from './slot.js';
import { UnusableRedisError } from './unusableRedis.js';

/** How long a start waits for a Redis that neither connects nor refuses: a server that goes on without pays for itself. */
const connectWithinMs = 2_000;

/** After how long ioredis reports a lost connection. Hundreds of commands may wait, so they must not retry at once. */
const lossReportedWithinMs = 5;

/** How long a command waits after the connection was lost. A failover of Redis takes some hundred milliseconds. */
const reconnectWithinMs = 1_000;

/** How often a command is sent again over a new connection, which may be cut as well. */
const mostReconnects = 20;

/** How long a command waits that a cluster has refused, though there are connections to all of its masters. */
const clusterRetryDelayMs = 20;

/** After how long a client that has given up connects again. */
const restartDelayMs = 20;

/** How many keys are tried to find one on each master. */
const mostNumbers = 10_000;

const noConnection = 'there is no connection yet';

type Script = (key: string, ...args: (string | number | Buffer)[]) => Promise<unknown>;
type Commands = RedisCommander & Readonly<Record<keyof typeof scripts, Script>>;

export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  /** Of the changes. */
  readonly channel: string;
  readonly onMessage: (message: string) => void;
  /** Called when there is a connection, and when messages may have been missed. */
  readonly onResumed: () => void;
  /** Called when there is a connection again. It may lead to another server, or to one that has started anew. */
  readonly onReconnected: () => void;
}

/** The connections to a Redis, to the master that sentinels know, or to all nodes of a cluster. */
export class RedisConnection {
  readonly isCluster: boolean;
  /** Commands and scripts. Those that may be repeated are sent through `run`. */
  readonly commands: Commands;
  readonly #client: Redis | Cluster;
  readonly #feed: ChangeFeed;
  /** The last reason why there was no connection. */
  #lastError: Error | null = null;
  /** The nodes of a cluster that have slots, as `host:port`. */
  #masterKeys: ReadonlySet<string> = new Set();
  #isClosed = false;
  /** Called when there is a connection. */
  readonly #onReady = new Set<() => void>();

  constructor({ address, channel, onMessage, onResumed, onReconnected }: RedisConnectionOptions) {
    const client = openClient(address);
    this.#client = client;
    this.isCluster = client instanceof Cluster;
    // Both kinds of client have the same commands, and the scripts by their names.
    this.commands = client as unknown as Commands;
    this.#feed = new ChangeFeed({
      open: () => openSubscriber(address, this.#nodeHosts()),
      channel,
      onMessage,
      onSubscribed: onResumed,
    });
    // ioredis prints errors that have no listener.
    client.on('error', (error: Error) => this.#noteError(error));
    // ioredis gives up when sentinels tell of a failover while it is connecting.
    client.on('end', () => {
      later(restartDelayMs, () => {
        if (!this.#isClosed) client.connect().catch(() => {});
      });
    });
    let isFirstConnection = true;
    client.on('ready', () => {
      for (const resume of [...this.#onReady]) resume();
      if (!isFirstConnection) {
        this.#feed.reconnectIfReady();
        onReconnected();
      }
      isFirstConnection = false;
      // Lets the failover use Redis again.
      onResumed();
    });
    if (client instanceof Cluster) this.#watchNodes(client, onReconnected);
  }

  /** A cluster stays ready while single nodes come and go. */
  #watchNodes(cluster: Cluster, onReconnected: () => void): void {
    const seen = new Set<string>();
    cluster.on('+node', (node: Redis) =>
      node.on('ready', () => {
        if (seen.has(keyOf(node))) onReconnected();
        seen.add(keyOf(node));
      }),
    );
    cluster.on('-node', (node: Redis) => this.#feed.leave(hostOf(node)));
    cluster.on('node error', (error: Error) => this.#noteError(error));
    cluster.on('refresh', () => {
      this.#masterKeys = new Set(cluster.slots.flatMap((keys) => keys?.[0] ?? []));
    });
  }

  #noteError(error: Error): void {
    const cause = (error as { lastNodeError?: Error }).lastNodeError ?? error;
    // With several addresses, each has an error, and the AggregateError has no message.
    this.#lastError = cause instanceof AggregateError ? cause.errors[0] : cause;
  }

  #nodeHosts() {
    const nodes = this.#client instanceof Cluster ? this.#client.nodes() : [];
    return nodes.map(hostOf);
  }

  /** Resolves when there is a connection or an error, or after a while. */
  async opened(): Promise<void> {
    const controller = new AbortController();
    const stopTimer = later(connectWithinMs, () => controller.abort());
    // Rejects with an error event.
    await once(this.#client, 'ready', { signal: controller.signal }).catch(() => {});
    stopTimer();
  }

  get lostBecause(): string | null {
    return this.#isReady ? null : this.#reason.message;
  }

  get #reason(): Error {
    const error = this.#lastError ?? new Error(noConnection);
    return this.isCluster && error.message.includes('cluster support disabled')
      ? new UnusableRedisError('its hosts are no cluster; name one host, or sentinels with ?sentinel=NAME')
      : error;
  }

  get #isReady(): boolean {
    if (this.#client.status !== 'ready') return false;
    if (!(this.#client instanceof Cluster)) return true;
    const connected = new Set(this.#client.nodes().map(keyOf));
    return [...this.#masterKeys].every((key) => connected.has(key));
  }

  throwIfLost(): void {
    if (!this.#isReady) throw this.#reason;
  }

  /** Throws if there is no connection to one of them. */
  masters(): Redis[] {
    this.throwIfLost();
    if (!(this.#client instanceof Cluster)) return [this.#client];
    return this.#client.nodes().filter((node) => this.#masterKeys.has(keyOf(node)));
  }

  /** A key on each master: `key`, or, in a cluster, `key` with a number. */
  keyOnEachMaster(key: string): string[] {
    const client = this.#client;
    if (!(client instanceof Cluster)) return [key];
    const keys = new Map<string, string>();
    const masters = this.masters();
    // Bounded, since a master may just be losing its last slots.
    for (let nth = 0; keys.size < masters.length && nth < mostNumbers; nth += 1) {
      const numbered = `${key}:${nth}`;
      const master = client.slots[slotOf(numbered)]?.[0];
      if (master !== undefined && !keys.has(master)) keys.set(master, numbered);
    }
    return [...keys.values()];
  }

  /** Sends a command, and again each time that the connection is lost and soon restored. So a command may run twice. */
  async run<T>(command: () => Promise<T>): Promise<T> {
    let patience: Patience | null = null;
    try {
      for (;;) {
        try {
          return await command();
        } catch (error) {
          patience ??= new Patience(reconnectWithinMs, mostReconnects);
          if (!isConnectionError(error) || patience.isOver) throw error;
          await this.#reconnected(patience, isFromReplica(error));
        }
      }
    } finally {
      patience?.end();
    }
  }

  /** `needsNewConnection`: the current one can't be used. */
  async #reconnected(patience: Patience, needsNewConnection: boolean): Promise<void> {
    // ioredis still takes a connection that was just lost for ready.
    await pause(this.isCluster ? clusterRetryDelayMs : lossReportedWithinMs);
    if ((!needsNewConnection || this.isCluster) && this.#client.status === 'ready') return;
    await new Promise<void>((resolve, reject) => {
      const resume = () => {
        this.#onReady.delete(resume);
        patience.renew();
        resolve();
      };
      patience.onOver(() => {
        this.#onReady.delete(resume);
        reject(this.#reason);
      });
      this.#onReady.add(resume);
    });
  }

  forgetLastError(): void {
    this.#lastError = null;
  }

  /** Without this, a connection whose other end has vanished would stay open for many minutes. */
  reconnect(): void {
    this.#client.disconnect(true);
    this.#feed.reconnect();
  }

  close(): void {
    this.#isClosed = true;
    this.#client.disconnect();
    this.#feed.close();
  }
}

function hostOf({ options: { host = '', port = 0 } }: Redis): RedisHost {
  return { host, port };
}

function keyOf({ options }: Redis): string {
  return `${options.host}:${options.port}`;
}

/** The connection failed, it leads to a replica, or the cluster is changing. Other errors are of the command. */
function isConnectionError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return (
    error.name !== 'ReplyError' ||
    isFromReplica(error) ||
    /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN) /.test(error.message)
  );
}
