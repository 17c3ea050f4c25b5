import type { Money } from '../../money.js';
import type { Json, JsonObject } from '../json.js';
import { type SearchCreatorsArgs, searchCreatorsArgs, searchQuery } from './creatorFilter.js';
import type { Endpoint } from './endpoint.js';
import type { MoneyByDuration } from './expectedCosts.js';
import { object, readRows, rows, words } from './lists.js';
import { type Price, type PriceWithoutKey, priceExtraInfo, priceRow, readPrice, withKeys } from './prices.js';
import { type Tag, tagTree } from './profile.js';
import { type OnDrift, read, within } from './reader.js';
import { baseResp, shape } from './shape.js';
import {
  code,
  count,
  countOrZero,
  flag,
  fraction,
  type Gender,
  gender,
  id,
  quantity,
  signed,
  text,
  url,
  yuan,
} from './values.js';
import { readRecentVideo, recentVideo, type Video } from './videos.js';

export interface CreatorSearch {
  readonly items: readonly CreatorSearchItem[];
  readonly pageSize: number | null;
  readonly hasNextPage: boolean;
  readonly totalCount: number | null;
}

/** What a page of search results says about one creator. */
export interface CreatorSearchItem {
  readonly creatorId: string;
  readonly douyinUid: string | null;
  readonly name: string | null;
  readonly avatarUrl: string | null;
  readonly gender: Gender;
  readonly province: string | null;
  readonly city: string | null;
  readonly followerCount: number | null;
  readonly followerGrowth15Days: number | null;
  readonly followerGrowthRate15Days: number | null;
  readonly prices: MoneyByDuration;
  readonly expectedPlayCount: number | null;
  readonly expectedNaturalPlayCount: number | null;
  readonly expectedCpm: MoneyByDuration;
  readonly expectedCpe: MoneyByDuration;
  readonly engagementRate30Days: number | null;
  readonly completionRate30Days: number | null;
  readonly viralRate: number | null;
  readonly searchAfterViewRate30Days: number | null;
  readonly medianPlayCount30Days: number | null;
  readonly medianEngagementCount30Days: number | null;
  readonly orderVideoCount30Days: number | null;
  readonly indices: SearchIndices;
  readonly connectedUserCounts: ConnectedUserCounts;
  readonly tags: readonly Tag[];
  readonly contentThemes: readonly string[];
  readonly eCommerceEnabled: boolean | null;
  readonly eCommerceLevel: string | null;
  readonly recentVideos: readonly Video[];
  readonly priceItems: readonly Price[];
}

/** From 0 to 100. */
export interface SearchIndices {
  readonly overall: number | null;
  readonly spread: number | null;
  readonly seeding: number | null;
  readonly conversion: number | null;
}

export interface ConnectedUserCounts {
  readonly total: number | null;
  readonly aware: number | null;
  readonly interested: number | null;
  readonly like: number | null;
  readonly follow: number | null;
}

/** The creators of a page. A plan counts as many, so more are never served. */
export const itemsPerPage = 20;

const body = { authors: rows, pagination: object };
const pagination = { page: code, limit: count, has_more: flag, total_count: countOrZero };
const author = { star_id: id, attribute_datas: object, task_infos: rows };
const task = { price_infos: rows };
const rowStatus = { video_type_status: code };

/** All values are strings. */
const attributes = {
  id,
  core_user_id: id,
  nick_name: text,
  avatar_uri: url,
  gender,
  province: text,
  city: text,
  follower: count,
  fans_increment_within_15d: signed(count),
  fans_increment_rate_within_15d: signed(quantity),
  price_1_20: yuan,
  price_20_60: yuan,
  price_60: yuan,
  expected_play_num: count,
  expected_natural_play_num: count,
  prospective_1_20_cpm: yuan,
  prospective_20_60_cpm: yuan,
  prospective_60_cpm: yuan,
  prospective_1_20_cpe: yuan,
  prospective_20_60_cpe: yuan,
  prospective_60_cpe: yuan,
  // Sent instead of the three above.
  sn_prospective_1_20_cpe: yuan,
  sn_prospective_20_60_cpe: yuan,
  sn_prospective_60_cpe: yuan,
  interact_rate_within_30d: fraction,
  play_over_rate_within_30d: fraction,
  burst_text_rate: fraction,
  avg_search_after_view_rate_30d: fraction,
  vv_median_30d: quantity,
  interaction_median_30d: quantity,
  star_item_count_within_30d: count,
  link_star_index: quantity,
  link_spread_index: quantity,
  link_shopping_index: quantity,
  link_convert_index: quantity,
  link_link_cnt_by_industry: count,
  link_l_cnt_by_industry: count,
  link_i_cnt_by_industry: count,
  link_n_cnt_by_industry: count,
  link_k_cnt_by_industry: count,
  tags_relation: object,
  content_theme_labels_180d: words,
  e_commerce_enable: flag,
  author_ecom_level: text,
  last_10_items: rows,
};

