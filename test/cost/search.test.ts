import { describe, expect, it } from 'vitest';
import type { Section } from '../../src/upstream/section.js';
import { openStore } from '../../src/upstream/store/open.js';
import { atEnd, recordingLogger, temporaryStore } from '../fixtures.js';
import { cost, scriptedUpstream, startTestServer, success } from '../harness.js';
import { allPartsOf, merged } from '../incrementalParts.js';

const idOf = (nth: number) => String(7_000_000_000_000_000_000n + BigInt(nth));

/** A page of the creators with these numbers. */
const pageOf = (...numbers: readonly number[]) =>
  success({
    authors: numbers.map((nth) => ({
      star_id: idOf(nth),
      attribute_datas: { id: idOf(nth), nick_name: `达人${nth}` },
    })),
    pagination: { page: 1, limit: 20, has_more: false, total_count: numbers.length },
  });

const profile = { nick_name: '达人', follower: 7 };

const isSearch = (call: string) => call.startsWith('searchCreators');

/** Answers each search with the next of these pages. */
async function upstreamOf(...pages: readonly ReturnType<typeof pageOf>[]) {
  const left = [...pages];
  return scriptedUpstream((call) =>
    isSearch(call) ? (left.shift() ?? pageOf()) : success(call.startsWith('profile') ? profile : {}),
  );
}

const search = 'searchCreators(filter: { keyword: "美妆" })';
const twoSections = `{ ${search} { items { name creator { id profile { name } followers { hasData } } } } }`;

