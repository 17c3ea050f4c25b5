import { builder } from './builder.js';

export const Platform = builder.enumType('Platform', {
  description:
    "What kind of content the creator publishes (平台). Upstream's answers are well known for SHORT_VIDEO only.",
  values: {
    SHORT_VIDEO: { description: "Short videos (短视频). This is upstream's default, too." },
    LIVE_STREAMING: {
      description:
        'Live streams (直播). Little is known: prices have other types, and other figures may be missing.',
    },
    PICTURE_TEXT: {
      description:
        'Posts of pictures and text (图文). Little is known: prices have other types, and other figures may be missing.',
    },
    SHORT_DRAMA: {
      description:
        'Short dramas (短剧). Little is known: prices have other types, and other figures may be missing.',
    },
  } as const,
});

export const platformArgs = builder.args((t) => ({
  platform: t.field({
    type: Platform,
    required: true,
    defaultValue: 'SHORT_VIDEO',
    description: 'The platform to query. Each platform is a call of its own.',
  }),
}));