/** Attributes that creators without prices, orders or goods lack. */
const optionalAttributes: readonly (keyof typeof attributes)[] = [
  'price_1_20',
  'price_20_60',
  'price_60',
  'prospective_1_20_cpm',
  'prospective_20_60_cpm',
  'prospective_60_cpm',
  'prospective_1_20_cpe',
  'prospective_20_60_cpe',
  'prospective_60_cpe',
  'sn_prospective_1_20_cpe',
  'sn_prospective_20_60_cpe',
  'sn_prospective_60_cpe',
  'burst_text_rate',
  'avg_search_after_view_rate_30d',
  'star_item_count_within_30d',
];

const unreadAttributes = [
  'assign_cpm_suggest_price',
  'assign_task_price_list',
  'author_avatar_frame_icon',
  'author_level_game',
  'author_level_other',
  'author_status',
  'author_thin_mid_word_association_index',
  'author_type',
  'avg_sale_amount_range',
  'brand_boost_vv',
  'ecom_avg_order_value_30d_range',
  'ecom_gmv_30d_range',
  'ecom_gpm_30d_range',
  'ecom_gpm_30days_range',
  'ecom_score',
  'ecom_video_ctr_30d_range',
  'ecom_video_mid_click_pv_30d_range',
  'ecom_video_product_num_30d',
  'ecom_watch_pv_30d',
  'expected_cpa3_level',
  'fans_increment_within_30d',
  'game_type',
  'grade',
  'is_ad_star_cur_high_quality_author',
  'is_black_horse_author',
  'is_cocreate_author',
  'is_cpm_project_author',
  'is_excellenct_author',
  'is_short_drama',
  'link_convert_index_by_industry',
  'link_recommend_index_by_industry',
  'link_spread_index_by_industry',
  'link_star_index_by_industry',
  'link_user_type_by_industry',
  'local_lower_threshold_author',
  'pic_expected_play_num',
  'playlet_author_types',
  'promotion_prospective_1_20_cpm',
  'promotion_prospective_20_60_cpm',
  'promotion_prospective_60_cpm',
  'promotion_prospective_vv',
  'search_after_view_index_by_industry',
  'sn_expected_play_num',
  'sn_interact_rate_within_30d',
  'sn_play_over_rate_within_30d',
  'sn_prospective_1_20_cpm',
  'sn_prospective_20_60_cpm',
  'sn_prospective_60_cpm',
  'star_component_download_ctr_90d',
  'star_component_install_cpa_90d',
  'star_component_install_finish_cnt_90d',
  'star_component_link_click_cnt_90d',
  'star_ecom_main_price_30days',
  'star_ecom_video_num_30d',
  'star_ecom_video_product_num_30d',
  'star_excellent_author',
  'star_index',
  'star_qianchuan_high_potential',
  'star_video_cnt_90d',
  'star_video_finish_vv_rate_90d',
  'star_video_interact_rate_90d',
  'star_video_median_vv_90d',
  'star_whispers_author',
];

/** 搜索达人. Results shift from hour to hour. */
export const searchCreators: Endpoint<'searchCreators', SearchCreatorsArgs, CreatorSearch> = {
  name: 'searchCreators',
  path: '/api/douyin-xingtu/gw/api/gsearch/search_for_author_square/v1',
  ttlSeconds: 3_600,
  args: searchCreatorsArgs,
  query: searchQuery,
  subject: () => null,
  hasHistory: false,
  badInputMessage:
    'Upstream does not accept this filter or page. It may no longer know a filter, or one of its values. Ask with fewer filters to find out which.',
  shape: shape({
    reads: body,
    objects: {
      base_resp: baseResp,
      pagination: shape({ reads: pagination }),
      extra_data: shape({
        unread: [
          'intent_score',
          'is_cpm_project_search',
          'is_intent_consistent',
          'search_author_count',
          'search_item_count',
          'search_session_id',
        ],
      }),
    },
    rows: {
      authors: shape({
        reads: author,
        optional: ['task_infos'],
        objects: {
          attribute_datas: shape({
            reads: attributes,
            optional: optionalAttributes,
            unread: unreadAttributes,
            rows: { last_10_items: recentVideo },
          }),
          extra_data: shape({
            unread: [
              'content_query_from_word',
              'content_query_score',
              'debug_info',
              'demander_behavior',
              'recall_from',
              'recall_return_infos',
              'recommend_types',
            ],
          }),
        },
        rows: {
          items: shape({ unread: ['item_id', 'video_tag', 'vv'] }),
          task_infos: shape({
            reads: task,
            unread: ['online_status', 'platform_source', 'task_category', 'task_status'],
            rows: {
              price_infos: shape({
                reads: { ...priceRow, ...rowStatus },
                optional: [...(Object.keys(priceRow) as (keyof typeof priceRow)[]), 'video_type_status'],
                objects: { price_extra_info: shape({ reads: priceExtraInfo }) },
              }),
            },
          }),
        },
      }),
    },
  }),
  isShapeExpected: () => true,
  mismatch({ page }, data) {
    if (rows(data['authors']).length > itemsPerPage) return `authors: more than ${itemsPerPage}`;
    const { page: given } = read(pagination, object(data['pagination']), () => {});
    return given === null || given === page ? null : 'pagination.page: another page';
  },
  decode(data, onDrift) {
    const raw = read(body, data, onDrift);
    const { limit, has_more, total_count } = read(pagination, raw.pagination, within(onDrift, 'pagination'));
    const authors = raw.authors.slice(0, itemsPerPage);
    return {
      items: readRows('authors', authors, readAuthor, onDrift),
      pageSize: limit,
      hasNextPage: has_more ?? authors.length === (limit ?? itemsPerPage),
      // Zero beside creators is filler.
      totalCount: total_count === 0 && authors.length > 0 ? null : total_count,
    };
  },
  upperBound: (idOf) => ({
    items: Array.from({ length: itemsPerPage }, (_, nth) => itemOf(idOf(nth), {}, [], () => {})),
    pageSize: itemsPerPage,
    hasNextPage: true,
    totalCount: null,
  }),
};

