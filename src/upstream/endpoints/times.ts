import { chinaOffsetMs } from '../../time.js';

/** Douyin began in 2016 and Xingtu in 2018. An earlier time is a mistake. */
const firstYear = 2000;

const firstSecond = Date.UTC(firstYear, 0, 1) / 1000;
/** Up to here, no number can be read both as seconds and as milliseconds. */
const endSecond = Date.UTC(2100, 0, 1) / 1000;

/** `20260309`, `20260309013918` */
const digitsOnly = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$/;
/** `2026-03-09 01:39:18`, `2026/3/9`, `2026年3月9日 01:39`, `2026-03-09T01:39:18.000+08:00` */
const written =
  /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[-+]\d{2}:?\d{2})?$/i;

/**
 * Reads unix seconds, unix milliseconds, or a date with or without a time. Without a time zone it is China's. Digits
 * such as `20260309` are a date: as seconds they would be in 1970. Null: it is none of these.
 */
export function timeOf(raw: string | number): Date | null {
  // Most are seconds, and need no normalising. NFKC replaces full-width digits.
  const text = /^\d{10}$/.test(String(raw)) ? String(raw) : String(raw).normalize('NFKC').trim();
  const number = /^\d{9,13}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= firstSecond && number < endSecond) return new Date(number * 1000);
  if (number >= firstSecond * 1000 && number < endSecond * 1000) return new Date(number);
  const [, year, month, day, hour, minute, second, zone] = digitsOnly.exec(text) ?? written.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return null;
  const parts = [year, month, day, hour ?? '0', minute ?? '0', second ?? '0'].map(Number);
  return dateOf(parts as DateParts, zone);
}

type DateParts = [year: number, month: number, day: number, hour: number, minute: number, second: number];

function dateOf([year, month, day, hour, minute, second]: DateParts, zone: string | undefined): Date | null {
  if (year < firstYear) return null;
  const utcMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(utcMs);
  // Date.UTC turns 30 February into 2 March.
  const isReal =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  if (!isReal) return null;
  return new Date(utcMs - offsetMs(zone));
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined) return chinaOffsetMs;
  const [, sign, hours, minutes] = /^([-+])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  return sign === '-' ? -size : size;
}
