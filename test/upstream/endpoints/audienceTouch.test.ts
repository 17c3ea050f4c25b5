import { describe, expect, it } from 'vitest';
import sample from '../../../src/sandbox/samples/audience-touch.json' with { type: 'json' };
import { audienceTouch, type TouchCategory } from '../../../src/upstream/endpoints/audienceTouch.js';
import type { JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';

const noDrift = (what: string) => expect.fail(`drift: ${what}`);
const decode = (data: object) => audienceTouch.decode(data as JsonObject, noDrift, decodedAtMs).categories;
const touch = (name: unknown, cnt: unknown, levels: object = {}) => ({
  distribution_data: { name, cnt },
  ...levels,
});

/** `name count share`, one line each, children indented. */
const outline = (level: readonly TouchCategory[], indent = ''): string[] =>
  level.flatMap(({ name, count, shareOfParent, children }) => [
    `${indent}${name} ${count} ${shareOfParent === null ? null : Number(shareOfParent.toFixed(4))}`,
    ...outline(children, `${indent}  `),
  ]);

describe('audienceTouch', () => {
  it("reads the vendor's sample", () => {
    expect(outline(decode(sample.data))).toEqual([
      '个人 12704028 1',
      '  游戏 1093308 0.0861',
      '    内容类型 1093308 1',
      '    游戏类型 1093308 1',
      '  美食 2864757 0.2255',
      '    美食展示 2864757 1',
      '  旅行 97454 0.0077',
      '    旅行记录与分享 97454 1',
      '  亲子 362682 0.0285',
      '    亲子互动日常 362682 1',
      '  音乐 4946715 0.3894',
      '    音乐演唱 4946715 1',
      '  随拍 3337544 0.2627',
      '    生活随拍 3075446 0.9215',
      '    工作随拍 262098 0.0785',
    ]);
  });

  it('accepts children that add up to less than their parent, or to more', () => {
    const [top] = decode(sample.data);
    const total = (category?: TouchCategory) =>
      category?.children.reduce((sum, { count }) => sum + (count ?? 0), 0);
    expect(total(top)).toBe(12_702_460);
    expect(total(top?.children[0])).toBe(2 * 1_093_308);
  });

  it('gives the top level shares of its own sum', () => {
    expect(outline(decode({ video_touch: [touch('个人', 300), touch('星图', 100)] }))).toEqual([
      '个人 300 0.75',
      '星图 100 0.25',
    ]);
  });

  it.each([{}, { video_touch: [] }, { video_touch: null }, { video_touch: {} }])(
    'has no categories for %j',
    (data) => {
      expect(decode(data)).toEqual([]);
    },
  );

  it.each([{}, { second_distribution: [] }, { second_distribution: null, three_distribution: '' }])(
    'has no children for %j',
    (levels) => {
      expect(decode({ video_touch: [touch('个人', 5, levels)] })).toEqual([
        { name: '个人', count: 5, children: [], shareOfParent: 1 },
      ]);
    },
  );

  it('reads a third level that stands where the second is missing', () => {
    expect(
      outline(decode({ video_touch: [touch('个人', 10, { three_distribution: [touch('游戏', 4)] })] })),
    ).toEqual(['个人 10 1', '  游戏 4 0.4']);
  });

  it('reads counts that come as strings', () => {
    expect(decode({ video_touch: [touch('个人', '12704028')] })[0]?.count).toBe(12704028);
  });

  it.each([0, '0'])('takes a count of %j for a value, and gives its children no share', (cnt) => {
    const video_touch = [touch('个人', cnt, { second_distribution: [touch('游戏', 0)] }), touch('星图', 8)];
    expect(outline(decode({ video_touch }))).toEqual(['个人 0 0', '  游戏 0 null', '星图 8 1']);
  });

  it.each([
    [null, []],
    [undefined, []],
    ['', []],
    [[], []],
    ['many', ['video_touch[].distribution_data.cnt']],
    [-1, ['video_touch[].distribution_data.cnt']],
  ])('keeps a row whose count is %j', (cnt, reported) => {
    const video_touch = [touch('个人', cnt, { second_distribution: [touch('游戏', 4)] }), touch('星图', 8)];
    const drift: string[] = [];
    const tell = (what: string) => drift.push(what);
    const { categories } = audienceTouch.decode({ video_touch } as JsonObject, tell, decodedAtMs);
    expect(outline(categories)).toEqual(['个人 null null', '  游戏 4 null', '星图 8 1']);
    expect(drift).toEqual(reported);
  });

  it.each([null, undefined, '', [], '0'])('keeps a row whose name is %j, and its children', (name) => {
    const nameless = touch(name, 10, { second_distribution: [touch('游戏', 4)] });
    expect(outline(decode({ video_touch: [nameless] }))).toEqual([' 10 1', '  游戏 4 0.4']);
  });

  it.each([null, 7, 'x', {}, touch('', null)])(
    'leaves out a row that cannot be read, and reports it, at each level: %j',
    (odd) => {
      const drift: string[] = [];
      const video_touch = [
        odd,
        touch('个人', 10, {
          second_distribution: [touch('游戏', 4, { three_distribution: [touch('手游', 2), odd] }), odd],
        }),
      ];
      const { categories } = audienceTouch.decode(
        { video_touch } as JsonObject,
        (what) => drift.push(what),
        decodedAtMs,
      );
      expect(outline(categories)).toEqual(['个人 10 1', '  游戏 4 0.4', '    手游 2 0.5']);
      const second = 'video_touch[].second_distribution[]';
      expect(drift.toSorted()).toEqual(['video_touch[]', second, `${second}.three_distribution[]`]);
    },
  );
});
