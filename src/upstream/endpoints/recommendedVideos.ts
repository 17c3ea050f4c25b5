import type { Json, JsonObject } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { object, readRows, rows } from './lists.js';
import { type CreatorArgs, ofCreator } from './ofCreator.js';
import { type OnDrift, read, within } from './reader.js';
import { baseResp, shape } from './shape.js';
import { count, fraction, id, quantity, text, time, url } from './values.js';

export interface RecommendedVideos {
  readonly masterpieces: readonly Video[];
  readonly newest: readonly Video[];
  readonly sponsoredHot: readonly Video[];
  readonly personalHot: readonly Video[];
}

export interface Video {
  readonly id: string;
  readonly url: string;
  readonly createdAt: Date | null;
  readonly title: string | null;
  readonly durationSeconds: number | null;
  readonly playCount: number | null;
  readonly likeCount: number | null;
  readonly commentCount: number | null;
  readonly shareCount: number | null;
  readonly favoriteCount: number | null;
  readonly engagementRate: number | null;
  readonly coverUrl: string | null;
}

/** The lists, and the single objects that an older form of the body has under similar names. */
const body = {
  masterpiece_videos: rows,
  masterpiece_video: rows,
  newest_videos: rows,
  newest_video: rows,
  order_hot_videos: rows,
  order_hot_video: rows,
  personal_hot_videos: rows,
  personal_hot_video: rows,
};

const item = {
  item_id: id,
  id,
  create_time: time,
  create_timestamp: time,
  title: text,
  item_title: text,
  duration: quantity,
  play: count,
  like: count,
  comment: count,
  share: count,
  favorite: count,
  interact_rate: fraction,
  head_image_url_signed: url,
  item_cover: url,
  stats: object,
};

/** The older form has the counts in an object of their own, under other names. */
const olderStats = {
  watch_cnt: count,
  like_cnt: count,
  comment_cnt: count,
  share_cnt: count,
  favorite_cnt: count,
  interact_rate: fraction,
};

const video = {
  reads: item,
  unread: [
    'acu',
    'avg_watch',
    'barrage',
    'biz_id',
    'core_user_id',
    'duration_min',
    'fans_club',
    'finish_time',
    'head_image_uri',
    'head_image_uris',
    'height',
    'impression',
    'industry',
    'is_hot',
    'is_playlet',
    'item_animated_cover',
    'item_date',
    'live_status',
    'max_watch',
    'media_type',
    'original_status',
    'play_over_5min',
    'read_cnt',
    'repin',
    'send_gift',
    'send_prop',
    'send_red_packet',
    'status',
    'url',
    'video_id',
    'width',
  ],
  objects: { stats: shape({ reads: olderStats }) },
} as const;
const currentVideo = shape({ ...video, optional: ['id', 'create_timestamp', 'stats'] });
const olderVideo = shape({ ...video, optional: Object.keys(item) as (keyof typeof item)[] });

/** 代表作与近期视频. The newest videos change within hours, so the TTL is shorter than that of other endpoints. */
export const recommendedVideos: Endpoint<'recommendedVideos', CreatorArgs, RecommendedVideos> = {
  ...ofCreator,
  name: 'recommendedVideos',
  path: '/api/douyin-xingtu/gw/api/data_sp/author_rec_videos_v2/v1',
  ttlSeconds: 21_600,
  shape: shape({
    reads: body,
    optional: ['masterpiece_video', 'newest_video', 'order_hot_video', 'personal_hot_video'],
    objects: { base_resp: baseResp },
    rows: {
      masterpiece_videos: currentVideo,
      masterpiece_video: olderVideo,
      newest_videos: currentVideo,
      newest_video: olderVideo,
      order_hot_videos: currentVideo,
      order_hot_video: olderVideo,
      personal_hot_videos: currentVideo,
      personal_hot_video: olderVideo,
    },
  }),
  decode(data, onDrift) {
    const raw = read(body, data, onDrift);
    const list = (name: string, current: readonly Json[], older: readonly Json[]) =>
      readRows(name, current.length > 0 ? current : older, readVideo, onDrift);
    return {
      masterpieces: list('masterpiece_videos', raw.masterpiece_videos, raw.masterpiece_video),
      newest: list('newest_videos', raw.newest_videos, raw.newest_video),
      sponsoredHot: list('order_hot_videos', raw.order_hot_videos, raw.order_hot_video),
      personalHot: list('personal_hot_videos', raw.personal_hot_videos, raw.personal_hot_video),
    };
  },
};

function readVideo(data: JsonObject, onDrift: OnDrift): Video | null {
  const raw = read(item, data, onDrift);
  const stats = read(olderStats, raw.stats, within(onDrift, 'stats'));
  const videoId = raw.item_id ?? raw.id;
  if (videoId === null) return null;
  return {
    id: videoId,
    url: `https://www.douyin.com/video/${videoId}`,
    createdAt: raw.create_time ?? raw.create_timestamp,
    title: raw.title ?? raw.item_title,
    durationSeconds: raw.duration,
    playCount: raw.play ?? stats.watch_cnt,
    likeCount: raw.like ?? stats.like_cnt,
    commentCount: raw.comment ?? stats.comment_cnt,
    shareCount: raw.share ?? stats.share_cnt,
    favoriteCount: raw.favorite ?? stats.favorite_cnt,
    engagementRate: raw.interact_rate ?? stats.interact_rate,
    coverUrl: raw.head_image_url_signed ?? raw.item_cover,
  };
}
