import type { SandboxCreator } from '../creators.js';
import { connectedUsersOf, indicesOf, monthOf } from '../figures.js';
import sample from '../samples/search-creators.json' with { type: 'json' };
import { creatorsByFollowers, creatorsByScore } from '../universe.js';
import { type SandboxBody, success, unmarked } from './body.js';
import { viralRateOf } from './cpMetrics.js';
import { profile } from './profile.js';
import { recommendedVideos, shiftSeconds } from './recommendedVideos.js';
import { matchesOf, priceRowsOf } from './searchFilter.js';

/** The sample has one creator with prices and one without. */
const [withPrices, withoutPrices] = sample.authors;

const pageSize = 20;

export const searchCreators: SandboxBody & { readonly sample: object } = {
  path: '/api/douyin-xingtu/gw/api/gsearch/search_for_author_square/v1',
  sample,
  data(query) {
    const matches = matchesOf(query);
    if (!matches) return null;
    const page = Number(query.get('page') || 1);
    const creators = query.get('sort') === 'DEFAULT' ? creatorsByScore() : creatorsByFollowers();
    const found = creators.filter(matches);
    const end = page * pageSize;
    return {
      authors: found.slice(end - pageSize, end).map(author),
      base_resp: success,
      extra_data: sample.extra_data,
      pagination: {
        has_more: found.length > end,
        limit: pageSize,
        page,
        total_count: found.length,
      },
    };
  },
};

/** What the creator's other bodies say, too. All values of `attribute_datas` are strings. */
function author(creator: SandboxCreator): object {
  const template = creator.prices ? withPrices : withoutPrices;
  const { newest_videos: newest = [], ...lists } = videosOf(creator);
  return {
    ...template,
    attribute_datas: {
      ...template?.attribute_datas,
      ...(creator.prices ? priceAttributes(creator, creator.prices) : {}),
      ...attributes(creator),
      last_10_items: JSON.stringify(newest.map(recentItem)),
    },
    items: [
      ...tagged(3, lists.masterpiece_videos),
      ...tagged(4, lists.order_hot_videos),
      ...tagged(5, lists.personal_hot_videos),
      ...tagged(6, newest),
    ],
    star_id: creator.id,
    task_infos: tasks(creator),
  };
}

interface ProfileBody {
  readonly avatar_uri: string;
  readonly content_theme_labels: readonly string[];
  readonly e_commerce_enable: boolean;
  readonly tags_relation: object | string;
}

function attributes(creator: SandboxCreator): Readonly<Record<string, string>> {
  const { id, expectedPlays, followers } = creator;
  const random = creator.randomFor('searchCreators');
  const card = profile.data(new URLSearchParams({ oAuthorId: id })) as ProfileBody;
  const users = connectedUsersOf(creator);
  const indices = indicesOf(creator);
  const month = monthOf(creator);
  const gained = Math.round(followers * (0.05 * random.next() - 0.01));
  return {
    author_ecom_level: card.e_commerce_enable ? `L${random.whole(1, 6)}` : 'L0',
    avatar_uri: card.avatar_uri,
    avg_search_after_view_rate_30d: (0.0005 + 0.01 * random.next()).toFixed(4),
    burst_text_rate: String(viralRateOf(creator) / 10_000),
    city: creator.city,
    content_theme_labels_180d: JSON.stringify(card.content_theme_labels),
    core_user_id: creator.uid,
    e_commerce_enable: card.e_commerce_enable ? '1' : '0',
    expected_natural_play_num: String(Math.round(expectedPlays * (0.7 + 0.25 * random.next()))),
    expected_play_num: String(expectedPlays),
    fans_increment_rate_within_15d: String(gained / (followers - gained)),
    fans_increment_within_15d: String(gained),
    fans_increment_within_30d: String(gained * 2),
    follower: String(followers),
    gender: String(creator.gender),
    id,
    interact_rate_within_30d: String(month.engagementRate),
    interaction_median_30d: String(Math.round(month.medianPlays * month.engagementRate * 2) / 2),
    link_convert_index: String(indices.conversion),
    link_convert_index_by_industry: String(indices.conversion),
    link_i_cnt_by_industry: String(users.interested),
    link_k_cnt_by_industry: String(users.follow),
    link_l_cnt_by_industry: String(users.aware),
    link_link_cnt_by_industry: String(users.aware + users.interested + users.like + users.follow),
    link_n_cnt_by_industry: String(users.like),
    link_shopping_index: String(indices.seeding),
    link_spread_index: String(indices.spread),
    link_spread_index_by_industry: String(indices.spread),
    link_star_index: String(indices.overall),
    link_star_index_by_industry: String(indices.overall),
    nick_name: creator.name,
    play_over_rate_within_30d: String(month.completionRate),
    province: creator.province,
    sn_expected_play_num: String(expectedPlays),
    sn_interact_rate_within_30d: String(month.engagementRate),
    sn_play_over_rate_within_30d: String(month.completionRate),
    tags_relation:
      typeof card.tags_relation === 'string' ? card.tags_relation : JSON.stringify(card.tags_relation),
    vv_median_30d: String(month.medianPlays),
  };
}

