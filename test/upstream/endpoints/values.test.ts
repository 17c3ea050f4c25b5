import { describe, expect, it } from 'vitest';
import touchSample from '../../../src/sandbox/samples/audience-touch.json' with { type: 'json' };
import cpSample from '../../../src/sandbox/samples/cp-metrics.json' with { type: 'json' };
import pricesSample from '../../../src/sandbox/samples/prices.json' with { type: 'json' };
import profileSample from '../../../src/sandbox/samples/profile.json' with { type: 'json' };
import videosSample from '../../../src/sandbox/samples/recommended-videos.json' with { type: 'json' };
import filledItem from '../../../src/sandbox/samples/video-item-filled.json' with { type: 'json' };
import { codes, object, rows, words } from '../../../src/upstream/endpoints/lists.js';
import { endpoints } from '../../../src/upstream/endpoints/table.js';
import {
  basisPoints,
  change,
  code,
  count,
  countOrZero,
  endTime,
  fen,
  flag,
  fraction,
  gender,
  id,
  pngBase64,
  quantity,
  score,
  text,
  time,
  url,
  yuan as yuanOf,
} from '../../../src/upstream/endpoints/values.js';
import type { Json, JsonObject } from '../../../src/upstream/json.js';
import type { DocumentedEndpoint } from '../../documentedEndpoints.js';
import { decodedAtMs } from '../../fixtures.js';

const readers = {
  text,
  id,
  url,
  count,
  countOrZero,
  quantity,
  score,
  change,
  code,
  fraction,
  basisPoints,
  flag,
  gender,
  yuan: yuanOf,
  fen,
  time,
  endTime,
  pngBase64,
  words,
  codes,
  object,
  rows,
};
const digits400 = '9'.repeat(400);

const yuan = (amount: string) => ({ amount, currencyCode: 'CNY' });

