import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd } from './fixtures.js';

/** As the log has it, not as a terminal shows it. */
const recordLine = /^\{"level":30,.*"msg":"(operation|operation repeated|call)"\}\n/gm;

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const main = join(dist, 'main.js');

export interface Running {
  readonly process: ChildProcess;
  /** Standard output and standard error so far. */
  out: string;
  /** Without the lines that tell of each operation and each paid call. */
  readonly err: string;
  /** Those lines. */
  readonly records: readonly string[];
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

/** The program itself, with nothing in its environment but what the test gives it, and no delay when it ends. */
export function start(
  env: Record<string, string>,
  {
    args = [],
    imports = [],
    nodeOptions = [],
    cwd = dist,
    hasTerminal = true,
  }: {
    readonly args?: readonly string[];
    /** Modules that Node loads before it. */
    readonly imports?: readonly string[];
    readonly nodeOptions?: readonly string[];
    /** Default: not the root, whose .env has the settings of a developer. */
    readonly cwd?: string;
    /** False: it does not share the terminal of the tests, if they have one. */
    readonly hasTerminal?: boolean;
  } = {},
): Running {
  const loaded = imports.flatMap((module) => ['--import', module]);
  const child = spawn(process.execPath, [...nodeOptions, ...loaded, main, ...args], {
    cwd,
    detached: !hasTerminal,
    // There is no balancer to tell.
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      STORE_URL: 'memory:',
      SHUTDOWN_DELAY_SECONDS: '0',
      SHUTDOWN_DRAIN_SECONDS: '0',
      ...env,
    },
  });
  let errors = '';
  const running: Running = {
    process: child,
    out: '',
    get err() {
      return errors.replaceAll(recordLine, '');
    },
    get records() {
      return errors.match(recordLine) ?? [];
    },
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
  child.stdout.on('data', (chunk) => {
    running.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  atEnd(async () => {
    child.kill('SIGKILL');
    await running.ended;
  });
  return running;
}

/** The process ids of its workers. */
export function workersOf({ process: { pid } }: Running): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    return [];
  }
}

/** Waits for the line that says where GraphiQL is. */
export async function graphqlUrl(running: Running): Promise<string> {
  while (!running.out.includes('\n')) {
    await Promise.race([once(running.process.stdout as NodeJS.ReadableStream, 'data'), running.ended]);
    if (running.process.exitCode !== null) throw new Error(`Ended: ${running.err}`);
  }
  return /http:\S+\/graphql/.exec(running.out)?.[0] ?? '';
}