function priceAttributes(
  creator: SandboxCreator,
  { short, medium, long }: NonNullable<SandboxCreator['prices']>,
): Readonly<Record<string, string>> {
  const { expectedPlays, engagementRate } = creator;
  const random = creator.randomFor('searchCreators:prices');
  const each = (price: number, number: number) => String(Number((price / number).toFixed(4)));
  const cpm = (price: number) => each(price, expectedPlays / 1000);
  const cpe = (price: number) => each(price, expectedPlays * engagementRate);
  return {
    assign_cpm_suggest_price: String(Math.ceil((short / expectedPlays) * 1000)),
    assign_task_price_list: JSON.stringify([short, medium]),
    price_1_20: String(short),
    price_20_60: String(medium),
    price_60: String(long),
    prospective_1_20_cpm: cpm(short),
    prospective_20_60_cpm: cpm(medium),
    prospective_60_cpm: cpm(long),
    sn_prospective_1_20_cpe: cpe(short),
    sn_prospective_1_20_cpm: cpm(short),
    sn_prospective_20_60_cpe: cpe(medium),
    sn_prospective_20_60_cpm: cpm(medium),
    sn_prospective_60_cpe: cpe(long),
    sn_prospective_60_cpm: cpm(long),
    star_item_count_within_30d: String(random.whole(0, monthOf(creator).videoCount)),
  };
}

interface VideoBody {
  readonly item_id: string;
  readonly create_time: number;
  readonly title?: string;
  readonly play: number;
  readonly like: number;
  readonly comment: number;
  readonly share: number;
}

type VideoLists = Readonly<
  Partial<
    Record<
      'masterpiece_videos' | 'newest_videos' | 'order_hot_videos' | 'personal_hot_videos',
      readonly VideoBody[]
    >
  >
>;

/** Empty for creators whose lists have the older shape. */
function videosOf({ id }: SandboxCreator): VideoLists {
  return recommendedVideos.data(new URLSearchParams({ oAuthorId: id })) as VideoLists;
}

function recentItem({ item_id, create_time, title, play, like, comment, share }: VideoBody): object {
  return {
    comment_cnt: String(comment),
    is_high_quality_item: '0',
    item_create_time: String(create_time - shiftSeconds),
    item_id: unmarked(item_id),
    item_publish_time: String(create_time - shiftSeconds),
    item_title: title ?? '',
    like_cnt: String(like),
    share_cnt: String(share),
    vv: String(play),
  };
}

/** The tag says which list a video is in: 3 chosen, 4 ordered, 5 personal, 6 newest. */
function tagged(video_tag: number, videos: readonly VideoBody[] = []): object[] {
  return videos.map(({ item_id, play }) => ({ item_id: unmarked(item_id), video_tag, vv: play }));
}

interface PriceRow {
  readonly end_time: string;
  readonly enable: boolean;
  readonly platform_source: number;
  readonly price: number;
  readonly price_extra_info?: object;
  readonly start_time: string;
  readonly task_category: number;
  readonly video_type: number;
}

/** One for each kind of order. */
function tasks(creator: SandboxCreator): object[] {
  const rows = priceRowsOf<PriceRow>(creator);
  const categories = [...new Set(rows.map(({ task_category }) => task_category))];
  return categories.map((task_category) => ({
    online_status: 1,
    platform_source: 1,
    price_infos: rows.filter((row) => row.task_category === task_category).map(priceInfo),
    task_category,
    task_status: 1,
  }));
}

function priceInfo(row: PriceRow): object {
  return {
    end_time: row.end_time,
    platform_source: row.platform_source,
    price: row.price,
    price_extra_info: row.price_extra_info ?? {},
    start_time: row.start_time,
    task_category: row.task_category,
    video_type: row.video_type,
    video_type_status: row.enable ? 1 : 2,
  };
}