describe('a value', () => {
  it.each([
    ['text', ' 北京市 ', '北京市'],
    ['text', 23, '23'],
    ['id', '7553989899192519974', '7553989899192519974'],
    ['id', 62427282029, '62427282029'],
    ['url', 'https://a.example/x?y=1', 'https://a.example/x?y=1'],
    ['count', ' 19764567 ', 19764567],
    ['count', 19764567, 19764567],
    ['countOrZero', '0', 0],
    ['countOrZero', 0, 0],
    ['quantity', '20.317', 20.317],
    ['quantity', 20.317, 20.317],
    ['code', '71', 71],
    ['code', 2147483647, 2147483647],
    ['fraction', '0.031', 0.031],
    ['fraction', 1, 1],
    ['score', '89.91', 89.91],
    ['score', 100, 100],
    ['change', -0.0066, -0.0066],
    ['change', '0.795', 0.795],
    ['change', 12, 12],
    ['change', -1, -1],
    ['change', 0, 0],
    ['basisPoints', '1200', 0.12],
    ['basisPoints', 10_000, 1],
    ['yuan', 263700, yuan('263700.00')],
    ['fen', '5618', yuan('56.18')],
    ['count', '1.2w', 12_000],
    ['count', '4279.6万', 42_796_000],
    ['count', '1.3亿', 130_000_000],
    ['count', '1,3000', null],
    ['count', '42,796,417', 42_796_417],
    ['count', '8.08654E5', 808_654],
    ['count', '380245.5', 380_246],
    ['count', '１２万', 120_000],
    ['quantity', '1,234.5', 1_234.5],
    ['fraction', '12%', 0.12],
    ['change', '-12%', -0.12],
    ['change', ' −12.5% ', -0.125],
    ['change', '+0.2', 0.2],
    ['basisPoints', '12%', 0.12],
    ['yuan', '54,800', yuan('54800.00')],
    ['yuan', '¥5.48万', yuan('54800.00')],
    ['yuan', '54800元', yuan('54800.00')],
    ['flag', 'True', true],
    ['flag', '否', false],
    ['gender', '女', 'FEMALE'],
    ['gender', 'male', 'MALE'],
    ['url', '//p3.example/a.jpeg', 'https://p3.example/a.jpeg'],
    ['url', 'HTTPS://P3.example/a.jpeg', 'https://P3.example/a.jpeg'],
    ['time', '1543602509', new Date('2018-11-30T18:28:29Z')],
    ['time', 1758829144, new Date('2025-09-25T19:39:04Z')],
    ['time', 1758829144123, new Date('2025-09-25T19:39:04.123Z')],
    ['time', '20260325', new Date('2026-03-24T16:00:00Z')],
    ['time', 20260325, new Date('2026-03-24T16:00:00Z')],
    ['time', '20260309013918', new Date('2026-03-08T17:39:18Z')],
    ['time', '2026-03-09 01:39:18', new Date('2026-03-08T17:39:18Z')],
    ['time', '2026/3/9', new Date('2026-03-08T16:00:00Z')],
    ['time', '2026年3月9日 01:39', new Date('2026-03-08T17:39:00Z')],
    ['time', '2026-03-09T01:39:18Z', new Date('2026-03-09T01:39:18Z')],
    ['time', '2026-03-09T01:39:18.5+08:00', new Date('2026-03-08T17:39:18Z')],
    ['endTime', '1800000000', new Date('2027-01-15T08:00:00Z')],
    ['endTime', '2145916800', null],
    ['endTime', 253_402_300_799, null],
    ['time', 2145916800, new Date('2038-01-01T00:00:00Z')],
    ['words', '游戏,美食', ['游戏', '美食']],
    ['words', '游戏、美食', ['游戏', '美食']],
    ['words', '游戏', ['游戏']],
    ['codes', '1,103', [1, 103]],
    ['codes', 7, [7]],
    ['words', '["\\u6e38\\u620f"]', ['游戏']],
    ['words', ['游戏', '', null, {}, ' 美食 '], ['游戏', '美食']],
    ['codes', '[1, 103]', [1, 103]],
    ['codes', [1, '103', 0, null], [1, 103]],
    ['object', { a: 1 }, { a: 1 }],
    ['object', '{"a":6629722295873044494}', { a: '6629722295873044494' }],
    ['rows', [{ a: 1 }, 7], [{ a: 1 }, 7]],
    ['rows', { a: 1 }, [{ a: 1 }]],
    ['rows', '[{"a":6629722295873044494}]', [{ a: '6629722295873044494' }]],
    ['rows', 'soon', ['soon']],
    ['rows', 7, [7]],
    ['rows', true, [true]],
  ] as const)('of kind %s: %j is %j', (kind, raw, read) => {
    expect(readers[kind](raw)).toEqual(read);
  });

  it.each([
    [true, [true, 1, '1', 'true']],
    [false, [false, 0, '0', 'false']],
    [null, ['', [], {}, null, undefined, 2, 'maybe']],
  ])('that is a flag is %s for each of %j', (expected, raws) => {
    for (const raw of raws) expect(readers.flag(raw)).toBe(expected);
  });

  it.each([
    ['text', [true, ['x']]],
    ['id', ['MS4w', 1.5, -1, true, 7.608935920095612e18, '7.6E+18', '1,234']],
    ['url', ['javascript:alert(1)', 'https://', 7, 'data:image/png;base64,x']],
    ['count', [-1, true, '9007199254740993', digits400, '0x10', '1,2', '10w+', '12%', '¥5', 0.2, '1.2.3']],
    ['quantity', [-1, '20s', digits400]],
    ['code', [-1, 1.5, 2147483648, '1.2w', 'vlog']],
    ['flag', [2, 'maybe', ['x']]],
    ['gender', [3, 'person']],
    ['fraction', [-0.1, 1.01]],
    ['score', [-1, 100.01, '50%']],
    ['change', [-1.01, '-12.5', '-101%', '--0.1', '¥0.1', '1-2', digits400]],
    ['basisPoints', [-1, 10_001]],
    ['yuan', [-1, true, [5], '5%', '0.001']],
    ['fen', [-1, { amount: 5 }, '5元']],
    ['time', [-1, 5, '5', 253_402_300_800, '20260230', '2026-13-01', '2026-03-09 25:00:00', 'soon']],
    ['endTime', [-1, 'soon']],
    ['pngBase64', ['<img src=x>']],
  ] as const)('of kind %s is null for every filler, and for each of %j, which is reported', (kind, raws) => {
    const read = (raw: unknown) => {
      const reported: string[] = [];
      return { value: readers[kind](raw, (key) => reported.push(key), 'key'), reported };
    };
    const zeros = kind === 'flag' || kind === 'change' ? [] : [0, '0'];
    const fillers = ['', ' ', [], {}, null, undefined, ...zeros, ...(kind === 'text' ? [] : ['-', '暂无'])];
    for (const raw of fillers) expect([raw, read(raw)]).toEqual([raw, { value: null, reported: [] }]);
    for (const raw of raws) expect([raw, read(raw)]).toEqual([raw, { value: null, reported: ['key'] }]);
  });

  it('that is a storage URI is known not to be a link, and is not reported', () => {
    const reported: string[] = [];
    expect(readers.url('tos-cn-i-dy/4eca940555744ce0', (key) => reported.push(key))).toBeNull();
    expect(reported).toEqual([]);
  });

  it.each([
    ['words', ['[游戏', { a: 1 }, true], '{}'],
    ['codes', ['[1', { a: 1 }, true], '{}'],
    ['rows', [], '{}'],
  ] as const)(
    'of kind %s is empty for every filler, and for each of %j, which is reported',
    (kind, raws, empty) => {
      const reported: string[] = [];
      const read = (raw: unknown) => readers[kind](raw, (key) => reported.push(key), 'key');
      for (const raw of ['', ' ', 0, '0', [], {}, '[]', null, undefined, empty])
        expect([raw, read(raw)]).toEqual([raw, []]);
      expect(reported).toEqual([]);
      for (const raw of raws) expect([raw, read(raw)]).toEqual([raw, []]);
      expect(reported).toEqual(raws.map(() => 'key'));
    },
  );

  it('that is a list reports each entry that it leaves out', () => {
    const reported: string[] = [];
    expect(readers.codes([1, 'x', 0, '103'], (key) => reported.push(key), 'key')).toEqual([1, 103]);
    expect(reported).toEqual(['key[]']);
  });
});