/** The form of an oAuthorId. Without it no section of the creator can be asked for. */
const creatorId = /^\d{15,20}$/;

/** Null: it has no id. */
function readAuthor(data: JsonObject, onDrift: OnDrift): CreatorSearchItem | null {
  const raw = read(author, data, onDrift);
  const ids = [raw.star_id, id(raw.attribute_datas['id'])];
  const found = ids.find((each) => each !== null && creatorId.test(each));
  if (!found) return null;
  return itemOf(
    found,
    raw.attribute_datas,
    readPrices(raw.task_infos, onDrift),
    within(onDrift, 'attribute_datas'),
  );
}

function itemOf(
  creatorId: string,
  data: JsonObject,
  priceItems: readonly Price[],
  onDrift: OnDrift,
): CreatorSearchItem {
  const raw = read(attributes, data, onDrift);
  return {
    creatorId,
    douyinUid: raw.core_user_id,
    name: raw.nick_name,
    avatarUrl: raw.avatar_uri,
    gender: raw.gender ?? 'UNKNOWN',
    province: raw.province,
    city: raw.city,
    followerCount: raw.follower,
    followerGrowth15Days: raw.fans_increment_within_15d,
    followerGrowthRate15Days: raw.fans_increment_rate_within_15d,
    prices: byDuration(raw.price_1_20, raw.price_20_60, raw.price_60),
    expectedPlayCount: raw.expected_play_num,
    expectedNaturalPlayCount: raw.expected_natural_play_num,
    expectedCpm: byDuration(raw.prospective_1_20_cpm, raw.prospective_20_60_cpm, raw.prospective_60_cpm),
    expectedCpe: byDuration(
      raw.prospective_1_20_cpe ?? raw.sn_prospective_1_20_cpe,
      raw.prospective_20_60_cpe ?? raw.sn_prospective_20_60_cpe,
      raw.prospective_60_cpe ?? raw.sn_prospective_60_cpe,
    ),
    engagementRate30Days: raw.interact_rate_within_30d,
    completionRate30Days: raw.play_over_rate_within_30d,
    viralRate: raw.burst_text_rate,
    searchAfterViewRate30Days: raw.avg_search_after_view_rate_30d,
    medianPlayCount30Days: raw.vv_median_30d,
    medianEngagementCount30Days: raw.interaction_median_30d,
    orderVideoCount30Days: raw.star_item_count_within_30d,
    indices: {
      overall: raw.link_star_index,
      spread: raw.link_spread_index,
      seeding: raw.link_shopping_index,
      conversion: raw.link_convert_index,
    },
    connectedUserCounts: {
      total: raw.link_link_cnt_by_industry,
      aware: raw.link_l_cnt_by_industry,
      interested: raw.link_i_cnt_by_industry,
      like: raw.link_n_cnt_by_industry,
      follow: raw.link_k_cnt_by_industry,
    },
    tags: tagTree([], raw.tags_relation, onDrift),
    contentThemes: raw.content_theme_labels_180d,
    eCommerceEnabled: raw.e_commerce_enable,
    eCommerceLevel: raw.author_ecom_level,
    recentVideos: readRows('last_10_items', raw.last_10_items, readRecentVideo, onDrift),
    priceItems,
  };
}

function byDuration(short: Money | null, medium: Money | null, long: Money | null): MoneyByDuration {
  return { seconds1To20: short, seconds21To60: medium, secondsOver60: long };
}

/** The price rows of all tasks. */
function readPrices(tasks: readonly Json[], onDrift: OnDrift): Price[] {
  const lists = readRows(
    'task_infos',
    tasks,
    (row, onTaskDrift) =>
      readRows('price_infos', read(task, row, onTaskDrift).price_infos, readPriceRow, onTaskDrift),
    onDrift,
  );
  return withKeys(lists.flat());
}

/** Rows of a search say in one code whether they can be ordered: 1. What its other values mean is not known. */
function readPriceRow(data: JsonObject, onDrift: OnDrift): PriceWithoutKey | null {
  const price = readPrice(data, onDrift);
  const { video_type_status } = read(rowStatus, data, onDrift);
  return price && { ...price, isAvailable: video_type_status === 1 ? true : price.isAvailable };
}
