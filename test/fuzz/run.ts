import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../../src/sandbox/random.js';
import { startProgram } from '../bench/program.js';
import { quantile } from '../bench/statistics.js';
import { type Attack, type ConnectionAttack, operationBytes, type TargetName } from './attack.js';
import { warmedQueries } from './attacks/connections.js';
import { adminKey, allowedOrigin, apiKey, persistedId, persistedQuery } from './attacks/keyed.js';
import { check } from './checks.js';
import { attacks } from './phases.js';
import { type Probe, type Probed, startProbe } from './probe.js';
import { type ProcessorTime, startTarget, type Target } from './target.js';
import { type CountingUpstream, startCountingUpstream } from './upstream.js';
import { exchange } from './wire.js';

export interface FuzzOptions {
  /** Requests take turns with them. */
  readonly seeds: readonly string[];
  /** For all phases together. */
  readonly seconds: number;
  /** WORKERS of the servers. */
  readonly workers: number;
  /** Only phases with these words in their names. Default: all. */
  readonly phases?: readonly string[];
  /** Only the request with this number, of each phase. */
  readonly request?: number;
  /** What Node is given to start a server. */
  readonly server: readonly string[];
  readonly onPhase?: (report: PhaseReport) => void;
}

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

export interface FuzzReport {
  readonly phases: readonly PhaseReport[];
  readonly memoryBeforeBytes: number;
  /** What both servers have logged. */
  readonly output: string;
  /** That hold for the run as a whole. */
  readonly violations: readonly Violation[];
}

/** The most that the small query may take beside an attack, at the 99th percentile, on a processor of its own. */
export const mostProbeMs = 250;
/** With fewer answers in a phase, the 99th percentile would be the slowest one. */
const leastProbes = 50;
/** What attacks may add to the memory of each process. */
export const mostAddedBytes = 768 * 1_048_576;
/** Connections to upstream, and what Node opens by itself. */
const mostAddedFiles = 64;
const filesWithinMs = 10_000;
/** After so many faults of one kind, more would say nothing new. */
const mostViolations = 5;

/** Recognisable, so that it is found where it must not be. */
const token = 'tok-fuzz-91c07d3e5ab24f68';

const bareServer = `
  const server = require('node:http').createServer((request, response) => request.resume().on('end', () => response.end('{}')));
  server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/x'));`;

