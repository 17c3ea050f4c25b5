import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { aboutCreator, creatorSection, sectionInterfaces } from './section.js';
import { Video } from './video.js';

const RecommendedVideos = builder
  .objectRef<SectionValue<'recommendedVideos'>>('RecommendedVideos')
  .implement({
    description: "The creator's videos that Xingtu shows (推荐视频). Each list is short.",
    interfaces: sectionInterfaces,
    fields: (t) => ({
      masterpieces: t.expose('masterpieces', {
        type: [Video],
        nullable: false,
        description:
          'The videos that a model of Xingtu has chosen as typical of the creator (代表作). Empty: there are none, or not provided.',
      }),
      newest: t.expose('newest', {
        type: [Video],
        nullable: false,
        description: 'The newest videos (最新视频). Empty: there are none, or not provided.',
      }),
      sponsoredHot: t.expose('sponsoredHot', {
        type: [Video],
        nullable: false,
        description:
          'The best of the recent videos that were ordered on Xingtu (热门商单视频). Empty: there are none, or not provided.',
      }),
      personalHot: t.expose('personalHot', {
        type: [Video],
        nullable: false,
        description:
          "The best of the creator's own recent videos (热门个人视频). Empty: there are none, or not provided.",
      }),
    }),
  });

creatorSection(
  'recommendedVideos',
  RecommendedVideos,
  "The creator's videos that Xingtu shows (推荐视频).",
  aboutCreator,
);
