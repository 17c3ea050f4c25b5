import type { SandboxCreator, SandboxPlatform } from '../creators.js';
import type { Random } from '../random.js';
import sample from '../samples/prices.json' with { type: 'json' };
import { aboutCreator, success } from './body.js';

interface Row {
  readonly type: number;
  readonly desc: string;
  readonly yuan: number;
  readonly isOpen?: boolean;
  readonly isLicence?: boolean;
  readonly extra?: object;
}

/** What other platforms sell is not documented, so these codes and labels are made up. */
const otherPlatforms: Readonly<Record<Exclude<SandboxPlatform, 'SHORT_VIDEO'>, readonly [number, string]>> = {
  LIVE_STREAMING: [11, '直播-按小时'],
  PICTURE_TEXT: [141, '图文笔记'],
  SHORT_DRAMA: [161, '短剧定制单集'],
};

export const prices = aboutCreator({
  path: '/api/douyin-xingtu/gw/api/author/get_author_marketing_info/v1',
  sample: sample.data,
  data(creator) {
    const random = creator.randomFor('prices');
    return {
      activity_info: [],
      base_resp: success,
      hot_list_ranks: [],
      industry_tags: creator.prices ? [`${creator.tag}-${creator.tag}周边`, creator.tag] : [],
      price_info: shuffle(random, rowsOf(creator, random)).map((row) => priceRow(creator, random, row)),
    };
  },
});

function rowsOf({ prices, platform }: SandboxCreator, random: Random): Row[] {
  if (!prices) return [];
  const { short, medium, long } = prices;
  if (platform !== 'SHORT_VIDEO') {
    const [type, desc] = otherPlatforms[platform];
    return [{ type, desc, yuan: short }];
  }
  const rows: Row[] = [
    { type: 1, desc: '1-20s视频', yuan: short, isOpen: !random.chance(0.1) },
    { type: 2, desc: '21-60s视频', yuan: medium },
    { type: 71, desc: '60s以上视频', yuan: long },
    { type: 103, desc: '单视频推送广告平台', yuan: 100, isOpen: false, isLicence: true },
    { type: 104, desc: '多视频推送广告平台', yuan: 100, isOpen: false, isLicence: true },
    { type: 105, desc: '下载', yuan: 100, isOpen: false, isLicence: true },
    { type: 91, desc: '抖音短视频共创-参与达人', yuan: Math.max(100, short - 100) },
  ];
  if (random.chance(0.3)) rows.push({ type: 90, desc: '抖音短视频共创-主创达人', yuan: medium });
  if (random.chance(0.3)) rows.push({ type: 150, desc: '短视频引流直播', yuan: short });
  if (random.chance(0.3)) rows.push({ type: 173, desc: '定制类视频', yuan: long });
  if (random.chance(0.4)) {
    const extra = { floor_price: String(Math.round(short / 2)), ceiling_price: String(long) };
    rows.push({ type: 92, desc: '自然播放量', yuan: random.whole(20, 90), extra });
  }
  return rows;
}

function priceRow(
  creator: SandboxCreator,
  random: Random,
  { type, desc, yuan, isOpen = true, isLicence = false, extra }: Row,
): object {
  const hasDiscount = !isLicence && random.chance(0.15);
  return {
    ...sample.data.price_info[0],
    author_id: creator.id,
    desc,
    enable: isOpen,
    field: type === 2 ? 'long_video_price' : 'price',
    has_discount: hasDiscount,
    online_status: isOpen ? 1 : 2,
    origin_price: hasDiscount ? Math.round(yuan * 1.25) : yuan,
    price: creator.oddities.retyped ? String(yuan) : yuan,
    task_category: isLicence ? 103 : 1,
    video_type: type,
    ...(extra ? { price_extra_info: extra } : {}),
  };
}

function shuffle<T>(random: Random, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
