import { compareMoney, type Money } from '../../money.js';
import type { JsonObject } from '../json.js';
import type { Endpoint } from './endpoint.js';
import { object, readRows, rows, words } from './lists.js';
import { type CreatorArgs, ofCreator } from './ofCreator.js';
import { type OnDrift, read, within } from './reader.js';
import { baseResp, shape } from './shape.js';
import { code, endTime, flag, text, time, yuan } from './values.js';

export interface Prices {
  readonly byDuration: PriceByDuration;
  readonly items: readonly Price[];
  readonly cheapestAvailable: Price | null;
  readonly industryTags: readonly IndustryTag[];
}

export interface PriceByDuration {
  readonly seconds1To20: Price | null;
  readonly seconds21To60: Price | null;
  readonly secondsOver60: Price | null;
}

export interface Price {
  /** Identifies the row in its list, independent of the rows' order and its price. */
  readonly key: string;
  readonly type: PriceType;
  readonly typeCode: number | null;
  readonly label: string | null;
  readonly price: Money | null;
  readonly originalPrice: Money | null;
  readonly naturalPlay: NaturalPlayPrice | null;
  readonly hasDiscount: boolean | null;
  readonly isAvailable: boolean | null;
  readonly settlementCode: number | null;
  readonly settlementLabel: string | null;
  readonly taskCategoryCode: number | null;
  readonly appCode: number | null;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  /** The terms that decide whether it is the price of a whole video could all be read. */
  readonly hasReadableTerms: boolean;
}

export interface NaturalPlayPrice {
  readonly perThousandPlays: Money | null;
  readonly minimumTotal: Money | null;
  readonly maximumTotal: Money | null;
}

export interface IndustryTag {
  readonly name: string;
  readonly parent: string | null;
}

/**
 * By `video_type`, the only reliable identification of a row: `field` is an old column name, and the order varies.
 * Upstream may add types.
 */
const priceTypes = {
  1: 'VIDEO_1_20S',
  2: 'VIDEO_21_60S',
  71: 'VIDEO_OVER_60S',
  90: 'CO_CREATION_MAIN_CREATOR',
  91: 'CO_CREATION_PARTICIPANT',
  92: 'NATURAL_PLAY_CPM',
  103: 'LICENSE_SINGLE_PUSH',
  104: 'LICENSE_MULTI_PUSH',
  105: 'LICENSE_DOWNLOAD',
  150: 'LIVE_SEEDING_VIDEO',
} as const satisfies Readonly<Record<number, string>>;

export type PriceType = (typeof priceTypes)[keyof typeof priceTypes] | 'OTHER';

const wholeVideoTypes: ReadonlySet<PriceType> = new Set(['VIDEO_1_20S', 'VIDEO_21_60S', 'VIDEO_OVER_60S']);

const body = { price_info: rows, industry_tags: words };

export const priceRow = {
  video_type: code,
  desc: text,
  price: yuan,
  origin_price: yuan,
  price_extra_info: object,
  has_discount: flag,
  enable: flag,
  is_open: flag,
  settlement_type: code,
  settlement_desc: text,
  task_category: code,
  platform_source: code,
  start_time: time,
  end_time: endTime,
};

export const priceExtraInfo = { floor_price: yuan, ceiling_price: yuan };

/** 达人报价. */
export const prices: Endpoint<'prices', CreatorArgs, Prices> = {
  ...ofCreator,
  name: 'prices',
  path: '/api/douyin-xingtu/gw/api/author/get_author_marketing_info/v1',
  ttlSeconds: 86_400,
  shape: shape({
    reads: body,
    unread: ['activity_info'],
    objects: { base_resp: baseResp },
    rows: {
      price_info: shape({
        reads: priceRow,
        optional: ['price_extra_info', 'start_time'],
        unread: [
          'activity_info',
          'author_id',
          'do_fold',
          'field',
          'need_price',
          'online_status',
          'platform_activity_id',
          'task_category_status',
          'template_list',
        ],
        objects: { price_extra_info: shape({ reads: priceExtraInfo }) },
      }),
      hot_list_ranks: shape({ unread: ['hot_list_id', 'hot_list_name', 'rank', 'tag', 'type'] }),
    },
  }),
  decode(data, onDrift, fetchedAtMs) {
    const raw = read(body, data, onDrift);
    const items = withKeys(readRows('price_info', raw.price_info, readPrice, onDrift));
    const videoPrices = items.filter((item) => isVideoPrice(item, fetchedAtMs));
    return {
      byDuration: {
        seconds1To20: bestOf(videoPrices, 'VIDEO_1_20S'),
        seconds21To60: bestOf(videoPrices, 'VIDEO_21_60S'),
        secondsOver60: bestOf(videoPrices, 'VIDEO_OVER_60S'),
      },
      items,
      cheapestAvailable:
        videoPrices.filter((item) => item.isAvailable && item.price).sort(byPrice)[0] ?? null,
      industryTags: raw.industry_tags.map(industryTag),
    };
  },
};

export type PriceWithoutKey = Omit<Price, 'key'>;

/** The terms of a row: keys whose values decide whether it is the price of a whole video. */
const termKeys = /^(?:settlement_type|price_extra_info|platform_source|start_time|end_time)/;

