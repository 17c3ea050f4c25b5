import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisAddress, RedisHost } from './address.js';
import { scripts } from './scripts.js';

/** The delay between the first attempts to reconnect, while commands wait, and between later ones. */
const firstReconnectDelayMs = 20;
const firstReconnects = 20;
const reconnectDelayMs = 500;

/** How long a command of a cluster waits before ioredis sends it again, and how often it does, each time to two nodes. */
const resendDelayMs = 50;
const maxRedirections = 16;

/** Sentinels are asked one after the other, so one that hangs must not take long. */
const sentinelTimeoutMs = 200;

/** Long, because ioredis prints a line for each attempt to listen to a sentinel again. */
const sentinelReconnectDelayMs = 10_000;

const retryDelay = (attempts: number) =>
  attempts <= firstReconnects ? firstReconnectDelayMs : reconnectDelayMs;

/** The client for commands. */
export function openClient(address: RedisAddress): Redis | Cluster {
  if (address.kind !== 'cluster') return new Redis({ ...reconnecting(address), scripts });
  return new Cluster([...address.hosts], {
    scripts,
    enableOfflineQueue: false,
    clusterRetryStrategy: retryDelay,
    retryDelayOnFailover: resendDelayMs,
    retryDelayOnClusterDown: resendDelayMs,
    retryDelayOnTryAgain: resendDelayMs,
    maxRedirections,
    // A certificate is for a name, so TLS must not see the address that the name stands for.
    ...(address.isTls && { dnsLookup: (name, callback) => callback(null, name) }),
    redisOptions: loginTo(address),
  });
}

/** The client that hears of changes. In a cluster each node hears of all, so it is any node's; it ends with the connection. */
export function openSubscriber(address: RedisAddress, nodes: readonly RedisHost[]): Redis {
  const autoResubscribe = false;
  if (address.kind !== 'cluster') return new Redis({ ...reconnecting(address), autoResubscribe });
  const hosts = nodes.length > 0 ? nodes : address.hosts;
  const host = hosts[Math.floor(Math.random() * hosts.length)];
  return new Redis({ ...loginTo(address), ...host, retryStrategy: () => null, autoResubscribe });
}

/** After a failover the other end is a replica, and a new connection reaches the new master. */
export function isFromReplica({ message }: Error): boolean {
  return message.startsWith('READONLY');
}

function reconnecting(address: RedisAddress): RedisOptions {
  const { kind, hosts, masterName: name, isTls, db } = address;
  const place =
    kind === 'single'
      ? hosts[0]
      : {
          sentinels: [...hosts],
          name: name ?? '',
          failoverDetector: true,
          sentinelRetryStrategy: retryDelay,
          sentinelReconnectStrategy: () => sentinelReconnectDelayMs,
          sentinelCommandTimeout: sentinelTimeoutMs,
          ...(isTls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
        };
  return {
    ...loginTo(address),
    ...place,
    db,
    // ioredis must not queue or resend commands: `RedisConnection.run` decides that.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: retryDelay,
    reconnectOnError: isFromReplica,
  };
}

function loginTo({ username, password, isTls }: RedisAddress) {
  return {
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(isTls && { tls: {} }),
    connectTimeout: 2_000,
    connectionName: 'xingtu-graphql',
  };
}