describe('an operation with a search', () => {
  it('is an upper bound while the page is not known: 20 creators', async () => {
    const server = await startTestServer({ upstream: await upstreamOf(pageOf(1)) });
    const dry = await server.ask(twoSections, {}, { 'x-dry-run': '1' });
    expect(dry.errors?.[0]?.message).toBe('Dry run: at most 41 paid calls; nothing was executed.');
    expect(dry.extensions?.cost).toMatchObject({
      dryRun: true,
      isUpperBound: true,
      requestedCalls: 41,
      paidCalls: 41,
    });
    expect(server.calls).toEqual([]);
  });

  it('calls what its page names, and nothing else', async () => {
    const server = await startTestServer({ upstream: await upstreamOf(pageOf(1, 2, 3)) });
    const { data, extensions } = await server.ask(twoSections);
    expect(data.searchCreators.items.map(({ creator }: { creator: { id: string } }) => creator.id)).toEqual(
      [1, 2, 3].map(idOf),
    );
    expect(data.searchCreators.items[0].creator.profile.name).toBe('达人');
    expect(extensions?.cost).toEqual(cost({ paidCalls: 7 }));
    expect(server.calls).toHaveLength(7);
    expect(new Set(server.calls).size).toBe(7);

    const dry = await server.ask(twoSections, {}, { 'x-dry-run': '1' });
    expect(dry.extensions?.cost).toMatchObject({
      dryRun: true,
      requestedCalls: 7,
      paidCalls: 0,
      cachedCalls: 7,
    });
    expect(dry.extensions?.cost).not.toHaveProperty('isUpperBound');
    expect((await server.ask(twoSections)).extensions?.cost).toEqual(cost({ cachedCalls: 7 }));
    expect(server.calls).toHaveLength(7);
  });

  it('costs one call if it selects no section of a creator', async () => {
    const server = await startTestServer({ upstream: await upstreamOf(pageOf(1, 2, 3)) });
    const query = `query ($more: Boolean = false) { ${search} { items { name creator { id xingtuUrl profile @include(if: $more) { name } } } } }`;
    const dry = await server.ask(query, {}, { 'x-dry-run': '1' });
    expect(dry.errors?.[0]?.message).toBe('Dry run: 1 paid call; nothing was executed.');
    expect(dry.extensions?.cost).toMatchObject({ requestedCalls: 1, paidCalls: 1 });
    expect(dry.extensions?.cost).not.toHaveProperty('isUpperBound');
    const { data, extensions } = await server.ask(query);
    expect(data.searchCreators.items).toHaveLength(3);
    expect(extensions?.cost).toEqual(cost({ paidCalls: 1 }));
    expect(server.calls).toHaveLength(1);
  });

  it('is refused before any call if its bound is over the limit', async () => {
    const server = await startTestServer({
      upstream: await upstreamOf(pageOf(1)),
      env: { QUERY_MAX_CALLS: '40' },
    });
    const { data, errors } = await server.ask(twoSections);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(
          'may ask for up to 41 calls, since a page of a search can name 20 creators',
        ),
        extensions: { code: 'QUERY_TOO_EXPENSIVE', plannedCalls: 41, maxCalls: 40 },
      },
    ]);
    expect(server.calls).toEqual([]);
  });

  it('fails at the search alone if that fails, and calls no section', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 301, data: null } }));
    const server = await startTestServer({ upstream, env: { UPSTREAM_RETRIES: '0' } });
    const { data, errors, extensions } = await server.ask(
      `{ ${search} { items { creator { profile { name } } } } upstream { callsToday } }`,
    );
    expect(data).toEqual({ searchCreators: null, upstream: { callsToday: 0 } });
    expect(errors).toMatchObject([
      { path: ['searchCreators'], extensions: { code: 'UPSTREAM_COLLECTION_FAILED' } },
    ]);
    expect(extensions?.cost).toMatchObject({ requestedCalls: 1, failedCalls: 1, paidCalls: 0 });
    expect(server.calls).toHaveLength(1);
  });

  it('pays once for a creator whom several pages name, and the operation itself, with the strictest age', async () => {
    const server = await startTestServer({
      upstream: await upstreamOf(pageOf(1, 2), pageOf(2, 3), pageOf(2)),
    });
    const query = `{
      a: searchCreators(filter: { keyword: "a" }) { items { creator { profile { name } } } }
      b: searchCreators(filter: { keyword: "b" }) { items { creator { profile(maxAgeSeconds: 60) { name } } } }
      again: searchCreators(filter: { keyword: "b" }) { items { creator { other: profile { fetchedAt } } } }
      creator(id: "${idOf(3)}") { profile { name } }
    }`;
    const dry = await server.ask(query, {}, { 'x-dry-run': '1' });
    expect(dry.extensions?.cost).toMatchObject({ isUpperBound: true, requestedCalls: 2 + 40 + 1 });
    expect((await server.ask(query)).extensions?.cost).toEqual(cost({ paidCalls: 5 }));
    expect(server.calls.filter(isSearch)).toHaveLength(2);
    expect(new Set(server.calls.filter((call) => !isSearch(call))).size).toBe(3);
    expect(server.calls).toHaveLength(5);

    // Those of b must be new; a's is young enough.
    server.clock.advance(120);
    expect((await server.ask(query)).extensions?.cost).toEqual(cost({ cachedCalls: 3, paidCalls: 2 }));
    expect(server.calls).toHaveLength(7);
  });

  it('leads to the creators of the page that it serves, though another came meanwhile', async () => {
    const server = await startTestServer({ upstream: await upstreamOf(pageOf(1), pageOf(2)) });
    await server.ask(`{ ${search} { items { name } } }`);
    // Past its TTL: the old page is served at once, and renewed.
    server.clock.advance(3_601);
    const { data, errors, extensions } = await server.ask(twoSections);
    expect(errors).toBeUndefined();
    expect(data.searchCreators.items).toMatchObject([
      { creator: { id: idOf(1), profile: { name: '达人' } } },
    ]);
    expect(extensions?.cost).toMatchObject({
      requestedCalls: 3,
      cachedCalls: 1,
      paidCalls: 2,
      renewalCalls: 1,
    });
    await server.client.settled(1_000);
    const next = await server.ask(twoSections);
    expect(next.data.searchCreators.items).toMatchObject([{ creator: { id: idOf(2) } }]);
    expect(server.calls.filter(isSearch)).toHaveLength(2);
  });

  it('counts a page exactly that only the store has', async () => {
    const url = await temporaryStore();
    const { logger } = recordingLogger();
    const start = async () => {
      const store = await openStore({ storeUrl: url, cacheMaxBytes: 1_048_576 }, logger);
      atEnd(() => store.close());
      return startTestServer({ upstream: await upstreamOf(pageOf(1, 2)), store });
    };
    await (await start()).ask(`{ ${search} { items { name } } }`);
    const server = await start();
    const dry = await server.ask(twoSections, {}, { 'x-dry-run': '1' });
    expect(dry.errors?.[0]?.message).toBe('Dry run: 4 paid calls; nothing was executed.');
    expect(dry.extensions?.cost).toMatchObject({ requestedCalls: 5, cachedCalls: 1, paidCalls: 4 });
    expect(server.calls).toEqual([]);
  });

  it('is refused after its search if more creators came than were planned with, and calls no section', async () => {
    const env = { QUERY_MAX_CALLS: '5' };
    const server = await startTestServer({ upstream: await upstreamOf(pageOf(1), pageOf(1, 2, 3)), env });
    const { peek } = server.client;
    let earlier: Section | null = null;
    server.client.peek = (request) => {
      const now = peek(request);
      earlier ??= now;
      // Planned with what memory had a moment ago.
      return request.call.endpoint.name === 'searchCreators' ? earlier : now;
    };
    await server.ask(`{ ${search} { items { name } } }`);
    await server.ask(`{ ${search} { items { name } } }`);
    await server.ask(`{ ${search.replace(')', ', maxAgeSeconds: 0)')} { items { name } } }`);
    const { data, errors, extensions } = await server.ask(twoSections);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('Only its searches were called'),
        extensions: { code: 'QUERY_TOO_EXPENSIVE', plannedCalls: 7 },
      },
    ]);
    expect(extensions?.cost).toMatchObject({ paidCalls: 0, cachedCalls: 1 });
    expect(server.calls).toHaveLength(2);
  });

  it('is within the limit with a page that only the store has', async () => {
    const url = await temporaryStore();
    const { logger } = recordingLogger();
    const start = async () => {
      const store = await openStore({ storeUrl: url, cacheMaxBytes: 1_048_576 }, logger);
      atEnd(() => store.close());
      return startTestServer({
        upstream: await upstreamOf(pageOf(1, 2)),
        store,
        env: { QUERY_MAX_CALLS: '5' },
      });
    };
    await (await start()).ask(`{ ${search} { items { name } } }`);
    const server = await start();
    const { errors, extensions } = await server.ask(twoSections);
    expect(errors).toBeUndefined();
    expect(extensions?.cost).toMatchObject({ requestedCalls: 5, paidCalls: 4, cachedCalls: 1 });
    expect(server.calls).toHaveLength(4);
  });

  it('may come in parts', async () => {
    const server = await startTestServer({ upstream: await upstreamOf(pageOf(1, 2)) });
    const query = `{ ${search} { items { name creator { id ... @defer { profile { name } } } } } }`;
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed' },
      body: JSON.stringify({ query }),
    });
    const parts = await allPartsOf(response);
    expect(parts.length).toBeGreaterThan(1);
    const { data, extensions } = merged(parts);
    expect(
      data.searchCreators.items.map(({ creator }: { creator: { profile: object } }) => creator.profile),
    ).toEqual([{ name: '达人' }, { name: '达人' }]);
    expect(extensions?.cost).toEqual(cost({ paidCalls: 3 }));
    expect(server.calls).toHaveLength(3);
  });
});
