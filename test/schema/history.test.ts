import { describe, expect, it, vi } from 'vitest';
import { maxEarlierAnswers } from '../../src/responseSize/earlierAnswers.js';
import { openMemoryStore } from '../../src/upstream/store/memory.js';
import { openRedisStore } from '../../src/upstream/store/redis/redis.js';
import { atEnd, testClock, testStore } from '../fixtures.js';
import {
  cost,
  type Reply,
  type SeenCall,
  scriptedUpstream,
  sharedStore,
  startTestServer,
  success,
} from '../harness.js';
import { describeRedis, startRedis } from '../redis.js';

const id = '6629722295873044494';
const call: SeenCall = `prices ${id} SHORT_VIDEO`;

const priceList = (yuan: number): Reply =>
  success({ price_info: [{ video_type: 1, price: yuan, enable: true, is_open: true }] });

/** The nth call answers a price of n yuan, and the nth profile has n followers. */
const rising = (seen: SeenCall, nth: number): Reply =>
  seen.startsWith('prices') ? priceList(nth) : success({ follower: nth });

const item = 'items { id price { amount } }';
const amountIn = ({ items: [price] }: { items: { price: { amount: string } }[] }) =>
  Number(price?.price.amount);

const query = (args = '', history = `history { id fetchedAt isStale hasData platform ${item} }`) =>
  `{ creator(id: "${id}") { prices${args} { id fetchedAt ${item} ${history} } } }`;

