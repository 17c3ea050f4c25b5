import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessMemory } from './memory.js';
import { ownMb, type SoakServer } from './servers.js';

const everyMs = 5_000;

/** A collection has ended by then, and freed pages have gone back to the system. */
const collectedMs = 1_000;

/** Reads what the processes of servers hold after garbage collection. */
export class MemoryWatch {
  readonly #servers: readonly SoakServer[];
  readonly #elapsedSeconds: () => number;
  readonly #byPid = new Map<number, ProcessMemory>();
  readonly #timer = setInterval(() => void this.#read(), everyMs);

  constructor(servers: readonly SoakServer[], elapsedSeconds: () => number) {
    this.#servers = servers;
    this.#elapsedSeconds = elapsedSeconds;
  }

  get memories(): readonly ProcessMemory[] {
    return [...this.#byPid.values()];
  }

  /** What all processes that run hold now. */
  get mb(): number {
    const pids = this.#servers.flatMap((server) => server.pids());
    return pids.reduce((sum, pid) => sum + (this.#byPid.get(pid)?.readings.at(-1)?.mb ?? 0), 0);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #read(): Promise<void> {
    for (const server of this.#servers) server.collectGarbage();
    await sleep(collectedMs);
    for (const [nth, server] of this.#servers.entries()) {
      const pids = server.pids();
      for (const [at, pid] of pids.entries()) {
        const mb = ownMb(pid);
        if (mb === null) continue;
        const role = pids.length === 1 ? '' : at === 0 ? ', primary' : ', worker';
        const memory = this.#byPid.get(pid) ?? { name: `server ${nth + 1}${role}, ${pid}`, readings: [] };
        memory.readings.push({ seconds: this.#elapsedSeconds(), mb });
        this.#byPid.set(pid, memory);
      }
    }
  }
}
