import { type Random, randomFrom } from './random.js';

/** The creator of the vendor's samples, 张大仙. */
export const sampleCreatorId = '6629722295873044494';

/**
 * A made-up creator: the values that its bodies share, so that they are consistent. Derived from the id only, so they are
 * the same in every call and every process.
 */
export interface SandboxCreator {
  readonly id: string;
  /** The number of the Douyin account. */
  readonly uid: string;
  readonly platform: SandboxPlatform;
  readonly name: string;
  readonly gender: 0 | 1 | 2;
  readonly province: string;
  readonly city: string;
  readonly tag: string;
  readonly followers: number;
  /** Expected plays of the next video. */
  readonly expectedPlays: number;
  /** Engagements per play. */
  readonly engagementRate: number;
  /** Yuan, by duration. Null: the creator takes no orders. */
  readonly prices: { readonly short: number; readonly medium: number; readonly long: number } | null;
  /** Upstream's oddities. Each occurs with some creators, so that a test of many creators has them all. */
  readonly oddities: {
    /** Videos have only an id, a time and plays, as in the vendor's sample. */
    readonly bareVideos: boolean;
    /** The video lists have their older shape. */
    readonly olderVideos: boolean;
    /** Ids are numbers with 19 digits, and counts are strings. */
    readonly retyped: boolean;
    /** A video has more plays than GraphQL's largest Int, 2^31 - 1. */
    readonly viral: boolean;
  };
  /** A random sequence for each body, so that a change of one body does not change the others. */
  randomFor(bodyName: string): Random;
}

export const sandboxPlatforms = ['SHORT_VIDEO', 'LIVE_STREAMING', 'PICTURE_TEXT', 'SHORT_DRAMA'] as const;
export type SandboxPlatform = (typeof sandboxPlatforms)[number];

const surnames = ['林', '陈', '周', '沈', '许', '苏', '叶', '江', '顾', '唐'] as const;
const nicknames = [
  '一口甜',
  '不加班',
  '爱吃瓜',
  '慢慢来',
  '在路上',
  '小厨房',
  '讲历史',
  '修电脑',
  '养三花',
  '测评室',
] as const;
const places = [
  ['北京市', '北京市'],
  ['上海市', '上海市'],
  ['浙江省', '杭州市'],
  ['广东省', '广州市'],
  ['四川省', '成都市'],
  ['湖南省', '长沙市'],
  ['陕西省', '西安市'],
  ['', ''],
] as const;
export const contentTags = [
  '美食',
  '游戏',
  '旅行',
  '美妆',
  '亲子',
  '科技数码',
  '音乐',
  '运动健身',
  '随拍',
  '萌宠',
] as const;

export function createSandboxCreator(id: string, platform: SandboxPlatform): SandboxCreator {
  const person = randomFrom(id);
  const name = `${person.pick(surnames)}${person.pick(nicknames)}`;
  const gender = person.pick([0, 1, 2, 1, 2] as const);
  const [province, city] = person.pick(places);
  const tag = person.pick(contentTags);
  const followers = person.logarithmic(20_000, 50_000_000);
  const oddities = {
    bareVideos: person.chance(0.4),
    olderVideos: person.chance(0.2),
    retyped: person.chance(0.25),
    viral: person.chance(0.05),
  };
  const uid = String(person.whole(10_000_000_000, 99_999_999_999));

  const trade = randomFrom(`${id}:${platform}`);
  const expectedPlays = Math.round(followers * (0.02 + 0.2 * trade.next()));
  const engagementRate = 0.008 + 0.05 * trade.next();
  const yuanPerThousand = 15 + 60 * trade.next();
  const short = Math.max(100, Math.round((expectedPlays * yuanPerThousand) / 100_000) * 100);
  const takesOrders = !trade.chance(0.15);
  const medium = Math.round((short * (1.3 + trade.next())) / 100) * 100;
  const long = Math.round((medium * (1 + trade.next())) / 100) * 100;

  return {
    id,
    uid,
    platform,
    name,
    gender,
    province,
    city,
    tag,
    followers,
    expectedPlays,
    engagementRate,
    prices: takesOrders ? { short, medium, long } : null,
    oddities,
    randomFor: (bodyName) => randomFrom(`${id}:${platform}:${bodyName}`),
  };
}
