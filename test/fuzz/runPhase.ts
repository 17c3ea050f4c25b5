import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../../src/sandbox/random.js';
import { inMb } from '../bench/memory.js';
import { quantile } from '../bench/statistics.js';
import type { Attack, ConnectionAttack } from './attack.js';
import { check } from './checks.js';
import type { Probe, Probed } from './probe.js';
import { ownTimeOf, type ProcessorTime, type Target } from './target.js';
import type { CountingUpstream } from './upstream.js';
import { exchange } from './wire.js';

export interface PhaseReport {
  readonly name: string;
  readonly requests: number;
  /** How often each status came, or what else happened. */
  readonly statuses: ReadonlyMap<string, number>;
  /** Of the small query beside it, in milliseconds. */
  readonly probed: Probed;
  /**
   * Of the time in which the server had work, the part in which it had a processor. Attackers and other programs of this
   * machine take the rest, and it does not count as the server's.
   */
  readonly processorShare: number;
  /** Of the server's processes, at the end of the phase. Zero where it can't be measured. */
  readonly memoryBytes: number;
  readonly calls: number;
  readonly violations: readonly Violation[];
}

export interface Violation {
  readonly what: string;
  /** Of the request in its phase: with the seed it makes the same bytes. Null: it is no single request's. */
  readonly request: number | null;
  readonly seed: string | null;
  readonly bytes: Buffer | null;
}

/** The most that the small query may take beside an attack, at the 99th percentile, on a processor of its own. */
const mostProbeMs = 250;
/** With fewer answers in a phase, the 99th percentile would be the slowest one. */
const leastProbes = 50;
/** Of the heap of each process. One that fills it dies. */
export const heapMb = 768;
/** Of each process: its heap, and what it has outside of it, such as bodies and responses on their way. */
const mostMemoryBytes = (heapMb + 384) * 1_048_576;
/** Connections to upstream, and what Node opens by itself. */
const mostAddedFiles = 64;
const filesWithinMs = 10_000;
/** After so many faults of one kind, more would say nothing new. */
const mostViolations = 5;

export interface PhaseOptions {
  readonly seeds: readonly string[];
  readonly workers: number;
  readonly request?: number;
  readonly forMs: number;
  readonly server: Target;
  readonly probe: Probe;
  readonly upstream: CountingUpstream;
  readonly secrets: readonly string[];
}

/** Attacks for some time, and checks what holds for each response, and for the server during and after the attack. */
export async function runPhase(
  attack: Attack | ConnectionAttack,
  options: PhaseOptions,
): Promise<PhaseReport> {
  const { server, probe, upstream, workers } = options;
  const violations: Violation[] = [];
  const statuses = new Map<string, number>();
  const before = {
    time: await server.processorTime(),
    calls: upstream.calls,
    files: await server.openFiles(),
    pids: String(await server.pids()),
  };
  const phase: Phase = {
    ...options,
    endAt: performance.now() + options.forMs,
    count: (status) => void statuses.set(status, (statuses.get(status) ?? 0) + 1),
    violate: (what, by = {}) => void violations.push({ ...violation(what), ...by }),
    isOver: () => violations.length >= mostViolations || !server.isAlive,
  };
  await probe.take();
  const { requests, paidCalls } =
    'shot' in attack ? await fire(attack, phase) : await besiege(attack, phase, statuses);
  const memoryBytes = server.isAlive ? await server.memoryBytes() : 0;
  const probed = await probe.take();
  const processorShare = server.isAlive ? shareOf(before.time, await server.processorTime()) : 1;
  const calls = upstream.calls - before.calls;
  if (!server.isAlive)
    violations.push(violation(`The server died: ${server.program.output().slice(-2_000)}`));
  else {
    const files = await settledFiles(server, before.files + mostAddedFiles * workers);
    if (files > before.files + mostAddedFiles * workers)
      violations.push(violation(`${files} open files, before ${before.files}`));
    const pids = String(await server.pids());
    if (pids !== before.pids) violations.push(violation(`The processes are ${pids}, before ${before.pids}`));
  }
  if (calls !== paidCalls) violations.push(violation(`${calls} calls, but ${paidCalls} were reported`));
  if (memoryBytes > mostMemoryBytes * workers) violations.push(violation(`${inMb(memoryBytes)} of memory`));
  if (probed.wrong[0] !== undefined) violations.push(violation(`The small query: ${probed.wrong[0]}`));
  violations.push(...slowProbes(probed, processorShare));
  return { name: attack.name, requests, statuses, probed, processorShare, memoryBytes, calls, violations };
}

