import { type Money, moneyFromFen, moneyFromYuan } from '../../money.js';
import { type Numeral, numeralOf } from './numerals.js';
import { isBlank, isBlankOrZero, isZero, type Reader, readerOf } from './reader.js';
import { timeOf } from './times.js';

/** Text. Blank is null, and so is `0`. */
export const text = readerOf({
  parseCommon: (raw) => (typeof raw === 'string' && raw.length > 1 ? raw.trim() || undefined : undefined),
  isFiller: (raw) => (typeof raw === 'string' ? ['', '0'].includes(raw.trim()) : isBlank(raw) || raw === 0),
  parse: (raw) => (typeof raw === 'string' || typeof raw === 'number' ? String(raw).trim() : undefined),
});

/**
 * An id, as a string. `0` is filler. A number that is not an integer, or beyond 2^53, has already lost digits and
 * cannot be read.
 */
export const id = readerOf({
  parse: (raw) => {
    if (typeof raw === 'number') return Number.isSafeInteger(raw) && raw > 0 ? String(raw) : undefined;
    const digits = typeof raw === 'string' ? raw.trim() : '';
    return /^\d{1,30}$/.test(digits) ? digits : undefined;
  },
});

/** A storage URI, such as `tos-cn-i-dy/…`, which is not a link. */
const storageUri = /^[\w.-]+(?:\/[\w.~-]+)*$/;

