import { describe, expect, it } from 'vitest';
import { openDriver } from '../../src/upstream/store/open.js';
import { atEnd, realClock, recordingLogger, testClock, testStore } from '../fixtures.js';
import {
  cost,
  scriptedUpstream,
  sharedStore,
  startTestServer,
  success,
  type TestServer,
} from '../harness.js';
import { describeRedis, startRedis } from '../redis.js';

const env = { API_KEYS: 'dash:dashboard-key,crm:crm-key-123,ops:ops-key-123:admin' };
const as = (key: string) => ({ authorization: `Bearer ${key}` });
const [dash, crm, ops] = [as('dashboard-key'), as('crm-key-123'), as('ops-key-123')];

const creatorId = (nth: number) => `662972229587304449${nth}`;
const profileOf = (nth: number, name = '') =>
  `query ${name} { creator(id: "${creatorId(nth)}") { profile { followerCount } } }`;
const row = (some: object) => ({
  day: '2026-03-01',
  payer: null,
  endpoint: 'PROFILE',
  operationName: null,
  calls: 1,
  ...some,
});

const upstreamOf = () => scriptedUpstream((_, nth) => success({ follower: nth }));

async function spendOf(server: TestServer, headers = {}, days = ''): Promise<unknown> {
  const answer = await server.ask(
    `{ upstream { spend${days} { day payer endpoint operationName calls } } }`,
    {},
    headers,
  );
  expect(answer.errors).toBeUndefined();
  return answer.data.upstream.spend;
}