describe('a history', () => {
  it('has the earlier answers, which cost nothing, and is not what is planned or paid', async () => {
    const upstream = await scriptedUpstream(rising);
    const server = await startTestServer({ upstream });
    const first = await server.ask(query());
    expect(first.data.creator.prices.history).toEqual([]);
    expect(first.extensions?.cost).toEqual(cost({ paidCalls: 1 }));

    server.clock.advance(3_600);
    const second = await server.ask(query('(maxAgeSeconds: 0)'));
    const { prices } = second.data.creator;
    expect(amountIn(prices)).toBe(2);
    expect(prices.history).toMatchObject([
      {
        fetchedAt: first.data.creator.prices.fetchedAt,
        isStale: false,
        hasData: true,
        platform: 'SHORT_VIDEO',
      },
    ]);
    expect(amountIn(prices.history[0])).toBe(1);
    expect(second.extensions?.cost).toEqual(cost({ paidCalls: 1 }));

    // Each answer is an object of its own to a client's cache, and so is each of its prices.
    const rows = [prices, ...prices.history].flatMap((one) => [one.id, one.items[0].id]);
    expect(new Set(rows).size).toBe(4);

    const dry = await server.ask(query('(maxAgeSeconds: 0)'), {}, { 'x-dry-run': '1', 'x-cost-debug': '1' });
    expect(dry.extensions?.cost).toMatchObject({
      requestedCalls: 1,
      paidCalls: 1,
      calls: [{ endpoint: 'prices' }],
    });
    const third = await server.ask(query());
    expect(third.data.creator.prices).toEqual(prices);
    expect(third.extensions?.cost).toEqual(cost({ cachedCalls: 1 }));
    expect(server.calls).toEqual([call, call]);
  });

  it('has an answer again whose values held since before the section was fetched', async () => {
    const upstream = await scriptedUpstream(() => priceList(7));
    const server = await startTestServer({ upstream });
    const fetchedAts: string[] = [];
    for (let nth = 0; nth < 3; nth += 1) {
      const { data } = await server.ask(query('(maxAgeSeconds: 0)'));
      fetchedAts.push(data.creator.prices.fetchedAt);
      server.clock.advance(60);
    }
    const { data } = await server.ask(query());
    expect(data.creator.prices.fetchedAt).toBe(fetchedAts[2]);
    expect(data.creator.prices.history).toMatchObject([{ fetchedAt: fetchedAts[0] }]);
    expect(server.calls).toEqual([call, call, call]);
  });

  it('has what a renewal replaced, and answers without data', async () => {
    const upstream = await scriptedUpstream((_, nth) =>
      nth === 1 ? priceList(1) : { body: { code: 201, data: null } },
    );
    const server = await startTestServer({ upstream });
    await server.ask(query());
    server.clock.advance(86_400);
    const stale = await server.ask(query());
    expect(stale.extensions?.cost).toEqual(cost({ cachedCalls: 1, renewalCalls: 1 }));
    expect(stale.data.creator.prices.history).toEqual([]);
    const fields = 'history { hasData items { id } }';
    await vi.waitFor(async () => {
      const { data } = await server.ask(query('', fields));
      expect(data.creator.prices).toMatchObject({ items: [], history: [{ hasData: true }] });
    });
    server.clock.advance(86_400);
    const { data } = await server.ask(query('(maxAgeSeconds: 0)', fields));
    expect(data.creator.prices.history).toMatchObject([{ hasData: false }, { hasData: true }]);
    expect(server.calls).toEqual([call, call, call]);
  });

  it('has no failed calls', async () => {
    const upstream = await scriptedUpstream((_, nth) =>
      nth === 2 ? { body: { code: 601 } } : priceList(nth),
    );
    const server = await startTestServer({ upstream, env: { UPSTREAM_RETRIES: '0' } });
    await server.ask(query());
    server.clock.advance(60);
    const { data } = await server.ask(query('(maxAgeSeconds: 0)'));
    expect(data.creator.prices.history).toEqual([]);
    expect(server.calls).toEqual([call, call]);
  });

  it('lists as many as asked for, the newest first, and the answers before each of them', async () => {
    const upstream = await scriptedUpstream(rising);
    const server = await startTestServer({ upstream });
    for (let nth = 0; nth < 12; nth += 1) {
      await server.ask(query('(maxAgeSeconds: 0)', ''));
      server.clock.advance(60);
    }
    const { data } = await server.ask(
      query('', `all: history { ${item} } two: history(last: 2) { ${item} history(last: 2) { ${item} } }`),
    );
    const { all, two } = data.creator.prices;
    expect(all.map(amountIn)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    expect(two.map(amountIn)).toEqual([11, 10]);
    expect(two.map(({ history }: { history: [] }) => history.map(amountIn))).toEqual([
      [10, 9],
      [9, 8],
    ]);
    expect(server.calls).toHaveLength(12);
  });

  it('keeps platforms and endpoints apart', async () => {
    const upstream = await scriptedUpstream(rising);
    const server = await startTestServer({ upstream });
    const sections = `prices(maxAgeSeconds: 0) { history { ${item} } } live: prices(platform: LIVE_STREAMING, maxAgeSeconds: 0) { history { ${item} } } profile(maxAgeSeconds: 0) { history { followerCount } }`;
    await server.ask(`{ creator(id: "${id}") { ${sections} } }`);
    server.clock.advance(60);
    const { data } = await server.ask(`{ creator(id: "${id}") { ${sections} } }`);
    const { prices, live, profile } = data.creator;
    for (const { history } of [prices, live, profile]) expect(history).toHaveLength(1);
    const seen = [amountIn(prices.history[0]), amountIn(live.history[0]), profile.history[0].followerCount];
    expect(seen.toSorted()).toEqual([1, 2, 3]);
    expect(server.calls).toHaveLength(6);
  });

  it('is shown through Section, too, and in parts', async () => {
    const upstream = await scriptedUpstream(rising);
    const server = await startTestServer({ upstream });
    await server.ask(query());
    server.clock.advance(60);
    const { data } = await server.ask(
      `{ creator(id: "${id}") { prices(maxAgeSeconds: 0) { ...S } } }
      fragment S on Section { history { __typename fetchedAt raw ... on Prices { ${item} } } }`,
    );
    const [earlier] = data.creator.prices.history;
    expect(earlier).toMatchObject({ __typename: 'Prices', raw: { price_info: [{ price: 1 }] } });
    expect(amountIn(earlier)).toBe(1);

    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: query('', `... @defer { history @stream { ${item} } }`) }),
    });
    expect(await response.text()).toContain('"amount":"1.00"');
    expect(server.calls).toEqual([call, call]);
  });

  it('is empty when HISTORY_DAYS is 0', async () => {
    const store = testStore();
    const upstream = await scriptedUpstream(rising);
    const server = await startTestServer({ upstream, store, env: { HISTORY_DAYS: '0' } });
    await server.ask(query());
    server.clock.advance(60);
    const { data } = await server.ask(query('(maxAgeSeconds: 0)'));
    expect(data.creator.prices.history).toEqual([]);
    const keys: string[] = [];
    for await (const key of store.keys('history:')) keys.push(key);
    expect(keys).toEqual([]);
    expect(server.calls).toEqual([call, call]);
  });

  it('loses what is older than HISTORY_DAYS', async () => {
    const clock = testClock();
    const upstream = await scriptedUpstream(rising);
    const server = await startTestServer({ upstream, clock, env: { HISTORY_DAYS: '10' } });
    await server.ask(query());
    clock.advance(9 * 86_400);
    await server.ask(query('(maxAgeSeconds: 0)'));
    const lengthNow = async () => (await server.ask(query())).data.creator.prices.history.length;
    expect(await lengthNow()).toBe(1);
    clock.advance(86_400 - 1);
    expect(await lengthNow()).toBe(1);
    clock.advance(1);
    expect(await lengthNow()).toBe(0);
    await vi.waitFor(() => expect(server.calls).toHaveLength(3));
  });

  it('is shared by servers that share a store, and gets one entry for the one call', async () => {
    const clock = testClock();
    const stores = sharedStore(clock);
    const upstream = await scriptedUpstream(rising);
    const start = () => startTestServer({ upstream, clock, store: stores.open() });
    const [one, other] = [await start(), await start()];
    await Promise.all([one.ask(query()), other.ask(query())]);
    clock.advance(60);
    await one.ask(query('(maxAgeSeconds: 0)'));
    const { data } = await other.ask(query());
    expect(amountIn(data.creator.prices)).toBe(2);
    expect(data.creator.prices.history.map(amountIn)).toEqual([1]);
    expect(upstream.calls).toEqual([call, call]);
  });
});

