import { z } from 'zod';
import type { Endpoint } from './endpoint.js';
import { object, readRows, rows } from './lists.js';
import { type CreatorArgs, creatorArgs, ofCreator } from './ofCreator.js';
import { read, within } from './reader.js';
import { baseResp, shape } from './shape.js';
import { change, fraction } from './values.js';
import { olderVideo, readVideo, type Video } from './videos.js';
import { keysOf, type PaidTraffic, paidTraffic } from './vocabulary.js';

export interface LatestVideosArgs extends CreatorArgs {
  readonly onlyAssigned: boolean;
  readonly paidTraffic: PaidTraffic;
}

export interface LatestVideos {
  readonly personal: readonly Video[];
  readonly sponsored: readonly Video[];
  readonly engagementRate: ComparedRate | null;
  readonly completionRate: ComparedRate | null;
  readonly sponsoredEngagementRate: ComparedRate | null;
  readonly sponsoredCompletionRate: ComparedRate | null;
}

export interface ComparedRate {
  readonly value: number;
  readonly beatenShare: number | null;
  readonly differenceToAverage: number | null;
}

const body = { latest_item_info: rows, latest_star_item_info: rows, data_description: object };
const description = {
  interaction: object,
  video_view_rate: object,
  interaction_enrollment: object,
  video_view_rate_enrollment: object,
};
const compared = { rate: fraction, compare_author: fraction, compare_avg: change };

const comparedShape = shape({ reads: compared });

/** 最新视频. They change within hours, so the TTL is shorter than that of other endpoints. */
export const latestVideos: Endpoint<'latestVideos', LatestVideosArgs, LatestVideos> = {
  ...ofCreator,
  name: 'latestVideos',
  path: '/api/douyin-xingtu/gw/api/author/get_author_show_items_v2/v1',
  ttlSeconds: 21_600,
  args: z.strictObject({
    ...creatorArgs,
    onlyAssigned: z.boolean(),
    paidTraffic: z.enum(keysOf(paidTraffic)),
  }),
  query: (args) => ({
    oAuthorId: args.creatorId,
    platform: args.platform,
    onlyAssign: String(args.onlyAssigned),
    flowType: paidTraffic[args.paidTraffic],
  }),
  badInputMessage:
    'Upstream does not accept this creator id or these filters. Check that the creator is on Xingtu.',
  shape: shape({
    reads: body,
    unread: ['latest_item_statics_antispam'],
    objects: {
      base_resp: baseResp,
      data_description: shape({
        reads: description,
        // Without videos there are no rates of them.
        optional: Object.keys(description) as (keyof typeof description)[],
        unread: ['play_medium', 'play_medium_enrollment'],
        objects: {
          interaction: comparedShape,
          video_view_rate: comparedShape,
          interaction_enrollment: comparedShape,
          video_view_rate_enrollment: comparedShape,
        },
      }),
    },
    rows: { latest_item_info: olderVideo, latest_star_item_info: olderVideo },
  }),
  decode(data, onDrift) {
    const raw = read(body, data, onDrift);
    const onDescriptionDrift = within(onDrift, 'data_description');
    const rates = read(description, raw.data_description, onDescriptionDrift);
    const rateAt = (key: keyof typeof description): ComparedRate | null => {
      const { rate, compare_author, compare_avg } = read(
        compared,
        rates[key],
        within(onDescriptionDrift, key),
      );
      return rate === null
        ? null
        : { value: rate, beatenShare: compare_author, differenceToAverage: compare_avg };
    };
    return {
      personal: readRows('latest_item_info', raw.latest_item_info, readVideo, onDrift),
      sponsored: readRows('latest_star_item_info', raw.latest_star_item_info, readVideo, onDrift),
      engagementRate: rateAt('interaction'),
      completionRate: rateAt('video_view_rate'),
      sponsoredEngagementRate: rateAt('interaction_enrollment'),
      sponsoredCompletionRate: rateAt('video_view_rate_enrollment'),
    };
  },
};
