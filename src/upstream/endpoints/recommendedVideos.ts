import type { Json } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { readRows, rows } from './lists.js';
import { type CreatorArgs, ofCreator } from './ofCreator.js';
import { read } from './reader.js';
import { baseResp, shape } from './shape.js';
import { currentVideo, olderVideo, readVideo, type Video } from './videos.js';

export interface RecommendedVideos {
  readonly masterpieces: readonly Video[];
  readonly newest: readonly Video[];
  readonly sponsoredHot: readonly Video[];
  readonly personalHot: readonly Video[];
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