describe('a response with a history', () => {
  it('is not repeated by the fast path, and has no ETag', async () => {
    const upstream = await scriptedUpstream(rising);
    const server = await startTestServer({ upstream, env: { RESPONSE_MEMO: '1' } });
    const path = (text: string) => `/graphql?query=${encodeURIComponent(text)}`;
    await server.ask(query());
    for (let nth = 0; nth < 4; nth += 1) {
      const response = await server.fetch(path(query()), { headers: { 'apollo-require-preflight': '1' } });
      expect(response.status).toBe(200);
      expect(response.headers.get('etag')).toBeNull();
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
    expect(server.tally.memo).toBe(0);
    for (let nth = 0; nth < 4; nth += 1) await server.fetch(path(query('', '')));
    expect(server.tally.memo).toBeGreaterThan(0);
    expect(server.calls).toEqual([call]);
  });
});

describe('the length of a history', () => {
  it.each([0, -1, 101, 2_147_483_647])(
    'can not be %d, which is found before anything is paid',
    async (last) => {
      const server = await startTestServer({ upstream: await scriptedUpstream(rising) });
      for (const text of [
        query('', `history(last: ${last}) { id }`),
        query('', `history { ... on Section { history(last: ${last}) { id } } }`),
      ]) {
        const { data, errors, extensions } = await server.ask(text);
        expect(data.creator.prices).toBeNull();
        expect(errors).toMatchObject([
          {
            message: `Expected last of 1 to 100, but got ${last}.`,
            path: ['creator', 'prices'],
            extensions: { code: 'BAD_USER_INPUT', retryable: false },
          },
        ]);
        expect(extensions?.cost).toEqual(cost());
      }
      expect(server.calls).toEqual([]);
    },
  );

  it('can not be null, which is found before anything is paid', async () => {
    const server = await startTestServer({ upstream: await scriptedUpstream(rising) });
    const text = `query ($last: Int = 5) { creator(id: "${id}") { prices { history(last: $last) { id } } } }`;
    const { data, errors } = await server.ask(text, { last: null });
    expect(data.creator.prices).toBeNull();
    expect(errors).toMatchObject([
      { path: ['creator', 'prices'], extensions: { code: 'BAD_USER_INPUT', retryable: false } },
    ]);
    expect(server.calls).toEqual([]);
    expect((await server.ask(text)).errors).toBeUndefined();
    expect(server.calls).toEqual([call]);
  });

  it('does not count where the history is skipped', async () => {
    const server = await startTestServer({ upstream: await scriptedUpstream(rising) });
    const { errors } = await server.ask(query('', 'history(last: 0) @skip(if: true) { id }'));
    expect(errors).toBeUndefined();
    expect(server.calls).toEqual([call]);
  });
});

describe('the size of a response with a history', () => {
  const megabyte = 1_048_576;
  const largeProfile = (nth: number): Reply =>
    success({ nick_name: '张', mcn_introduction: `${nth}${'x'.repeat(2 * megabyte)}`, mcn_name: 'm' });

  async function withLargeProfiles(count: number) {
    const upstream = await scriptedUpstream((_, nth) => largeProfile(nth));
    const clock = testClock();
    const store = openMemoryStore({ now: clock.now, maxBytes: 512 * megabyte });
    const env = { MAX_RESPONSE_BYTES: String(8 * megabyte), CACHE_MAX_BYTES: String(512 * megabyte) };
    const server = await startTestServer({ upstream, clock, store, env });
    for (let nth = 0; nth < count; nth += 1) {
      await server.ask(`{ creator(id: "${id}") { profile(maxAgeSeconds: 0) { name } } }`);
      clock.advance(60);
    }
    return server;
  }

  it('counts what is loaded: a short field of large answers is fine, but not of too large ones', async () => {
    const server = await withLargeProfiles(6);
    const ask = (last: number, field: string) =>
      server.ask(`{ creator(id: "${id}") { profile { name history(last: ${last}) { ${field} } } } }`);
    const small = await ask(2, 'name');
    expect(small.data.creator.profile.history).toEqual([{ name: '张' }, { name: '张' }]);
    for (const [last, field] of [
      [5, 'name'],
      [5, 'raw'],
    ] as const) {
      const { data, errors } = await ask(last, field);
      expect(data).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: 'RESPONSE_TOO_LARGE', retryable: false } }]);
    }
    expect(server.calls).toHaveLength(6);
  });

  it('does not count the section itself for what is selected of its history', async () => {
    const server = await withLargeProfiles(1);
    const raws = Array.from({ length: 10 }, (_, nth) => `h${nth}: history { raw }`).join(' ');
    const { data, errors } = await server.ask(`{ creator(id: "${id}") { profile { name ${raws} } } }`);
    expect(errors).toBeUndefined();
    expect(data.creator.profile).toMatchObject({ name: '张', h0: [], h9: [] });
    expect(server.calls).toHaveLength(1);
  });

  it('is limited by a number of answers, however they nest', async () => {
    const upstream = await scriptedUpstream(rising);
    const server = await startTestServer({ upstream });
    for (let nth = 0; nth < 30; nth += 1) {
      await server.ask(query('(maxAgeSeconds: 0)', ''));
      server.clock.advance(60);
    }
    const nested = (levels: number): string =>
      levels === 0 ? 'id' : `history(last: 100) { ${nested(levels - 1)} }`;
    // 29 earlier answers, of which the nth has n before it.
    const two = await server.ask(query('', nested(2)));
    expect(two.errors).toBeUndefined();
    expect(two.data.creator.prices.history).toHaveLength(29);
    const { data, errors } = await server.ask(query('', nested(8)));
    expect(data).toEqual({ creator: { prices: null } });
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(`at most ${maxEarlierAnswers} earlier answers`),
        extensions: { code: 'RESPONSE_TOO_LARGE', retryable: false },
      },
    ]);
    expect(server.calls).toHaveLength(30);
  });
});

describeRedis('a history in Redis', () => {
  it('outlives the server', async () => {
    const { url } = await startRedis();
    const upstream = await scriptedUpstream(rising);
    // Redis has a clock of its own, so this one starts near it.
    const clock = testClock(Date.now());
    const start = async () => {
      const store = await openRedisStore(url);
      const server = await startTestServer({ upstream, store, clock });
      return { server, end: () => store.close() };
    };
    const first = await start();
    await first.server.ask(query());
    clock.advance(1);
    await first.server.ask(query('(maxAgeSeconds: 0)'));
    await first.server.client.settled(1_000);
    await first.end();
    const second = await start();
    atEnd(() => second.end());
    const { data, extensions } = await second.server.ask(query());
    expect(amountIn(data.creator.prices)).toBe(2);
    expect(data.creator.prices.history.map(amountIn)).toEqual([1]);
    expect(extensions?.cost).toEqual(cost({ cachedCalls: 1 }));
    expect(upstream.calls).toEqual([call, call]);
  });
});
