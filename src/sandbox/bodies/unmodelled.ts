import type { UnmodelledCreatorName, UnmodelledVideoName } from '../../upstream/endpoints/unmodelled.js';
import { createSandboxCreator, type SandboxCreator, sampleCreatorId, sandboxPlatforms } from '../creators.js';
import { connectedUsersOf, monthOf } from '../figures.js';
import { type Random, randomFrom } from '../random.js';
import sampleProfile from '../samples/profile.json' with { type: 'json' };
import { type SandboxBody, success } from './body.js';

/** Whether a parameter's value is valid. Null: it is not sent. */
type Check = (value: string | null) => boolean;

const oneOf =
  (...names: readonly string[]): Check =>
  (value) =>
    value === null || names.includes(value);
const yesOrNo = oneOf('true', 'false');
const page: Check = (value) => value === null || (/^[1-9]\d{0,9}$/.test(value) && Number(value) < 2 ** 31);
const shortText: Check = (value) => value === null || [...value].length <= 100;
const compactDay: Check = (value) =>
  value === null || (/^\d{8}$/.test(value) && dayOf(value.replace(/^(....)(..)(..)$/, '$1-$2-$3')) !== null);
const requiredDay: Check = (value) => value !== null && dayOf(value) !== null;

const platform = oneOf(...sandboxPlatforms);
const period = oneOf('DAY_30', 'DAY_90');
const liveType = oneOf('ALL', 'GAME', 'ECOMMERCE', 'OTHER');

const gateway = '/api/douyin-xingtu/gw/api';

/** At most so many days of followers. */
const maxDays = 1_000;
const dayMs = 86_400_000;

const words = ['好吃', '想去', '同款', '链接', '哈哈哈', '教程', '求推荐', '收藏了'] as const;

interface Parts {
  readonly path: string;
  /** Besides the id, by the vendor's names. */
  readonly checks?: Readonly<Record<string, Check>>;
  readonly idParameter?: string;
}

