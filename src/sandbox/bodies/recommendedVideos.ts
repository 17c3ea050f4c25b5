import { chinaOffsetMs } from '../../time.js';
import type { SandboxCreator } from '../creators.js';
import type { Random } from '../random.js';
import sample from '../samples/recommended-videos.json' with { type: 'json' };
import filledItem from '../samples/video-item-filled.json' with { type: 'json' };
import { aboutCreator, bareNumber, success } from './body.js';

/** In the vendor's sample, all values but the id, the time and the plays are filler. */
const [bareItem] = sample.data.masterpiece_videos;

/** Upstream gives the time in China here, read as UTC. */
export const shiftSeconds = chinaOffsetMs / 1_000;

const titles = ['三分钟学会', '挑战一百天', '没想到结局', '一镜到底', '第一次尝试'] as const;

interface Figures {
  readonly id: string;
  readonly createdAt: number;
  readonly plays: number;
  readonly likes: number;
}

export const recommendedVideos = aboutCreator({
  path: '/api/douyin-xingtu/gw/api/data_sp/author_rec_videos_v2/v1',
  sample: sample.data,
  data(creator) {
    const random = creator.randomFor('recommendedVideos');
    const some = (length: number, plays: number) =>
      Array.from({ length }, () => figures(creator, random, plays)).sort((a, b) => b.createdAt - a.createdAt);
    const list = (length: number, plays: number) =>
      some(length, plays).map((each) =>
        video(creator, random, { ...each, createdAt: each.createdAt + afterId(each) + shiftSeconds }),
      );
    const usual = creator.expectedPlays;
    const hottest = creator.oddities.viral ? 4_000_000_000 : usual * 5;
    if (creator.oddities.olderVideos) {
      return {
        base_resp: success,
        newest_video: olderVideo(random, figures(creator, random, usual)),
        personal_hot_video: olderVideo(random, figures(creator, random, hottest)),
      };
    }
    return {
      base_resp: success,
      masterpiece_videos: list(2, usual * 3),
      newest_videos: list(random.whole(1, 4), usual),
      order_hot_videos: creator.prices ? list(random.whole(0, 3), usual * 2) : [],
      personal_hot_videos: list(2, hottest),
    };
  },
});

/** In the vendor's sample, videos are created so many seconds after they were given their ids. */
function afterId({ id }: Figures): number {
  return Number(BigInt(id) % 187n) + 3;
}

/** The id grows with time, as Douyin's ids do. */
export function figures({ engagementRate }: SandboxCreator, random: Random, usualPlays: number): Figures {
  const createdAt = random.whole(1_756_000_000, 1_772_000_000);
  const plays = Math.max(1, Math.round(usualPlays * (0.6 + 0.8 * random.next())));
  return {
    id: `${BigInt(createdAt) * 4_294_967_296n + BigInt(random.whole(1, 4_294_967_295))}`,
    createdAt,
    plays,
    likes: Math.round(plays * engagementRate * 0.9),
  };
}

export function video(
  { uid, oddities, engagementRate }: SandboxCreator,
  random: Random,
  { id, createdAt, plays, likes }: Figures,
): object {
  const bare = {
    ...bareItem,
    create_time: createdAt,
    item_id: oddities.retyped ? bareNumber(id) : id,
    play: plays,
  };
  if (oddities.bareVideos) return bare;
  const title = `${random.pick(titles)} #日常`;
  return {
    ...bare,
    ...filledItem,
    comment: Math.round(likes / 25),
    core_user_id: uid,
    create_time: createdAt,
    create_timestamp: createdAt,
    duration: random.whole(8, 180),
    favorite: String(Math.round(likes / 12)),
    head_image_uri: `tos-cn-i-dy/sandbox-${id}`,
    head_image_url_signed: `https://p3-sign.douyinpic.com/sandbox/${id}.jpeg?x-expires=1893427200`,
    interact_rate: Number(engagementRate.toFixed(4)),
    item_animated_cover: `tos-cn-i-dy/sandbox-${id}`,
    item_cover: `tos-cn-i-dy/sandbox-${id}`,
    item_date: new Date(createdAt * 1000).toISOString().slice(0, 10),
    item_id: bare.item_id,
    item_title: title,
    like: likes,
    play: plays,
    share: Math.round(likes / 40),
    title,
    url: `https://www.iesdouyin.com/share/video/${id}/`,
    video_id: `sandbox-${id}`,
  };
}

/** The older shape, seen at another provider: one object instead of a list, with its counts as strings in `stats`. */
function olderVideo(random: Random, { id, createdAt, plays, likes }: Figures): object {
  return {
    id,
    title: `${random.pick(titles)} #旧版`,
    create_time: String(createdAt),
    duration: random.whole(8, 180) + 0.5,
    stats: {
      watch_cnt: String(plays),
      like_cnt: String(likes),
      comment_cnt: String(Math.round(likes / 25)),
      share_cnt: String(Math.round(likes / 40)),
      favorite_cnt: String(Math.round(likes / 12)),
      interact_rate: (likes / plays).toFixed(4),
    },
  };
}
