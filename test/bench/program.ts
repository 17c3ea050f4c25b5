import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** One of our programs in its own process, which has printed its first line. */
export interface Program {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  /** The address in its first line. */
  readonly url: string;
  /** Standard output and standard error so far. */
  output(): string;
  /** Sends the signal and resolves with the exit code. Null: the signal killed it. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** As `npm start` runs it. */
export const builtServer = [join(dist, 'main.js')];

export const builtSandbox = [join(dist, 'sandbox.js'), '--port', '0'];

/** Starts Node with these arguments, and with only this environment. */
export async function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  /** A shell command that runs before, such as one that sets limits. */
  before = ':',
): Promise<Program> {
  const child = spawn('/bin/sh', ['-c', `${before}; exec "$@"`, 'sh', process.execPath, ...args], {
    // Not the root, whose .env has the settings of a developer.
    cwd: dist,
    // There is no balancer to tell.
    env: { PATH: process.env['PATH'], SHUTDOWN_DELAY_SECONDS: '0', SHUTDOWN_DRAIN_SECONDS: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  const ended = once(child, 'close').then(([exitCode]) => exitCode as number | null);
  child.stderr.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
  const url = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      chunks.push(text);
      const address = /(?<!Page: )http:\/\/[\w.:/]+\w/.exec(chunks.join(''))?.[0];
      if (address) resolve(address);
    });
    ended.then(() => reject(new Error(`${args.join(' ')} ended before it listened: ${chunks.join('')}`)));
  });
  return {
    process: child,
    url: await url,
    output: () => chunks.join(''),
    end: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}
