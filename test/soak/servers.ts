import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectingOnDemand } from '../bench/memory.js';
import { builtServer, type Program, startProgram } from '../bench/program.js';
import { freePort } from '../freePort.js';

interface Interval {
  readonly fromMs: number;
  toMs: number;
}

/** A killed worker's connections are gone within this time, and another worker is there. */
const workerBackMs = 3_000;

/** A server that can be ended and started again at the same address. */
export class SoakServer {
  readonly url: string;
  /** What it should not have done: ended by itself, or with another exit code. */
  readonly crashes: string[] = [];
  /** A balancer sends it requests. */
  isInRotation = false;
  readonly #env: Readonly<Record<string, string>>;
  readonly #earlierOutput: string[] = [];
  /** When a request may have got no answer. */
  readonly #troubles: Interval[] = [];
  #program: Program | null = null;
  #isEnding = false;

  private constructor(env: Readonly<Record<string, string>>, port: number) {
    this.#env = { ...env, PORT: String(port) };
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(env: Readonly<Record<string, string>>): Promise<SoakServer> {
    const server = new SoakServer(env, await freePort());
    await server.#start();
    return server;
  }

  /** As a process that fails does. */
  async killAndStart(onKill: () => void): Promise<void> {
    const trouble = this.#beginTrouble();
    this.#isEnding = true;
    const ended = this.#program?.end('SIGKILL');
    onKill();
    await ended;
    onKill();
    await this.#start();
    trouble.toMs = Date.now();
  }

  /** As a rolling restart does: the balancer sends it nothing more, and it may lose no request. */
  async restart(): Promise<void> {
    this.isInRotation = false;
    await this.end();
    await this.#start();
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    const code = await this.#program?.end('SIGTERM');
    if (code !== 0) this.crashes.push(`exit code ${code} after SIGTERM: ${this.#program?.output()}`);
  }

  /** Whatever it does, if it runs. */
  async kill(): Promise<void> {
    this.#isEnding = true;
    for (const pid of this.pids()) send(pid, 'SIGKILL');
  }

  async pause(ms: number): Promise<void> {
    const trouble = this.#beginTrouble();
    for (const pid of this.pids()) send(pid, 'SIGSTOP');
    await sleep(ms);
    for (const pid of this.pids()) send(pid, 'SIGCONT');
    trouble.toMs = Date.now();
  }

  reload(): void {
    this.#program?.process.kill('SIGHUP');
  }

  /** False: it has no workers. */
  async killWorker(nth: number, onKill: () => void): Promise<boolean> {
    const [, ...workers] = this.pids();
    const pid = workers[nth % Math.max(1, workers.length)];
    if (pid === undefined) return false;
    const trouble = this.#beginTrouble();
    send(pid, 'SIGKILL');
    onKill();
    await sleep(workerBackMs);
    trouble.toMs = Date.now();
    return true;
  }

  /** Whether a request since then may have got no answer. */
  hadTroubleSince(ms: number): boolean {
    return this.#troubles.some(({ toMs }) => toMs >= ms);
  }

  /** Everything that it has written. */
  output(): string {
    return [...this.#earlierOutput, this.#program?.output() ?? ''].join('');
  }

  /** Of its primary and its workers. Empty: it does not run. */
  pids(): number[] {
    const pid = this.#program?.process.pid;
    if (pid === undefined || this.#program?.process.exitCode !== null) return [];
    try {
      const children = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
      return [pid, ...children.trim().split('\n').map(Number)];
    } catch {
      return [pid];
    }
  }

  /** Lets its processes collect their garbage, which is most of what they hold between two collections. */
  collectGarbage(): void {
    for (const pid of this.pids()) send(pid, 'SIGWINCH');
  }

  #beginTrouble(): Interval {
    const trouble = { fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY };
    this.#troubles.push(trouble);
    return trouble;
  }

  async #start(): Promise<void> {
    if (this.#program) this.#earlierOutput.push(this.#program.output());
    const program = await startProgram([...collectingOnDemand, ...builtServer], this.#env);
    this.#program = program;
    this.#isEnding = false;
    this.isInRotation = true;
    program.process.once('exit', (code, signal) => {
      if (!this.#isEnding) this.crashes.push(`ended by itself (${code ?? signal}): ${program.output()}`);
    });
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

/** Of a process and in MB, without pages of files. Null: it has ended, or this system does not say. */
export function ownMb(pid: number): number | null {
  try {
    const [, kb] = /^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kb === undefined ? null : Number(kb) / 1024;
  } catch {
    return null;
  }
}
