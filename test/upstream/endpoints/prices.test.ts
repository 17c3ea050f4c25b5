import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import sample from '../../../src/sandbox/samples/prices.json' with { type: 'json' };
import { type Prices, prices } from '../../../src/upstream/endpoints/prices.js';
import type { JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';

const noDrift = (what: string) => expect.fail(`drift: ${what}`);
const decode = (data: object) => prices.decode(data as JsonObject, noDrift, decodedAtMs);
const ofRows = (...price_info: object[]) => decode({ price_info });
const onlyItem = (row: object) => ofRows(row).items[0];

const yuan = (amount: string) => ({ amount, currencyCode: 'CNY' });
const [shortVideo, longVideo] = sample.data.price_info as [object, object];
const naturalPlay = {
  ...shortVideo,
  desc: '短视频自然流量CPM',
  video_type: 92,
  price: 25,
  origin_price: 30,
  price_extra_info: { floor_price: '10000', ceiling_price: '500000' },
};

/** The price of each duration, and the lowest price. */
const amounts = ({ byDuration: { seconds1To20, seconds21To60, secondsOver60 }, cheapestAvailable }: Prices) =>
  [seconds1To20, seconds21To60, secondsOver60, cheapestAvailable].map((item) => item?.price?.amount ?? null);

describe('prices', () => {
  it("reads a row of the vendor's sample", () => {
    expect(decode(sample.data).items[0]).toEqual({
      key: '1.2.1.1.1630425600000',
      type: 'VIDEO_1_20S',
      typeCode: 1,
      label: '1-20s视频',
      price: yuan('263700.00'),
      originalPrice: yuan('263700.00'),
      naturalPlay: null,
      hasDiscount: false,
      isAvailable: true,
      settlementCode: 2,
      settlementLabel: '固定价格',
      taskCategoryCode: 1,
      appCode: 1,
      validFrom: new Date('2021-08-31T16:00:00Z'),
      validUntil: null,
      hasReadableTerms: true,
    });
  });

  it("reads every row of the vendor's sample, in its order", () => {
    const { items } = decode(sample.data);
    expect(items.map((item) => [item.type, item.price?.amount, item.isAvailable])).toEqual([
      ['VIDEO_1_20S', '263700.00', true],
      ['VIDEO_21_60S', '659100.00', true],
      ['VIDEO_OVER_60S', '659100.00', true],
      ['LICENSE_SINGLE_PUSH', '100.00', false],
      ['LICENSE_MULTI_PUSH', '100.00', false],
      ['LICENSE_DOWNLOAD', '100.00', false],
      ['CO_CREATION_PARTICIPANT', '263600.00', true],
    ]);
  });

  it('takes the lowest price of whole videos only: co-creation and licences cost less in the sample', () => {
    expect(amounts(decode(sample.data))).toEqual(['263700.00', '659100.00', '659100.00', '263700.00']);
  });

  it('reads the industry tags of the sample as level one and level two', () => {
    expect(decode(sample.data).industryTags).toEqual([
      { name: '角色扮演', parent: '游戏' },
      { name: '模拟经营', parent: '游戏' },
      { name: '休闲游戏', parent: '游戏' },
    ]);
  });

  it.each([
    ['游戏', { name: '游戏', parent: null }],
    ['3C-手机-配件', { name: '手机-配件', parent: '3C' }],
  ])('reads the industry tag %s', (tag, expected) => {
    expect(decode({ industry_tags: [tag] }).industryTags).toEqual([expected]);
  });

  it('has no values without data', () => {
    expect(decode({})).toEqual({
      byDuration: { seconds1To20: null, seconds21To60: null, secondsOver60: null },
      items: [],
      cheapestAvailable: null,
      industryTags: [],
    });
  });

  it.each([
    [1, 'VIDEO_1_20S'],
    [2, 'VIDEO_21_60S'],
    [71, 'VIDEO_OVER_60S'],
    [90, 'CO_CREATION_MAIN_CREATOR'],
    [91, 'CO_CREATION_PARTICIPANT'],
    [92, 'NATURAL_PLAY_CPM'],
    [103, 'LICENSE_SINGLE_PUSH'],
    [104, 'LICENSE_MULTI_PUSH'],
    [105, 'LICENSE_DOWNLOAD'],
    [150, 'LIVE_SEEDING_VIDEO'],
  ])('knows video_type %i as %s, as a number and as a string', (video_type, type) => {
    expect(onlyItem({ ...shortVideo, video_type })).toMatchObject({ type, typeCode: video_type });
    expect(onlyItem({ ...shortVideo, video_type: `${video_type}` })).toMatchObject({
      type,
      typeCode: video_type,
    });
  });

  it.each([
    [9999, 9999],
    ['9999', 9999],
    [0, null],
    [undefined, null],
  ])('keeps label and price of the unknown video_type %j', (video_type, typeCode) => {
    expect(onlyItem({ ...shortVideo, video_type, desc: '图文' })).toMatchObject({
      type: 'OTHER',
      typeCode,
      label: '图文',
      price: yuan('263700.00'),
    });
  });

  it('reads type 92 as a price per thousand natural plays, with its lowest and highest total', () => {
    expect(onlyItem(naturalPlay)).toMatchObject({
      type: 'NATURAL_PLAY_CPM',
      price: null,
      originalPrice: null,
      naturalPlay: {
        perThousandPlays: yuan('25.00'),
        minimumTotal: yuan('10000.00'),
        maximumTotal: yuan('500000.00'),
      },
    });
  });

  it.each([undefined, null, {}, [], '', { floor_price: '0', ceiling_price: '' }])(
    'reads type 92 with price_extra_info %j as one without totals',
    (price_extra_info) => {
      expect(onlyItem({ ...naturalPlay, price_extra_info })?.naturalPlay).toEqual({
        perThousandPlays: yuan('25.00'),
        minimumTotal: null,
        maximumTotal: null,
      });
    },
  );

  it('never compares type 92 with other prices', () => {
    expect(amounts(ofRows(naturalPlay, shortVideo))).toEqual(['263700.00', null, null, '263700.00']);
    expect(amounts(ofRows(naturalPlay))).toEqual([null, null, null, null]);
  });

  it('goes by video_type, not by the order of the rows or the old column name', () => {
    const reversed = sample.data.price_info
      .toReversed()
      .map((row) => ({ ...row, field: 'long_video_price' }));
    const { items, ...others } = decode({ ...sample.data, price_info: reversed });
    const { items: itemsInOrder, ...othersInOrder } = decode(sample.data);
    expect(others).toEqual(othersInOrder);
    expect(items).toEqual(itemsInOrder.toReversed());
  });

  it('reads prices that come as strings, with a fraction', () => {
    expect(onlyItem({ ...shortVideo, price: '263700.5', origin_price: '300000' })).toMatchObject({
      price: yuan('263700.50'),
      originalPrice: yuan('300000.00'),
    });
  });

  it.each([
    [true, true, true],
    [1, 'true', true],
    [true, false, false],
    [false, true, false],
    [0, undefined, false],
    [true, undefined, null],
    [undefined, undefined, null],
  ])('reads enable %j and is_open %j as available: %s', (enable, is_open, isAvailable) => {
    expect(onlyItem({ ...shortVideo, enable, is_open })?.isAvailable).toBe(isAvailable);
  });

  it('does not go by online_status', () => {
    expect(onlyItem({ ...shortVideo, online_status: 2 })?.isAvailable).toBe(true);
  });

  it('never takes a price that cannot be ordered for the lowest', () => {
    expect(amounts(ofRows({ ...shortVideo, enable: false }, longVideo))).toEqual([
      '263700.00',
      '659100.00',
      null,
      '659100.00',
    ]);
    expect(amounts(ofRows({ ...shortVideo, enable: null }))).toEqual(['263700.00', null, null, null]);
  });

  const byPlays = { settlement_type: 1, settlement_desc: '按播放量付费' };
  it.each([
    ['is paid by plays', byPlays, { settlementCode: 1, settlementLabel: '按播放量付费' }],
    [
      'depends on plays',
      { price_extra_info: { floor_price: '10', ceiling_price: '50' } },
      { naturalPlay: { perThousandPlays: null, minimumTotal: yuan('10.00'), maximumTotal: yuan('50.00') } },
    ],
    ['is paid by plays, by its words alone', { ...byPlays, settlement_type: '' }, { settlementCode: null }],
    ['has ended', { end_time: '1583000000' }, { validUntil: new Date('2020-02-29T18:13:20Z') }],
    ['has not begun', { start_time: '2000000000' }, { validFrom: new Date('2033-05-18T03:33:20Z') }],
    ['is for Toutiao', { platform_source: 2 }, { appCode: 2 }],
  ])('never chooses a row that %s, but lists it with its values', (_, fields, values) => {
    const other = { ...longVideo, price: 30, ...fields };
    expect(onlyItem(other)).toMatchObject({ price: yuan('30.00'), ...values });
    expect(amounts(ofRows(other))).toEqual([null, null, null, null]);
    for (const rows of [
      [other, longVideo],
      [longVideo, other],
    ]) {
      expect(amounts(ofRows(...rows))).toEqual([null, '659100.00', null, '659100.00']);
    }
  });

  it.each(['settlement_type', 'platform_source', 'start_time', 'end_time', 'price_extra_info'])(
    'never chooses a row whose %s cannot be read',
    (key) => {
      const drift: string[] = [];
      const price_info = [{ ...longVideo, [key]: '{odd' }] as JsonObject[];
      const read = prices.decode({ price_info }, (what) => drift.push(what), decodedAtMs);
      expect([amounts(read), read.items.length]).toEqual([[null, null, null, null], 1]);
      expect(drift).toEqual([`price_info[].${key}`]);
    },
  );

  it('may choose a row that does not say how it is settled, for which app, or since when', () => {
    const bare = {
      ...longVideo,
      settlement_type: undefined,
      platform_source: 0,
      start_time: '',
      end_time: '',
    };
    expect(amounts(ofRows(bare))).toEqual([null, '659100.00', null, '659100.00']);
  });

  it.each([
    [-1, null],
    [0, '659100.00'],
    [9_999, '659100.00'],
    [10_000, null],
  ])('knows whether a price that is in force for 10,000 s is so %i s after it began', (seconds, amount) => {
    const beginsAt = 1_700_000_000;
    const row = { ...longVideo, start_time: `${beginsAt}`, end_time: `${beginsAt + 10_000}` } as JsonObject;
    const read = prices.decode({ price_info: [row] }, noDrift, (beginsAt + seconds) * 1000);
    expect(amounts(read)[3]).toBe(amount);
    expect(read.items).toHaveLength(1);
  });

  it('gives each row a key of its own, which does not depend on its place or price', () => {
    const later = { ...longVideo, start_time: '1700000000', price: 5 };
    const keys = (...rows: object[]) => ofRows(...rows).items.map(({ key }) => key);
    const [short, long, ofLater, byPlays] = keys(shortVideo, longVideo, later, naturalPlay);
    expect(new Set([short, long, ofLater, byPlays]).size).toBe(4);
    expect(keys(later, { ...longVideo, price: 1 }, shortVideo)).toEqual([ofLater, long, short]);
    expect(new Set(keys(longVideo, longVideo, longVideo)).size).toBe(3);
  });

  it('never gives a row the key of one that is gone, whose values a cache would mix into it', () => {
    const row = fc.record({
      video_type: fc.constantFrom(1, 2),
      settlement_type: fc.constantFrom(1, 2),
      task_category: fc.constantFrom(1, 103),
      platform_source: fc.constantFrom(1, 2),
      start_time: fc.constantFrom(undefined, '1577808000', '1630425600', '2000000000'),
    });
    const keysOf = (rows: readonly object[]) =>
      ofRows(...rows.map((one) => ({ ...shortVideo, ...one }))).items.map(({ key }) => key);
    fc.assert(
      fc.property(fc.uniqueArray(row, { selector: (one) => JSON.stringify(one) }), fc.nat(), (rows, nth) => {
        const before = keysOf(rows);
        expect(new Set(before).size).toBe(rows.length);
        const at = rows.length === 0 ? 0 : nth % rows.length;
        expect(keysOf(rows.toSpliced(at, 1))).toEqual(before.toSpliced(at, 1));
        const dearer = rows.map((one) => ({ ...one, price: 7, origin_price: 9, enable: false }));
        expect(keysOf(dearer.toReversed())).toEqual(before.toReversed());
      }),
    );
  });

  it('chooses, of several rows of one type, the cheapest of those that can be ordered', () => {
    const row = (price: number, enable: boolean) => ({ ...shortVideo, price, enable });
    const rows = [row(0, true), row(9, false), row(100, true), row(20, true)];
    expect(amounts(ofRows(...rows))).toEqual(['20.00', null, null, '20.00']);
    expect(amounts(ofRows(...rows.toReversed()))).toEqual(['20.00', null, null, '20.00']);
  });

  it.each([
    ['2145916800', null],
    [2145916800, null],
    ['1800000000', new Date('2027-01-15T08:00:00Z')],
    [undefined, null],
  ])('reads end_time %j as %s', (end_time, validUntil) => {
    expect(onlyItem({ ...shortVideo, end_time })?.validUntil).toEqual(validUntil);
  });

  it('reads a row without start_time and do_fold', () => {
    const { start_time: _, do_fold: __, ...row } = sample.data.price_info[0] as Record<string, unknown>;
    expect(onlyItem(row)).toEqual({ ...onlyItem(shortVideo), key: '1.2.1.1.', validFrom: null });
  });

  it('keeps an unknown settlement', () => {
    expect(onlyItem({ ...shortVideo, settlement_type: 7, settlement_desc: '按播放量结算' })).toMatchObject({
      settlementCode: 7,
      settlementLabel: '按播放量结算',
    });
  });

  it.each(['', 0, '0', []])('takes %j for "not provided", in a row too', (filler) => {
    const keys = Object.keys(naturalPlay).filter((key) => key !== 'desc');
    const { hasDiscount, isAvailable, ...values } =
      onlyItem({ desc: '图文', ...Object.fromEntries(keys.map((key) => [key, filler])) }) ?? {};
    expect(Object.values(values).filter((value) => value !== null)).toEqual(['....', 'OTHER', '图文', true]);
    expect([hasDiscount ?? false, isAvailable ?? false]).toEqual([false, false]);
    expect(decode({ price_info: filler, industry_tags: filler })).toEqual(decode({}));
  });

  it.each([null, 7, 'x', true, [], {}, { field: 'price', enable: true }])(
    'leaves out a row that cannot be read, and reports it: %j',
    (row) => {
      const drift: string[] = [];
      const price_info = [shortVideo, row, longVideo] as JsonObject[];
      const read = prices.decode({ price_info }, (what) => drift.push(what), decodedAtMs);
      expect(read).toEqual(ofRows(shortVideo, longVideo));
      expect(drift).toEqual(['price_info[]']);
    },
  );
});
