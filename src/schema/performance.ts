import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { rangeArgs, trafficArgs, videoKindArgs } from './filters.js';
import { MoneyByDuration } from './money.js';
import { platformArgs } from './platform.js';
import { creatorSection, sectionInterfaces } from './section.js';

const Performance = builder.objectRef<SectionValue<'performance'>>('Performance').implement({
  description:
    "How the creator's videos of some days do (传播表现). A creator without such videos has no figures.",
  interfaces: sectionInterfaces,
  fields: (t) => ({
    videoCount: t.expose('videoCount', {
      type: 'SafeInt',
      description:
        'The number of videos (作品数). Null: none, or not provided. Undocumented; independent sources agree.',
    }),
    medianPlayCount: t.expose('medianPlayCount', {
      type: 'SafeInt',
      description:
        'The median of the plays of a video (播放量中位数), rounded. Null: not provided. Undocumented; independent sources agree.',
    }),
    averageLikeCount: t.exposeFloat('averageLikeCount', {
      description:
        'Likes of a video on average (平均点赞). Null: not provided. Undocumented; independent sources agree.',
    }),
    averageCommentCount: t.exposeFloat('averageCommentCount', {
      description:
        'Comments on a video on average (平均评论). Null: not provided. Undocumented; independent sources agree.',
    }),
    averageShareCount: t.exposeFloat('averageShareCount', {
      description:
        'Shares of a video on average (平均转发). Null: not provided. Undocumented; independent sources agree.',
    }),
    completionRate: t.exposeFloat('completionRate', {
      description:
        'Plays to the end per play (完播率), a fraction: 0.23 is 23 %. Upstream sends basis points. Null: not provided. Undocumented; independent sources agree.',
    }),
    engagementRate: t.exposeFloat('engagementRate', {
      description:
        'Engagements per play (互动率), a fraction: 0.03 is 3 %. Upstream sends basis points. Null: not provided. Undocumented; independent sources agree.',
    }),
    expectedCpm: t.expose('expectedCpm', {
      type: MoneyByDuration,
      nullable: false,
      description:
        'Yuan for 1,000 expected plays (预期 CPM). The unit is inferred: upstream seems to send fen.',
    }),
    expectedCpe: t.expose('expectedCpe', {
      type: MoneyByDuration,
      nullable: false,
      description:
        'Yuan for one expected engagement (预期 CPE). The unit is inferred: upstream seems to send fen.',
    }),
  }),
});

creatorSection('performance', Performance, "How the creator's videos of some days do (传播表现).", {
  fields: { ...platformArgs, ...rangeArgs, ...videoKindArgs, ...trafficArgs },
  toCall: ({ id }, args) => ({
    creatorId: id,
    platform: args.platform,
    range: args.range,
    videos: args.videos,
    onlyAssigned: args.onlyAssigned,
    paidTraffic: args.paidTraffic,
  }),
});
