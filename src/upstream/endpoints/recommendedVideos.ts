import { chinaOffsetMs } from '../../time.js';
import type { Json, JsonObject } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { readRows, rows } from './lists.js';
import { type CreatorArgs, ofCreator } from './ofCreator.js';
import { type OnDrift, read } from './reader.js';
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

/** The `create_time` of a current item is so much later than it should be: the time in China, read as UTC. */
const shiftMs = chinaOffsetMs;

/**
 * How long after its id the time of a video may be: in the vendor's sample between 3 and 189 seconds. Clocks differ a
 * little.
 */
const afterId = { leastMs: -60_000, mostMs: 30 * 60_000 };

function readCurrentVideo(data: JsonObject, onDrift: OnDrift): Video | null {
  const video = readVideo(data, onDrift);
  return video?.createdAt ? { ...video, createdAt: unshifted(video.createdAt, video.id) } : video;
}

/** Only a time that the video's id shows to be shifted, so that nothing is wrong when upstream mends it. */
function unshifted(createdAt: Date, videoId: string): Date {
  const afterIdMs = createdAt.getTime() - shiftMs - secondOf(videoId) * 1_000;
  return afterIdMs >= afterId.leastMs && afterIdMs <= afterId.mostMs
    ? new Date(createdAt.getTime() - shiftMs)
    : createdAt;
}

/** The first 32 of the 64 bits of Douyin's ids are the unix second in which they were given. */
function secondOf(videoId: string): number {
  return /^\d{1,20}$/.test(videoId) ? Number(BigInt(videoId) >> 32n) : Number.NaN;
}

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
      current.length > 0
        ? readRows(name, current, readCurrentVideo, onDrift)
        : readRows(name, older, readVideo, onDrift);
    return {
      masterpieces: list('masterpiece_videos', raw.masterpiece_videos, raw.masterpiece_video),
      newest: list('newest_videos', raw.newest_videos, raw.newest_video),
      sponsoredHot: list('order_hot_videos', raw.order_hot_videos, raw.order_hot_video),
      personalHot: list('personal_hot_videos', raw.personal_hot_videos, raw.personal_hot_video),
    };
  },
};