/** The values that depend on which price is chosen. */
const choice = 'byDuration cheapestAvailable';

/** What upstream may write in place of a value. */
const oddities: readonly (Json | undefined)[] = [
  ...[null, undefined, true, false, [], [[7]], ['x'], {}, { a: { b: 1 } }],
  ...['', 0, '0', -1, 7, 0.5, 1e308, 'NaN', '{"broken', '99999999999999999999', digits400],
];

/**
 * For each endpoint a body without fillers, and the values that may change with each key. A key that is not named changes
 * none. `#` stands for the number of a row, in keys and in values, `*` for any name.
 */
const cases: { readonly [Name in DocumentedEndpoint]: { body: object; feeds: Record<string, string> } } = {
  profile: {
    body: {
      ...profileSample.data,
      avg_play: 4693149,
      city: '海淀区',
      mcn_name: '无忧传媒',
      mcn_introduction: '经纪公司',
      mcn_logo: 'https://p3.example/logo.png',
      tags_level_two: '["游戏集锦"]',
      tags_author_style: '["搞笑"]',
    },
    feeds: {
      nick_name: 'name',
      avatar_uri: 'avatarUrl',
      gender: 'gender',
      follower: 'followerCount',
      avg_play: 'averagePlayCount',
      province: 'province',
      city: 'city',
      tags: 'tags',
      tags_relation: 'tags',
      'tags_relation.游戏': 'tags.0.children',
      'tags_relation.游戏.#': 'tags.0.children',
      tags_level_two: 'secondLevelTags',
      tags_author_style: 'styleTags',
      content_theme_labels: 'contentThemes',
      'content_theme_labels.#': 'contentThemes',
      mcn_name: 'mcn',
      mcn_introduction: 'mcn.introduction',
      mcn_logo: 'mcn.logoUrl',
      lowest_price: 'lowestPrice',
      core_user_id: 'douyinUid',
      unique_id: 'douyinId',
      sec_uid: 'secUid',
      e_commerce_enable: 'eCommerceEnabled',
      opened_task_category: 'openTaskCategoryCodes',
      base64_qrcode: 'qrCode',
      create_time: 'joinedAt',
      modify_time: 'updatedAt',
    },
  },
  prices: {
    body: {
      ...pricesSample.data,
      price_info: [
        ...pricesSample.data.price_info,
        {
          desc: 'CPM',
          video_type: 92,
          price: 25,
          price_extra_info: { floor_price: '1', ceiling_price: '5' },
        },
      ].map((row) => ({ ...row, end_time: '1800000000' })),
    },
    feeds: {
      price_info: 'items byDuration cheapestAvailable',
      'price_info.#': 'items byDuration cheapestAvailable',
      ...under('price_info.#', {
        video_type:
          'items.#.type items.#.typeCode items.#.price items.#.originalPrice items.#.naturalPlay byDuration cheapestAvailable',
        price: `${inRow('price')} items.#.naturalPlay.perThousandPlays cheapestAvailable`,
        enable: `${inRow('isAvailable')} cheapestAvailable`,
        is_open: `${inRow('isAvailable')} cheapestAvailable`,
        price_extra_info: `items.#.naturalPlay ${choice}`,
        'price_extra_info.floor_price': 'items.#.naturalPlay.minimumTotal',
        'price_extra_info.ceiling_price': 'items.#.naturalPlay.maximumTotal',
        desc: inRow('label'),
        origin_price: inRow('originalPrice'),
        has_discount: inRow('hasDiscount'),
        settlement_type: `${inRow('settlementCode')} ${choice}`,
        settlement_desc: `${inRow('settlementLabel')} ${choice}`,
        task_category: inRow('taskCategoryCode'),
        platform_source: `${inRow('appCode')} ${choice}`,
        start_time: `${inRow('validFrom')} ${choice}`,
        end_time: `${inRow('validUntil')} ${choice}`,
      }),
      industry_tags: 'industryTags',
      'industry_tags.#': 'industryTags',
    },
  },
  cpMetrics: {
    body: cpSample.data,
    feeds: {
      expect_cpm: 'expectedCpm expectedEngagement*',
      'expect_cpm.cpm_1_20': 'expectedCpm.seconds1To20 expectedEngagement*',
      'expect_cpm.cpm_21_60': 'expectedCpm.seconds21To60 expectedEngagement*',
      'expect_cpm.cpm_60': 'expectedCpm.secondsOver60',
      expect_cpe: 'expectedCpe expectedEngagement*',
      'expect_cpe.cpe_1_20': 'expectedCpe.seconds1To20 expectedEngagement*',
      'expect_cpe.cpe_21_60': 'expectedCpe.seconds21To60 expectedEngagement*',
      'expect_cpe.cpe_60': 'expectedCpe.secondsOver60 expectedEngagement*',
      expect_vv: 'expectedPlayCount expectedEngagementCount',
      'expect_vv.value': 'expectedPlayCount expectedEngagementCount',
      hot_item: 'viralRate',
      'hot_item.value': 'viralRate',
    },
  },
  recommendedVideos: {
    body: {
      masterpiece_videos: videosSample.data.masterpiece_videos.map((item) => ({
        ...{ ...item, ...filledItem, item_id: item.item_id },
        create_timestamp: 0,
        favorite: '12044',
        interact_rate: 0.031,
        head_image_url_signed: 'https://p3-sign.example/cover.jpeg',
      })),
      newest_videos: videosSample.data.newest_videos,
      personal_hot_video: {
        id: '7608935920095612211',
        stats: {
          ...{ watch_cnt: '3084852', like_cnt: '85726', comment_cnt: '3391', share_cnt: '1418' },
          ...{ favorite_cnt: '12044', interact_rate: '0.0333' },
        },
      },
    },
    feeds: {
      ...videoList('masterpiece_videos', 'masterpieces'),
      'masterpiece_videos.#.head_image_url_signed': 'masterpieces.#.coverUrl',
      ...videoList('newest_videos', 'newest'),
      'newest_videos.#.item_title': 'newest.#.title',
      personal_hot_video: 'personalHot',
      ...under('personal_hot_video', {
        id: 'personalHot',
        stats: 'personalHot.0.*Count personalHot.0.engagementRate',
        'stats.watch_cnt': 'personalHot.0.playCount',
        'stats.like_cnt': 'personalHot.0.likeCount',
        'stats.comment_cnt': 'personalHot.0.commentCount',
        'stats.share_cnt': 'personalHot.0.shareCount',
        'stats.favorite_cnt': 'personalHot.0.favoriteCount',
        'stats.interact_rate': 'personalHot.0.engagementRate',
      }),
    },
  },
  audienceTouch: {
    body: touchSample.data,
    feeds: {
      ...touchLevel('video_touch', 'categories'),
      ...touchLevel('video_touch.#.second_distribution', 'categories.#.children'),
      ...touchLevel(
        'video_touch.#.second_distribution.#.three_distribution',
        'categories.#.children.#.children',
      ),
    },
  },
};

