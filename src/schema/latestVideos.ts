import type { ComparedRate as ComparedRateValue } from '../upstream/endpoints/latestVideos.js';
import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { trafficArgs } from './filters.js';
import { platformArgs } from './platform.js';
import { creatorSection, sectionInterfaces } from './section.js';
import { Video } from './video.js';

const ComparedRate = builder.objectRef<ComparedRateValue>('ComparedRate').implement({
  description: 'A rate, and how it compares with those of other creators.',
  fields: (t) => ({
    value: t.exposeFloat('value', {
      nullable: false,
      description: "The creator's rate, a fraction: 0.03 is 3 %. Undocumented; independent sources agree.",
    }),
    beatenShare: t.exposeFloat('beatenShare', {
      description:
        'The share of creators whose rate is lower, a fraction: 0.42 is 42 %. Null: not provided. The meaning is inferred.',
    }),
    differenceToAverage: t.exposeFloat('differenceToAverage', {
      description:
        'How far the rate is from the average, a fraction of it: -0.023 is 2.3 % below. Null: not provided. The meaning is inferred.',
    }),
  }),
});

const LatestVideos = builder.objectRef<SectionValue<'latestVideos'>>('LatestVideos').implement({
  description: "The creator's latest videos (最新视频). They change within hours.",
  interfaces: sectionInterfaces,
  fields: (t) => ({
    personal: t.expose('personal', {
      type: [Video],
      nullable: false,
      description:
        "The latest 15 of the creator's own (个人视频). Empty: there are none, or not provided. Undocumented; independent sources agree.",
    }),
    sponsored: t.expose('sponsored', {
      type: [Video],
      nullable: false,
      description:
        'The latest 15 that were ordered on Xingtu (星图视频). Empty: there are none, or not provided. Undocumented; independent sources agree.',
    }),
    engagementRate: t.expose('engagementRate', {
      type: ComparedRate,
      description: "Engagements per play of the creator's own videos (互动率). Null: not provided.",
    }),
    completionRate: t.expose('completionRate', {
      type: ComparedRate,
      description: "Plays to the end per play of the creator's own videos (完播率). Null: not provided.",
    }),
    sponsoredEngagementRate: t.expose('sponsoredEngagementRate', {
      type: ComparedRate,
      description: 'Engagements per play of the ordered videos (商单互动率). Null: not provided.',
    }),
    sponsoredCompletionRate: t.expose('sponsoredCompletionRate', {
      type: ComparedRate,
      description: 'Plays to the end per play of the ordered videos (商单完播率). Null: not provided.',
    }),
  }),
});

creatorSection('latestVideos', LatestVideos, "The creator's latest videos (最新视频).", {
  fields: { ...platformArgs, ...trafficArgs },
  toCall: ({ id }, { platform, onlyAssigned, paidTraffic }) => ({
    creatorId: id,
    platform,
    onlyAssigned,
    paidTraffic,
  }),
});