/** Attacks servers of its own, phase after phase, and checks what they promise. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    return await attackAll(options, (end) => void ends.unshift(end));
  } finally {
    for (const end of ends) await end();
  }
}

async function attackAll(
  options: FuzzOptions,
  atEnd: (end: () => Promise<unknown>) => void,
): Promise<FuzzReport> {
  const { phases = [] } = options;
  const chosen = attacks.filter(
    ({ name }) => phases.length === 0 || phases.some((words) => name.includes(words)),
  );
  const upstream = await startCountingUpstream();
  atEnd(upstream.close);
  const bare = await startProgram(['-e', bareServer]);
  atEnd(bare.end);
  const servers = await startServers(options, upstream, atEnd);
  const keyHeader = { authorization: `Bearer ${apiKey}` };
  for (const query of warmedQueries) {
    const bytes = operationBytes({ query }, Object.entries(keyHeader));
    for (const { port } of Object.values(servers)) await exchange(port, { pieces: [bytes], responses: 1 });
  }
  const probeOf = ({ program }: Target, headers: Record<string, string>) => {
    const probe = startProbe({ url: program.url, bareUrl: new URL(bare.url).origin, headers });
    atEnd(probe.close);
    return probe;
  };
  const probes: Record<TargetName, Probe> = {
    open: probeOf(servers.open, {}),
    keyed: probeOf(servers.keyed, keyHeader),
  };
  // The first answers are slow, because nothing is compiled yet.
  await sleep(1_000);
  const memoryBeforeBytes = await servers.open.memoryBytes();

  const reports: PhaseReport[] = [];
  for (const attack of chosen) {
    const { target } = attack;
    const report = await runPhase(attack, {
      ...options,
      forMs: (options.seconds * 1_000) / chosen.length,
      server: servers[target],
      probe: probes[target],
      upstream,
      secrets: [token, ...(target === 'keyed' ? [adminKey] : [])],
    });
    reports.push(report);
    options.onPhase?.(report);
    if (!servers[target].isAlive) break;
  }

  const violations: Violation[] = [];
  const codes = await Promise.all(Object.values(servers).map(({ program }) => program.end()));
  if (codes.some((code) => code !== 0))
    violations.push(violation(`The servers ended with ${codes.join(' and ')}`));
  const output = Object.values(servers)
    .map(({ program }) => program.output())
    .join('');
  for (const secret of [token, apiKey, adminKey]) {
    if (output.includes(secret)) violations.push(violation('A secret is in the log'));
  }
  return { phases: reports, memoryBeforeBytes, output, violations };
}

async function startServers(
  { server, workers }: FuzzOptions,
  upstream: CountingUpstream,
  atEnd: (end: () => Promise<unknown>) => void,
): Promise<Record<TargetName, Target>> {
  const folder = await mkdtemp(join(tmpdir(), 'xingtu-fuzz-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ [persistedId]: persistedQuery }));
  const start = async (name: TargetName, env: Record<string, string>) => {
    const target = await startTarget(server, {
      JUSTONEAPI_TOKEN: token,
      JUSTONEAPI_BASE_URL: upstream.baseUrl,
      WORKERS: String(workers),
      STORE_URL: workers > 1 ? `sqlite:${folder}/${name}.db` : 'memory:',
      // Whatever is dropped for lack of memory would be paid again.
      CACHE_MAX_BYTES: String(256 * 1_048_576),
      ...env,
    });
    atEnd(() => target.program.end('SIGKILL'));
    return target;
  };
  const keys = {
    API_KEYS: `dashboard:${apiKey},admin:${adminKey}:admin`,
    CORS_ORIGINS: allowedOrigin,
    PERSISTED_DOCUMENTS: folder,
  };
  return { open: await start('open', {}), keyed: await start('keyed', keys) };
}

interface PhaseOptions extends Pick<FuzzOptions, 'workers' | 'request' | 'seeds'> {
  readonly forMs: number;
  readonly server: Target;
  readonly probe: Probe;
  readonly upstream: CountingUpstream;
  readonly secrets: readonly string[];
}

async function runPhase(attack: Attack | ConnectionAttack, options: PhaseOptions): Promise<PhaseReport> {
  const { server, probe, upstream, workers } = options;
  const violations: Violation[] = [];
  const statuses = new Map<string, number>();
  const before = {
    time: await server.processorTime(),
    calls: upstream.calls,
    files: await server.openFiles(),
    memory: await server.memoryBytes(),
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
  const most = before.memory + mostAddedBytes * workers;
  if (memoryBytes > most)
    violations.push(violation(`${inMb(memoryBytes)} of memory, before ${inMb(before.memory)}`));
  if (probed.wrong[0] !== undefined) violations.push(violation(`The small query: ${probed.wrong[0]}`));
  if (probed.tookMs.length >= leastProbes) violations.push(...slowProbes(probed, processorShare));
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
    while (!isOver()) {
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
    }
  };
  await Promise.all(Array.from({ length: attack.connections }, client));
  return { requests, paidCalls };
}

/** Holds connections. */
async function besiege(attack: ConnectionAttack, phase: Phase, statuses: ReadonlyMap<string, number>) {
  const signal = AbortSignal.timeout(Math.max(500, Math.round(phase.endAt - performance.now())));
  await attack.hold({
    port: phase.server.port,
    random: randomFrom(`${phase.seeds[0]} ${attack.name}`),
    signal,
    count: phase.count,
    violate: (what, bytes) => phase.violate(what, { bytes: bytes ?? null }),
  });
  const requests = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  return { requests, paidCalls: 0 };
}

/** How many files are open when it is few enough, or after some time. */
async function settledFiles(server: Target, most: number): Promise<number> {
  const endAt = performance.now() + filesWithinMs;
  for (;;) {
    const files = await server.openFiles();
    if (files <= most || performance.now() > endAt) return files;
    await sleep(50);
  }
}

function shareOf(before: ProcessorTime, after: ProcessorTime): number {
  const runNs = after.runNs - before.runNs;
  const waitNs = after.waitNs - before.waitNs;
  return runNs === 0 ? 1 : runNs / (runNs + waitNs);
}

function slowProbes({ tookMs, bareMs }: Probed, share: number): Violation[] {
  const p99 = quantile(tookMs, 0.99);
  const bareP99 = quantile(bareMs, 0.99);
  if (p99 * share <= mostProbeMs + bareP99) return [];
  return [
    violation(
      `The small query took ${p99.toFixed(0)} ms at the 99th percentile. The server had a processor for ${(100 * share).toFixed(0)} % of the time, and a server that does nothing took ${bareP99.toFixed(0)} ms`,
    ),
  ];
}

function violation(what: string): Violation {
  return { what, request: null, seed: null, bytes: null };
}

function inMb(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MB`;
}
