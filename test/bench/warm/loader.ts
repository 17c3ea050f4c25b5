import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Load, Loaded } from './load.js';

/** What sends requests, from a process of its own. */
export interface Loader {
  /** One at a time. */
  load(load: Load): Promise<Loaded>;
  close(): Promise<void>;
}

export function startLoader(): Loader {
  const child = fork(fileURLToPath(new URL('loadProgram.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    serialization: 'advanced',
  });
  const ended = once(child, 'exit');
  return {
    load: async (load) => {
      const answer = once(child, 'message');
      child.send(load);
      const gone = ended.then(() => Promise.reject(new Error('The load ended before its answer')));
      const [{ loaded, failed }] = await Promise.race([answer, gone]);
      if (failed) throw new Error(failed);
      return loaded;
    },
    close: async () => {
      child.disconnect();
      await ended;
    },
  };
}

/** A request as it goes over the wire. */
export function requestText({ method, path, headers = {} }: RequestHead, body?: string): string {
  const all = {
    host: '127.0.0.1',
    ...headers,
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}

export interface RequestHead {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Linux counts it in hundredths of a second, whatever the machine. */
const tickMs = 10;

/** The CPU time that a process has had, in all its threads. */
export async function cpuMsOf(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, which may have spaces, is in brackets; user and system time are the 14th and 15th.
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(afterName[11]) + Number(afterName[12])) * tickMs;
}
