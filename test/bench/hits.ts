import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import Database from 'libsql';
import { LRUCache } from 'lru-cache';
import { readConfig } from '../../src/config.js';
import { createLog } from '../../src/telemetry/log.js';
import { elapsed, later } from '../../src/time.js';
import { namespaceOf, storeKey } from '../../src/upstream/cache/storedAnswer.js';
import { type Client, createClient } from '../../src/upstream/client.js';
import { callOf } from '../../src/upstream/endpoints/call.js';
import type { CreatorArgs } from '../../src/upstream/endpoints/ofCreator.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { createTransport } from '../../src/upstream/http/transport.js';
import type { SectionRequest } from '../../src/upstream/section.js';
import { openDriver, openStore } from '../../src/upstream/store/open.js';
import { openRedisStore } from '../../src/upstream/store/redis/redis.js';
import { type Benchmark, type Outcome, type Rounds, takeTurns } from './benchmark.js';
import { callsAbout, fill, idsOf } from './fill.js';
import { hasRedisServer, startRedisServer } from './redisServer.js';
import { median } from './statistics.js';

const ids = idsOf(1_000);
const most = 3;

/** Memory for all sections, and so little that reading 5,000 sections in turn never hits it. */
const enoughBytes = 512 * 1_048_576;
const leastBytes = 1_048_576;

/** Where nothing listens: a call would fail, and the benchmark with it. */
const nowhere = 'http://127.0.0.1:1';

const requests: readonly SectionRequest[] = callsAbout(ids).map((call) => ({
  call,
  maxAgeSeconds: 86_400,
  awaitedFromSeconds: Number.POSITIVE_INFINITY,
}));

/** What a hit costs, beside the bare read of the level that it comes from. */
export const hits: Benchmark = {
  name: 'hits',
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'xingtu-hits-'));
    const levels = [await memoryLevel(`sqlite:${folder}/memory.db`), await sqliteLevel(`${folder}/store.db`)];
    const redisServer = hasRedisServer() ? await startRedisServer() : null;
    if (redisServer) levels.push(await redisLevel(redisServer.url));
    await redisServer?.end();
    await rm(folder, { recursive: true });
    return {
      unit: 'µs',
      series: levels.flatMap(({ series }) => series),
      bounds: levels.flatMap(({ bounds }) => bounds),
      bare: levels.flatMap(({ bare }) => bare),
      skipped: redisServer ? [] : ['Redis: there is no redis-server on this machine'],
    };
  },
};

async function memoryLevel(storeUrl: string): Promise<Outcome> {
  const { client, close } = await clientOver(storeUrl, enoughBytes);
  await hitStore(client, requests);
  const entries = new LRUCache<string, object>({ maxSize: enoughBytes, sizeCalculation: () => 1_024 });
  for (const request of requests) entries.set(request.call.key, request);
  const outcome = await compare('memory', 'lru-cache get', {
    rounds: { warmUp: 200, measured: 1_000 },
    readsARound: requests.length,
    hit: async (some) => {
      const operation = client.newOperation({
        signal: new AbortController().signal,
        payer: null,
        operationName: null,
        requestId: 'test',
      });
      for (const request of some) {
        if (!client.hit(anew(request), operation)) throw new Error('Expected a hit in memory');
      }
    },
    bare: async (some) => {
      for (const request of some) {
        if (!entries.get(anew(request).call.key)) throw new Error('Expected an entry');
      }
    },
  });
  await close();
  return outcome;
}

async function sqliteLevel(path: string): Promise<Outcome> {
  const { client, namespace, close } = await clientOver(`sqlite:${path}`, leastBytes);
  const store = await openDriver(
    { storeUrl: `sqlite:${path}`, cacheMaxBytes: leastBytes },
    createLog({ level: 'warn' }).logger,
  );
  const plain = new Database(`${path}-plain`);
  plain.exec('CREATE TABLE record (key TEXT NOT NULL UNIQUE, value TEXT NOT NULL)');
  const put = plain.prepare('INSERT INTO record VALUES (?, ?)');
  const get = plain.prepare('SELECT value FROM record WHERE key = ?').raw();
  const outcome = await compare('SQLite', 'SELECT, JSON.parse', {
    // The same text as it is, without our packing.
    prepare: async (all) => {
      plain.exec('BEGIN');
      for (const request of all) {
        const key = keyFor(namespace, request);
        const [text = null] = await store.getMany([key]);
        put.run([key, text ?? '']);
      }
      plain.exec('COMMIT');
    },
    rounds: { warmUp: 40, measured: 200 },
    readsARound: 500,
    hit: (some) => hitStore(client, some),
    bare: async (some) => {
      for (const request of some) {
        const [text] = get.get([keyFor(namespace, anew(request))]) as [string];
        parse(text);
      }
    },
  });
  await store.close();
  await close();
  return outcome;
}

