import { describe, expect, it } from 'vitest';
import sample from '../../../src/sandbox/samples/profile.json' with { type: 'json' };
import { profile } from '../../../src/upstream/endpoints/profile.js';
import { type JsonObject, parseJson } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';

const noDrift = (what: string) => expect.fail(`drift: ${what}`);
const decode = (data: object) => profile.decode(data as JsonObject, noDrift, decodedAtMs);
/** The sample, with some keys changed. */
const withKeys = (keys: object) => decode({ ...sample.data, ...keys });

describe('profile', () => {
  it("reads the vendor's sample", () => {
    expect(decode(sample.data)).toEqual({
      name: '张大仙',
      avatarUrl: sample.data.avatar_uri,
      gender: 'MALE',
      followerCount: 42796417,
      averagePlayCount: null,
      province: '北京市',
      city: null,
      tags: [{ name: '游戏', children: ['游戏集锦'] }],
      secondLevelTags: [],
      styleTags: [],
      contentThemes: sample.data.content_theme_labels,
      mcn: null,
      lowestPrice: { amount: '54800.00', currencyCode: 'CNY' },
      douyinUid: '62427282029',
      douyinId: '117908807',
      secUid: 'MS4wLjABAAAACirq2YgCDHFt4JJLwl1l5Hj4WpThkGSm8uKQJY7a2hU',
      eCommerceEnabled: false,
      openTaskCategoryCodes: [1, 103],
      qrCode: `data:image/png;base64,${sample.data.base64_qrcode}`,
      joinedAt: new Date('2018-11-30T18:28:29Z'),
      updatedAt: new Date('2026-03-08T17:39:18Z'),
    });
  });

  it('has no values without data', () => {
    expect(decode({})).toEqual({
      name: null,
      avatarUrl: null,
      gender: 'UNKNOWN',
      followerCount: null,
      averagePlayCount: null,
      province: null,
      city: null,
      tags: [],
      secondLevelTags: [],
      styleTags: [],
      contentThemes: [],
      mcn: null,
      lowestPrice: null,
      douyinUid: null,
      douyinId: null,
      secUid: null,
      eCommerceEnabled: null,
      openTaskCategoryCodes: [],
      qrCode: null,
      joinedAt: null,
      updatedAt: null,
    });
  });

  it.each(['', 0, '0', []])('takes %j for "not provided", whatever the key', (filler) => {
    const { eCommerceEnabled, ...values } = decode(
      Object.fromEntries(profile.shape.reads.map((key) => [key, filler])),
    );
    const { eCommerceEnabled: _, ...nothing } = decode({});
    expect(values).toEqual(nothing);
    expect(eCommerceEnabled ?? false).toBe(false);
  });

  it.each([
    [1, 'MALE'],
    ['1', 'MALE'],
    [2, 'FEMALE'],
    ['2', 'FEMALE'],
    [0, 'UNKNOWN'],
    ['男', 'MALE'],
    ['女', 'FEMALE'],
    ['male', 'MALE'],
    ['Female', 'FEMALE'],
    ['未知', 'UNKNOWN'],
  ])('reads gender %j as %s', (gender, expected) => {
    expect(withKeys({ gender }).gender).toBe(expected);
  });

  it('reads counts that come as strings', () => {
    expect(withKeys({ follower: '42796417', avg_play: '4693149' })).toMatchObject({
      followerCount: 42796417,
      averagePlayCount: 4693149,
    });
  });

  it('reads lowest_price as yuan', () => {
    expect(withKeys({ lowest_price: '54800' }).lowestPrice?.amount).toBe('54800.00');
  });

  it('reads lists that are JSON text inside a string', () => {
    expect(
      withKeys({
        tags: '["\\u6e38\\u620f"]',
        tags_relation: {},
        tags_level_two: '["\\u6e38\\u620f\\u96c6\\u9526"]',
        tags_author_style: '["搞笑", "", "真实"]',
        opened_task_category: '["1", 103, 0]',
      }),
    ).toMatchObject({
      tags: [{ name: '游戏', children: [] }],
      secondLevelTags: ['游戏集锦'],
      styleTags: ['搞笑', '真实'],
      openTaskCategoryCodes: [1, 103],
    });
  });

  it('reads the same lists when they come as lists', () => {
    expect(
      withKeys({ tags: ['游戏'], tags_level_two: ['游戏集锦'], opened_task_category: [1, 103] }),
    ).toMatchObject({
      tags: [{ name: '游戏', children: ['游戏集锦'] }],
      secondLevelTags: ['游戏集锦'],
      openTaskCategoryCodes: [1, 103],
    });
  });

  it.each([
    ['an object', { 游戏: ['游戏集锦', '主机'] }, ['游戏集锦', '主机']],
    ['JSON text', '{"游戏":["游戏集锦","主机"]}', ['游戏集锦', '主机']],
    ['an object of JSON texts', { 游戏: '["游戏集锦"]' }, ['游戏集锦']],
    ['an empty object', {}, []],
    ['empty JSON text', '{}', []],
    ['null', null, []],
  ])('reads tags_relation as %s', (_form, tags_relation, children) => {
    expect(withKeys({ tags_relation }).tags).toEqual([{ name: '游戏', children }]);
  });

  it('adds a first-level tag that only tags_relation names', () => {
    expect(withKeys({ tags_relation: { 美食: ['探店'] } }).tags).toEqual([
      { name: '游戏', children: [] },
      { name: '美食', children: ['探店'] },
    ]);
  });

  it.each(['constructor', '__proto__'])('takes a tag named %s for a plain word', (name) => {
    const tags = JSON.stringify([name]);
    expect(withKeys({ tags, tags_relation: {} }).tags).toEqual([{ name, children: [] }]);
    expect(withKeys({ tags, tags_relation: `{"${name}":["x"]}` }).tags).toEqual([{ name, children: ['x'] }]);
  });

  it('has an MCN only if that has a name', () => {
    const about = { mcn_introduction: '大仙的经纪公司', mcn_logo: 'https://p3.example/logo.png' };
    expect(withKeys({ ...about, mcn_name: '无忧传媒' }).mcn).toEqual({
      name: '无忧传媒',
      introduction: '大仙的经纪公司',
      logoUrl: 'https://p3.example/logo.png',
    });
    expect(withKeys({ ...about, mcn_name: '' }).mcn).toBeNull();
  });

  it.each(['', 0, '0', null])('falls back to short_id where unique_id is %j', (unique_id) => {
    expect(withKeys({ unique_id, short_id: 117908807 }).douyinId).toBe('117908807');
  });

  it('prefers the Douyin id that the creator chose', () => {
    expect(withKeys({ unique_id: 'zhangdaxian', short_id: '117908807' }).douyinId).toBe('zhangdaxian');
  });

  it.each(['"1234567890123456789"', '1234567890123456789'])('keeps every digit of the uid %s', (uid) => {
    expect(decode(parseJson(`{"core_user_id":${uid}}`) as JsonObject).douyinUid).toBe('1234567890123456789');
  });

  it.each([
    ['base64_qrcode', '<img src=x>', 'qrCode', null],
    ['gender', 3, 'gender', 'UNKNOWN'],
    ['avatar_uri', 'javascript:alert(1)', 'avatarUrl', null],
    ['core_user_id', 7.608935920095612e18, 'douyinUid', null],
    ['create_time', 'yesterday', 'joinedAt', null],
    ['tags_relation', '{"游戏":', 'tags', [{ name: '游戏', children: [] }]],
  ])('has no value for %s that is %j, and reports it', (key, odd, name, value) => {
    const drift: string[] = [];
    const data = { ...sample.data, [key]: odd } as JsonObject;
    const read = profile.decode(data, (what) => drift.push(what), decodedAtMs);
    expect([read[name as keyof typeof read], drift]).toEqual([value, [key]]);
  });

  it('has no avatar that a browser cannot open', () => {
    expect(withKeys({ avatar_uri: 'tos-cn-i-dy/4eca940555744ce0ae7ebc7beaef6aea' }).avatarUrl).toBeNull();
  });

  it('gives no meaning to codes whose meaning is unknown', () => {
    const codes = {
      platform: [9],
      platform_source: 3,
      platform_channel: [10],
      author_type: 3,
      grade: 5,
      status: 0,
    };
    expect(withKeys({ ...codes, creator_type: 1, task_status: 2 })).toEqual(decode(sample.data));
  });
});
