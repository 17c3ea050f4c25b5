import { isObject, type Json, type JsonObject } from '../json.js';
import { readRows, rows } from './lists.js';
import { type OnDrift, read } from './reader.js';
import { baseResp, shape } from './shape.js';
import { code, codeOrZero, fractionOrZero, quantityOrZero, text, time } from './values.js';

/** People, split in several ways. */
export interface Distributions {
  readonly updatedAt: Date | null;
  readonly dimensions: readonly Dimension[];
}

export interface Dimension {
  readonly kind: DimensionKind;
  readonly kindCode: number | null;
  readonly label: string | null;
  readonly buckets: readonly Bucket[];
}

export interface Bucket {
  readonly key: string;
  readonly count: number | null;
  readonly share: number | null;
}

/** By `origin_type`. Upstream may add types. */
const kindsByCode = {
  0: 'GENDER',
  1: 'AGE',
  2: 'PROVINCE',
  3: 'DEVICE',
  5: 'CITY_TIER',
  6: 'INTEREST',
  8: 'CITY',
  10: 'CROWD',
  11: 'SPENDING',
  12: 'ORDER_VALUE',
} as const satisfies Readonly<Record<number, string>>;

export type DimensionKind = (typeof kindsByCode)[keyof typeof kindsByCode] | 'OTHER';

/** Upstream lists only their largest buckets, so nothing says what the whole is. */
const cutOff: ReadonlySet<DimensionKind> = new Set(['CITY', 'INTEREST']);

/** One person may be in several of their buckets. */
const mayOverlap: ReadonlySet<DimensionKind> = new Set(['INTEREST', 'SPENDING', 'OTHER']);

const genderKeys: Readonly<Record<string, string>> = {
  male: 'male',
  男: 'male',
  男性: 'male',
  female: 'female',
  女: 'female',
  女性: 'female',
};

const body = { distributions: rows, last_update_time: time };

const block = { origin_type: codeOrZero, type: code, type_display: text, distribution_list: rows };

const bucket = { distribution_key: text, distribution_value: quantityOrZero };

export const distributionsShape = shape({
  reads: body,
  optional: ['last_update_time'],
  objects: { base_resp: baseResp },
  rows: {
    distributions: shape({
      reads: block,
      optional: ['type', 'type_display'],
      unread: ['description', 'image'],
      rows: { distribution_list: shape({ reads: bucket }) },
    }),
  },
});

export function readDistributions(data: JsonObject, onDrift: OnDrift): Distributions {
  const raw = read(body, data, onDrift);
  return {
    updatedAt: raw.last_update_time,
    dimensions: readRows('distributions', raw.distributions, readDimension, onDrift),
  };
}

function readDimension(data: JsonObject, onDrift: OnDrift): Dimension | null {
  const raw = read(block, data, onDrift);
  const kindCode = kindCodeOf(raw.origin_type, raw.type);
  if (kindCode === null && raw.type_display === null && raw.distribution_list.length === 0) return null;
  const known: Readonly<Record<number, DimensionKind>> = kindsByCode;
  const kind = known[kindCode ?? -1] ?? 'OTHER';
  return {
    kind,
    kindCode,
    label: raw.type_display,
    buckets: readBuckets(kind, raw.distribution_list, onDrift),
  };
}

/** `type` is 2 to the power of `origin_type`. It decides where that is 0, which may be filler, or is not there. */
function kindCodeOf(originType: number | null, type: number | null): number | null {
  if (originType) return originType;
  const power = Math.log2(type ?? 0);
  return Number.isInteger(power) ? power : originType;
}

/**
 * Shares are given only if they are right: every value of the block could be read, each key occurs once, and the unit is
 * known.
 */
function readBuckets(kind: DimensionKind, list: readonly Json[], onDrift: OnDrift): Bucket[] {
  const readers = list.every(hasPercentSign) ? { ...bucket, distribution_value: fractionOrZero } : bucket;
  const buckets = readRows(
    'distribution_list',
    list,
    (row, onRowDrift) => {
      const { distribution_key: key, distribution_value: value } = read(readers, row, onRowDrift);
      // A bucket without a readable key is kept, since its people are a part of the whole.
      if (key === null && value === null) return null;
      return { key: kind === 'GENDER' ? genderKeyOf(key ?? '') : (key ?? ''), value };
    },
    onDrift,
  );
  const values = buckets.map(({ value }) => value).filter((value) => value !== null);
  const sum = values.reduce((total, value) => total + value, 0);
  const unit = unitOf(kind, values, sum);
  const areKeysUnique = new Set(buckets.map(({ key }) => key)).size === buckets.length;
  const isComplete = values.length === list.length && areKeysUnique;
  if (!areKeysUnique) onDrift('distribution_list[].distribution_key');
  if (unit === null && isComplete && sum > 0 && !cutOff.has(kind)) onDrift('distribution_list');
  const hasShares = unit !== null && isComplete && !cutOff.has(kind);
  return buckets.map(({ key, value }) => ({
    key,
    count: unit === 'people' ? value : null,
    share: hasShares && value !== null ? value / sum : null,
  }));
}

function hasPercentSign(row: Json): boolean {
  const value = isObject(row) ? row['distribution_value'] : null;
  return typeof value === 'string' && /[%％]\s*$/.test(value);
}

function genderKeyOf(key: string): string {
  const word = key.toLowerCase();
  return Object.hasOwn(genderKeys, word) ? (genderKeys[word] ?? key) : key;
}

/** How far rounded parts may be from adding up to the whole. */
const tolerance = 0.03;

/**
 * Upstream sends people in some bodies, and percentages or fractions in others, and does not say which. Null: the values
 * could be either, or something else.
 */
function unitOf(kind: DimensionKind, values: readonly number[], sum: number): 'people' | 'parts' | null {
  const isAbout = (whole: number) => Math.abs(sum / whole - 1) <= tolerance;
  if (values.every(Number.isSafeInteger)) {
    const isOverAnyPercentage = values.some((value) => value > 100);
    const isOverThePercentages = sum > 100 * (1 + tolerance) && !mayOverlap.has(kind);
    if (isOverAnyPercentage || isOverThePercentages) return 'people';
  }
  return isAbout(100) || isAbout(1) ? 'parts' : null;
}