function under(row: string, feeds: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(feeds).map(([key, targets]) => [`${row}.${key}`, targets]));
}

/** A price is in its row, and again where it is the one of its duration or the cheapest of all. */
function inRow(name: string): string {
  return `items.#.${name} byDuration.*.${name} cheapestAvailable.${name}`;
}

function videoList(rows: string, list: string): Record<string, string> {
  return {
    [rows]: list,
    [`${rows}.#`]: list,
    ...under(`${rows}.#`, {
      item_id: list,
      create_time: `${list}.#.createdAt`,
      title: `${list}.#.title`,
      duration: `${list}.#.durationSeconds`,
      play: `${list}.#.playCount`,
      like: `${list}.#.likeCount`,
      comment: `${list}.#.commentCount`,
      share: `${list}.#.shareCount`,
      favorite: `${list}.#.favoriteCount`,
      interact_rate: `${list}.#.engagementRate`,
    }),
  };
}

/** A row without a name is left out, and a count changes the shares of its level and of the one below. */
function touchLevel(rows: string, list: string): Record<string, string> {
  return {
    [rows]: list,
    [`${rows}.#`]: list,
    ...under(`${rows}.#.distribution_data`, {
      name: list,
      cnt: `${list}.#.count ${list}.*.shareOfParent ${list}.#.children.*.shareOfParent`,
    }),
    [`${rows}.#.distribution_data`]: list,
  };
}

