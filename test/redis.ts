import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { describe, vi } from 'vitest';
import { atEnd } from './harness.js';

const program = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'redis-server'))
  .find((path) => existsSync(path));

export const hasRedis = program !== undefined;

/** A suite that needs a real Redis. */
export function describeRedis(title: string, suite: () => void): void {
  const told = hasRedis
    ? title
    : `${title}: skipped, redis-server is not on this machine; install Redis or put it on the PATH`;
  describe.skipIf(!hasRedis)(told, suite);
}

export interface RunningRedis {
  /** Without a password. */
  readonly url: string;
  readonly port: number;
  /** The one that runs now, or ran last. */
  readonly process: ChildProcess;
  /** At once, as if its machine had failed. */
  stop(): Promise<void>;
  /** Empty, on the same port. */
  restart(): Promise<void>;
  /** Holds its connections, and answers nothing. */
  pause(): void;
  resume(): void;
}

/** A Redis of the test's own, which keeps nothing on disk and is gone after the test. */
export async function startRedis({
  args = [],
}: {
  readonly args?: readonly string[];
} = {}): Promise<RunningRedis> {
  const port = await freePort();
  let child = await startOn(port, args);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await ended;
  };
  atEnd(stop);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get process() {
      return child;
    },
    stop,
    restart: async () => {
      await stop();
      child = await startOn(port, args);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

async function startOn(port: number, args: readonly string[]): Promise<ChildProcess> {
  if (program === undefined) throw new Error('redis-server is not on this machine');
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn(program, [...own, ...args], { stdio: 'ignore' });
  await vi.waitFor(() => answers(port), { timeout: 5_000, interval: 5 });
  return child;
}

/** Whatever it answers, be it that it wants a password. */
async function answers(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    await once(socket, 'data');
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