/** Null: the row says nothing. */
export function readPrice(data: JsonObject, onDrift: OnDrift): PriceWithoutKey | null {
  let hasReadableTerms = true;
  const onRowDrift: OnDrift = (path) => {
    if (termKeys.test(path)) hasReadableTerms = false;
    onDrift(path);
  };
  const raw = read(priceRow, data, onRowDrift);
  const extra = read(priceExtraInfo, raw.price_extra_info, within(onRowDrift, 'price_extra_info'));
  if (raw.video_type === null && raw.desc === null && raw.price === null) return null;
  const type = priceTypeOf(raw.video_type);
  const isPerThousandPlays = type === 'NATURAL_PLAY_CPM';
  return {
    type,
    typeCode: raw.video_type,
    label: raw.desc,
    price: isPerThousandPlays ? null : raw.price,
    originalPrice: isPerThousandPlays ? null : raw.origin_price,
    naturalPlay: naturalPlayPrice(isPerThousandPlays ? raw.price : null, extra),
    hasDiscount: raw.has_discount,
    isAvailable: and(raw.enable, raw.is_open),
    settlementCode: raw.settlement_type,
    settlementLabel: raw.settlement_desc,
    taskCategoryCode: raw.task_category,
    appCode: raw.platform_source,
    validFrom: raw.start_time,
    validUntil: raw.end_time,
    hasReadableTerms,
  };
}

/**
 * Rows have no id and no stable order, so their key is what is sold and from when. Only rows that are alike in that
 * also get a number, so that a row does not take over the key of another one that upstream has removed.
 */
export function withKeys(items: readonly PriceWithoutKey[]): Price[] {
  const groups = new Map<string, PriceWithoutKey[]>();
  const keyed = items.map((item) => {
    const { typeCode, settlementCode, taskCategoryCode, appCode, validFrom } = item;
    const parts = [typeCode, settlementCode, taskCategoryCode, appCode, validFrom?.getTime()];
    const key = parts.map((part) => part ?? '').join('.');
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
    return { key, item };
  });
  const numbers = new Map<PriceWithoutKey, number>();
  for (const group of groups.values()) {
    if (group.length > 1)
      for (const [nth, item] of group.sort(compareAlike).entries()) numbers.set(item, nth);
  }
  return keyed.map(({ key, item }) => {
    const nth = numbers.get(item) ?? 0;
    return { key: nth === 0 ? key : `${key}.${nth}`, ...item };
  });
}

/** Orders rows with the same key. */
function compareAlike(a: PriceWithoutKey, b: PriceWithoutKey): number {
  const until = (item: PriceWithoutKey) => item.validUntil?.getTime() ?? Number.MAX_SAFE_INTEGER;
  const label = (item: PriceWithoutKey) => item.label ?? '';
  return until(a) - until(b) || label(a).localeCompare(label(b)) || byPrice(a, b);
}

/** The label decides if there is no code. A row with neither has a fixed price, as most do. */
function isFixed({ settlementCode, settlementLabel }: Price): boolean {
  if (settlementCode !== null) return settlementCode === fixedPrice;
  return settlementLabel === null || /固定|一口价/.test(settlementLabel);
}

/** Null: the row's price does not depend on plays. */
function naturalPlayPrice(
  perThousandPlays: Money | null,
  { floor_price, ceiling_price }: Readonly<Record<keyof typeof priceExtraInfo, Money | null>>,
): NaturalPlayPrice | null {
  if (!perThousandPlays && !floor_price && !ceiling_price) return null;
  return { perThousandPlays, minimumTotal: floor_price, maximumTotal: ceiling_price };
}

/** `settlement_type`. Upstream may add types. */
const fixedPrice = 2;
/** `platform_source` */
const douyin = 1;

/**
 * Whether a row is a fixed price for a whole video on Douyin that is in force. Rows of the same types may be paid by
 * plays, for another app, expired or not valid yet. Fields that a row does not have are taken to be as in most rows.
 */
function isVideoPrice(item: Price, atMs: number): boolean {
  return (
    item.hasReadableTerms &&
    wholeVideoTypes.has(item.type) &&
    isFixed(item) &&
    item.naturalPlay === null &&
    (item.appCode ?? douyin) === douyin &&
    (item.validFrom === null || item.validFrom.getTime() <= atMs) &&
    (item.validUntil === null || item.validUntil.getTime() > atMs)
  );
}

function priceTypeOf(videoType: number | null): PriceType {
  const known: Readonly<Record<number, PriceType>> = priceTypes;
  return known[videoType ?? 0] ?? 'OTHER';
}

/** Of several rows of one type, an available one comes first, then the cheapest. */
function bestOf(items: readonly Price[], type: PriceType): Price | null {
  const sorted = items
    .filter((item) => item.type === type)
    .sort((a, b) => Number(b.isAvailable ?? false) - Number(a.isAvailable ?? false) || byPrice(a, b));
  return sorted[0] ?? null;
}

function byPrice(a: PriceWithoutKey, b: PriceWithoutKey): number {
  if (!a.price || !b.price) return Number(!a.price) - Number(!b.price);
  return compareMoney(a.price, b.price);
}

/** Null: not known. */
function and(a: boolean | null, b: boolean | null): boolean | null {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}

/** "游戏-角色扮演": the first level, then the second. */
function industryTag(tag: string): IndustryTag {
  const [parent, ...rest] = tag.split('-');
  const name = rest.join('-').trim();
  return name ? { name, parent: parent?.trim() || null } : { name: tag, parent: null };
}
