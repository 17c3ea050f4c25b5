import { Decimal } from 'decimal.js';

/** An exact amount in yuan, as a decimal number with two places, or more if a price per call has more. */
export interface Money {
  readonly amount: string;
  readonly currencyCode: 'CNY';
}

/** A decimal number as upstream writes amounts: no sign, no exponent. */
const plainNumber = /^\d{1,20}(\.\d{1,20})?$/;

/** A double holds these exactly, and is faster than Decimal. */
const smallWhole = /^\d{1,15}$/;

/** Enough digits to divide any `plainNumber` exactly. */
const Exact = Decimal.clone({ precision: 50 });

/** From yuan as upstream writes them. Null if it is not a number, or zero, which upstream writes for "not provided". */
export function moneyFromYuan(yuan: string | number): Money | null {
  return money(yuan, 1);
}

/** From fen (hundredths of a yuan) as upstream writes them. Null if it is not a number, or zero. */
export function moneyFromFen(fen: string | number): Money | null {
  return money(fen, 100);
}

/** For `Array.prototype.sort`, ascending. */
export function compareMoney(a: Money, b: Money): number {
  return new Decimal(a.amount).comparedTo(b.amount);
}

/** A price in yuan times a count, exactly: with two decimal places, or as many as the price has. */
export function moneyTimes(yuan: string, times: number): Money {
  const price = new Exact(yuan);
  return { amount: price.times(times).toFixed(Math.max(2, price.decimalPlaces())), currencyCode: 'CNY' };
}

/** The exact sum of amounts in yuan. */
export function sumOfMoney(amounts: readonly Money[]): Money {
  const sum = amounts.reduce((total, { amount }) => total.plus(amount), new Exact(0));
  return { amount: sum.toFixed(Math.max(2, sum.decimalPlaces())), currencyCode: 'CNY' };
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
