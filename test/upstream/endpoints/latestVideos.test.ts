import { describe, expect, it } from 'vitest';
import sample from '../../../src/sandbox/samples/show-items.json' with { type: 'json' };
import { latestVideos } from '../../../src/upstream/endpoints/latestVideos.js';
import type { JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';

const noDrift = (what: string) => expect.fail(`drift: ${what}`);
const decode = (data: object) => latestVideos.decode(data as JsonObject, noDrift, decodedAtMs);

describe('latestVideos', () => {
  it("reads the platform's body", () => {
    const { personal, sponsored, ...rates } = decode(sample.data);
    expect(personal).toEqual([
      {
        id: '7463041482513971903',
        url: 'https://www.douyin.com/video/7463041482513971903',
        createdAt: new Date('2024-09-22T09:10:12Z'),
        title: '样例视频',
        durationSeconds: 671,
        playCount: 44_619_155,
        likeCount: 701_786,
        commentCount: 49_882,
        shareCount: 33_446,
        favoriteCount: null,
        engagementRate: null,
        coverUrl: null,
      },
    ]);
    expect(sponsored).toEqual([]);
    expect(rates).toEqual({
      engagementRate: { value: 0.0299, beatenShare: 0.42, differenceToAverage: -0.023 },
      completionRate: { value: 0.2301, beatenShare: 0.82, differenceToAverage: 0.0796 },
      sponsoredEngagementRate: { value: 0.0301, beatenShare: 0.33, differenceToAverage: -0.0505 },
      sponsoredCompletionRate: { value: 0.0598, beatenShare: 0.23, differenceToAverage: -0.0616 },
    });
  });

  it('has no rate where there is none', () => {
    const body = { data_description: { interaction: { rate: 0, compare_author: 0.3, compare_avg: 0 } } };
    expect(decode(body)).toMatchObject({ engagementRate: null, completionRate: null });
  });

  it('leaves out a video without an id, and says so', () => {
    const drift: string[] = [];
    const body = { latest_star_item_info: [{ title: '无' }, { item_id: '7463041482513971903' }] };
    const { sponsored } = latestVideos.decode(body, (what) => drift.push(what), decodedAtMs);
    expect(sponsored.map(({ id }) => id)).toEqual(['7463041482513971903']);
    expect(drift).toEqual(['latest_star_item_info[]']);
  });
});
