import type { Video as VideoValue } from '../upstream/endpoints/recommendedVideos.js';
import type { Section as SectionValue } from '../upstream/section.js';
import { builder } from './builder.js';
import { aboutCreator, creatorSection, Section } from './section.js';

const Video = builder.objectRef<VideoValue>('Video').implement({
  description:
    'A video. Upstream often fills in nothing but the id, the time and the plays: the other figures are then null, never a false 0.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: "The video's id on Douyin (item_id), 19 digits." }),
    url: t.expose('url', {
      type: 'URL',
      nullable: false,
      description: 'Its page on douyin.com, made from the id.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description:
        'When it was uploaded (create_time); it may have been published later. Null: not provided.',
    }),
    title: t.exposeString('title', { description: 'The title (标题). Null: not provided.' }),
    durationSeconds: t.exposeFloat('durationSeconds', {
      description: 'Length in seconds (时长). Null: not provided.',
    }),
    playCount: t.expose('playCount', { type: 'SafeInt', description: 'Plays (播放量). Null: not provided.' }),
    likeCount: t.expose('likeCount', {
      type: 'SafeInt',
      description: 'Likes (点赞数). Inferred. Null: not provided.',
    }),
    commentCount: t.expose('commentCount', {
      type: 'SafeInt',
      description: 'Comments (评论数). Inferred. Null: not provided.',
    }),
    shareCount: t.expose('shareCount', {
      type: 'SafeInt',
      description: 'Shares (转发数). Inferred. Null: not provided.',
    }),
    favoriteCount: t.expose('favoriteCount', {
      type: 'SafeInt',
      description: 'Times kept as a favourite (收藏数). Inferred. Null: not provided.',
    }),
    engagementRate: t.exposeFloat('engagementRate', {
      description:
        'Engagements for one play (互动率), a fraction: 0.03 is 3 %. Inferred. Null: not provided.',
    }),
    coverUrl: t.expose('coverUrl', {
      type: 'URL',
      description:
        'The cover picture (封面). Likely a signed link that expires. Inferred. Null: not provided.',
    }),
  }),
});

const RecommendedVideos = builder
  .objectRef<SectionValue<'recommendedVideos'>>('RecommendedVideos')
  .implement({
    description: 'The videos that Xingtu shows of a creator (推荐视频). Each list is short.',
    interfaces: [Section],
    fields: (t) => ({
      masterpieces: t.expose('masterpieces', {
        type: [Video],
        nullable: false,
        description: 'Chosen by the creator (代表作). Empty: none, or not provided.',
      }),
      newest: t.expose('newest', {
        type: [Video],
        nullable: false,
        description: 'The newest (最新视频). Empty: none, or not provided.',
      }),
      sponsoredHot: t.expose('sponsoredHot', {
        type: [Video],
        nullable: false,
        description:
          'The most played of those ordered on Xingtu (热门商单视频). Empty: none, or not provided.',
      }),
      personalHot: t.expose('personalHot', {
        type: [Video],
        nullable: false,
        description: "The most played of the creator's own (热门个人视频). Empty: none, or not provided.",
      }),
    }),
  });

creatorSection(
  'recommendedVideos',
  RecommendedVideos,
  'The videos that Xingtu shows of the creator (推荐视频).',
  aboutCreator,
);
