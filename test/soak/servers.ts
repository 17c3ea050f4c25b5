import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtServer, type Program, startProgram } from '../bench/program.js';
import { freePort } from '../bench/redisServer.js';

/** A server that can be ended and started again at the same address. */
export class SoakServer {
  readonly #env: Readonly<Record<string, string>>;
  readonly url: string;
  #program: Program | null = null;
  startedAtMs = 0;
  /** Ended by itself, or with another exit code than expected. */
  readonly crashes: string[] = [];
  #isEnding = false;

  private constructor(env: Readonly<Record<string, string>>, port: number) {
    this.#env = { ...env, PORT: String(port) };
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(env: Readonly<Record<string, string>>): Promise<SoakServer> {
    const server = new SoakServer(env, await freePort());
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const program = await startProgram(builtServer, this.#env);
    this.#program = program;
    this.#isEnding = false;
    this.startedAtMs = Date.now();
    program.process.once('exit', (code, signal) => {
      if (!this.#isEnding) this.crashes.push(`${code ?? signal}: ${program.output().slice(-1_000)}`);
    });
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#isEnding = true;
    const code = await this.#program?.end(signal);
    if (signal === 'SIGTERM' && code !== 0) this.crashes.push(`exit code ${code} after SIGTERM`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#program?.process.kill(signal);
  }

  /** Kills one of its workers. False: it has none. */
  killWorker(nth: number): boolean {
    const workers = this.#workers();
    const pid = workers[nth % Math.max(1, workers.length)];
    if (pid === undefined) return false;
    process.kill(pid, 'SIGKILL');
    return true;
  }

  /** Lines of the log from `warn` on, which are not about a call. */
  output(): string {
    return this.#program?.output() ?? '';
  }

  /** Of all its processes, in MB. */
  residentMb(): number {
    const pids = [this.#program?.process.pid ?? 0, ...this.#workers()];
    return pids.reduce((sum, pid) => sum + residentKb(pid), 0) / 1024;
  }

  #workers(): number[] {
    try {
      return execFileSync('pgrep', ['-P', String(this.#program?.process.pid)], { encoding: 'utf8' })
        .trim()
        .split('\n')
        .map(Number);
    } catch {
      return [];
    }
  }
}

/** 0: the process has ended. */
function residentKb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
