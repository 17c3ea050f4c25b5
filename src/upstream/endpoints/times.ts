import { chinaOffsetMs } from '../../time.js';

/** Douyin began in 2016, Xingtu in 2018: what lies before is a slip, or no time at all. */
const firstYear = 2000;

const firstSecond = Date.UTC(firstYear, 0, 1) / 1000;
/** Up to here seconds and milliseconds can't be taken for one another. */
const endSecond = Date.UTC(2100, 0, 1) / 1000;

/** `20260309`, `20260309013918` */
const digitsOnly = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$/;
/** `2026-03-09 01:39:18`, `2026/3/9`, `2026年3月9日 01:39`, `2026-03-09T01:39:18.000+08:00` */
const written =
  /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|[-+]\d{2}:?\d{2})?$/i;

/**
 * A moment, as unix seconds, unix milliseconds, or a date, with or without a time, which are China's where no zone is
 * said. Digits that are a date are one: taken for seconds they would lie in 1970. Null: it is none of these.
 */
export function timeOf(raw: string | number): Date | null {
  // Most are seconds; full-width digits become plain ones.
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
  // 30 February would have become 2 March.
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
