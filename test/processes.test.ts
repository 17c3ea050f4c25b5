import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { describe, expect, it, vi } from 'vitest';
import { type SandboxOptions, startSandbox } from '../src/sandbox/server.js';
import { endpoints } from '../src/upstream/endpoints/table.js';
import { Answers } from './bench/chaos/answers.js';
import { selections } from './bench/chaos/truth.js';
import { builtServer, type Program, startProgram } from './bench/program.js';
import { documentedEndpoints } from './documentedEndpoints.js';
import { atEnd, temporaryStore, testToken } from './fixtures.js';
import { describeRedis, startRedis } from './redis.js';

/** Every section, with the fields that `Answers` compares with what upstream has. */
const sections = documentedEndpoints
  .map((name) => `${name} { __typename platform hasData ${selections[name]} raw }`)
  .join(' ');
const query = `query ($ids: [ID!]!) { creators(ids: $ids) { id ${sections} } }`;

/** How long a disturbance lasts. Every answer meanwhile and after it must be right, whatever it is. */
const pauseMs = 500;

/** Longer than a server waits for Redis. */
const redisLostMs = 3_500;

/** So that the clients do not take the whole machine. */
const betweenRequestsMs = 100;

function idsOf(count: number): string[] {
  return Array.from({ length: count }, (_, nth) => String(7_000_000_000_000_000_000n + BigInt(nth)));
}

/** The sandbox in this process, with the calls that it would bill. */
async function billingUpstream(latencyMs: number) {
  const billed: string[] = [];
  const names = Object.fromEntries(Object.values(endpoints).map(({ path, name }) => [path, name]));
  const options: SandboxOptions = {
    latency: { kind: 'constant', ms: latencyMs },
    onBilled: ({ path, creatorId }) => billed.push(`${names[path]} ${creatorId}`),
  };
  let sandbox = await startSandbox(options);
  atEnd(() => sandbox.close());
  const { baseUrl } = sandbox;
  return {
    billed,
    baseUrl,
    stop: () => sandbox.close(),
    startAgain: async () => {
      sandbox = await startSandbox({ ...options, port: Number(new URL(baseUrl).port) });
    },
  };
}

async function startServer(storeUrl: string, baseUrl: string): Promise<Program> {
  const server = await startProgram(builtServer, {
    PORT: '0',
    STORE_URL: storeUrl,
    JUSTONEAPI_TOKEN: testToken,
    JUSTONEAPI_BASE_URL: baseUrl,
    UPSTREAM_CONCURRENCY: '64',
    LOG_LEVEL: 'warn',
    QUERY_MAX_CALLS: '500',
  });
  atEnd(async () => {
    server.process.kill('SIGCONT');
    await server.end('SIGKILL');
  });
  return server;
}

async function ask({ url }: Program, ids: readonly string[]): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { ids } }),
  });
  return response.text();
}

function processesOn(openStore: () => Promise<TestStore>): void {
  vi.setConfig({ testTimeout: 120_000 });

  it('pay once for sections that all of them are asked for at the same moment', async () => {
    const upstream = await billingUpstream(100);
    const { url } = await openStore();
    const servers = await Promise.all(Array.from({ length: 4 }, () => startServer(url, upstream.baseUrl)));
    const ids = idsOf(50);
    const texts = await Promise.all(servers.map((server) => ask(server, ids)));
    const answers = new Answers();
    for (const text of texts) await answers.check(text);
    expect(answers).toMatchObject({ wrongData: [], unexplained: [] });
    expect(Object.fromEntries(answers.outcomes)).toEqual({ OK: 1_000 });
    expect(servers.map((server) => server.output()).join('')).not.toContain('"level"');
    const twice = upstream.billed.filter((call, nth) => upstream.billed.indexOf(call) !== nth);
    expect(twice).toEqual([]);
    expect(upstream.billed).toHaveLength(250);
  });

  it('never give a wrong, mixed-up or half-written answer, whatever is killed or paused', async () => {
    const upstream = await billingUpstream(50);
    const { url, disturb } = await openStore();
    const start = () => startServer(url, upstream.baseUrl);
    const servers = await Promise.all([start(), start(), start()]);
    const answers = new Answers();
    const ids = idsOf(400);
    let responses = 0;
    let isOver = false;
    const clients = Array.from({ length: 6 }, async (_, client) => {
      for (let nth = 0; !isOver; nth += 1) {
        const server = servers[(client + nth) % servers.length] as Program;
        const from = (client * 61 + nth * 7) % ids.length;
        // A server that is killed does not answer.
        const text = await ask(server, ids.slice(from, from + 5)).catch(() => null);
        if (text !== null) {
          await answers.check(text);
          responses += 1;
        }
        await sleep(betweenRequestsMs);
      }
    });
    const moreResponses = () => {
      const enough = responses + 20;
      return vi.waitFor(() => expect(responses).toBeGreaterThanOrEqual(enough), { timeout: 60_000 });
    };
    const disturbances = [
      async () => {
        servers[0]?.process.kill('SIGKILL');
        servers[0] = await start();
      },
      ...disturb,
      async () => {
        servers[1]?.process.kill('SIGSTOP');
        await sleep(pauseMs);
        servers[1]?.process.kill('SIGCONT');
      },
      async () => {
        await upstream.stop();
        await sleep(pauseMs);
        await upstream.startAgain();
      },
    ];
    for (const happen of disturbances) {
      await moreResponses();
      await happen();
    }
    await moreResponses();
    isOver = true;
    await Promise.all(clients);
    expect(answers).toMatchObject({ wrongData: [], unexplained: [] });
    expect(answers.outcomes.get('OK')).toBeGreaterThan(400);

    // Everything works again, and what is stored is right.
    const calm = new Answers();
    for (const server of servers) await calm.check(await ask(server, ids.slice(0, 100)));
    expect(calm).toMatchObject({ wrongData: [], unexplained: [] });

    // All of it is stored, so no server pays again.
    const billed = upstream.billed.length;
    for (const server of servers) await calm.check(await ask(server, ids.slice(0, 100)));
    expect(calm).toMatchObject({ wrongData: [], unexplained: [] });
    expect(upstream.billed).toHaveLength(billed);
  });
}

