import { z } from 'zod';
import type { Endpoint } from './endpoint.js';
import { type ExpectedCosts, expectedCostShapes, readExpectedCosts } from './expectedCosts.js';
import { object } from './lists.js';
import { type CreatorArgs, creatorArgs, ofCreator } from './ofCreator.js';
import { read, within } from './reader.js';
import { baseResp, shape } from './shape.js';
import { basisPoints, count, quantity } from './values.js';
import {
  keysOf,
  type PaidTraffic,
  paidTraffic,
  type Range,
  ranges,
  type VideoKind,
  videoKinds,
} from './vocabulary.js';

export interface PerformanceArgs extends CreatorArgs {
  readonly range: Range;
  readonly videos: VideoKind;
  readonly onlyAssigned: boolean;
  readonly paidTraffic: PaidTraffic;
}

export interface Performance extends ExpectedCosts {
  readonly videoCount: number | null;
  readonly medianPlayCount: number | null;
  readonly averageLikeCount: number | null;
  readonly averageCommentCount: number | null;
  readonly averageShareCount: number | null;
  readonly completionRate: number | null;
  readonly engagementRate: number | null;
}

const body = {
  item_num: count,
  play_mid: count,
  like_avg: quantity,
  comment_avg: quantity,
  share_avg: quantity,
  play_over_rate: object,
  interact_rate: object,
  item_rate: object,
  expect_cpm: object,
  expect_cpe: object,
};
const rate = { value: basisPoints };
const itemRate = { item_num: object, play_mid: object };
const number = { value: count };

const rateShape = shape({ reads: rate, optional: ['value'], unread: ['overtake'] });
const numberShape = shape({ reads: number, optional: ['value'], unread: ['overtake'] });

/** 传播表现. */
export const performance: Endpoint<'performance', PerformanceArgs, Performance> = {
  ...ofCreator,
  name: 'performance',
  path: '/api/douyin-xingtu/gw/api/data_sp/get_author_spread_info/v1',
  ttlSeconds: 86_400,
  args: z.strictObject({
    ...creatorArgs,
    range: z.enum(keysOf(ranges)),
    videos: z.enum(keysOf(videoKinds)),
    onlyAssigned: z.boolean(),
    paidTraffic: z.enum(keysOf(paidTraffic)),
  }),
  query: (args) => ({
    oAuthorId: args.creatorId,
    platform: args.platform,
    range: ranges[args.range],
    type: videoKinds[args.videos],
    onlyAssign: String(args.onlyAssigned),
    flowType: paidTraffic[args.paidTraffic],
  }),
  badInputMessage:
    'Upstream does not accept this creator id or these filters. Check that the creator is on Xingtu.',
  // A creator without such videos has a body without their figures.
  isShapeExpected: () => false,
  shape: shape({
    reads: body,
    unread: ['avg_duration'],
    objects: {
      base_resp: baseResp,
      play_over_rate: rateShape,
      interact_rate: rateShape,
      ...expectedCostShapes,
      item_rate: shape({ reads: itemRate, objects: { item_num: numberShape, play_mid: numberShape } }),
    },
  }),
  decode(data, onDrift) {
    const raw = read(body, data, onDrift);
    const onItemDrift = within(onDrift, 'item_rate');
    const items = read(itemRate, raw.item_rate, onItemDrift);
    const numberAt = (key: keyof typeof itemRate) => read(number, items[key], within(onItemDrift, key)).value;
    const [videoCount, medianPlayCount] = [numberAt('item_num'), numberAt('play_mid')];
    return {
      videoCount: raw.item_num ?? videoCount,
      medianPlayCount: raw.play_mid ?? medianPlayCount,
      averageLikeCount: raw.like_avg,
      averageCommentCount: raw.comment_avg,
      averageShareCount: raw.share_avg,
      completionRate: read(rate, raw.play_over_rate, within(onDrift, 'play_over_rate')).value,
      engagementRate: read(rate, raw.interact_rate, within(onDrift, 'interact_rate')).value,
      ...readExpectedCosts(raw, onDrift),
    };
  },
};