/** A link that a browser can open. Bare storage URIs are null. */
export const url = readerOf({
  parseCommon: (raw) =>
    typeof raw === 'string' && /^https?:\/\/\S+$/.test(raw) && URL.canParse(raw) ? raw : undefined,
  isFiller: (raw) => isBlankOrZero(raw) || (typeof raw === 'string' && storageUri.test(raw.trim())),
  parse: (raw) => {
    if (typeof raw !== 'string') return undefined;
    const link = raw
      .trim()
      .replace(/^(?:https?:)?\/\//i, (start) => (start === '//' ? 'https://' : start.toLowerCase()));
    return /^https?:\/\/[^/]/.test(link) && URL.canParse(link) ? link : undefined;
  },
});

/** A whole number where zero means "not provided". A fraction, such as that of an average, is rounded. */
export const count = readerOf({ parseCommon: commonWhole, parse: wholeOf });

/** A whole number where zero is a value. */
export const countOrZero = readerOf({
  parseCommon: commonWhole,
  isFiller: isBlank,
  parse: (raw) => (isZero(raw) ? 0 : wholeOf(raw)),
});

/** A number where zero means "not provided". */
export const quantity = readerOf({
  parseCommon: (raw) => (typeof raw === 'number' && raw > 0 && Number.isFinite(raw) ? raw : undefined),
  parse: plainNumberOf,
});

/** A number where zero is a value. */
export const quantityOrZero = readerOf({
  isFiller: isBlank,
  parse: (raw) => (isZero(raw) ? 0 : plainNumberOf(raw)),
});

/** A score from 0 to 100, where zero means "not provided". */
export const score = readerOf({
  parse: (raw) => {
    const number = plainNumberOf(raw);
    return number !== undefined && number > 0 && number <= 100 ? number : undefined;
  },
});

/**
 * How something has changed, a fraction: 0.25 is 25 % more, -0.1 is 10 % less. Zero is a value. Nothing can lose more than
 * all, so less than -1 must be in another unit, and cannot be read.
 */
export const change = readerOf({ isFiller: isBlank, parse: changeOf });

/** The reader of a value that may be negative, from the reader of its size. */
export function signed(reader: Reader<number | null>): Reader<number | null> {
  return (raw, onDrift, key) => {
    const magnitude = magnitudeOfNegative(raw);
    const value = reader(magnitude ?? raw, onDrift, key);
    return value !== null && magnitude !== null ? -value : value;
  };
}

/** A code of upstream's that fits GraphQL's Int. Zero means "not provided". */
export const code = readerOf({ parseCommon: codeOf, parse: codeOf });

/** The same, where zero is a code. */
export const codeOrZero = readerOf({
  parseCommon: codeOf,
  isFiller: isBlank,
  parse: (raw) => (isZero(raw) ? 0 : codeOf(raw)),
});

/** A fraction of 1: 0.031, or "3.1%". */
export const fraction = readerOf({ parse: (raw) => shareOf(raw, 1) });

/** The same, where zero is a value. */
export const fractionOrZero = readerOf({
  isFiller: isBlank,
  parse: (raw) => (isZero(raw) ? 0 : shareOf(raw, 1)),
});

/**
 * A fraction of 1, from basis points: 1200 gives 0.12. Less than one basis point must be in another unit, and cannot be
 * read.
 */
export const basisPoints = readerOf({ parse: (raw) => shareOf(raw, 10_000) });

const yes = /^(?:1|true|yes|y|是)$/i;
const no = /^(?:0|false|no|n|否)$/i;

export const flag = readerOf({
  parseCommon: (raw) => (typeof raw === 'boolean' ? raw : undefined),
  isFiller: isBlank,
  parse: (raw) => {
    const word = typeof raw === 'object' ? '' : String(raw).trim();
    return yes.test(word) ? true : no.test(word) ? false : undefined;
  },
});

export type Gender = 'MALE' | 'FEMALE' | 'UNKNOWN';

const genders: readonly (readonly [RegExp, Exclude<Gender, 'UNKNOWN'>])[] = [
  // Some crawlers swap the two. Upstream's own pages say that 1 is male.
  [/^(?:1|男性?|male|m)$/i, 'MALE'],
  [/^(?:2|女性?|female|f)$/i, 'FEMALE'],
];

/** Null: upstream's 0, which is unknown. */
export const gender = readerOf({
  parse: (raw) => {
    const word = typeof raw === 'object' ? '' : String(raw).trim();
    return genders.find(([form]) => form.test(word))?.[1];
  },
});

/** An amount in yuan. */
export const yuan = readerOf({
  parseCommon: (raw) => commonAmount(raw, moneyFromYuan),
  parse: (raw) => amountOf(raw, moneyFromYuan, true),
});

/** An amount in fen. */
export const fen = readerOf({
  parseCommon: (raw) => commonAmount(raw, moneyFromFen),
  parse: (raw) => amountOf(raw, moneyFromFen, false),
});

/** A date and time: see `timeOf`. */
export const time = readerOf({
  parse: (raw) =>
    typeof raw === 'string' || typeof raw === 'number' ? (timeOf(raw) ?? undefined) : undefined,
});

/** 2038-01-01. Upstream writes it for "no end"; other programs write the largest 32-bit time, which is later. */
const noEndSeconds = 2_145_916_800;

/** The end of the year 9999. A larger number is in milliseconds. */
const endOfSeconds = 253_402_300_800;

/** When something ends. Null: never, or not provided. */
export const endTime: Reader<Date | null> = (raw, onDrift, key) => {
  if (Number(raw) >= noEndSeconds && Number(raw) < endOfSeconds) return null;
  const end = time(raw, onDrift, key);
  return end && end.getTime() < noEndSeconds * 1000 ? end : null;
};

/** A PNG in base64. */
export const pngBase64 = readerOf({
  parse: (raw) =>
    typeof raw === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(raw.trim()) ? raw.trim() : undefined,
});

/** Null: it is not negative. */
function magnitudeOfNegative(raw: unknown): string | number | null {
  if (typeof raw === 'number') return raw < 0 ? -raw : null;
  return typeof raw === 'string' ? (/^\s*[-−](?=[\d.])(.*)$/s.exec(raw)?.[1] ?? null) : null;
}

function numeralIn(raw: unknown): Numeral | null {
  if (typeof raw === 'string') return numeralOf(raw);
  return typeof raw === 'number' && raw >= 0 && Number.isFinite(raw) ? numeralOf(plainDigits(raw)) : null;
}

/** Digits without the exponent that JavaScript writes for large numbers. */
function plainDigits(number: number): string {
  const digits = String(number);
  return digits.includes('e') && number >= 1 ? BigInt(Math.round(number)).toString() : digits;
}

/** A number that is not marked as a percentage or an amount of money. */
function plainNumberOf(raw: unknown): number | undefined {
  if (typeof raw === 'number') return raw >= 0 && Number.isFinite(raw) ? raw : undefined;
  if (typeof raw === 'string' && /^\d{1,15}$/.test(raw)) return Number(raw);
  const numeral = numeralIn(raw);
  if (!numeral || numeral.isPercent || numeral.isYuan) return undefined;
  const number = numeral.value.toNumber();
  return Number.isFinite(number) ? number : undefined;
}

function commonWhole(raw: unknown): number | undefined {
  const number = typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : raw;
  return typeof number === 'number' && number > 0 && Number.isSafeInteger(number) ? number : undefined;
}

function commonAmount(raw: unknown, moneyFrom: (digits: string | number) => Money | null): Money | undefined {
  const isCommon = typeof raw === 'number' || (typeof raw === 'string' && /^\d{1,15}$/.test(raw));
  return isCommon ? (moneyFrom(raw) ?? undefined) : undefined;
}

function wholeOf(raw: unknown): number | undefined {
  const number = plainNumberOf(raw);
  const whole = number === undefined ? Number.NaN : Math.round(number);
  // What rounds to zero was provided, and must not become filler: it cannot be read.
  return Number.isSafeInteger(whole) && whole > 0 ? whole : undefined;
}

function changeOf(raw: unknown): number | undefined {
  const magnitude = magnitudeOfNegative(raw);
  const unsigned = magnitude ?? (typeof raw === 'string' ? raw.replace(/^\s*\+/, '') : raw);
  const numeral = numeralIn(unsigned);
  if (!numeral || numeral.isYuan) return undefined;
  const size = numeral.value.div(numeral.isPercent ? 100 : 1).toNumber();
  if (magnitude !== null) return size <= 1 ? -size : undefined;
  return Number.isFinite(size) ? size : undefined;
}

function codeOf(raw: unknown): number | undefined {
  const number = typeof raw === 'string' && /^\s*\d{1,10}\s*$/.test(raw) ? Number(raw) : raw;
  const isCode =
    typeof number === 'number' && Number.isInteger(number) && number > 0 && number <= 0x7fff_ffff;
  return isCode ? number : undefined;
}

function shareOf(raw: unknown, whole: number): number | undefined {
  const numeral = numeralIn(raw);
  if (!numeral || numeral.isYuan) return undefined;
  if (whole > 1 && !numeral.isPercent && numeral.value.lessThan(1)) return undefined;
  const share = numeral.value.div(numeral.isPercent ? 100 : whole).toNumber();
  return share > 0 && share <= 1 ? share : undefined;
}

function amountOf(
  raw: unknown,
  moneyFrom: (digits: string | number) => Money | null,
  mayBeYuan: boolean,
): Money | undefined {
  const numeral = numeralIn(raw);
  if (!numeral || numeral.isPercent || (numeral.isYuan && !mayBeYuan)) return undefined;
  return moneyFrom(numeral.value.toFixed()) ?? undefined;
}