async function redisLevel(url: string): Promise<Outcome> {
  const { client, namespace, close } = await clientOver(url, leastBytes);
  const redis = new Redis(url);
  const store = await openRedisStore(url);
  const plainKey = (request: SectionRequest) => `plain:${keyFor(namespace, request)}`;
  const outcome = await compare('Redis', 'GET, JSON.parse', {
    // The same text as it is, without our packing.
    prepare: async (all) => {
      for (const request of all) {
        const [text = null] = await store.getMany([keyFor(namespace, request)]);
        await redis.set(plainKey(request), text ?? '');
      }
    },
    rounds: { warmUp: 20, measured: 100 },
    readsARound: 250,
    hit: (some) => hitStore(client, some),
    bare: async (some) => {
      for (const request of some) {
        parse((await redis.get(plainKey(anew(request)))) ?? '');
      }
    },
  });
  redis.disconnect();
  await store.close();
  await close();
  return outcome;
}

/** One after the other, as one operation. */
async function hitStore(client: Client, some: readonly SectionRequest[]): Promise<void> {
  const operation = client.newOperation({
    signal: new AbortController().signal,
    payer: null,
    operationName: null,
    requestId: 'test',
  });
  for (const request of some) await client.lookUp([anew(request)], operation)[0];
}

/** What a store keeps of an answer: a line of facts, then the body. */
function parse(text: string): unknown {
  return JSON.parse(text.slice(text.indexOf('\n') + 1));
}

/** With a new call, because each operation makes its own. */
function anew(request: SectionRequest): SectionRequest {
  const { endpoint, args } = request.call;
  return { ...request, call: callOf(endpoint.name, args as CreatorArgs) };
}

function keyFor(namespace: string, { call }: SectionRequest): string {
  return storeKey('answer', namespace, call);
}

interface Compared {
  readonly rounds: Rounds;
  readonly readsARound: number;
  prepare?(requests: readonly SectionRequest[]): Promise<void>;
  hit(requests: readonly SectionRequest[]): Promise<void>;
  bare(requests: readonly SectionRequest[]): Promise<void>;
}

async function compare(
  level: string,
  bareName: string,
  { rounds, readsARound, prepare, hit, bare }: Compared,
): Promise<Outcome> {
  await prepare?.(requests);
  const took = await takeTurns(rounds, { hit: inTurn(hit), bare: inTurn(bare) });
  const microsARead = (tookMs: readonly number[]) => tookMs.map((ms) => (ms * 1000) / readsARound);
  const hitMicros = microsARead(took.hit);
  const bareMicros = microsARead(took.bare);
  const base = median(bareMicros);
  const bareSeries = { name: `${level}, bare: ${bareName}`, values: bareMicros, base };
  return {
    unit: 'µs',
    series: [{ name: `${level}, hit`, values: hitMicros, base }, bareSeries],
    bare: [bareSeries],
    bounds: [{ what: `${level}: median to the bare median`, value: median(hitMicros) / base, most }],
  };

  function inTurn(read: Compared['hit']): () => Promise<void> {
    let at = 0;
    return () => {
      const some = requests.slice(at, at + readsARound);
      at = (at + readsARound) % requests.length;
      return read(some);
    };
  }
}

/** A client as the server has it, over a store that has all the sections. */
async function clientOver(
  storeUrl: string,
  cacheMaxBytes: number,
): Promise<{ readonly client: Client; readonly namespace: string; close(): Promise<void> }> {
  const config = readConfig(
    {
      JUSTONEAPI_TOKEN: 'bench-7d1f09c2e6a84b35',
      JUSTONEAPI_BASE_URL: nowhere,
      STORE_URL: storeUrl,
      CACHE_MAX_BYTES: String(cacheMaxBytes),
    },
    Object.values(endpoints),
  );
  const logger = createLog({ level: 'warn' }).logger;
  const namespace = namespaceOf(config);
  const store = await openStore(config, logger);
  await fill(store, namespace, ids);
  const transport = createTransport({ baseUrl: nowhere, token: 'none', timeoutMs: 1_000 });
  const client = await createClient({
    routes: [{ name: 'nowhere', transport }],
    store,
    namespace,
    fingerprint: 'bench',
    observer: { attempt() {}, call() {} },
    config,
    logger,
    now: Date.now,
    elapsed,
    after: later,
    random: Math.random,
  });
  return {
    client,
    namespace,
    close: async () => {
      client.close();
      await transport.close();
      await store.close();
    },
  };
}
