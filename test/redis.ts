import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe } from 'vitest';
import { hasRedisServer, pauseProcess, startRedisServer } from './bench/redisServer.js';
import { atEnd } from './fixtures.js';

/** A suite that needs a real Redis. */
export function describeRedis(title: string, suite: () => void): void {
  const isThere = hasRedisServer();
  const told = isThere
    ? title
    : `${title}: skipped, redis-server is not on this machine; install Redis or put it on the PATH`;
  describe.skipIf(!isThere)(told, suite);
}

export interface RunningRedis {
  /** Without a password. */
  readonly url: string;
  readonly port: number;
  /** At once, as if its machine had failed. */
  stop(): Promise<void>;
  /** Empty, on the same port. */
  restart(): Promise<void>;
  /** Holds its connections, and answers nothing. */
  pause(): void;
  resume(): void;
}

/** A Redis of the test's own, which is gone after the test. */
export async function startRedis({
  args = [],
}: {
  readonly args?: readonly string[];
} = {}): Promise<RunningRedis> {
  let server = await startRedisServer({ args });
  const { url, port } = server;
  const stop = () => server.end();
  atEnd(stop);
  return {
    url,
    port,
    stop,
    restart: async () => {
      await stop();
      server = await startRedisServer({ port, args });
    },
    pause: () => pauseProcess(server.process),
    resume: () => void server.process.kill('SIGCONT'),
  };
}

export interface Relay {
  /** Of a Redis, by way of this. */
  readonly url: string;
  /** Cuts all connections, and leads new ones to this port. Null: it refuses them. */
  leadTo(port: number | null): void;
  /** Leads new connections to this port, and keeps the others. */
  leadNewTo(port: number): void;
  /** Redis does what it is asked next that has this in it; then the connection is cut instead of telling so. */
  cutInsteadOfAnswering(command: string): void;
}

/** Between a client and its Redis, so that a connection can be cut at any point, or lead elsewhere. */
export async function startRelay(toPort: number): Promise<Relay> {
  let port: number | null = toPort;
  let cutting: string | null = null;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (port === null) {
      client.destroy();
      return;
    }
    let isToBeCut = false;
    const redis = connect(port, '127.0.0.1');
    const both = [client, redis];
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        for (const one of both) one.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (cutting !== null && bytes.includes(cutting)) {
        cutting = null;
        isToBeCut = true;
      }
      redis.write(bytes);
    });
    redis.on('data', (bytes) => {
      if (isToBeCut) client.destroy();
      else client.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  atEnd(async () => {
    cut();
    server.close();
  });
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (nextPort) => {
      port = nextPort;
      cut();
    },
    leadNewTo: (nextPort) => {
      port = nextPort;
    },
    cutInsteadOfAnswering: (command) => {
      cutting = command;
    },
  };
}
