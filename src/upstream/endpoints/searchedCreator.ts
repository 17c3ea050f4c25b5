import type { Money } from '../../money.js';
import type { Json, JsonObject } from '../json.js';
import type { MoneyByDuration } from './expectedCosts.js';
import { object, readRows, rows } from './lists.js';
import { type Price, type PriceWithoutKey, priceExtraInfo, priceRow, readPrice, withKeys } from './prices.js';
import { type Tag, tagTree } from './profile.js';
import { type OnDrift, read, within } from './reader.js';
import { attributes, optionalAttributes, unreadAttributes } from './searchedAttributes.js';
import { shape } from './shape.js';
import { code, type Gender, id } from './values.js';
import { readRecentVideo, recentVideo, type Video } from './videos.js';

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

const author = { star_id: id, attribute_datas: object, task_infos: rows };
const task = { price_infos: rows };
const rowStatus = { video_type_status: code };

/** Of a row of `authors`. */
export const authorShape = shape({
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
});

/** The form of an oAuthorId. Without it no section of the creator can be asked for. */
const creatorId = /^\d{15,20}$/;

/** Null: it has no id. */
export function readAuthor(data: JsonObject, onDrift: OnDrift): CreatorSearchItem | null {
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

/** `data`: its attributes. */
export function itemOf(
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
    connectedUserCounts: withoutFiller({
      total: raw.link_link_cnt_by_industry,
      aware: raw.link_l_cnt_by_industry,
      interested: raw.link_i_cnt_by_industry,
      like: raw.link_n_cnt_by_industry,
      follow: raw.link_k_cnt_by_industry,
    }),
    tags: tagTree([], raw.tags_relation, onDrift),
    contentThemes: raw.content_theme_labels_180d,
    eCommerceEnabled: raw.e_commerce_enable,
    eCommerceLevel: raw.author_ecom_level,
    recentVideos: readRows('last_10_items', raw.last_10_items, readRecentVideo, onDrift),
    priceItems,
  };
}

/** Where nobody is connected at all, zeros are filler. */
function withoutFiller(counts: ConnectedUserCounts): ConnectedUserCounts {
  const hasPeople = Object.values(counts).some((count) => count !== null && count > 0);
  return hasPeople ? counts : { total: null, aware: null, interested: null, like: null, follow: null };
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
