import { Decimal } from 'decimal.js';

/** An exact amount. `amount` is a string with two decimal places, in the currency's main unit (yuan). */
export interface Money {
  readonly amount: string;
  readonly currencyCode: 'CNY';
}

/** Upstream's numbers: digits, perhaps a fraction. No exponent, no sign, and no more digits than money has. */
const plainNumber = /^\d{1,20}(\.\d{1,20})?$/;

/** What a double divides without loss, and quicker. */
const smallWhole = /^\d{1,15}$/;

/** Division rounds to so many digits: enough for whatever is a plain number. */
const Exact = Decimal.clone({ precision: 50 });

/** Yuan as upstream writes them. Null when it is no amount, or zero, which upstream writes for "not provided". */
export function moneyFromYuan(yuan: string | number): Money | null {
  return money(yuan, 1);
}

/** Fen (hundredths of a yuan) as upstream writes them. Null when it is no amount, or zero. */
export function moneyFromFen(fen: string | number): Money | null {
  return money(fen, 100);
}

/** Negative when `a` is the smaller amount, as `Array.prototype.sort` wants it. */
export function compareMoney(a: Money, b: Money): number {
  return new Decimal(a.amount).comparedTo(b.amount);
}

/** So many times a price in yuan, exactly: two decimal places, or as many as the price has. */
export function moneyTimes(yuan: string, times: number): Money {
  const price = new Exact(yuan);
  return { amount: price.times(times).toFixed(Math.max(2, price.decimalPlaces())), currencyCode: 'CNY' };
}

function money(text: string | number, unitsPerYuan: number): Money | null {
  const digits = String(text).trim();
  if (smallWhole.test(digits)) return wholeMoney(Number(digits), unitsPerYuan);
  if (!plainNumber.test(digits)) return null;
  const amount = new Exact(digits).div(unitsPerYuan).toFixed(2);
  return Number(amount) === 0 ? null : { amount, currencyCode: 'CNY' };
}

function wholeMoney(units: number, unitsPerYuan: number): Money | null {
  if (units === 0) return null;
  const yuan = Math.floor(units / unitsPerYuan);
  const hundredths = ((units % unitsPerYuan) * 100) / unitsPerYuan;
  return { amount: `${yuan}.${String(hundredths).padStart(2, '0')}`, currencyCode: 'CNY' };
}
