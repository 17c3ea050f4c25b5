import type { JsonObject } from '../json.js';
import { object } from './lists.js';
import { type OnDrift, read, within } from './reader.js';
import { shape } from './shape.js';
import { count, fraction, id, quantity, text, time, url } from './values.js';

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
/** A video item as upstream writes it today. */
export const currentVideo = shape({ ...video, optional: ['id', 'create_timestamp', 'stats'] });

/** A video item of either form. */
export const olderVideo = shape({ ...video, optional: Object.keys(item) as (keyof typeof item)[] });

/** The newest videos of a creator in a page of search results. All values are strings. */
const recentItem = {
  item_id: id,
  item_title: text,
  item_create_time: time,
  vv: count,
  like_cnt: count,
  comment_cnt: count,
  share_cnt: count,
};

export const recentVideo = shape({
  reads: recentItem,
  unread: ['is_high_quality_item', 'item_publish_time'],
});

/** Null: the item has no id. */
export function readRecentVideo(data: JsonObject, onDrift: OnDrift): Video | null {
  const raw = read(recentItem, data, onDrift);
  if (raw.item_id === null) return null;
  return {
    id: raw.item_id,
    url: videoUrl(raw.item_id),
    createdAt: raw.item_create_time,
    title: raw.item_title,
    durationSeconds: null,
    playCount: raw.vv,
    likeCount: raw.like_cnt,
    commentCount: raw.comment_cnt,
    shareCount: raw.share_cnt,
    favoriteCount: null,
    engagementRate: null,
    coverUrl: null,
  };
}

/** Null: the item has no id. */
export function readVideo(data: JsonObject, onDrift: OnDrift): Video | null {
  const raw = read(item, data, onDrift);
  const stats = read(olderStats, raw.stats, within(onDrift, 'stats'));
  const videoId = raw.item_id ?? raw.id;
  if (videoId === null) return null;
  return {
    id: videoId,
    url: videoUrl(videoId),
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

export function videoUrl(videoId: string): string {
  return `https://www.douyin.com/video/${videoId}`;
}
