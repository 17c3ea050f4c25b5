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
          'The videos that the creator has chosen (代表作). Empty: there are none, or not provided.',
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
          'The most played videos among those ordered on Xingtu (热门商单视频). Empty: there are none, or not provided.',
      }),
      personalHot: t.expose('personalHot', {
        type: [Video],
        nullable: false,
        description:
          "The most played videos among the creator's own (热门个人视频). Empty: there are none, or not provided.",
      }),
    }),
  });

creatorSection(
  'recommendedVideos',
  RecommendedVideos,
  "The creator's videos that Xingtu shows (推荐视频).",
  aboutCreator,
);
