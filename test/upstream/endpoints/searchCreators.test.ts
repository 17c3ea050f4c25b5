import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import sample from '../../../src/sandbox/samples/search-creators.json' with { type: 'json' };
import { expectedKeys, unknownKeys } from '../../../src/upstream/endpoints/drift.js';
import { searchCreators } from '../../../src/upstream/endpoints/searchCreators.js';
import type { CreatorSearchItem } from '../../../src/upstream/endpoints/searchedCreator.js';
import type { Json, JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';
import { seed } from '../../seed.js';

/** A body's values, and what of it could not be read. */
function decode(data: object) {
  const drift: string[] = [];
  const value = searchCreators.decode(data as JsonObject, (path) => drift.push(path), decodedAtMs);
  return { value, drift };
}

function withoutDrift(data: object) {
  const { value, drift } = decode(data);
  expect(drift).toEqual([]);
  return value;
}

const [first, second] = sample.authors;
const id = '7075021456032498830';
const yuan = (amount: string) => ({ amount, currencyCode: 'CNY' });
const noMoney = { seconds1To20: null, seconds21To60: null, secondsOver60: null };

/** The attributes that are read, but for the one that is an object. */
const attributeNames = (searchCreators.shape.rows['authors']?.objects['attribute_datas']?.reads ?? []).filter(
  (name) => name !== 'tags_relation',
);

/** The one creator of a page with these attributes. */
function itemWith(attributes: object, others: object = {}): CreatorSearchItem {
  const [item] = withoutDrift({ authors: [{ star_id: id, attribute_datas: attributes, ...others }] }).items;
  return item ?? expect.fail('no item');
}

function driftOf(attributes: object): string[] {
  return decode({ authors: [{ star_id: id, attribute_datas: attributes }] }).drift;
}

/** All but the id. */
const nothing = {
  douyinUid: null,
  name: null,
  avatarUrl: null,
  gender: 'UNKNOWN',
  province: null,
  city: null,
  followerCount: null,
  followerGrowth15Days: null,
  followerGrowthRate15Days: null,
  prices: noMoney,
  expectedPlayCount: null,
  expectedNaturalPlayCount: null,
  expectedCpm: noMoney,
  expectedCpe: noMoney,
  engagementRate30Days: null,
  completionRate30Days: null,
  viralRate: null,
  searchAfterViewRate30Days: null,
  medianPlayCount30Days: null,
  medianEngagementCount30Days: null,
  orderVideoCount30Days: null,
  indices: { overall: null, spread: null, seeding: null, conversion: null },
  connectedUserCounts: { total: null, aware: null, interested: null, like: null, follow: null },
  tags: [],
  contentThemes: [],
  eCommerceEnabled: null,
  eCommerceLevel: null,
  recentVideos: [],
  priceItems: [],
};

describe('searchCreators', () => {
  it('has a shape with every key of the sample, and expects none that it lacks', () => {
    expect(unknownKeys(sample as JsonObject, searchCreators.shape)).toEqual([]);
    const expected = [...expectedKeys(sample as JsonObject, searchCreators.shape)];
    expect(expected.filter(([, isThere]) => !isThere)).toEqual([]);
  });

  it('reads the page of the sample', () => {
    const { items, ...page } = withoutDrift(sample);
    expect(page).toEqual({ pageSize: 20, hasNextPage: true, totalCount: 5032 });
    expect(items.map(({ creatorId }) => creatorId)).toEqual([id, '6675335337688728985']);
  });

  it('reads a creator with prices: yuan, fractions and halves', () => {
    const [item] = withoutDrift(sample).items;
    expect(item).toMatchObject({
      douyinUid: '3759259648721564',
      name: '样例达人一',
      gender: 'UNKNOWN',
      province: null,
      city: '上海',
      followerCount: 6_189_325,
      followerGrowth15Days: 75_550,
      followerGrowthRate15Days: expect.closeTo(0.0179242, 7),
      prices: {
        seconds1To20: yuan('80000.00'),
        seconds21To60: yuan('200000.00'),
        secondsOver60: yuan('300000.00'),
      },
      expectedPlayCount: 3_919_982,
      expectedNaturalPlayCount: 3_361_698,
      expectedCpm: {
        seconds1To20: yuan('20.41'),
        seconds21To60: yuan('51.02'),
        secondsOver60: yuan('76.53'),
      },
      expectedCpe: { seconds1To20: yuan('1.54'), seconds21To60: yuan('3.85'), secondsOver60: yuan('5.77') },
      engagementRate30Days: 0.0143,
      completionRate30Days: 0.2486,
      viralRate: 0.75,
      searchAfterViewRate30Days: 0.001,
      medianPlayCount30Days: 5_151_193.5,
      medianEngagementCount30Days: 76_268,
      orderVideoCount30Days: 2,
      indices: { overall: 88.1, spread: 95.56, seeding: 92.5, conversion: 91.64 },
      connectedUserCounts: {
        total: 59_361_448,
        aware: 26_578_420,
        interested: 26_484_116,
        like: 6_275_903,
        follow: 23_009,
      },
      tags: [{ name: '三农', children: ['三农'] }],
      contentThemes: ['搞笑挑战', '美食挑战', '豪车展示'],
      eCommerceEnabled: true,
      eCommerceLevel: 'L6',
    });
    const { total, aware, interested, like, follow } = item?.connectedUserCounts ?? {};
    expect(total).toBe((aware ?? 0) + (interested ?? 0) + (like ?? 0) + (follow ?? 0));
  });

  it('reads a stage that nobody is in as zero, but not where nobody is connected at all', () => {
    const countsWith = (changed: object) => {
      const body = structuredClone(sample);
      for (const { attribute_datas } of body.authors) Object.assign(attribute_datas, changed);
      return withoutDrift(body).items[0]?.connectedUserCounts;
    };
    expect(countsWith({ link_k_cnt_by_industry: '0' })).toMatchObject({ total: 59_361_448, follow: 0 });
    const nobody = Object.fromEntries(
      ['link', 'l', 'i', 'n', 'k'].map((stage) => [`link_${stage}_cnt_by_industry`, '0']),
    );
    const nothing = { total: null, aware: null, interested: null, like: null, follow: null };
    expect(countsWith(nobody)).toEqual(nothing);
  });

  it('reads the newest videos, which are JSON in a text', () => {
    const videos = withoutDrift(sample).items.map(({ recentVideos }) => recentVideos);
    expect(videos[0]).toHaveLength(2);
    expect(videos[0]?.[0]).toEqual({
      id: '7664235757861009911',
      url: 'https://www.douyin.com/video/7664235757861009911',
      createdAt: new Date(1_773_833_477_000),
      title: '样例视频',
      durationSeconds: null,
      playCount: 347_096,
      likeCount: 3_141,
      commentCount: 730,
      shareCount: 1_943,
      favoriteCount: null,
      engagementRate: null,
      coverUrl: null,
    });
    expect(videos[1]?.[0]).toMatchObject({ playCount: 94, likeCount: null, commentCount: null });
  });

  it('reads the price list, in which rows have types but no labels', () => {
    const [item] = withoutDrift(sample).items;
    expect(
      item?.priceItems.map(({ typeCode, price, isAvailable }) => [typeCode, price?.amount, isAvailable]),
    ).toEqual([
      [90, '70000.00', true],
      [91, '28000.00', true],
      [1, '80000.00', true],
      [92, undefined, true],
      [71, '300000.00', true],
      [2, '200000.00', true],
      [150, '400000.00', true],
    ]);
    expect(item?.priceItems[3]).toMatchObject({
      type: 'NATURAL_PLAY_CPM',
      label: null,
      naturalPlay: {
        perThousandPlays: yuan('18.00'),
        minimumTotal: yuan('14000.00'),
        maximumTotal: yuan('140000.00'),
      },
      validUntil: null,
    });
    expect(new Set(item?.priceItems.map(({ key }) => key)).size).toBe(7);
  });

  it('reads a creator without prices, who loses followers', () => {
    const [, item] = withoutDrift(sample).items;
    expect(item).toMatchObject({
      gender: 'MALE',
      city: null,
      prices: noMoney,
      expectedCpm: noMoney,
      expectedCpe: noMoney,
      followerGrowth15Days: -1_201,
      followerGrowthRate15Days: expect.closeTo(-0.0076349, 7),
      medianEngagementCount30Days: 8.5,
      viralRate: null,
      orderVideoCount30Days: null,
      priceItems: [],
    });
  });

  it('has no values without data', () => {
    const empty = { items: [], pageSize: null, hasNextPage: false, totalCount: null };
    expect(withoutDrift({})).toEqual(empty);
    for (const filler of ['', '0', null, []]) {
      expect(withoutDrift({ authors: filler, pagination: filler })).toEqual(empty);
    }
  });

  it('reads a page without creators: nobody matches', () => {
    const pagination = { page: 1, limit: 20, has_more: false, total_count: 0 };
    expect(withoutDrift({ authors: [], pagination })).toEqual({
      items: [],
      pageSize: 20,
      hasNextPage: false,
      totalCount: 0,
    });
  });

  it('takes no total of 0 beside creators', () => {
    const body = { ...sample, pagination: { ...sample.pagination, total_count: '0' } };
    expect(withoutDrift(body).totalCount).toBeNull();
  });

  it('has a next page after a full page where upstream does not say', () => {
    const authors = Array.from({ length: 20 }, () => first);
    expect(withoutDrift({ authors }).hasNextPage).toBe(true);
    expect(withoutDrift({ authors: authors.slice(1) }).hasNextPage).toBe(false);
    expect(withoutDrift({ authors, pagination: { has_more: 'false' } }).hasNextPage).toBe(false);
  });

  it.each(['', '0', 0, null, undefined])('takes %j for "not provided" in every attribute', (filler) => {
    const names = Object.keys(first?.attribute_datas ?? {});
    const item = itemWith(Object.fromEntries(names.map((name) => [name, filler])));
    // Zero is a plain no.
    const eCommerceEnabled = filler === '0' || filler === 0 ? false : null;
    expect(item).toEqual({ ...nothing, creatorId: id, eCommerceEnabled });
  });

  it('prefers a CPE under its own name to the copy', () => {
    const cpe = { prospective_60_cpe: '2.5', sn_prospective_60_cpe: '3', sn_prospective_1_20_cpe: '1' };
    expect(itemWith(cpe).expectedCpe).toEqual({
      seconds1To20: yuan('1.00'),
      seconds21To60: null,
      secondsOver60: yuan('2.50'),
    });
  });

  it('takes the id from either place', () => {
    const one = { attribute_datas: { id } };
    expect(withoutDrift({ authors: [one] }).items[0]?.creatorId).toBe(id);
    expect(withoutDrift({ authors: { star_id: id } }).items[0]?.creatorId).toBe(id);
  });

  it('leaves out creators without a readable id, and reports them', () => {
    const nameless = { ...second, star_id: '0', attribute_datas: { ...second?.attribute_datas, id: '12' } };
    const { value, drift } = decode({ ...sample, authors: [nameless, first, 5, null, {}] });
    expect(value.items.map(({ creatorId }) => creatorId)).toEqual([id]);
    expect(drift).toEqual(['authors[]', 'authors[]', 'authors[]', 'authors[]']);
  });

  it('serves twenty creators of a page, since a plan counts on no more, and reports a longer one', () => {
    const authors = Array.from({ length: 25 }, () => first);
    expect(withoutDrift({ ...sample, authors }).items).toHaveLength(20);
    const args = { filter: {}, sort: 'FOLLOWERS', page: 1 } as const;
    const mismatch = (data: object) => searchCreators.mismatch(args, data as JsonObject);
    expect(mismatch({ ...sample, authors })).toBe('authors: more than 20');
    expect(mismatch({ ...sample, authors: authors.slice(5) })).toBeNull();
  });

  it('reports the body of another page', () => {
    const mismatch = (page: number, data: object) =>
      searchCreators.mismatch({ filter: {}, sort: 'SCORE', page }, data as JsonObject);
    expect(mismatch(2, sample)).toBe('pagination.page: another page');
    expect(mismatch(1, sample)).toBeNull();
    for (const data of [{}, { pagination: 5 }, { pagination: { page: 0 } }])
      expect(mismatch(2, data)).toBeNull();
  });

  it.each([
    ['follower', 'many'],
    ['price_1_20', '80%'],
    ['interact_rate_within_30d', '1.43'],
    ['burst_text_rate', '-0.1'],
    ['fans_increment_within_15d', '--5'],
    ['gender', '7'],
    ['avatar_uri', 'ftp://x'],
    ['tags_relation', '[]x'],
    ['last_10_items', 5],
  ])('gives nothing for %s %j, and reports it', (name, value) => {
    const path = name === 'last_10_items' ? `${name}[]` : name;
    expect(driftOf({ [name]: value })).toEqual([`authors[].attribute_datas.${path}`]);
  });

  it('reports what it cannot read of prices', () => {
    const author = { star_id: id, task_infos: [5, { price_infos: [{ video_type: 1, price: '?' }, 'x'] }] };
    const { value, drift } = decode({ authors: [author] });
    expect(drift.toSorted()).toEqual([
      'authors[].task_infos[]',
      'authors[].task_infos[].price_infos[]',
      'authors[].task_infos[].price_infos[].price',
    ]);
    expect(value.items[0]?.priceItems).toMatchObject([
      { type: 'VIDEO_1_20S', price: null, isAvailable: null },
    ]);
  });

  it('is named by as many creators as a page has, of which only the ids are known, while it is unknown', () => {
    const { items, pageSize, totalCount } =
      searchCreators.upperBound?.((nth) => `id ${nth}`) ?? expect.fail('no upper bound');
    expect([pageSize, totalCount]).toEqual([20, null]);
    expect(items).toEqual(Array.from({ length: 20 }, (_, nth) => ({ ...nothing, creatorId: `id ${nth}` })));
  });

  it('keeps no history, and is about nobody in particular', () => {
    const args = { filter: {}, sort: 'FOLLOWERS', page: 1 } as const;
    expect(searchCreators.hasHistory).toBe(false);
    expect(searchCreators.subject(args)).toBeNull();
    expect(searchCreators.isShapeExpected(args)).toBe(true);
  });
});

describe('a body with odd values', () => {
  const odd: fc.Arbitrary<unknown> = fc.oneof(
    fc.constantFrom(
      '',
      '0',
      0,
      null,
      false,
      true,
      -1,
      '-1',
      1e300,
      'NaN',
      '1万',
      '12%',
      '{',
      '[1]',
      '[{}]',
      {},
      [],
    ),
    fc.constantFrom([[]], [null], [5], { a: 1 }, '\u0000', '😀', '-', -0),
    fc.jsonValue(),
  );
  const paths = pathsIn(sample as JsonObject);

  it('is decoded without an error, with no zero and no impossible number', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...paths), odd), { maxLength: 8 }), (changes) => {
        const body = structuredClone(sample) as unknown as JsonObject;
        for (const [path, value] of changes) replace(body, path, value as Json);
        const { value } = decode(body);
        const { totalCount, items } = value;
        // A stage that nobody is in has zero people.
        const rest = items.map(({ connectedUserCounts: _, ...item }) => item);
        expect(totalCount === null || (Number.isSafeInteger(totalCount) && totalCount >= 0)).toBe(true);
        for (const number of numbersIn(rest)) {
          expect([number, Number.isFinite(number) && number !== 0]).toEqual([number, true]);
        }
        expect(value.items.length).toBeLessThanOrEqual(20);
        for (const { creatorId } of value.items) expect(creatorId).toMatch(/^\d{15,20}$/);
        searchCreators.mismatch({ filter: {}, sort: 'SCORE', page: 1 }, body);
      }),
      { seed, numRuns: 300 },
    );
  });

  it.each(attributeNames)('reports %s when it cannot be read', (name) => {
    // A row of videos without an id.
    const path = name === 'last_10_items' ? `${name}[]` : name;
    expect(driftOf({ [name]: { odd: [1] } })).toEqual([`authors[].attribute_datas.${path}`]);
  });
});

type Path = readonly (string | number)[];

function pathsIn(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, child]) =>
    pathsIn(child, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? inner : [path, ...inner];
}

/** Nothing happens where an earlier change has removed the place. */
function replace(body: JsonObject, path: Path, value: Json): void {
  let at: unknown = body;
  for (const key of path.slice(0, -1))
    at = (at as Record<string | number, unknown> | null | undefined)?.[key];
  const last = path.at(-1);
  if (typeof at === 'object' && at !== null && last !== undefined)
    (at as Record<string | number, unknown>)[last] = value;
}

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.values(value).flatMap(numbersIn);
}
