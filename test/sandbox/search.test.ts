import { describe, expect, it } from 'vitest';
import { stringify } from '../../src/sandbox/bodies/body.js';
import { cpMetrics } from '../../src/sandbox/bodies/cpMetrics.js';
import { prices } from '../../src/sandbox/bodies/prices.js';
import { profile } from '../../src/sandbox/bodies/profile.js';
import { recommendedVideos } from '../../src/sandbox/bodies/recommendedVideos.js';
import { searchCreators } from '../../src/sandbox/bodies/searchCreators.js';
import { createSandboxCreator } from '../../src/sandbox/creators.js';
import { faultIds, temporaryFaultIds } from '../../src/sandbox/faults.js';
import { connectedUsersOf, indicesOf, monthOf } from '../../src/sandbox/figures.js';
import sample from '../../src/sandbox/samples/search-creators.json' with { type: 'json' };
import { creatorsByFollowers } from '../../src/sandbox/universe.js';
import {
  type CreatorFilter,
  type CreatorSort,
  searchQuery,
} from '../../src/upstream/endpoints/creatorFilter.js';
import { expectedKeys, unknownKeys } from '../../src/upstream/endpoints/drift.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { type JsonObject, parseJson } from '../../src/upstream/json.js';
import { decodedAtMs } from '../fixtures.js';

/** A page as the server decodes it. */
function pageOf(filter: CreatorFilter, page = 1, sort: CreatorSort = 'FOLLOWERS') {
  const body = searchCreators.data(new URLSearchParams(searchQuery({ filter, sort, page })));
  if (!body) return expect.fail(`refused: ${JSON.stringify(filter)}`);
  const raw = parseJson(stringify(body)) as JsonObject;
  const drift: string[] = [];
  const value = endpoints.searchCreators.decode(raw, (path) => drift.push(path), decodedAtMs);
  expect([drift, unknownKeys(raw, endpoints.searchCreators.shape)]).toEqual([[], []]);
  return { ...value, raw };
}

/** What another endpoint says of a creator. */
function sectionOf<Name extends 'profile' | 'prices' | 'cpMetrics' | 'recommendedVideos'>(
  name: Name,
  id: string,
) {
  const bodies = { profile, prices, cpMetrics, recommendedVideos };
  const query = new URLSearchParams({ oAuthorId: id, platform: 'SHORT_VIDEO' });
  const raw = parseJson(stringify(bodies[name].data(query) ?? {})) as JsonObject;
  return endpoints[name].decode(raw, () => {}, decodedAtMs) as ReturnType<(typeof endpoints)[Name]['decode']>;
}

const yuan = (money: { readonly amount: string } | null) => Number(money?.amount);
type Item = ReturnType<typeof pageOf>['items'][number];
const durations = ['seconds1To20', 'seconds21To60', 'secondsOver60'] as const;

const beauty: CreatorFilter = {
  contentTags: ['美妆'],
  locations: ['广东省'],
  followerCount: { min: 500_000, max: 3_000_000 },
  price: { type: 'VIDEO_21_60S', min: 0, max: 50_000 },
};

