import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../freePort.js';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** At once, as if its machine had failed. */
  end(): Promise<void>;
}

export function hasRedisServer(): boolean {
  return spawnSync('redis-server', ['--version']).error === undefined;
}

/** How long a port is waited for that something else has. */
const portWithinMs = 5_000;

/**
 * A Redis of its own, which keeps nothing on disk, on a port that is free unless one is given. `config`: a file of settings,
 * which a sentinel needs. `readyText`: what it prints when it can be used.
 */
export async function startRedisServer({
  port: given,
  config,
  args = [],
  readyText = 'Ready to accept connections',
}: {
  readonly port?: number;
  readonly config?: string;
  readonly args?: readonly string[];
  readonly readyText?: string;
} = {}): Promise<RedisServer> {
  const deadline = performance.now() + portWithinMs;
  for (;;) {
    const port = given ?? (await freePort());
    try {
      return await launch({ port, config, args, readyText });
    } catch (error) {
      if (!String(error).includes('Address already in use') || performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

async function launch({
  port,
  config,
  args,
  readyText,
}: {
  readonly port: number;
  readonly config: string | undefined;
  readonly args: readonly string[];
  readonly readyText: string;
}): Promise<RedisServer> {
  const own = ['--bind', '127.0.0.1', '--port', String(port)];
  const volatile = ['--save', '', '--appendonly', 'no'];
  const all = config === undefined ? [...own, ...volatile, ...args] : [config, ...own, ...args];
  const child = spawn('redis-server', all, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  await new Promise<void>((resolve, reject) => {
    const lines: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      lines.push(text);
      if (text.includes(readyText)) resolve();
    });
    ended.then(() => reject(new Error(`redis-server ended before it listened: ${lines.join('')}`)));
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    process: child,
    end: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/**
 * Stops a process, and returns when it does not run any more: on a busy machine it may go on for some milliseconds after the
 * signal.
 */
export function pauseProcess({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  process.kill(pid, 'SIGSTOP');
  if (process.platform !== 'linux') return;
  const isStopped = () => / [Tt] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1) ?? '');
  while (!isStopped());
}