/** Their bodies are made up. Where public sources have keys, they have those; elsewhere nobody knows the keys. */
export const unmodelled: Readonly<Record<UnmodelledCreatorName | UnmodelledVideoName, SandboxBody>> = {
  costEstimate: aboutCreator({ path: '/aggregator/get_author_commerce_spread_info/v1' }, (creator) => {
    const { prices, expectedPlays, engagementRate } = creator;
    const per = (yuan: number | undefined, count: number) =>
      yuan === undefined ? '' : (yuan / count).toFixed(4);
    const engagements = expectedPlays * engagementRate;
    return {
      cpm_1_20: per(prices?.short, expectedPlays / 1000),
      cpm_20_60: per(prices?.medium, expectedPlays / 1000),
      cpm_60: per(prices?.long, expectedPlays / 1000),
      cpe_1_20: per(prices?.short, engagements),
      cpe_20_60: per(prices?.medium, engagements),
      cpe_60: per(prices?.long, engagements),
      vv: String(expectedPlays),
      platform_hot_rate: hotRate(creator),
    };
  }),

  seeding: aboutCreator(
    { path: '/aggregator/get_author_commerce_seed_base_info/v1', checks: { range: period } },
    ({ expectedPlays, randomFor }, query) => {
      const random = randomFor(`seeding:${query.get('range') ?? 'DAY_90'}`);
      const rate = Number((0.0005 + 0.01 * random.next()).toFixed(4));
      return {
        avg_search_after_view_cnt: String(Math.round(expectedPlays * rate)),
        avg_search_after_view_rate: rate,
        avg_a3_incr_cnt: String(Math.round(expectedPlays * (0.001 + 0.02 * random.next()))),
        star_overflow_avg_enter_shop_cost: (1 + 9 * random.next()).toFixed(2),
      };
    },
  ),

  conversion: aboutCreator(
    { path: '/data_sp/get_author_convert_ability/v1', checks: { platform, range: period } },
    ({ expectedPlays, prices, randomFor }, query) => {
      const random = randomFor(`conversion:${query.get('range') ?? 'DAY_30'}`);
      const sells = prices !== null && random.chance(0.6);
      const band = (...bands: readonly string[]) => (sells ? random.pick(bands) : '');
      return {
        related_video_cnt: { value: sells ? random.whole(1, 30) : 0 },
        video_vv_median: { value: sells ? Math.round(expectedPlays * (0.6 + 0.6 * random.next())) : 0 },
        rec_product_cnt: { value: sells ? random.whole(1, 50) : 0 },
        component_click_cnt_range: band('500以下', '500-1000', '1000-5000', '1w-3w'),
        component_click_rate_range: band('0%-1%', '1%-2%', '2%-4%', '4%-6%'),
        related_cpc_range: band('0-1', '1-3', '3-5', '>5'),
        avg_sales_amount_range: band('500以下', '500-3000', '3000-1w', '3w-20w'),
        rec_product_price_range: band('0-50', '50-100', '100-200', '200-500'),
        gpm_range: band('0-100', '100-300', '300-600', '>600'),
      };
    },
  ),

  conversionItems: aboutCreator(
    {
      path: '/data_sp/get_author_convert_videos_or_products/v1',
      checks: {
        platform,
        // The vendor lists 38 names.
        industryId: (value) => value === null || /^[A-Z][A-Z_]+$/.test(value),
        range: period,
        detailType: oneOf('VIDEO', 'PRODUCT'),
        page,
      },
    },
    (creator, query) => {
      const kind = query.get('detailType') ?? 'VIDEO';
      const random = creator.randomFor(`conversionItems:${query}`);
      return {
        list: Array.from({ length: random.whole(0, 5) }, () => ({
          id: videoId(random),
          title: kind === 'VIDEO' ? `${creator.tag}视频` : `${creator.tag}好物`,
          click_cnt: String(random.logarithmic(100, 50_000)),
        })),
        page: pageOf(query),
      };
    },
  ),

  followerTrend: aboutCreator(
    {
      path: '/data_sp/get_author_daily_fans/v1',
      checks: { startDate: requiredDay, endDate: requiredDay },
    },
    ({ followers, randomFor }, query) => {
      const firstMs = dayOf(query.get('startDate')) ?? 0;
      const lastMs = dayOf(query.get('endDate')) ?? 0;
      const days = Math.min(maxDays, (lastMs - firstMs) / dayMs + 1);
      const daily: object[] = [];
      const delta: object[] = [];
      let left = followers;
      for (let before = 0; before < days; before += 1) {
        const date = new Date(lastMs - before * dayMs).toISOString().slice(0, 10);
        const gained = Math.round(left * (0.004 * randomFor(`followerTrend:${date}`).next() - 0.001));
        daily.unshift({ date, fans_cnt: left });
        delta.unshift({ date, fans_cnt: gained });
        left -= gained;
      }
      return { daily, delta };
    },
  ),

  contentMix: aboutCreator(
    { path: '/data_sp/author_video_distribution/v1', checks: { platform } },
    ({ tag, randomFor }) => {
      const main = Number((0.5 + 0.4 * randomFor('contentMix').next()).toFixed(4));
      return {
        video_content_distribution: [
          { name: tag, proportion: main },
          { name: '其他', proportion: Number((1 - main).toFixed(4)) },
        ],
      };
    },
  ),

  displayStatus: aboutCreator(
    { path: '/data_sp/check_author_display/v1', checks: { platform } },
    (creator) => {
      const { aware, interested, like, follow } = connectedUsersOf(creator);
      return {
        follower: String(creator.followers),
        link_cnt: String(aware + interested + like + follow),
        videos: monthOf(creator).videoCount,
      };
    },
  ),

  sideInfo: aboutCreator({ path: '/aggregator/get_author_side_base_info/v1' }, ({ randomFor }) => ({
    fans_growth_rate_30d: (0.08 * randomFor('sideInfo').next() - 0.01).toFixed(6),
  })),

  channelInfo: aboutCreator(
    { path: '/author/get_author_platform_channel_info_v2/v1', checks: { platform } },
    (creator) => ({ self_intro: introduction(creator) }),
  ),

  businessCard: aboutCreator({ path: '/gauthor/author_get_business_card_info/v1' }, (creator) => ({
    card_info: {
      self_intro: introduction(creator),
      follower: String(creator.followers),
      // Nobody has such a number or such an address.
      wechat: `sandbox-${creator.uid}`,
      phone: `100${creator.uid.slice(-8)}`,
      email: `${creator.uid}@example.com`,
      cooperation_brand: creator.prices ? ['示例品牌'] : [],
      mcn_info: { mcn_name: mcnOf(creator) },
    },
  })),

  contractInfo: aboutCreator(
    { path: '/aggregator/get_author_contract_base_info', checks: { range: period } },
    ({ prices, tag, randomFor }, query) => {
      const range = query.get('range') ?? 'DAY_90';
      const random = randomFor('contractInfo');
      const most = random.whole(3, 20);
      const monthly = prices ? random.whole(0, 12) : 0;
      const credit = random.whole(70, 100);
      const industries = JSON.stringify(
        prices
          ? [
              { key: tag, rate: 0.7 },
              { key: '其他', rate: 0.3 },
            ]
          : [],
      );
      return {
        message_reply_rate: Number(random.next().toFixed(4)),
        new_credit_score: credit,
        credit_score: credit,
        order_cnt: monthly * (range === 'DAY_90' ? 3 : 1),
        process_order_cnt: prices ? random.whole(0, Math.min(3, most)) : 0,
        max_process_order_cnt: most,
        industry_order_distribution: industries,
        industry_vv_distribution: industries,
      };
    },
  ),

  orderExperience: aboutCreator(
    { path: '/aggregator/get_author_order_experience/v1', checks: { period } },
    ({ prices, tag, randomFor }, query) => ({
      order_cnt: prices
        ? randomFor('orderExperience').whole(0, 12) * (query.get('period') === 'DAY_90' ? 3 : 1)
        : 0,
      industries: [tag],
    }),
  ),

  homepageVideos: aboutCreator(
    {
      path: '/aggregator/get_author_homepage_videos/v1',
      checks: {
        page,
        keyword: shortText,
        videoType: oneOf('ALL', 'PERSONAL', 'XINGTU'),
        onlyAssign: yesOrNo,
        startDate: compactDay,
        endDate: compactDay,
      },
    },
    ({ tag, expectedPlays, randomFor }, query) => {
      const random = randomFor(`homepageVideos:${query}`);
      return {
        videos: Array.from({ length: random.whole(1, 10) }, () => ({
          item_id: videoId(random),
          title: `${query.get('keyword') ?? tag}视频`,
          play: Math.round(expectedPlays * (0.6 + 0.8 * random.next())),
        })),
        page: pageOf(query),
        has_more: random.chance(0.5),
      };
    },
  ),

  liveStatistics: aboutCreator(
    {
      path: '/aggregator/get_author_live_statistics/v1',
      checks: { liveType, period, onlyStarOrder: yesOrNo, flowType: oneOf('EXCLUDE', 'INCLUDE') },
    },
    ({ followers, randomFor }, query) => {
      const random = randomFor(`liveStatistics:${query}`);
      return {
        live_cnt: random.whole(0, 30),
        watch_cnt: String(Math.round(followers * 0.3 * random.next())),
        avg_watch_seconds: random.whole(20, 300),
      };
    },
  ),

  liveAudience: aboutCreator(
    {
      path: '/aggregator/get_author_live_watch_distribution/v1',
      checks: { liveCrowdType: oneOf('AUDIENCE', 'FANS'), liveType },
    },
    ({ followers, randomFor }, query) => {
      const share = 0.2 + 0.6 * randomFor(`liveAudience:${query}`).next();
      const people = Math.round(followers * 0.1);
      const female = Math.round(people * share);
      return {
        gender: [
          { key: 'female', value: String(female) },
          { key: 'male', value: String(people - female) },
        ],
      };
    },
  ),

  creatorTags: aboutCreator(
    { path: '/aggregator/get_author_tags/v1', idParameter: 'starAuthorId' },
    ({ tag }) => ({ tags: [{ name: tag, children: [`${tag}分享`] }] }),
  ),

  commentKeywords: aboutCreator({ path: '/data/get_author_hot_comment_tokens/v1' }, ({ randomFor }) => {
    const random = randomFor('commentKeywords');
    return {
      hot_comment_tokens: words.map((comment_token) => ({ comment_token, hot_rate: random.whole(1, 100) })),
    };
  }),

  contentKeywords: aboutCreator(
    { path: '/gauthor/get_author_content_hot_keywords/v1' },
    ({ tag, randomFor }) => {
      const random = randomFor('contentKeywords');
      const counts = { [tag]: random.whole(5, 30), 日常: random.whole(1, 10) };
      return { keyword_item_distribution: counts, keyword_map: counts };
    },
  ),

  videoTrend: aboutVideo('/data_sp/item_report_trend/v1', ({ plays, createdMs }) => ({
    trend: [0.6, 0.85, 0.95, 1].map((part, nth) => ({
      date: new Date(createdMs + nth * dayMs).toISOString().slice(0, 10),
      play: String(Math.round(plays * part)),
    })),
  })),

  videoReport: aboutVideo('/data_sp/item_report_detail/v1', ({ id, plays, likes, createdMs }) => ({
    item_id: id,
    create_time: createdMs / 1000,
    play: String(plays),
    like: String(likes),
    comment: String(Math.round(likes / 25)),
    share: String(Math.round(likes / 40)),
  })),

  videoAnalysis: aboutVideo('/data_sp/item_report_th_analysis/v1', ({ plays, likes }) => ({
    interact_rate: Number((likes / plays).toFixed(4)),
    keywords: words.slice(0, 3),
  })),
};