interface Phase extends PhaseOptions {
  readonly endAt: number;
  count(status: string): void;
  violate(what: string, by?: Partial<Violation>): void;
  isOver(): boolean;
}

/** Sends requests over several connections at once. */
async function fire(attack: Attack, phase: Phase) {
  const { seeds, server, secrets, request } = phase;
  let next = request ?? 0;
  let requests = 0;
  let paidCalls = 0;
  const isOver = () =>
    (request === undefined ? performance.now() > phase.endAt : requests > 0) || phase.isOver();
  const client = async () => {
    // At least one, however little processor time there is.
    do {
      const nth = next++;
      requests += 1;
      const seed = seeds[nth % seeds.length] ?? '';
      const shot = attack.shot(randomFrom(`${seed} ${attack.name} ${nth}`));
      const received = await exchange(server.port, shot);
      const verdict = check(shot, received, secrets);
      paidCalls += verdict.paidCalls;
      for (const { status } of received.responses) phase.count(String(status));
      if (received.responses.length === 0) phase.count('closed');
      if (verdict.fault !== null) {
        phase.violate(verdict.fault, { request: nth, seed, bytes: Buffer.concat(shot.pieces) });
      }
    } while (!isOver());
  };
  await Promise.all(Array.from({ length: attack.connections }, client));
  return { requests, paidCalls };
}

/** Holds connections. */
async function besiege(attack: ConnectionAttack, phase: Phase, statuses: ReadonlyMap<string, number>) {
  const signal = AbortSignal.timeout(Math.max(500, Math.round(phase.endAt - performance.now())));
  await attack.hold({
    server: phase.server,
    random: randomFrom(`${phase.seeds[0]} ${attack.name}`),
    signal,
    count: phase.count,
    violate: (what, bytes) => phase.violate(what, { bytes: bytes ?? null }),
  });
  const requests = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  return { requests, paidCalls: 0 };
}

/** How many files are open when it is few enough, or after some of the server's own time. */
async function settledFiles(server: Target, most: number): Promise<number> {
  const ownTime = await ownTimeOf(server);
  for (;;) {
    const files = await server.openFiles();
    if (files <= most || (await ownTime()) > filesWithinMs) return files;
    await sleep(50);
  }
}

function shareOf(before: ProcessorTime, after: ProcessorTime): number {
  const runNs = after.runNs - before.runNs;
  const waitNs = after.waitNs - before.waitNs;
  return runNs === 0 ? 1 : runNs / (runNs + waitNs);
}

/** `share`: the `processorShare` of the server meanwhile. */
export function slowProbes({ tookMs, bareMs }: Omit<Probed, 'wrong'>, share: number): Violation[] {
  if (tookMs.length < leastProbes) return [];
  const p99 = quantile(tookMs, 0.99);
  const bareP99 = quantile(bareMs, 0.99);
  if (p99 * share <= mostProbeMs + bareP99) return [];
  return [
    violation(
      `The small query took ${p99.toFixed(0)} ms at the 99th percentile. The server had a processor for ${(100 * share).toFixed(0)} % of the time, and a server that does nothing took ${bareP99.toFixed(0)} ms`,
    ),
  ];
}

/** Of the server, and not of a single request. */
export function violation(what: string): Violation {
  return { what, request: null, seed: null, bytes: null };
}
