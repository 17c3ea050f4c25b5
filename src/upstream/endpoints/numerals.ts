import { Decimal } from 'decimal.js';

/** A number as people and programs write it. */
export interface Numeral {
  readonly value: Decimal;
  readonly isPercent: boolean;
  /** It is said to be in yuan. */
  readonly isYuan: boolean;
}

/** What stands behind a number, or is its unit. */
const scales: Readonly<Record<string, number>> = {
  k: 1_000,
  千: 1_000,
  w: 10_000,
  万: 10_000,
  亿: 100_000_000,
};

/** Digits, in groups of three or none; a fraction; an exponent; a scale; a unit. Division is exact to 50 digits. */
const form = /^([¥￥])?(\d{1,20}|\d{1,3}(?:,\d{3}){1,6})(\.\d{1,20})?(e[-+]?\d{1,2})?([kw千万亿])?(元|%)?$/i;
const Exact = Decimal.clone({ precision: 50 });

/** Longer texts are no numbers, and not looked through. */
const longest = 64;

/** Null: it is no number, or one that could be read in two ways, such as `1,2` or `10w+`. */
export function numeralOf(text: string): Numeral | null {
  if (text.length > longest) return null;
  // Full-width digits and signs become plain ones.
  const [, sign, whole = '', fraction = '', exponent = '', scale = '', unit = ''] =
    form.exec(text.normalize('NFKC').replaceAll(/\s/g, '')) ?? [];
  if (whole === '' || (exponent !== '' && scale !== '')) return null;
  const digits = new Exact(whole.replaceAll(',', '') + fraction + exponent);
  return {
    value: digits.times(scales[scale.toLowerCase()] ?? 1),
    isPercent: unit === '%',
    isYuan: sign !== undefined || unit === '元',
  };
}