function aboutCreator(
  { path, checks = {}, idParameter = 'oAuthorId' }: Parts,
  data: (creator: SandboxCreator, query: URLSearchParams) => object,
): SandboxBody {
  return {
    path: gateway + path,
    data: (query) => {
      const id = query.get(idParameter) ?? '';
      if (
        !/^\d{15,20}$/.test(id) ||
        !isValid(query, { token: () => true, [idParameter]: () => true, ...checks })
      )
        return null;
      return { base_resp: success, ...data(creatorOf(id, query), withoutToken(query)) };
    },
  };
}

/** A video's figures, derived from its id only. */
interface Video {
  readonly id: string;
  readonly createdMs: number;
  readonly plays: number;
  readonly likes: number;
}

function aboutVideo(path: string, data: (video: Video) => object): SandboxBody {
  return {
    path: gateway + path,
    data: (query) => {
      const id = query.get('itemId') ?? '';
      if (!/^\d{15,20}$/.test(id) || !isValid(query, { token: () => true, itemId: () => true })) return null;
      const random = randomFrom(`video:${id}`);
      const plays = random.logarithmic(1_000, 20_000_000);
      const likes = Math.round(plays * (0.008 + 0.05 * random.next()));
      // The first 32 bits of a video's id are the second in which it was made.
      const createdMs = 1000 * Number((BigInt(id) >> 32n) % 4_294_967_296n);
      return { base_resp: success, ...data({ id, createdMs, plays, likes }) };
    },
  };
}

