import { Decimal } from 'decimal.js';

/** A number in the notation of people or programs. */
export interface Numeral {
  readonly value: Decimal;
  readonly isPercent: boolean;
  /** It is marked as an amount in yuan. */
  readonly isYuan: boolean;
}

/** The suffixes that multiply a number. */
const scales: Readonly<Record<string, number>> = {
  k: 1_000,
  千: 1_000,
  w: 10_000,
  万: 10_000,
  亿: 100_000_000,
};

/**
 * Digits, maybe in groups of three, then optionally a fraction, an exponent, a scale and a unit. A double of a billionth
 * has 26 decimals when it is written without an exponent.
 */
const form = /^([¥￥])?(\d{1,20}|\d{1,3}(?:,\d{3}){1,6})(\.\d{1,30})?(e[-+]?\d{1,2})?([kw千万亿])?(元|%)?$/i;
/** Precise enough for every number that matches, also after a division by a power of ten. */
const Exact = Decimal.clone({ precision: 50 });

/** A longer text is not a number, and is not searched. */
const maxLength = 64;

/** Null: it is not a number, or an ambiguous one, such as `1,2` or `10w+`. */
export function numeralOf(text: string): Numeral | null {
  if (text.length > maxLength) return null;
  // NFKC replaces full-width digits and signs.
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
