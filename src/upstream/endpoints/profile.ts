import type { Money } from '../../money.js';
import type { JsonObject } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { codes, object, words } from './lists.js';
import { type CreatorArgs, ofCreator } from './ofCreator.js';
import { type OnDrift, read } from './reader.js';
import { baseResp, shape } from './shape.js';
import { count, flag, type Gender, gender, id, pngBase64, text, time, url, yuan } from './values.js';

export interface Profile {
  readonly name: string | null;
  readonly avatarUrl: string | null;
  readonly gender: Gender;
  readonly followerCount: number | null;
  readonly averagePlayCount: number | null;
  readonly province: string | null;
  readonly city: string | null;
  readonly tags: readonly Tag[];
  readonly secondLevelTags: readonly string[];
  readonly styleTags: readonly string[];
  readonly contentThemes: readonly string[];
  readonly mcn: Mcn | null;
  readonly lowestPrice: Money | null;
  readonly douyinUid: string | null;
  readonly douyinId: string | null;
  readonly secUid: string | null;
  readonly eCommerceEnabled: boolean | null;
  readonly openTaskCategoryCodes: readonly number[];
  readonly qrCode: string | null;
  readonly joinedAt: Date | null;
  readonly updatedAt: Date | null;
}

export interface Tag {
  readonly name: string;
  readonly children: readonly string[];
}

export interface Mcn {
  readonly name: string;
  readonly introduction: string | null;
  readonly logoUrl: string | null;
}

const body = {
  nick_name: text,
  avatar_uri: url,
  gender,
  follower: count,
  avg_play: count,
  province: text,
  city: text,
  tags: words,
  tags_relation: object,
  tags_level_two: words,
  tags_author_style: words,
  content_theme_labels: words,
  mcn_name: text,
  mcn_introduction: text,
  mcn_logo: url,
  lowest_price: yuan,
  core_user_id: id,
  unique_id: text,
  short_id: id,
  sec_uid: text,
  e_commerce_enable: flag,
  opened_task_category: codes,
  base64_qrcode: pngBase64,
  create_time: time,
  modify_time: time,
};

/** 达人基础信息. How certain each field is: docs/fields.md. */
export const profile: Endpoint<'profile', CreatorArgs, Profile> = {
  ...ofCreator,
  name: 'profile',
  path: '/api/douyin-xingtu/gw/api/author/get_author_base_info/v1',
  ttlSeconds: 86_400,
  shape: shape({
    reads: body,
    unread: [
      'abandon_sign_result',
      'appeal_id',
      'author_avatar_frame_icon',
      'author_type',
      'aweme_tags',
      'category_id',
      'creator_type',
      'grade',
      'has_phone',
      'id',
      'industry_list',
      'is_cpm_project_author',
      'is_game_author',
      'is_online',
      'is_plan_author',
      'is_star',
      'is_visible',
      'online_status',
      'platform',
      'platform_channel',
      'platform_source',
      'protocol_id',
      'qrcode_url',
      'status',
      'tags_ids',
      'tags_ids_level_two',
      'task_status',
    ],
    objects: { base_resp: baseResp },
    rows: { star_tags: shape({ unread: ['tag_type', 'tag_value'] }) },
  }),
  decode(data, onDrift) {
    const raw = read(body, data, onDrift);
    return {
      name: raw.nick_name,
      avatarUrl: raw.avatar_uri,
      gender: raw.gender ?? 'UNKNOWN',
      followerCount: raw.follower,
      averagePlayCount: raw.avg_play,
      province: raw.province,
      city: raw.city,
      tags: tagTree(raw.tags, raw.tags_relation, onDrift),
      secondLevelTags: raw.tags_level_two,
      styleTags: raw.tags_author_style,
      contentThemes: raw.content_theme_labels,
      mcn: raw.mcn_name
        ? { name: raw.mcn_name, introduction: raw.mcn_introduction, logoUrl: raw.mcn_logo }
        : null,
      lowestPrice: raw.lowest_price,
      douyinUid: raw.core_user_id,
      douyinId: raw.unique_id ?? raw.short_id,
      secUid: raw.sec_uid,
      eCommerceEnabled: raw.e_commerce_enable,
      openTaskCategoryCodes: raw.opened_task_category,
      qrCode: raw.base64_qrcode && `data:image/png;base64,${raw.base64_qrcode}`,
      joinedAt: raw.create_time,
      updatedAt: raw.modify_time,
    };
  },
};

/**
 * `tags` has the first level. `tags_relation` has the second level by first-level tag, sometimes of one that `tags`
 * lacks.
 */
export function tagTree(names: readonly string[], relation: JsonObject, onDrift: OnDrift): Tag[] {
  const firstLevel = new Set([...names, ...Object.keys(relation)]);
  return [...firstLevel].map((name) => ({
    name,
    children: Object.hasOwn(relation, name) ? words(relation[name], () => onDrift('tags_relation')) : [],
  }));
}