/** Upstream refuses parameters that an endpoint does not have, and dates in the wrong order. */
function isValid(query: URLSearchParams, checks: Readonly<Record<string, Check>>): boolean {
  if ([...query.keys()].some((name) => !Object.hasOwn(checks, name))) return false;
  if (Object.entries(checks).some(([name, check]) => !check(query.get(name)))) return false;
  const [start, end] = [query.get('startDate'), query.get('endDate')];
  return start === null || end === null || start <= end;
}

function withoutToken(query: URLSearchParams): URLSearchParams {
  const rest = new URLSearchParams(query);
  rest.delete('token');
  return rest;
}

/** The creator of the samples has the name and the followers of the sample. */
function creatorOf(id: string, query: URLSearchParams): SandboxCreator {
  const asked = query.get('platform');
  const creator = createSandboxCreator(
    id,
    sandboxPlatforms.find((known) => known === asked) ?? 'SHORT_VIDEO',
  );
  if (id !== sampleCreatorId) return creator;
  const { nick_name: name, follower: followers } = sampleProfile.data;
  return { ...creator, name, tag: '游戏', followers };
}

/** Null: it is no day in the form `2026-03-01`. */
function dayOf(text: string | null): number | null {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text ?? '') ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text ?? '') ? ms : null;
}

function pageOf(query: URLSearchParams): number {
  return Number(query.get('page') ?? 1);
}

function videoId(random: Random): string {
  const second = random.whole(1_756_000_000, 1_772_000_000);
  return `${BigInt(second) * 4_294_967_296n + BigInt(random.whole(1, 4_294_967_295))}`;
}

/** The rate in the body of `cpMetrics`, as a fraction. */
function hotRate({ randomFor }: SandboxCreator): number {
  const random = randomFor('cpMetrics');
  return random.chance(0.2) ? 0 : random.whole(50, 3_500) / 10_000;
}

/** The agency in the body of `profile`. */
function mcnOf({ id, randomFor }: SandboxCreator): string {
  if (id === sampleCreatorId) return sampleProfile.data.mcn_name;
  const random = randomFor('profile');
  return random.chance(0.4) ? `${random.pick(['星', '云', '鲸', '野'] as const)}海文化` : '';
}

function introduction({ name, tag }: SandboxCreator): string {
  return `我是${name}，爱${tag}。`;
}
