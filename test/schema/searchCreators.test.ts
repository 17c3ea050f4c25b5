import { describe, expect, it } from 'vitest';
import sample from '../../src/sandbox/samples/search-creators.json' with { type: 'json' };
import { scriptedUpstream, startTestServer, success } from '../harness.js';

/** A call without a creator. The sandbox takes SHORT_VIDEO for granted. */
const search = 'searchCreators null SHORT_VIDEO';
const scripted = 'searchCreators null null';
const asked = (args: string) => `{ searchCreators${args && `(${args})`} { items { creator { id } } } }`;

/** Filters that are refused, and how the message begins. */
const refused: readonly (readonly [string, string])[] = [
  [
    `filter: { locations: [${Array.from({ length: 30 }, (_, nth) => `"${nth}${'市'.repeat(95)}"`).join(' ')}] }`,
    'Expected a filter of at most 6000 bytes as upstream gets it, but got 25',
  ],
  ['page: 0', 'Expected page of at least 1, but got 0.'],
  ['page: -3', 'Expected page of at least 1, but got -3.'],
  ['maxAgeSeconds: -1', 'Expected maxAgeSeconds of at least 0, but got -1.'],
  ['filter: { followerCount: {} }', 'Expected min or max in filter.followerCount, but got neither.'],
  [
    'filter: { followerCount: { min: null, max: null } }',
    'Expected min or max in filter.followerCount, but got neither.',
  ],
  [
    'filter: { followerCount: { min: 5, max: 4 } }',
    'Expected filter.followerCount.min of at most filter.followerCount.max, but got 5 and 4.',
  ],
  [
    'filter: { connectedUserCount: { min: -1 } }',
    'Expected filter.connectedUserCount.min of 0 to 1000000000, but got -1.',
  ],
  [
    'filter: { expectedPlayCount: { max: 9000000000 } }',
    'Expected filter.expectedPlayCount.max of 0 to 1000000000, but got 9000000000. Leave it out for no limit.',
  ],
  ['filter: { viralRate: { max: 1.5 } }', 'Expected filter.viralRate.max of 0 to 1, but got 1.5.'],
  ['filter: { engagementRate: { min: 3 } }', 'Expected filter.engagementRate.min of 0 to 1, but got 3.'],
  ['filter: { price: { type: VIDEO_1_20S } }', 'Expected min or max in filter.price, but got neither.'],
  [
    'filter: { price: { type: VIDEO_1_20S, min: "100.5" } }',
    'Expected whole yuan in filter.price.min, but got "100.5".',
  ],
  [
    'filter: { expectedCpm: { max: "10.555" } }',
    'Expected yuan with at most two decimal places in filter.expectedCpm.max, but got "10.555".',
  ],
  ['filter: { expectedCpe: { min: "-1" } }', 'Expected filter.expectedCpe.min of 0 to 1000000, but got -1.'],
  [
    'filter: { tasksInProgress: { days: 0, min: 1 } }',
    'Expected filter.tasksInProgress.days of 1 to 365, but got 0.',
  ],
  [
    'filter: { tasksInProgress: { days: 30 } }',
    'Expected min or max in filter.tasksInProgress, but got neither.',
  ],
  [
    'filter: { contentTags: ["美装"] }',
    `Expected labels of the vendor's list in filter.contentTags, but got "美装". Did you mean 美妆?`,
  ],
  [
    'filter: { contentThemes: ["宝宝铺食"] }',
    `Expected labels of the vendor's list in filter.contentThemes, but got "宝宝铺食". Did you mean 宝宝辅食?`,
  ],
  [
    'filter: { personaTags: ["xyz"] }',
    `Expected labels of the vendor's list in filter.personaTags, but got "xyz".`,
  ],
  [
    'filter: { tonalityTags: ["设计"] }',
    `Expected labels of the vendor's list in filter.tonalityTags, but got "设计". Did you mean 设计师?`,
  ],
  [
    'filter: { locations: ["广东"] }',
    'Expected full names of provinces or cities in filter.locations, but got "广东". Did you mean 广东省?',
  ],
  [
    'filter: { locations: ["广东省,深圳市"] }',
    'Expected a list of single labels in filter.locations, but got "广东省,深圳市" with a comma in it.',
  ],
  [
    'filter: { contentTags: ["美妆，美食"] }',
    'Expected a list of single labels in filter.contentTags, but got "美妆，美食" with a comma in it.',
  ],
  ['filter: { locations: [" "] }', 'Expected a text in filter.locations, but got an empty one.'],
  [
    `filter: { keyword: "${'长'.repeat(101)}" }`,
    'Expected at most 100 characters in filter.keyword, but got 101.',
  ],
  [
    'filter: { keyword: "a\\u0007" }',
    'Expected filter.keyword without control characters and half surrogates, but got "a\\u0007".',
  ],
  ['filter: { searchBy: CONTENT }', 'Expected filter.keyword beside filter.searchBy, but got none.'],
  [
    'filter: { keyword: "  ", searchBy: CONTENT }',
    'Expected filter.keyword beside filter.searchBy, but got none.',
  ],
  [
    `filter: { locations: [${Array.from({ length: 31 }, (_, nth) => `"市${nth}"`)}] }`,
    'Expected at most 30 different values in filter.locations, but got 31.',
  ],
];

