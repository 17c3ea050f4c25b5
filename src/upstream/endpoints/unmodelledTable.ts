import { industries } from './industries.js';
import { platforms } from './ofCreator.js';
import { day, oneOf, type Parameters, pageNumber, searchText, yesOrNo } from './parameters.js';
import { baseResp, type Shape, shape } from './shape.js';

/** An endpoint whose answers are served as they are. */
export interface UnmodelledRow {
  /** Below `gateway`. */
  readonly path: string;
  readonly gives: string;
  /** Besides the id. */
  readonly parameters?: Parameters;
  /** The vendor's name of the parameter with the id. */
  readonly idParameter?: string;
  /** The keys that public sources have. Missing: there are none, so that drift tells the keys of the first body. */
  readonly body?: Shape;
  readonly certainty: string;
  readonly ttlSeconds?: number;
  readonly isPersonal?: true;
}

export const gateway = '/api/douyin-xingtu/gw/api';

/** A day. Figures of 30 or 90 days move slowly. */
export const slowTtlSeconds = 86_400;
/** Of lists and figures that change within hours. */
const fastTtlSeconds = 21_600;

const agreed = 'Its keys are undocumented; independent sources agree on them.';
const inferred = 'Its keys are undocumented, and their meaning is inferred.';
const unpublished = 'Nobody has published what it answers.';

const platform = oneOf(platforms, 'SHORT_VIDEO');
const industryId = oneOf(industries, 'ALL', 'a value of the enum Industry');
const periods = ['DAY_30', 'DAY_90'] as const;

// The vendor's document gives the defaults of some parameters as raw codes. They are sent by name.
/** Code 1. By the order of the names, if codes start at 1, as those of `liveCrowdType` must. Inferred. */
const liveType = oneOf(['ALL', 'GAME', 'ECOMMERCE', 'OTHER'], 'ALL');
/** Code 2, the second of two names. Inferred. */
const liveCrowdType = oneOf(['AUDIENCE', 'FANS'], 'FANS');
/** Code 0. Other endpoints have the same parameter, with EXCLUDE as their default. */
const flowType = oneOf(['EXCLUDE', 'INCLUDE'], 'EXCLUDE');

const value = shape({ unread: ['value'] });
const followersOfDay = shape({ unread: ['date', 'fans_cnt'] });