type Path = readonly string[];

/** The path to every key and every row of a body. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [[...path, key], ...pathsIn(child, [...path, key])]);
}

function withOddity(body: object, path: Path, oddity: Json | undefined): JsonObject {
  const copy = structuredClone(body) as JsonObject;
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as JsonObject)[key], copy) as JsonObject;
  const key = path.at(-1) ?? '';
  if (oddity !== undefined) parent[key] = oddity;
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
  return copy;
}

/** Every single value of a section under its path. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  const isLeaf = typeof value !== 'object' || value === null || value instanceof Date;
  if (isLeaf || Object.keys(value).length === 0) return [[path, isLeaf ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, path ? `${path}.${key}` : key));
}

function changes(before: Map<string, unknown>, after: Map<string, unknown>): string[] {
  const isSame = (path: string) => {
    const [a, b] = [before.get(path), after.get(path)];
    return a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : Object.is(a, b);
  };
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => !isSame(path));
}

const isIndex = (key: string) => /^\d+$/.test(key);
const generic = (path: Path) => path.map((key) => (isIndex(key) ? '#' : key)).join('.');

/** `items.#.price` with the row numbers of `path`. It matches everything inside of that too. */
function toPattern(target: string, path: Path): RegExp {
  const indexes = path.filter(isIndex);
  const source = target
    .replaceAll(/#/g, () => indexes.shift() ?? '#')
    .replaceAll('.', '\\.')
    .replaceAll('*', '[^.]*');
  return new RegExp(`^${source}(\\.|$)`);
}

/** Whether GraphQL cannot write it: an infinite number, a count that does not fit a double, an invalid date. */
function isUnwritable([path, value]: [string, unknown]): boolean {
  if (value instanceof Date) return Number.isNaN(value.getTime());
  if (typeof value !== 'number') return value === undefined;
  return /(count|code)$/i.test(path) ? !Number.isSafeInteger(value) : !Number.isFinite(value);
}

const names = Object.keys(cases) as DocumentedEndpoint[];

describe.each(names)('an unexpected value in %s', (name) => {
  const { body, feeds } = cases[name];
  // What distinguishes rows is made of many values of all of them.
  const isValue = ([path]: [string, unknown]) => !/\.(key|hasReadableTerms)$/.test(path);
  const read = (data: object) =>
    new Map(leaves(endpoints[name].decode(data as JsonObject, () => {}, decodedAtMs)).filter(isValue));
  const before = read(body);
  const trials = pathsIn(body).flatMap((path) =>
    oddities.map((oddity) => ({ path, oddity, after: read(withOddity(body, path, oddity)) })),
  );

  it('changes no other value than its own', () => {
    const spoilt = trials.flatMap(({ path, oddity, after }) => {
      const own = (feeds[generic(path)]?.split(' ') ?? []).map((target) => toPattern(target, path));
      return changes(before, after)
        .filter((changed) => !own.some((pattern) => pattern.test(changed)))
        .map((changed) => `${path.join('.')} = ${JSON.stringify(oddity)?.slice(0, 30)} spoils ${changed}`);
    });
    expect(spoilt).toEqual([]);
  });

  it('does change its own, so that the list above is true', () => {
    const moving = new Set(
      trials.filter(({ after }) => changes(before, after).length > 0).map(({ path }) => generic(path)),
    );
    expect([...moving].toSorted()).toEqual(Object.keys(feeds).toSorted());
  });

  it('never gives a value that GraphQL cannot write', () => {
    const unwritable = trials.flatMap(({ path, oddity, after }) =>
      [...after].filter(isUnwritable).map(([at]) => `${path.join('.')} = ${JSON.stringify(oddity)}: ${at}`),
    );
    expect(unwritable).toEqual([]);
  });

  it('never makes the decoder throw, even where every value is unexpected', () => {
    for (const oddity of oddities) {
      const all = Object.fromEntries(Object.keys(body).map((key) => [key, oddity]));
      expect(() => endpoints[name].decode(all as JsonObject, () => {}, decodedAtMs)).not.toThrow();
    }
  });
});
