import { describe } from 'vitest';
import { hasRedisServer, startRedisServer } from './bench/redisServer.js';
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
    pause: () => void server.process.kill('SIGSTOP'),
    resume: () => void server.process.kill('SIGCONT'),
  };
}