/** Those about a creator. */
export const creatorRows = {
  costEstimate: {
    path: '/aggregator/get_author_commerce_spread_info/v1',
    gives:
      'Expected CPM and CPE by duration, expected plays and the share of hits, in other units than `cpMetrics`, which is better known: yuan, and fractions.',
    body: known([
      'cpm_1_20',
      'cpm_20_60',
      'cpm_60',
      'cpe_1_20',
      'cpe_20_60',
      'cpe_60',
      'vv',
      'platform_hot_rate',
    ]),
    certainty: inferred,
  },
  seeding: {
    path: '/aggregator/get_author_commerce_seed_base_info/v1',
    gives:
      'How well videos make people want a product (种草): searches after viewing, and newly interested people.',
    parameters: { range: oneOf(periods, 'DAY_90') },
    body: known([
      'avg_search_after_view_cnt',
      'avg_search_after_view_rate',
      'avg_a3_incr_cnt',
      'star_overflow_avg_enter_shop_cost',
      'shop_cost',
    ]),
    certainty: inferred,
  },
  conversion: {
    path: '/data_sp/get_author_convert_ability/v1',
    gives:
      'How well videos sell (转化): clicks, products and sales, mostly as bands in Chinese. Often empty.',
    parameters: { platform, range: oneOf(periods, 'DAY_30') },
    body: known(
      [
        'component_click_cnt_range',
        'component_click_rate_range',
        'related_cpc_range',
        'avg_sales_amount_range',
        'rec_product_price_range',
        'gpm_range',
      ],
      { objects: { related_video_cnt: value, video_vv_median: value, rec_product_cnt: value } },
    ),
    certainty: inferred,
  },
  conversionItems: {
    path: '/data_sp/get_author_convert_videos_or_products/v1',
    gives: 'The videos or products behind the figures of CONVERSION.',
    parameters: {
      platform,
      industryId,
      range: oneOf(periods, 'DAY_30'),
      detailType: oneOf(['VIDEO', 'PRODUCT'], 'VIDEO'),
      page: pageNumber,
    },
    certainty: unpublished,
  },
  followerTrend: {
    path: '/data_sp/get_author_daily_fans/v1',
    gives: 'Followers by day (粉丝趋势).',
    parameters: {
      startDate: { ...day('yyyy-MM-dd'), isRequired: true },
      endDate: { ...day('yyyy-MM-dd'), isRequired: true },
    },
    body: known([], { rows: { daily: followersOfDay, delta: followersOfDay } }),
    certainty: inferred,
  },
  contentMix: {
    path: '/data_sp/author_video_distribution/v1',
    gives: "Kinds of content by their share of the creator's videos, a fraction.",
    parameters: { platform },
    body: known([], { rows: { video_content_distribution: shape({ unread: ['name', 'proportion'] }) } }),
    certainty: agreed,
  },
  displayStatus: {
    path: '/data_sp/check_author_display/v1',
    gives: 'Whether Xingtu may show the creator; followers, connected users and videos.',
    parameters: { platform },
    body: known(['follower', 'link_cnt', 'videos']),
    certainty: inferred,
  },
  sideInfo: {
    path: '/aggregator/get_author_side_base_info/v1',
    gives:
      "What Xingtu shows beside the creator's page, such as the growth of followers in 30 days, a fraction.",
    body: known(['fans_growth_rate_30d']),
    certainty: inferred,
  },
  channelInfo: {
    path: '/author/get_author_platform_channel_info_v2/v1',
    gives: "The creator's account on a platform, such as the introduction.",
    parameters: { platform },
    body: known(['self_intro']),
    certainty: agreed,
  },
  businessCard: {
    path: '/gauthor/author_get_business_card_info/v1',
    gives:
      'The business card (名片): introduction, brands and agency, with telephone number, WeChat and mail address. Contact data of people, so it is refused unless the operator sets ALLOW_PERSONAL_DATA=1, and has no history.',
    body: known([], {
      objects: {
        card_info: shape({
          unread: ['self_intro', 'follower', 'wechat', 'phone', 'email', 'cooperation_brand'],
          objects: { mcn_info: shape({ unread: ['mcn_name'] }) },
        }),
      },
    }),
    certainty: agreed,
    isPersonal: true,
  },
  contractInfo: {
    path: '/aggregator/get_author_contract_base_info',
    gives: 'How orders are fulfilled (履约): share of messages answered, credit score, orders, industries.',
    // Code 90.
    parameters: { range: oneOf(periods, 'DAY_90') },
    body: known([
      'message_reply_rate',
      'new_credit_score',
      'credit_score',
      'order_cnt',
      'process_order_cnt',
      'max_process_order_cnt',
      'industry_order_distribution',
      'industry_vv_distribution',
    ]),
    certainty: inferred,
  },
  orderExperience: {
    path: '/aggregator/get_author_order_experience/v1',
    gives: 'Experience with orders (商单经验).',
    parameters: { period: oneOf(periods, 'DAY_30') },
    certainty: unpublished,
  },
  homepageVideos: {
    path: '/aggregator/get_author_homepage_videos/v1',
    gives:
      "A page of the creator's videos, by keyword, kind and day of publication. Days are China's, and both are included.",
    parameters: {
      page: pageNumber,
      keyword: searchText,
      videoType: oneOf(['ALL', 'PERSONAL', 'XINGTU'], 'ALL'),
      onlyAssign: yesOrNo,
      startDate: day('yyyyMMdd'),
      endDate: day('yyyyMMdd'),
    },
    certainty: unpublished,
    ttlSeconds: fastTtlSeconds,
  },
  liveStatistics: {
    path: '/aggregator/get_author_live_statistics/v1',
    gives: 'Figures of live streams (直播数据).',
    // Code 30.
    parameters: { liveType, period: oneOf(periods, 'DAY_30'), onlyStarOrder: yesOrNo, flowType },
    certainty: `${unpublished} What the vendor's default of liveType means is inferred.`,
  },
  liveAudience: {
    path: '/aggregator/get_author_live_watch_distribution/v1',
    gives: 'Who watches the live streams (直播观众画像), or who of them follows the creator.',
    parameters: { liveCrowdType, liveType },
    certainty: `${unpublished} What the vendor's defaults mean is inferred.`,
  },
  creatorTags: {
    path: '/aggregator/get_author_tags/v1',
    gives: 'Tags of the creator (达人标签).',
    idParameter: 'starAuthorId',
    certainty: unpublished,
  },
  commentKeywords: {
    path: '/data/get_author_hot_comment_tokens/v1',
    gives: 'Frequent words in comments (评论热词). The unit of their rate is not known.',
    body: known([], { rows: { hot_comment_tokens: shape({ unread: ['comment_token', 'hot_rate'] }) } }),
    certainty: agreed,
  },
  contentKeywords: {
    path: '/gauthor/get_author_content_hot_keywords/v1',
    gives: 'Frequent words in videos (内容热词).',
    body: known(['keyword_item_distribution', 'keyword_map']),
    certainty: agreed,
  },
} as const satisfies Readonly<Record<string, UnmodelledRow>>;

/** Those about a video. */
export const videoRows = {
  videoTrend: {
    path: '/data_sp/item_report_trend/v1',
    gives: "How a video's figures have changed over time.",
    certainty: unpublished,
    ttlSeconds: fastTtlSeconds,
  },
  videoReport: {
    path: '/data_sp/item_report_detail/v1',
    gives: 'The figures of a video.',
    certainty: unpublished,
    ttlSeconds: fastTtlSeconds,
  },
  videoAnalysis: {
    path: '/data_sp/item_report_th_analysis/v1',
    gives: "An analysis of a video's figures.",
    certainty: unpublished,
    ttlSeconds: fastTtlSeconds,
  },
} as const satisfies Readonly<Record<string, UnmodelledRow>>;

/** A shape of keys that nothing reads. */
export function known(
  unread: readonly string[],
  { objects = {}, rows = {} }: Partial<Pick<Shape, 'objects' | 'rows'>> = {},
): Shape {
  return shape({ unread, objects: { base_resp: baseResp, ...objects }, rows });
}