describe('Upstream.spend', () => {
  it('shows a server without keys everything that was paid', async () => {
    const server = await startTestServer({ upstream: await upstreamOf() });
    await server.ask(profileOf(1));
    await server.ask(
      `query Prices { creator(id: "${creatorId(1)}") { prices { hasData } profile { name } } }`,
    );
    await server.ask(profileOf(2));
    expect(await spendOf(server)).toEqual([
      row({ calls: 2 }),
      row({ endpoint: 'PRICES', operationName: 'Prices' }),
    ]);
    expect(server.calls).toHaveLength(3);
  });

  it('shows a key its own spend, and an admin everything', async () => {
    const server = await startTestServer({ upstream: await upstreamOf(), env });
    await server.ask(profileOf(1, 'Compare'), {}, dash);
    await server.ask(profileOf(2, 'Compare'), {}, dash);
    await server.ask(profileOf(3), {}, crm);
    // The cache has it, so crm pays nothing.
    await server.ask(profileOf(1), {}, crm);
    const ofDash = row({ payer: 'dash', operationName: 'Compare', calls: 2 });
    const ofCrm = row({ payer: 'crm' });
    expect(await spendOf(server, dash)).toEqual([ofDash]);
    expect(await spendOf(server, crm)).toEqual([ofCrm]);
    expect(await spendOf(server, ops)).toEqual([ofDash, ofCrm]);
    expect(server.calls).toHaveLength(3);
  });

  it("counts by China's days, and has those that were asked for", async () => {
    const server = await startTestServer({ upstream: await upstreamOf() });
    await server.ask(profileOf(1, 'Noon'));
    server.clock.advance(12 * 3_600);
    await server.ask(profileOf(2, 'Midnight'));
    const today = row({ day: '2026-03-02', operationName: 'Midnight' });
    const yesterday = row({ operationName: 'Noon' });
    expect(await spendOf(server)).toEqual([today, yesterday]);
    expect(await spendOf(server, {}, '(days: 1)')).toEqual([today]);
    expect(await spendOf(server, {}, '(days: 400)')).toEqual([today, yesterday]);
    expect(server.calls).toHaveLength(2);
  });

  it('counts calls that may have been billed', async () => {
    const upstream = await scriptedUpstream(() => ({ status: 504, body: '' }));
    const server = await startTestServer({ upstream });
    expect((await server.ask(profileOf(1))).extensions?.cost).toMatchObject({ uncertainCalls: 1 });
    expect(await spendOf(server)).toEqual([row({})]);
    expect(server.calls).toHaveLength(1);
  });

  it.each([0, -1, 401, 2_147_483_647])('refuses %d days before anything is paid', async (days) => {
    const server = await startTestServer({ upstream: await upstreamOf() });
    const query = `{ upstream { spend(days: ${days}) { calls } } creator(id: "${creatorId(1)}") { profile { name } } }`;
    const answer = await server.ask(query);
    expect(answer.data).toBeNull();
    expect(answer.errors).toMatchObject([
      {
        message: `Expected days to be a number from 1 to 400, but got ${days}.`,
        path: ['upstream', 'spend'],
        extensions: { code: 'BAD_USER_INPUT', retryable: false },
      },
    ]);
    expect(answer.extensions?.cost).toEqual(cost());
    expect(server.calls).toEqual([]);
  });

  it('reads nothing until an operation that selects it is executed', async () => {
    const clock = testClock();
    const memory = testStore(clock);
    let reads = 0;
    const store = {
      ...memory,
      series: (key: string) => {
        reads += 1;
        return memory.series(key);
      },
    };
    const server = await startTestServer({ upstream: await upstreamOf(), clock, store });
    const query = `query ($isShown: Boolean = true) { upstream { callsToday spend(days: 1) @include(if: $isShown) { calls } } creator(id: "${creatorId(1)}") { profile { followerCount } } }`;
    await server.ask(query, {}, { 'x-dry-run': '1' });
    await server.ask(query, { isShown: false });
    expect(reads).toBe(0);
    const answer = await server.ask(query);
    expect(answer.data.upstream.spend).toEqual([{ calls: 1 }]);
    expect(answer.extensions?.cost).toEqual(cost({ cachedCalls: 1 }));
    expect(reads).toBe(1);
    // It changes all the time, so that the whole response is never stored.
    await server.ask(query);
    server.clock.advance(1);
    await server.ask(query);
    expect(reads).toBe(2);
    expect(server.tally.memo).toBe(0);
    expect(server.calls).toHaveLength(1);
  });

  it('says that the store is away', async () => {
    const clock = testClock();
    const store = {
      ...testStore(clock),
      series: () => {
        throw new Error('no connection');
      },
    };
    const server = await startTestServer({ upstream: await upstreamOf(), clock, store });
    const { data, errors } = await server.ask('{ upstream { spend { calls } } }');
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('because the store is not available'),
        extensions: { code: 'UPSTREAM_UNAVAILABLE', retryable: true },
      },
    ]);
    expect(server.calls).toEqual([]);
  });

  it('counts its rows in the size of the response', async () => {
    const clock = testClock();
    const shared = sharedStore(clock);
    const upstream = await upstreamOf();
    const names = Array.from({ length: 200 }, (_, nth) => `Operation${nth}${'x'.repeat(80)}`);
    const server = await startTestServer({ upstream, clock, store: shared.open() });
    for (const name of names) {
      await server.ask(
        `query ${name} { creator(id: "${creatorId(1)}") { profile(maxAgeSeconds: 0) { name } } }`,
      );
    }
    const spends = (count: number) =>
      `{ upstream { ${Array.from({ length: count }, (_, nth) => `s${nth}: spend { day payer endpoint operationName calls }`).join(' ')} } }`;
    const small = await startTestServer({
      upstream,
      clock,
      store: shared.open(),
      env: { MAX_RESPONSE_BYTES: '1048576' },
    });
    const some = await small.ask(spends(2));
    expect(some.errors).toBeUndefined();
    expect(some.data.upstream.s1).toHaveLength(200);
    const tooMany = await small.ask(spends(14));
    expect(tooMany.data).toBeNull();
    expect(tooMany.errors).toMatchObject([{ extensions: { code: 'RESPONSE_TOO_LARGE' } }]);
    expect(upstream.calls).toHaveLength(200);
  });
});

describeRedis('Upstream.spend in Redis', () => {
  it('outlives a server, and has the calls of all servers that share the store', async () => {
    const { url } = await startRedis();
    const upstream = await upstreamOf();
    const start = async () => {
      const store = await openDriver({ storeUrl: url, cacheMaxBytes: 1_048_576 }, recordingLogger().logger);
      atEnd(() => store.close());
      return startTestServer({ upstream, env, clock: realClock, store });
    };
    const [first, second] = [await start(), await start()];
    await first.ask(profileOf(1, 'First'), {}, dash);
    await second.ask(profileOf(2, 'Second'), {}, crm);
    await Promise.all([first, second].map(({ client }) => client.settled(5_000)));
    const rows = (await spendOf(await start(), ops, '(days: 2)')) as readonly object[];
    expect(rows).toHaveLength(2);
    expect(rows).toContainEqual(expect.objectContaining({ payer: 'dash', operationName: 'First', calls: 1 }));
    expect(rows).toContainEqual(expect.objectContaining({ payer: 'crm', operationName: 'Second', calls: 1 }));
    expect(upstream.calls).toHaveLength(2);
  });
});
