import type { Video as VideoValue } from '../upstream/endpoints/videos.js';
import { builder } from './builder.js';

export const Video = builder.objectRef<VideoValue>('Video').implement({
  description:
    'A video. Upstream often provides only its id, its time and its plays. The other figures are then null, never a false 0.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: "The video's id on Douyin (item_id): 19 digits." }),
    url: t.expose('url', {
      type: 'URL',
      nullable: false,
      description: "The video's page on douyin.com, made from its id.",
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description:
        'When the video was uploaded (create_time). In latestVideos, probably when it was published, which may be hours later. Null: not provided. The meaning is inferred.',
    }),
    title: t.exposeString('title', { description: 'The title (标题). Null: not provided.' }),
    durationSeconds: t.exposeFloat('durationSeconds', {
      description: 'The length in seconds (时长). Null: not provided.',
    }),
    playCount: t.expose('playCount', {
      type: 'SafeInt',
      description: 'The number of plays (播放量). Null: not provided.',
    }),
    likeCount: t.expose('likeCount', {
      type: 'SafeInt',
      description: 'The number of likes (点赞数). The meaning is inferred. Null: not provided.',
    }),
    commentCount: t.expose('commentCount', {
      type: 'SafeInt',
      description: 'The number of comments (评论数). The meaning is inferred. Null: not provided.',
    }),
    shareCount: t.expose('shareCount', {
      type: 'SafeInt',
      description: 'The number of shares (转发数). The meaning is inferred. Null: not provided.',
    }),
    favoriteCount: t.expose('favoriteCount', {
      type: 'SafeInt',
      description:
        'How often the video was saved as a favourite (收藏数). The meaning is inferred. Null: not provided.',
    }),
    engagementRate: t.exposeFloat('engagementRate', {
      description:
        'Engagements per play (互动率), a fraction: 0.03 is 3 %. The meaning is inferred. Null: not provided.',
    }),
    coverUrl: t.expose('coverUrl', {
      type: 'URL',
      description:
        'The cover picture (封面). The link is probably signed and expires. The meaning is inferred. Null: not provided.',
    }),
  }),
});
