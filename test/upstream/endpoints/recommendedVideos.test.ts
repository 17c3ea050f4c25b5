import { describe, expect, it } from 'vitest';
import sample from '../../../src/sandbox/samples/recommended-videos.json' with { type: 'json' };
import filledItem from '../../../src/sandbox/samples/video-item-filled.json' with { type: 'json' };
import { recommendedVideos } from '../../../src/upstream/endpoints/recommendedVideos.js';
import { type JsonObject, parseJson } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';

const noDrift = (what: string) => expect.fail(`drift: ${what}`);
const decode = (data: object) => recommendedVideos.decode(data as JsonObject, noDrift, decodedAtMs);
const onlyVideo = (item: object) => decode({ newest_videos: [item] }).newest[0];

const nothing = { masterpieces: [], newest: [], sponsoredHot: [], personalHot: [] };
const bareVideo = {
  createdAt: null,
  title: null,
  durationSeconds: null,
  playCount: null,
  likeCount: null,
  commentCount: null,
  shareCount: null,
  favoriteCount: null,
  engagementRate: null,
  coverUrl: null,
};

describe('recommendedVideos', () => {
  it("reads the vendor's sample, where only id, time and plays are more than filler", () => {
    const video = (id: string, createdAt: string, playCount: number) => ({
      ...bareVideo,
      id,
      url: `https://www.douyin.com/video/${id}`,
      createdAt: new Date(createdAt),
      playCount,
    });
    expect(decode(sample.data)).toEqual({
      masterpieces: [
        video('7553989899192519974', '2025-09-25T11:39:04Z', 8543418),
        video('7579880027882799283', '2025-12-04T06:05:52Z', 7071310),
      ],
      newest: [
        video('7608935920095612211', '2026-02-20T13:20:36Z', 3020822),
        video('7607135237205921062', '2026-02-15T16:52:23Z', 3387627),
      ],
      sponsoredHot: [],
      personalHot: [
        video('7564021773411372327', '2025-10-22T12:27:48Z', 19764567),
        video('7569946527527885642', '2025-11-07T11:38:45Z', 9971415),
      ],
    });
  });

  describe("reads times as China's where the videos' ids show that they are", () => {
    // Given at 2026-02-20T13:17:27Z.
    const item_id = '7608935920095612211';
    const idSecond = 1_771_593_447;
    const hour = 3_600;
    /** How many seconds are added to each time. */
    const added = (...items: readonly (readonly [secondsAfterId: number, id?: string])[]) => {
      const rows = items.map(([after, id = item_id]) => ({ item_id: id, create_time: idSecond + after }));
      const { newest } = decode({ newest_videos: rows });
      return newest.map(
        ({ createdAt }, nth) => (createdAt?.getTime() ?? Number.NaN) / 1_000 - (rows[nth]?.create_time ?? 0),
      );
    };

    it.each([8 * hour - 60, 8 * hour, 8 * hour + 189, 8 * hour + 1_800])('%d s after the id', (after) =>
      expect(added([after])).toEqual([-8 * hour]),
    );

    it.each([-60, 0, 189, 2 * hour, 8 * hour - 61, 8 * hour + 1_801, 14 * hour])(
      'and leaves others as they are: %d s after the id',
      (after) => expect(added([after])).toEqual([0]),
    );

    it('each by itself', () => {
      expect(added([8 * hour + 5], [2 * hour])).toEqual([-8 * hour, 0]);
    });

    it('and leaves those of ids that say nothing', () => {
      expect(added([8 * hour, '1'])).toEqual([0]);
    });
  });

  it('leaves the time of the older form as it is', () => {
    const newest_video = { id: '7608935920095612211', create_time: String(1_771_593_447 + 8 * 3_600) };
    expect(decode({ newest_video }).newest[0]?.createdAt).toEqual(new Date('2026-02-20T21:17:27Z'));
  });

  it('reads a filled item', () => {
    expect(onlyVideo(filledItem)).toEqual({
      id: '7608935920095612211',
      url: 'https://www.douyin.com/video/7608935920095612211',
      createdAt: new Date('2026-02-21T03:00:00Z'),
      title: filledItem.title,
      durationSeconds: 20,
      playCount: 3084852,
      likeCount: 85726,
      commentCount: 3391,
      shareCount: 1418,
      favoriteCount: null,
      engagementRate: null,
      coverUrl: null,
    });
  });

  it('reads favourites as a string, the rate as a fraction, the signed link as the cover', () => {
    const head_image_url_signed = 'https://p3-sign.example/cover.jpeg?x-expires=1';
    expect(
      onlyVideo({ ...filledItem, favorite: '12044', interact_rate: 0.031, head_image_url_signed }),
    ).toMatchObject({ favoriteCount: 12044, engagementRate: 0.031, coverUrl: head_image_url_signed });
  });

  it('takes item_cover only where it is a link', () => {
    const item_cover = 'https://p3.example/cover.jpeg';
    expect(onlyVideo({ ...filledItem, item_cover })?.coverUrl).toBe(item_cover);
    expect(onlyVideo({ ...filledItem, item_cover: 'tos-cn-i-dy/4eca9405' })?.coverUrl).toBeNull();
  });

  it('takes item_title where there is no title', () => {
    expect(onlyVideo({ item_id: '1', title: '', item_title: '迎财神' })?.title).toBe('迎财神');
  });

  it('takes create_timestamp where there is no create_time', () => {
    const { create_time: _, ...item } = filledItem;
    expect(onlyVideo(item)?.createdAt).toEqual(new Date('2026-02-21T03:00:00Z'));
  });

  it('has no values without data', () => {
    expect(decode({})).toEqual(nothing);
  });

  it('reads the lists that are there where others are missing', () => {
    expect(decode({ newest_videos: sample.data.newest_videos })).toEqual({
      ...nothing,
      newest: decode(sample.data).newest,
    });
  });

  it.each(['', 0, '0', []])('takes %j for "not provided", in an item too', (filler) => {
    const keys = [
      ...Object.keys(filledItem),
      'favorite',
      'interact_rate',
      'head_image_url_signed',
      'stats',
      'id',
    ];
    const item = { ...Object.fromEntries(keys.map((key) => [key, filler])), item_id: '7608935920095612211' };
    expect(onlyVideo(item)).toEqual({
      ...bareVideo,
      id: '7608935920095612211',
      url: 'https://www.douyin.com/video/7608935920095612211',
    });
    const lists = Object.fromEntries(recommendedVideos.shape.reads.map((key) => [key, filler]));
    expect(decode(lists)).toEqual(nothing);
  });

  describe('in the older shape', () => {
    const item = {
      id: '7608935920095612211',
      create_time: '1771642800',
      title: '迎财神',
      duration: 20.317,
      stats: {
        watch_cnt: '3084852',
        like_cnt: '85726',
        comment_cnt: '3391',
        share_cnt: '1418',
        favorite_cnt: '12044',
        interact_rate: '0.0333',
      },
    };
    const video = {
      id: '7608935920095612211',
      url: 'https://www.douyin.com/video/7608935920095612211',
      createdAt: new Date('2026-02-21T03:00:00Z'),
      title: '迎财神',
      durationSeconds: 20.317,
      playCount: 3084852,
      likeCount: 85726,
      commentCount: 3391,
      shareCount: 1418,
      favoriteCount: 12044,
      engagementRate: 0.0333,
      coverUrl: null,
    };

    it.each([
      ['masterpiece_video', 'masterpieces'],
      ['newest_video', 'newest'],
      ['order_hot_video', 'sponsoredHot'],
      ['personal_hot_video', 'personalHot'],
    ])('reads the single object %s, with its counts nested as strings', (key, list) => {
      expect(decode({ [key]: item })).toEqual({ ...nothing, [list]: [video] });
    });

    it('reads such items in a list too', () => {
      expect(decode({ newest_videos: [item] }).newest).toEqual([video]);
    });

    it.each(['', 0, '0', [], {}, null])(
      'takes %j in place of the object for "not provided"',
      (newest_video) => {
        expect(decode({ newest_video })).toEqual(nothing);
      },
    );

    it('is ignored where the list is there', () => {
      const { newest } = decode({ newest_videos: sample.data.newest_videos, newest_video: item });
      expect(newest).toEqual(decode(sample.data).newest);
      expect(decode({ newest_videos: [], newest_video: item }).newest).toEqual([video]);
    });
  });

  it.each(['"7608935920095612211"', '7608935920095612211'])('keeps every digit of item_id %s', (itemId) => {
    const body = parseJson(`{"newest_videos":[{"item_id":${itemId}}]}`) as JsonObject;
    expect(decode(body).newest[0]?.id).toBe('7608935920095612211');
  });

  it.each([
    ['no object', 7],
    ['null', null],
    ['an empty object', {}],
    ['no id', { play: 8543418 }],
    ['an id of 0', { item_id: '0', id: 0, play: 8543418 }],
    ['an id that is no number', { item_id: 'v0300fg10000d6c5n7vog65to32fkbbg' }],
    ['an id of another type', { item_id: [7] }],
    ['an id that has lost digits', { item_id: 7.608935920095612e18 }],
  ])('leaves out a row with %s, and reports it', (what, row) => {
    const drift: string[] = [];
    const [first, second] = sample.data.newest_videos;
    const data = { ...sample.data, newest_videos: [first, row, second] };
    expect(recommendedVideos.decode(data as JsonObject, (what) => drift.push(what), decodedAtMs)).toEqual(
      decode(sample.data),
    );
    const isOdd = what.startsWith('an id that') || what.startsWith('an id of another');
    expect(drift).toEqual([...(isOdd ? ['newest_videos[].item_id'] : []), 'newest_videos[]']);
  });
});
