import { describe, expect, it } from 'vitest';
import sample from '../../src/sandbox/samples/profile.json' with { type: 'json' };
import { endpointNames, modelledNames } from '../../src/upstream/endpoints/table.js';
import { testClock } from '../fixtures.js';
import { type Reply, scriptedUpstream, startTestServer, success } from '../harness.js';

const enumNames = endpointNames.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());

const profile = (id: string) => `{ creator(id: "${id}") { profile(maxAgeSeconds: 0) { name } } }`;
const status = `{ upstream {
  isSandbox environment callsToday callsTotal dailyLimit stop { code }
  endpoints { name health attempts successRate p50Ms p95Ms circuit circuitSince drift }
} }`;

/** Without retries, which have their own tests. */
const once = { UPSTREAM_RETRIES: '0' };

const untouched = {
  health: 'NO_DATA',
  attempts: 0,
  successRate: null,
  p50Ms: null,
  p95Ms: null,
  circuit: 'CLOSED',
  circuitSince: null,
  drift: [],
};

describe('Query.upstream', () => {
  it('lists every endpoint before any call', async () => {
    const server = await startTestServer();
    const { data } = await server.ask(status);
    expect(data.upstream).toEqual({
      isSandbox: false,
      environment: 'custom',
      callsToday: 0,
      callsTotal: 0,
      dailyLimit: null,
      stop: null,
      endpoints: enumNames.map((name) => ({
        name,
        ...untouched,
      })),
    });
    expect(server.calls).toEqual([]);
  });

  it('says that a sandbox answers, after its first answer', async () => {
    const server = await startTestServer();
    await server.ask(profile('6629722295873044494'));
    expect((await server.ask(status)).data.upstream.isSandbox).toBe(true);
    expect(server.calls).toHaveLength(1);
  });

  it.each([
    [1, 'HEALTHY'],
    [0.95, 'HEALTHY'],
    [0.9, 'AVAILABLE'],
    [0.8, 'AVAILABLE'],
    [0.75, 'LIMITED'],
    [0.3, 'LIMITED'],
    [0.25, 'MOSTLY_UNAVAILABLE'],
  ])('calls a success rate of %d %s', async (successRate, health) => {
    const upstream = await scriptedUpstream(
      (_, nth): Reply =>
        nth <= successRate * 20 ? success({ follower: 1 }) : { body: { code: 301, data: null } },
    );
    const server = await startTestServer({ upstream, env: once });
    for (let nth = 0; nth < 20; nth += 1) await server.ask(profile(`${6600000000000000000n + BigInt(nth)}`));
    const { data } = await server.ask(status);
    expect(data.upstream.endpoints[0]).toMatchObject({ name: 'PROFILE', health, attempts: 20, successRate });
    expect(upstream.calls).toHaveLength(20);
  });

  it("counts billed calls, also failed ones, by China's calendar day", async () => {
    const replies: Reply[] = [
      success({ follower: 1 }),
      { body: { code: 201, data: null } },
      { body: { code: 0, data: { base_resp: { status_code: 3 } } } },
      { body: { code: 301, data: null } },
    ];
    const upstream = await scriptedUpstream((_, nth) => replies[nth - 1] ?? success({ follower: 1 }));
    const server = await startTestServer({ upstream, env: once });
    for (let nth = 0; nth < 4; nth += 1) await server.ask(profile(`${6600000000000000000n + BigInt(nth)}`));
    expect((await server.ask(status)).data.upstream).toMatchObject({ callsToday: 3, callsTotal: 3 });
    // From noon in China, twelve hours lead to the next day.
    server.clock.advance(12 * 3_600);
    expect((await server.ask(status)).data.upstream).toMatchObject({ callsToday: 0, callsTotal: 3 });
    await server.ask(profile('6700000000000000000'));
    expect((await server.ask(status)).data.upstream).toMatchObject({ callsToday: 1, callsTotal: 4 });
    expect(upstream.calls).toHaveLength(5);
  });

  it('says how long calls took', async () => {
    const seconds = [1, 2, 3, 4, 80];
    const clock = testClock();
    const upstream = await scriptedUpstream((_, nth) => {
      clock.advance(seconds[nth - 1] ?? 0);
      return success({ follower: 1 });
    });
    const server = await startTestServer({ upstream, clock });
    for (let nth = 0; nth < 5; nth += 1) await server.ask(profile(`${6600000000000000000n + BigInt(nth)}`));
    const { data } = await server.ask(status);
    expect(data.upstream.endpoints[0]).toMatchObject({ p50Ms: 3_000, p95Ms: 80_000 });
    expect(upstream.calls).toHaveLength(5);
  });

  it('forgets attempts after 15 minutes', async () => {
    const server = await startTestServer();
    await server.ask(profile('6629722295873044494'));
    server.clock.advance(15 * 60 + 1);
    expect((await server.ask(status)).data.upstream.endpoints[0]).toEqual({ name: 'PROFILE', ...untouched });
    expect(server.calls).toHaveLength(1);
  });

  it('reports rows that could not be read as drift', async () => {
    const upstream = await scriptedUpstream(() =>
      success({ price_info: [5, { video_type: 1, price: 100 }, null] }),
    );
    const server = await startTestServer({ upstream });
    const { data } = await server.ask(
      '{ creator(id: "6600000000000000000") { prices { items { price { amount } } } } }',
    );
    expect(data.creator.prices.items).toEqual([{ price: { amount: '100.00' } }]);
    expect((await server.ask(status)).data.upstream.endpoints[1].drift).toEqual([
      'price_info[]: unreadable since 2026-03-01T04:00:00Z',
    ]);
    expect(server.logs.filter((line) => line.includes('price_info[]'))).toHaveLength(1);
    expect(upstream.calls).toHaveLength(1);
  });

  it('reports keys that upstream added or dropped as drift', async () => {
    const upstream = await scriptedUpstream((call, nth) =>
      call.startsWith('cpMetrics')
        ? success({ expect_vv: { value: 5, growth: 'a secret value' } })
        : success({ ...sample.data, id: call.split(' ')[1], ...(nth > 20 ? {} : { follower: undefined }) }),
    );
    const server = await startTestServer({ upstream });
    const driftOf = async (index: number) => (await server.ask(status)).data.upstream.endpoints[index].drift;
    for (let nth = 0; nth < 20; nth += 1) await server.ask(profile(`${6600000000000000000n + BigInt(nth)}`));
    expect(await driftOf(0)).toEqual(['follower: missing since 2026-03-01T04:00:00Z']);
    await server.ask(profile('6700000000000000000'));
    expect(await driftOf(0)).toEqual([]);
    await server.ask('{ creator(id: "6600000000000000000") { cpMetrics { expectedPlayCount } } }');
    expect(await driftOf(2)).toEqual(['expect_vv.growth: unknown since 2026-03-01T04:00:00Z']);
    expect(server.logs.filter((line) => line.includes('"drift"'))).toHaveLength(2);
    expect(server.logs.join()).not.toContain('a secret value');
    expect(upstream.calls).toHaveLength(22);
  });

  it('reports no drift of answers of the sandbox, on any platform', async () => {
    const server = await startTestServer({ env: { QUERY_MAX_CALLS: '500' } });
    const ids = Array.from({ length: 25 }, (_, nth) => `${6600000000000000000n + BigInt(nth)}`);
    const sections = modelledNames.filter((name) => name !== 'followers' && name !== 'searchCreators');
    const onPlatform = sections.map((name) => `${name}(platform: $platform) { hasData }`).join(' ');
    for (const platform of ['SHORT_VIDEO', 'LIVE_STREAMING', 'PICTURE_TEXT', 'SHORT_DRAMA']) {
      const { data } = await server.ask(
        `query ($ids: [ID!]!, $platform: Platform!) { creators(ids: $ids) { ${onPlatform} } }`,
        { ids, platform },
      );
      expect(data.creators).toHaveLength(25);
    }
    await server.ask(`query ($ids: [ID!]!) { creators(ids: $ids) { followers { hasData } } }`, { ids });
    for (const sort of ['FOLLOWERS', 'SCORE']) {
      await server.ask(`{ searchCreators(sort: ${sort}) { hasData } }`);
    }
    const { endpoints } = (await server.ask(status)).data.upstream;
    expect(endpoints.flatMap(({ drift }: { drift: string[] }) => drift)).toEqual([]);
    expect(server.calls).toHaveLength(25 * (4 * sections.length + 1) + 2);
  });
});
