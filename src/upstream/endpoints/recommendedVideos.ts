import { z } from 'zod';
import type { Json, JsonObject } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { count, fraction, id, object, quantity, readRows, rows, text, unixTime, url } from './values.js';

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

/** The lists, and under their older names single objects. */
const body = z.object({
  masterpiece_videos: rows,
  masterpiece_video: rows,
  newest_videos: rows,
  newest_video: rows,
  order_hot_videos: rows,
  order_hot_video: rows,
  personal_hot_videos: rows,
  personal_hot_video: rows,
});

const item = z.object({
  item_id: id,
  id,
  create_time: unixTime,
  create_timestamp: unixTime,
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
});

/** The older shape keeps the counts apart, under other names. */
const olderStats = z.object({
  watch_cnt: count,
  like_cnt: count,
  comment_cnt: count,
  share_cnt: count,
  favorite_cnt: count,
  interact_rate: fraction,
});

/** 代表作与近期视频. Newest videos change within hours, so they stay fresh for less long. */
export const recommendedVideos: Endpoint<'recommendedVideos', RecommendedVideos> = {
  name: 'recommendedVideos',
  path: '/api/douyin-xingtu/gw/api/data_sp/author_rec_videos_v2/v1',
  ttlSeconds: 21_600,
  keys: Object.keys(body.shape),
  decode(data, onDrift) {
    const raw = body.parse(data);
    const list = (name: string, current: readonly Json[], older: readonly Json[]) =>
      readRows(current.length > 0 ? current : older, readVideo, () => onDrift(`${name}[]`));
    return {
      masterpieces: list('masterpiece_videos', raw.masterpiece_videos, raw.masterpiece_video),
      newest: list('newest_videos', raw.newest_videos, raw.newest_video),
      sponsoredHot: list('order_hot_videos', raw.order_hot_videos, raw.order_hot_video),
      personalHot: list('personal_hot_videos', raw.personal_hot_videos, raw.personal_hot_video),
    };
  },
};

function readVideo(data: JsonObject): Video | null {
  const raw = item.parse(data);
  const stats = olderStats.parse(raw.stats);
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
