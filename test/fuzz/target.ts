import { readdir, readFile } from 'node:fs/promises';
import { type Program, startProgram } from '../bench/program.js';

/** The server under attack, and what the system says about its processes. */
export interface Target {
  readonly program: Program;
  readonly port: number;
  readonly isAlive: boolean;
  /** Of all its processes: what is their own. */
  memoryBytes(): Promise<number>;
  /** Files and sockets that its processes have open. */
  openFiles(): Promise<number>;
  /** What its main threads had of the processor, and what they waited for it. */
  processorTime(): Promise<ProcessorTime>;
  /** When this changes, a process has died. */
  pids(): Promise<readonly number[]>;
}

export interface ProcessorTime {
  readonly runNs: number;
  readonly waitNs: number;
}

/** Only Linux tells of a process what the checks need. */
export const isMeasured = process.platform === 'linux';

export async function startTarget(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Target> {
  const program = await startProgram(args, { PORT: '0', LOG_LEVEL: 'warn', ...env });
  const main = program.process.pid as number;
  const pids = async () => (isMeasured ? [main, ...(await childrenOf(main))] : [main]);
  const sumOf = async (measure: (pid: number) => Promise<number>) =>
    isMeasured ? (await Promise.all((await pids()).map(measure))).reduce((sum, one) => sum + one, 0) : 0;
  return {
    program,
    port: Number(new URL(program.url).port),
    get isAlive() {
      return program.process.exitCode === null && program.process.signalCode === null;
    },
    memoryBytes: () => sumOf(ownBytesOf),
    openFiles: () => sumOf(async (pid) => (await readdir(`/proc/${pid}/fd`)).length),
    processorTime: async () => ({
      runNs: await sumOf(async (pid) => (await schedulingOf(pid)).runNs),
      waitNs: await sumOf(async (pid) => (await schedulingOf(pid)).waitNs),
    }),
    pids,
  };
}

/** How long a server has had since then, in milliseconds, without the time in which it had work and no processor. */
export async function ownTimeOf(target: Target): Promise<() => Promise<number>> {
  const startedAtMs = performance.now();
  const waitNs = async () => (target.isAlive ? (await target.processorTime()).waitNs : 0);
  const beforeNs = await waitNs();
  return async () => performance.now() - startedAtMs - ((await waitNs()) - beforeNs) / 1_000_000;
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}

async function ownBytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1]) * 1024;
}

async function schedulingOf(pid: number): Promise<ProcessorTime> {
  const [runNs = 0, waitNs = 0] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ').map(Number);
  return { runNs, waitNs };
}