describe('searchCreators', () => {
  it('finds creators with the figures of the page, for one call', async () => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(`{
      searchCreators(filter: {
        contentTags: ["美妆"], locations: ["广东省"], followerCount: { min: 500000, max: 3000000 }
        price: { type: VIDEO_21_60S, max: "50000" }
      }) {
        __typename id platform hasData isStale page pageSize hasNextPage totalCount history { id }
        items {
          creator { id xingtuUrl } name followerCount province prices { seconds21To60 { amount } }
          tags { name } priceItems { id type } connectedUserCounts { total } indices { overall }
          recentVideos { id } expectedCpm { seconds1To20 { amount } } gender
        }
      }
    }`);
    expect(errors).toBeUndefined();
    const { items, id, ...page } = data.searchCreators;
    expect(page).toEqual({
      __typename: 'CreatorSearch',
      platform: null,
      hasData: true,
      isStale: false,
      page: 1,
      pageSize: 20,
      hasNextPage: true,
      totalCount: 49,
      history: [],
    });
    expect(items).toHaveLength(20);
    for (const item of items) {
      expect(item).toMatchObject({ province: '广东省', tags: [{ name: '美妆' }] });
      expect(item.followerCount).toBeGreaterThanOrEqual(500_000);
      expect(Number(item.prices.seconds21To60.amount)).toBeLessThanOrEqual(50_000);
    }
    const priceIds = items.flatMap((item: { priceItems: { id: string }[] }) =>
      item.priceItems.map((each) => each.id),
    );
    expect(new Set(priceIds).size).toBe(priceIds.length);

    const again = await server.ask(`{ node(id: "${id}") { id ... on CreatorSearch { totalCount } } }`);
    expect(again.data.node).toEqual({ id, totalCount: 49 });
    expect(server.calls).toEqual([search]);
  });

  it('serves the sample as upstream sent it', async () => {
    const upstream = await scriptedUpstream(() => success(sample));
    const server = await startTestServer({ upstream });
    const { data } = await server.ask(`{ searchCreators {
      totalCount raw items { creator { id } name gender medianEngagementCount30Days followerGrowth15Days }
    } }`);
    expect(data.searchCreators.raw).toEqual(sample);
    expect(data.searchCreators.items[1]).toEqual({
      creator: { id: '6675335337688728985' },
      name: '样例达人二',
      gender: 'MALE',
      medianEngagementCount30Days: 8.5,
      followerGrowth15Days: -1201,
    });
    expect(upstream.calls).toEqual([scripted]);
  });

  it('makes one call for filters that mean the same', async () => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(`{
      a: searchCreators(filter: {
        keyword: " 小厨房 ", contentTags: ["美食", "美妆", "美食"], viralRate: { max: 0.30000000000000004 }, price: { type: VIDEO_1_20S, min: "100.00" }
      }) { id }
      b: searchCreators(page: 1, sort: FOLLOWERS, filter: {
        keyword: "小厨房", searchBy: NICKNAME, contentTags: ["美妆", " 美食"], personaTags: [], gender: null, industry: ALL
        isCelebrity: false, viralRate: { min: 0, max: 0.3 }, price: { type: VIDEO_1_20S, min: "100", max: "1000000000" }
      }) { id }
    }`);
    expect(errors).toBeUndefined();
    expect(data.a.id).toBe(data.b.id);
    expect(server.calls).toEqual([search]);
  });

  it('takes an empty filter, and none, for the same', async () => {
    const server = await startTestServer();
    const { data } = await server.ask(`{
      a: searchCreators { id } b: searchCreators(filter: {}) { id } c: searchCreators(filter: null) { id }
      d: searchCreators(filter: { keyword: "", locations: [] }) { id } other: searchCreators(page: 2) { id }
    }`);
    const { other, ...same } = data;
    expect(new Set(Object.values(same).map((each) => (each as { id: string }).id)).size).toBe(1);
    expect(other.id).not.toBe(data.a.id);
    expect(server.calls).toEqual([search, search]);
  });

  it.each(refused)('refuses %s without a call', async (args, message) => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(asked(args));
    expect(data).toEqual({ searchCreators: null });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.message.startsWith(message)).toBe(true);
    expect(errors?.[0]).toMatchObject({ path: ['searchCreators'], extensions: { code: 'BAD_USER_INPUT' } });
    expect(server.calls).toEqual([]);
  });

  it('refuses half a surrogate in a variable without a call', async () => {
    const server = await startTestServer();
    const { errors } = await server.ask(
      'query ($keyword: String) { searchCreators(filter: { keyword: $keyword }) { id } }',
      { keyword: '😀'.slice(0, 1) },
    );
    expect(errors?.[0]?.message).toBe(
      'Expected filter.keyword without control characters and half surrogates, but got "\\ud83d".',
    );
    expect(server.calls).toEqual([]);
  });

  it.each([
    'filter: { price: { max: "5" } }',
    'filter: { gender: UNKNOWN }',
    'filter: { expectedCpm: { max: 5 } }',
    'filter: { audience: [CROWD_CATS] }',
    'sort: FANS',
    'page: null',
  ])('does not know %s', async (args) => {
    const server = await startTestServer();
    const { data, errors } = await server.ask(asked(args));
    expect([data, errors?.length]).toEqual([undefined, 1]);
    expect(server.calls).toEqual([]);
  });

  it('has no creators on a page after the last, and says so', async () => {
    const server = await startTestServer();
    const { data } = await server.ask(
      '{ searchCreators(sort: SCORE, page: 1001) { hasData hasNextPage totalCount items { name } } }',
    );
    expect(data.searchCreators).toEqual({ hasData: true, hasNextPage: false, totalCount: 20_000, items: [] });
    expect(server.calls).toEqual([search]);
  });

  it('says what to do when upstream knows a filter no longer', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 400, data: null }, status: 400 }));
    const server = await startTestServer({ upstream });
    const { data, errors } = await server.ask(asked('filter: { list: YOGA_CREATORS }'));
    expect(data).toEqual({ searchCreators: null });
    expect(errors?.[0]?.message).toContain('It may no longer know a filter, or one of its values.');
    expect(upstream.calls).toEqual([scripted]);
  });

  it('reports a page of more than twenty creators as drift, and serves twenty', async () => {
    const authors = Array.from({ length: 21 }, () => sample.authors[0]);
    const upstream = await scriptedUpstream(() => success({ ...sample, authors }));
    const server = await startTestServer({ upstream });
    const { data } = await server.ask(asked(''));
    expect(data.searchCreators.items).toHaveLength(20);
    expect(server.logs.join()).toContain('authors: more than 20');
    expect(upstream.calls).toEqual([scripted]);
  });
});
