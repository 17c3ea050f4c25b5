import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { readConfig } from '../../src/config.js';
import { startSandbox } from '../../src/sandbox/server.js';
import { createLog } from '../../src/telemetry/log.js';
import { namespaceOf } from '../../src/upstream/cache/storedAnswer.js';
import { endpointNames, endpoints } from '../../src/upstream/endpoints/table.js';
import { openDriver } from '../../src/upstream/store/open.js';
import type { Benchmark, Bound, Figure } from './benchmark.js';
import { fill, idsOf } from './fill.js';
import { collectedMemoryOf, collectingOnDemand, inMb, type Memory, memoryOf } from './memory.js';
import { builtServer, startProgram } from './program.js';
import { creatorFields } from './setUp.js';
import { median } from './statistics.js';

const creators = 50_000;
const fewerCreators = 10_000;

const rounds = 11;
const mostStartMs = 1_000;

/** As many as one operation may ask about. */
const creatorsAtOnce = 100;

/** The fewer creators need ten times the default of CACHE_MAX_BYTES, so memory has no reason to grow after them. */
const mostGrowth = 1.25;

type Env = Readonly<Record<string, string>>;

const query = `query Size($ids: [ID!]!) { creators(ids: $ids) { ${creatorFields} } }`;

/** What a large store takes: on disk, at start and in memory. */
export const size: Benchmark = {
  name: 'size',
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'xingtu-size-'));
    let calls = 0;
    const sandbox = await startSandbox({ onCall: () => (calls += 1) });
    const env = {
      PORT: '0',
      LOG_LEVEL: 'warn',
      QUERY_MAX_CALLS: String(creatorsAtOnce * endpointNames.length),
      STORE_URL: `sqlite:${folder}/store.db`,
      JUSTONEAPI_TOKEN: 'bench-7d1f09c2e6a84b35',
      JUSTONEAPI_BASE_URL: sandbox.baseUrl,
    };
    const onDisk = await fillFolder(folder, namespaceOf(readConfig(env, Object.values(endpoints))));
    const { withoutStore, afterEnd, afterCrash } = await timeStarts(env);
    const { figures, bounds } = await serveAll(env);
    await sandbox.close();
    await rm(folder, { recursive: true });
    if (calls > 0)
      throw new Error(`Expected every section from the store, but ${calls} were asked for upstream`);
    const base = median(withoutStore);
    const bareSeries = { name: 'start without a store', values: withoutStore, base };
    return {
      unit: 'ms',
      series: [
        { name: 'start to first line', values: afterEnd, base },
        { name: 'start after a crash', values: afterCrash, base },
        bareSeries,
      ],
      figures: [...onDisk, ...figures],
      bounds: [
        { what: 'median start, ms', value: median(afterEnd), most: mostStartMs },
        { what: 'median start after a crash, ms', value: median(afterCrash), most: mostStartMs },
        ...bounds,
      ],
      bare: [bareSeries],
    };
  },
};

async function fillFolder(folder: string, namespace: string): Promise<Figure[]> {
  const storeUrl = `sqlite:${folder}/store.db`;
  const store = await openDriver({ storeUrl, cacheMaxBytes: 0 }, createLog({ level: 'warn' }).logger);
  const figures: Figure[] = [];
  let filled = 0;
  for (const upTo of [fewerCreators, creators]) {
    await fill(store, namespace, idsOf(upTo - filled, filled));
    filled = upTo;
    const bytes = (await store.bytes()) ?? Number.NaN;
    figures.push({
      what: `file with ${upTo} creators`,
      value: `${inMb(bytes)}, ${(bytes / upTo / 1024).toFixed(1)} KB each`,
    });
  }
  await store.close();
  return figures;
}

/** In turns, so that other work of the machine affects all alike. */
async function timeStarts(env: Env): Promise<Starts> {
  const starts: Starts = { withoutStore: [], afterEnd: [], afterCrash: [] };
  for (let nth = 0; nth < rounds; nth += 1) {
    starts.withoutStore.push(await timeStart({ ...env, STORE_URL: 'memory:' }, 'SIGTERM'));
    starts.afterEnd.push(await timeStart(env, 'SIGKILL'));
    starts.afterCrash.push(await timeStart(env, 'SIGTERM'));
  }
  return starts;
}

interface Starts {
  readonly withoutStore: number[];
  readonly afterEnd: number[];
  readonly afterCrash: number[];
}

async function timeStart(env: Env, endSignal: NodeJS.Signals): Promise<number> {
  const startedAt = performance.now();
  const server = await startProgram(builtServer, env);
  const tookMs = performance.now() - startedAt;
  await server.end(endSignal);
  return tookMs;
}

/** Every section of every creator once, out of the store. */
async function serveAll(env: Env): Promise<{ readonly figures: Figure[]; readonly bounds: Bound[] }> {
  const server = await startProgram([...collectingOnDemand, ...builtServer], env);
  const url = new URL(server.url);
  const client = new Pool(url.origin);
  const figures = [figureOf('memory at start', await collectedMemoryOf(server))];
  const ownBytes: number[] = [];
  let highest = 0;
  let served = 0;
  for (const upTo of [fewerCreators, creators]) {
    for (; served < upTo; served += creatorsAtOnce) {
      const { body } = await client.request({
        method: 'POST',
        path: url.pathname,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { ids: idsOf(creatorsAtOnce, served) } }),
      });
      const answer = await body.text();
      if (answer.includes('"errors"'))
        throw new Error(`Expected an answer without errors, but got ${answer}`);
      highest = Math.max(highest, (await memoryOf(server)).ownBytes);
    }
    const memory = await collectedMemoryOf(server);
    figures.push(figureOf(`memory after ${upTo} creators`, memory));
    ownBytes.push(memory.ownBytes);
  }
  await client.close();
  await server.end();
  figures.push({ what: 'most of its own between collections', value: inMb(highest) });
  const [fewer = Number.NaN, all = Number.NaN] = ownBytes;
  const what = `own memory after ${creators} creators to that after ${fewerCreators}`;
  return { figures, bounds: [{ what, value: all / fewer, most: mostGrowth }] };
}

function figureOf(what: string, { ownBytes, fileBytes }: Memory): Figure {
  return { what, value: `${inMb(ownBytes)} of its own, ${inMb(fileBytes)} of files` };
}
