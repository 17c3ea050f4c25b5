import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProgram } from '../bench/program.js';
import { operationBytes, type TargetName } from './attack.js';
import { warmedQueries } from './attacks/connections.js';
import { adminKey, allowedOrigin, apiKey, persistedId, persistedQuery } from './attacks/keyed.js';
import { attacks } from './phases.js';
import { type Probe, startProbe } from './probe.js';
import { heapMb, type PhaseReport, runPhase, slowProbes, type Violation, violation } from './runPhase.js';
import { startTarget, type Target } from './target.js';
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

export interface FuzzReport {
  readonly phases: readonly PhaseReport[];
  readonly memoryBeforeBytes: number;
  /** What both servers have logged. */
  readonly output: string;
  /** That hold for the run as a whole. */
  readonly violations: readonly Violation[];
}

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

  // The phases of a short run have too few answers by themselves.
  const tookMs = reports.flatMap(({ probed, processorShare }) =>
    probed.tookMs.map((ms) => ms * processorShare),
  );
  const violations = slowProbes({ tookMs, bareMs: reports.flatMap(({ probed }) => probed.bareMs) }, 1);
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
    const target = await startTarget([`--max-old-space-size=${heapMb}`, ...server], {
      JUSTONEAPI_TOKEN: token,
      JUSTONEAPI_BASE_URL: upstream.baseUrl,
      WORKERS: String(workers),
      STORE_URL: workers > 1 ? `sqlite:${folder}/${name}.db` : 'memory:',
      // Whatever is dropped for lack of memory would be paid again.
      CACHE_MAX_BYTES: String(128 * 1_048_576),
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