describe('a search in the sandbox', () => {
  it('is of twenty thousand creators with different ids of the real form, none of which fails', () => {
    const ids = creatorsByFollowers().map(({ id }) => id);
    expect(ids).toHaveLength(20_000);
    expect(new Set(ids).size).toBe(20_000);
    for (const id of ids) expect(id).toMatch(/^[67]\d{18}$/);
    expect(ids.filter((id) => faultIds.has(id) || temporaryFaultIds.has(id))).toEqual([]);
    expect(pageOf({}).totalCount).toBe(20_000);
  });

  it('finds more than a page of creators of 美妆 in 广东省 with some followers and a low price', () => {
    const { totalCount, hasNextPage } = pageOf(beauty);
    expect([totalCount, hasNextPage]).toEqual([49, true]);
  });

  it.each<[CreatorFilter, (item: Item) => boolean]>([
    [{ keyword: '测评室' }, ({ name }) => name?.includes('测评室') === true],
    [
      { keyword: '美食', searchBy: 'CONTENT' },
      ({ name, tags }) => `${name}${tags[0]?.name}`.includes('美食'),
    ],
    [{ contentTags: ['游戏', '萌宠'] }, ({ tags }) => ['游戏', '萌宠'].includes(tags[0]?.name ?? '')],
    [{ contentTags: ['护肤保养'] }, ({ tags }) => tags[0]?.name === '美妆'],
    [{ contentTags: ['母婴亲子'] }, ({ tags }) => tags[0]?.name === '亲子'],
    [{ locations: ['四川省'] }, ({ province }) => province === '四川省'],
    [{ locations: ['上海市', '杭州市'] }, ({ city }) => city === '上海市' || city === '杭州市'],
    [{ gender: 'FEMALE' }, ({ gender }) => gender === 'FEMALE'],
    [
      { followerCount: { min: 1_000_000, max: 1_100_000 } },
      ({ followerCount }) => (followerCount ?? 0) >= 1_000_000 && (followerCount ?? 0) <= 1_100_000,
    ],
    [
      { connectedUserCount: { min: 2_000_000, max: 2_200_000 } },
      ({ connectedUserCounts: { total } }) => (total ?? 0) >= 2_000_000 && (total ?? 0) <= 2_200_000,
    ],
    [
      { expectedPlayCount: { min: 100_000, max: 110_000 } },
      ({ expectedPlayCount }) => (expectedPlayCount ?? 0) >= 100_000 && (expectedPlayCount ?? 0) <= 110_000,
    ],
    [
      { price: { type: 'VIDEO_1_20S', min: 10_000, max: 11_000 } },
      ({ prices }) => yuan(prices.seconds1To20) >= 10_000 && yuan(prices.seconds1To20) <= 11_000,
    ],
    [
      { price: { type: 'NATURAL_PLAY_CPM', min: 30, max: 32 } },
      ({ priceItems }) =>
        priceItems.some(({ naturalPlay }) => {
          const price = yuan(naturalPlay?.perThousandPlays ?? null);
          return price >= 30 && price <= 32;
        }),
    ],
    [
      { expectedCpm: { min: 20, max: 25 } },
      ({ expectedCpm }) =>
        durations.some((each) => yuan(expectedCpm[each]) >= 20 && yuan(expectedCpm[each]) <= 25),
    ],
    [
      { expectedCpe: { min: 0.5, max: 1 } },
      ({ expectedCpe }) =>
        durations.some((each) => yuan(expectedCpe[each]) >= 0.5 && yuan(expectedCpe[each]) <= 1),
    ],
    [{ engagementRate: { min: 0.05, max: 1 } }, (item) => (item.engagementRate30Days ?? 0) >= 0.05],
    [{ completionRate: { min: 0.4, max: 1 } }, (item) => (item.completionRate30Days ?? 0) >= 0.4],
    [
      { viralRate: { min: 0.25, max: 0.3 } },
      ({ viralRate }) => (viralRate ?? 0) >= 0.25 && (viralRate ?? 0) <= 0.3,
    ],
  ])('finds some creators by %j, who all match', (filter, matches) => {
    const { items, totalCount } = pageOf(filter);
    expect(items).toHaveLength(20);
    expect(totalCount).toBeLessThan(20_000);
    expect(items.filter((item) => !matches(item))).toEqual([]);
  });

  it.each<CreatorFilter>([
    { isCelebrity: true },
    { isCurated: true },
    { contentThemes: ['宝宝辅食'] },
    { personaTags: ['大学生'] },
    { tonalityTags: ['精致达人'] },
    { audience: ['GENDER_FEMALE_50'] },
    { followers: ['CROWD_GEN_Z', 'DEVICE_IPHONE'] },
    { tasksInProgress: { days: 30, min: 8 } },
    { tasksInProgress: { days: 7, min: 0, max: 5 } },
    { list: 'YOGA_CREATORS' },
  ])('finds about half of the creators by %j, which it has nothing for', (filter) => {
    const { totalCount } = pageOf(filter);
    expect(totalCount).toBeGreaterThan(9_500);
    expect(totalCount).toBeLessThan(10_500);
  });

  it.each<CreatorFilter>([{ marketingTarget: 'ACTION_CONVERSION' }, { industry: 'RETAIL' }])(
    'finds everybody by %j',
    (filter) => {
      expect(pageOf(filter).totalCount).toBe(20_000);
    },
  );

  it.each<CreatorFilter>([
    { price: { type: 'CELEBRITY_VIDEO', min: 0, max: 1_000_000_000 } },
    { contentTags: ['三农'] },
    { keyword: '没有这个人' },
  ])('finds nobody by %j', (filter) => {
    expect(pageOf(filter)).toMatchObject({ items: [], totalCount: 0, hasNextPage: false, pageSize: 20 });
  });

  it('has pages that do not overlap, and hold everybody whom it counts', () => {
    const pages = [1, 2, 3].map((page) => pageOf(beauty, page));
    expect(pages.map(({ items, hasNextPage }) => [items.length, hasNextPage])).toEqual([
      [20, true],
      [20, true],
      [9, false],
    ]);
    const ids = pages.flatMap(({ items }) => items.map(({ creatorId }) => creatorId));
    expect(new Set(ids).size).toBe(49);
    expect(pageOf(beauty, 4)).toMatchObject({ items: [], totalCount: 49, hasNextPage: false });
  });

  it('sorts by followers or by score, the highest first', () => {
    for (const page of [1, 2, 1_000]) {
      const followers = pageOf({}, page).items.map(({ followerCount }) => followerCount ?? 0);
      expect(followers).toEqual(followers.toSorted((a, b) => b - a));
      const scores = pageOf({}, page, 'SCORE').items.map(({ indices }) => indices.overall ?? 0);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    }
    expect(pageOf({}, 1, 'SCORE').items[0]?.indices.overall).toBe(99);
  });

  it('says of a creator what the other bodies say', () => {
    const items = [1, 300, 999].flatMap((page) => pageOf({}, page).items);
    for (const item of items) {
      const { creatorId } = item;
      const card = sectionOf('profile', creatorId);
      const { name, avatarUrl, gender, province, city, followerCount, tags, contentThemes } = card;
      const { eCommerceEnabled, douyinUid } = card;
      expect(item).toMatchObject({ name, avatarUrl, gender, province, city, followerCount, tags });
      expect(item).toMatchObject({ contentThemes, eCommerceEnabled, douyinUid });

      const { byDuration, items: rows } = sectionOf('prices', creatorId);
      const rowsIn = (list: typeof rows) =>
        list.map(({ typeCode, price, naturalPlay }) => ({ typeCode, price, naturalPlay }));
      expect(rowsIn(item.priceItems)).toHaveLength(rows.length);
      expect(rowsIn(item.priceItems)).toEqual(expect.arrayContaining(rowsIn(rows)));

      const metrics = sectionOf('cpMetrics', creatorId);
      expect(item.expectedPlayCount).toBe(metrics.expectedPlayCount);
      expect(item.viralRate).toBe(metrics.viralRate);
      for (const each of durations) {
        expect(item.prices[each]).toEqual(byDuration[each]?.price ?? null);
        // One is rounded to fen, the other truncated.
        expect(item.expectedCpm[each] === null).toBe(metrics.expectedCpm[each] === null);
        if (!item.expectedCpm[each]) continue;
        expect(Math.abs(yuan(item.expectedCpm[each]) - yuan(metrics.expectedCpm[each]))).toBeLessThan(0.011);
        expect(Math.abs(yuan(item.expectedCpe[each]) - yuan(metrics.expectedCpe[each]))).toBeLessThan(0.011);
      }

      const { newest } = sectionOf('recommendedVideos', creatorId);
      const videos = item.recentVideos.map(({ id, playCount, likeCount }) => ({ id, playCount, likeCount }));
      const isOlder = createSandboxCreator(creatorId, 'SHORT_VIDEO').oddities.olderVideos;
      expect(videos).toEqual(
        isOlder ? [] : newest.map(({ id, playCount, likeCount }) => ({ id, playCount, likeCount })),
      );

      const creator = createSandboxCreator(creatorId, 'SHORT_VIDEO');
      const { aware, interested, like, follow } = connectedUsersOf(creator);
      expect(item.connectedUserCounts).toEqual({
        total: aware + interested + like + follow,
        aware,
        interested,
        like,
        follow,
      });
      expect(indicesOf(creator)).toMatchObject(item.indices);
      expect(monthOf(creator)).toMatchObject({
        engagementRate: item.engagementRate30Days,
        completionRate: item.completionRate30Days,
        medianPlays: item.medianPlayCount30Days,
      });
    }
  });

  it('has the types of the sample: every attribute is a string', () => {
    const { raw } = pageOf({}, 500);
    const [priced] = sample.authors;
    const missing = [...expectedKeys(raw, endpoints.searchCreators.shape)].filter(([, isThere]) => !isThere);
    expect(missing).toEqual([]);
    const authors = raw['authors'] as unknown as (typeof sample.authors)[number][];
    for (const author of authors) {
      expect(Object.keys(author).toSorted()).toEqual(Object.keys(priced ?? {}).toSorted());
      expect(Object.values(author.attribute_datas).filter((value) => typeof value !== 'string')).toEqual([]);
      for (const { price_infos } of author.task_infos as unknown as { price_infos: { price: unknown }[] }[]) {
        expect(price_infos.filter(({ price }) => typeof price !== 'number')).toEqual([]);
      }
    }
  });

  it('gives the same bytes each time', () => {
    const text = () =>
      stringify(searchCreators.data(new URLSearchParams('page=7&sort=DEFAULT&gender=MALE')) ?? {});
    expect(text()).toBe(text());
  });

  it.each([
    'page=0',
    'page=x',
    'page=1.5',
    'sort=FOLLOWERS',
    'searchType=TEXT',
    'marketingTarget=1x',
    'industry=NOBODY',
    'isSuperstar=yes',
    'followerRange=5',
    'followerRange=5-',
    'followerRange=9-5',
    'followerRange=1.5-2',
    'kolPriceType=VIDEO',
    'kolPriceRange=1-2',
    'kolPriceType=VIDEO_1_20S&kolPriceRange=x',
    'contentTag=美装',
    'contentTheme=妆容妆造',
    'personaTag=x',
    'tonalityTag=x',
    'gender=UNKNOWN',
    'location=广东省,',
    'audienceImage=GENDER_MALE_90',
    'fansImage=x',
    'viralRateRange=0-1.5',
    'expectedCpmRange=x',
    'progressTaskRange=8-9',
    'authorList=7540478044453486642x',
  ])('refuses %s', (query) => {
    expect(searchCreators.data(new URLSearchParams(query))).toBeNull();
  });
});
