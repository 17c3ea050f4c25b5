import Database from 'libsql';
import { describe, expect, it, vi } from 'vitest';
import { openStore } from '../src/upstream/store/open.js';
import { atEnd, realClock, recordingLogger, temporaryStore } from './fixtures.js';
import { cost, scriptedUpstream, startTestServer, success, testConfig } from './harness.js';
import { describeRedis, startRedis } from './redis.js';

const within = { timeout: 20_000 };
const dryRun = { 'x-dry-run': '1' };

const profileOf = (nth: number, args = '') =>
  `{ creator(id: "660000000000000000${nth}") { profile${args} { name isStale } } }`;
const named = (isStale = false) => ({ creator: { profile: { name: '张', isStale } } });
const called = (nth: number) => `profile 660000000000000000${nth} SHORT_VIDEO`;

/** A server with STORE_REQUIRED=1, and what it says about its store. */
async function setUp(storeUrl: string) {
  const env = { STORE_URL: storeUrl, STORE_REQUIRED: '1', DAILY_MAX_CALLS: '10' };
  const { logger, logs } = recordingLogger();
  const store = await openStore(testConfig(env), logger);
  atEnd(() => store.close());
  const upstream = await scriptedUpstream(() => success({ nick_name: '张' }));
  const server = await startTestServer({ upstream, store, env, clock: realClock });
  const degraded = async () => (await (await server.fetch('/ready')).json()).degraded;
  return { upstream, server, store, logs, degraded };
}

async function paysNothingWhileLost(
  storeUrl: string,
  { lose, restore }: { readonly lose: () => Promise<void>; readonly restore: () => Promise<void> },
): Promise<void> {
  const { upstream, server, store, logs, degraded } = await setUp(storeUrl);
  expect((await server.ask(profileOf(1))).data).toEqual(named());
  expect([await degraded(), logs]).toEqual([[], []]);

  await lose();
  const { data, errors, extensions } = await server.ask(profileOf(2));
  expect(data).toEqual({ creator: { profile: null } });
  expect(errors).toEqual([
    expect.objectContaining({
      message: expect.stringContaining('STORE_REQUIRED'),
      path: ['creator', 'profile'],
      extensions: {
        code: 'UPSTREAM_UNAVAILABLE',
        endpoint: 'profile',
        retryable: true,
        retryAfterSeconds: 5,
      },
    }),
  ]);
  expect(extensions?.cost).toEqual(cost({ failedCalls: 1 }));
  expect(await degraded()).toEqual(['store: lost, so no call is made until it is back (STORE_REQUIRED)']);
  expect(logs).toEqual([expect.stringContaining('The store is lost, so no call is made until it is back')]);
  // A dry run says so, and what memory has is served, fresh or stale.
  const forecast = await server.ask(profileOf(2), {}, dryRun);
  expect(forecast.extensions?.cost).toMatchObject({ paidCalls: 0, failedCalls: 1 });
  expect((await server.ask(profileOf(1))).data).toEqual(named());
  expect((await server.ask(profileOf(1, '(maxAgeSeconds: 0)'))).data).toEqual(named(true));
  expect(upstream.calls).toEqual([called(1)]);

  await restore();
  await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
  expect((await server.ask(profileOf(2))).data).toEqual(named());
  expect(await degraded()).toEqual([]);
  expect((await server.ask('{ upstream { callsToday } }')).data.upstream.callsToday).toBe(2);
  expect(upstream.calls).toEqual([called(1), called(2)]);
}

describe('a server with STORE_REQUIRED=1', () => {
  it('pays nothing while another program locks its SQLite file', async () => {
    const storeUrl = await temporaryStore();
    let other: InstanceType<typeof Database> | null = null;
    await paysNothingWhileLost(storeUrl, {
      lose: async () => {
        other = new Database(storeUrl.replace('sqlite:', ''));
        other.exec('BEGIN IMMEDIATE');
      },
      restore: async () => {
        other?.exec('COMMIT');
        other?.close();
      },
    });
  });
});

describeRedis('a server with STORE_REQUIRED=1 on Redis', () => {
  it('pays nothing while Redis is away', async () => {
    const redis = await startRedis();
    await paysNothingWhileLost(redis.url, { lose: redis.stop, restore: redis.restart });
  });

  it('starts without Redis, and pays nothing until it is there', async () => {
    const redis = await startRedis();
    await redis.stop();
    const { upstream, server, store, degraded } = await setUp(redis.url);
    expect((await server.ask(profileOf(1))).errors?.[0]?.extensions['code']).toBe('UPSTREAM_UNAVAILABLE');
    expect(await degraded()).toHaveLength(1);
    expect(upstream.calls).toEqual([]);
    await redis.restart();
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
    expect((await server.ask(profileOf(1))).data).toEqual(named());
    expect(upstream.calls).toEqual([called(1)]);
  });
});