interface TestStore {
  readonly url: string;
  /** Disturbances of the store. */
  readonly disturb: readonly (() => Promise<void>)[];
}

describe('a process on an SQLite file', () => {
  it('serves every section that a client had received before a kill -9, without a call', async () => {
    const upstream = await billingUpstream(20);
    const url = await temporaryStore();
    const server = await startServer(url, upstream.baseUrl);
    const received: string[] = [];
    const left = idsOf(10_000);
    const clients = Array.from({ length: 8 }, async () => {
      for (;;) {
        const id = left.shift() ?? '';
        const text = await ask(server, [id]).catch(() => null);
        if (text === null) return;
        received.push(id);
        if (received.length === 60) server.process.kill('SIGKILL');
      }
    });
    await Promise.all(clients);
    expect(received.length).toBeGreaterThanOrEqual(60);

    const next = await startServer(url, upstream.baseUrl);
    const answers = new Answers();
    for (let at = 0; at < received.length; at += 100) {
      await answers.check(await ask(next, received.slice(at, at + 100)));
    }
    expect(answers).toMatchObject({ wrongData: [], unexplained: [] });
    expect(Object.fromEntries(answers.outcomes)).toEqual({ OK: 5 * received.length });
    // Calls in flight at the kill were billed, too, and no client received their answers.
    const ofReceived = upstream.billed.filter((call) => received.includes(call.split(' ')[1] ?? ''));
    expect(ofReceived).toHaveLength(5 * received.length);
  });
});

describe('a server whose SQLite file is deleted', () => {
  it('writes what it has in memory to the new file, so that nobody pays for it again', async () => {
    const upstream = await billingUpstream(0);
    const url = await temporaryStore();
    const server = await startServer(url, upstream.baseUrl);
    const ids = idsOf(20);
    await ask(server, ids);
    rmSync(url.replace('sqlite:', ''));
    const degraded = async () => (await (await fetch(new URL('/ready', server.url))).json()).degraded;
    await vi.waitFor(async () => expect(String(await degraded())).toContain('its file was deleted'));
    const answers = async () =>
      new Database(url.replace('sqlite:', ''))
        .prepare("SELECT count(*) FROM record WHERE key LIKE 'answer:%'")
        .raw()
        .all()
        .flat();
    await vi.waitFor(async () => expect(await answers()).toEqual([100]), { timeout: 10_000 });
    await server.end('SIGKILL');

    const next = await startServer(url, upstream.baseUrl);
    const checked = new Answers();
    await checked.check(await ask(next, ids));
    expect(Object.fromEntries(checked.outcomes)).toEqual({ OK: 100 });
    expect(upstream.billed).toHaveLength(100);
  });
});

describe('processes that share an SQLite file', () => {
  processesOn(async () => ({ url: await temporaryStore(), disturb: [] }));
});

describeRedis('processes that share a Redis', () => {
  processesOn(async () => {
    const redis = await startRedis();
    return {
      url: redis.url,
      disturb: [
        async () => {
          redis.pause();
          await sleep(redisLostMs);
          redis.resume();
        },
        async () => {
          await redis.stop();
          await sleep(pauseMs);
          await redis.restart();
        },
      ],
    };
  });
});
