import { type Money, moneyFromFen, moneyFromYuan } from '../../money.js';
import { isObject, type Json, type JsonObject, parseJson } from '../json.js';

/**
 * How each kind of value in upstream's bodies is read. Upstream retypes, drops and nulls keys, and writes `""`, `0`,
 * `"0"` and `[]` for "not provided"; so each reader takes anything, a missing key too, and answers null (or an
 * empty list) for what it can't use.
 */
export type Reader<T = unknown> = (raw: unknown) => T;

/** The keys of one of upstream's objects that are read, each with its reader. */
export type Readers = Readonly<Record<string, Reader>>;

/** What a table's readers make of an object. */
type ReadBy<Table extends Readers> = { readonly [Key in keyof Table]: ReturnType<Table[Key]> };

/** Reads an object by its table. Plain loops: every answer goes through here, some with a hundred rows. */
export function read<Table extends Readers>(table: Table, data: JsonObject): ReadBy<Table> {
  const values: Record<string, unknown> = {};
  for (const key in table) values[key] = table[key]?.(data[key]);
  return values as ReadBy<Table>;
}

/** A word or sentence. Blank is null, and so is `0`. */
export function text(raw: unknown): string | null {
  const trimmed = typeof raw === 'string' || typeof raw === 'number' ? String(raw).trim() : '';
  return trimmed === '' || trimmed === '0' ? null : trimmed;
}

/** An id, as a string. `0` is upstream's filler. */
export function id(raw: unknown): string | null {
  const digits = text(raw);
  return digits !== null && /^\d+$/.test(digits) && !/^0+$/.test(digits) ? digits : null;
}

/** A link that a browser can open. Bare storage URIs such as `tos-cn-i-dy/…` are null. */
export function url(raw: unknown): string | null {
  const link = text(raw);
  return link !== null && /^https?:\/\//.test(link) && URL.canParse(link) ? link : null;
}

/** A whole number where zero stands for "not provided". */
export function count(raw: unknown): number | null {
  return countOrZero(raw) || null;
}

/** A whole number where zero is a finding. */
export function countOrZero(raw: unknown): number | null {
  const number = numberOf(raw);
  return Number.isSafeInteger(number) ? number : null;
}

/** A number, perhaps with a fraction, where zero stands for "not provided". */
export function quantity(raw: unknown): number | null {
  return numberOf(raw) || null;
}

/** A code of upstream's, small enough for GraphQL's Int. Zero stands for "not provided". */
export function code(raw: unknown): number | null {
  const whole = count(raw);
  return whole && whole <= 0x7fff_ffff ? whole : null;
}

/** A share of one, as upstream writes it: 0.031 is 3.1 %. */
export function fraction(raw: unknown): number | null {
  return shareOf(raw, 1);
}

/** A share of one in basis points: 1200 is 12 %, here 0.12. */
export function basisPoints(raw: unknown): number | null {
  return shareOf(raw, 10_000);
}

export function flag(raw: unknown): boolean | null {
  if (raw === true || raw === 1 || raw === '1' || raw === 'true') return true;
  if (raw === false || raw === 0 || raw === '0' || raw === 'false') return false;
  return null;
}

/** An amount in yuan. */
export function yuan(raw: unknown): Money | null {
  return typeof raw === 'string' || typeof raw === 'number' ? moneyFromYuan(raw) : null;
}

/** An amount in fen. */
export function fen(raw: unknown): Money | null {
  return typeof raw === 'string' || typeof raw === 'number' ? moneyFromFen(raw) : null;
}

/** The end of the year 9999, the last that RFC 3339 can write. */
const latestDateSeconds = 253_402_300_799;

/** Unix seconds, as a number or a string. 2145916800 (2038-01-01) means "no end" upstream, so it is null. */
export function unixTime(raw: unknown): Date | null {
  const seconds = count(raw);
  if (!seconds || seconds === 2_145_916_800 || seconds > latestDateSeconds) return null;
  return new Date(seconds * 1000);
}

/** A list of words, plain or as JSON text inside a string. */
export function words(raw: unknown): string[] {
  return entries(raw).flatMap((entry) => text(entry) ?? []);
}

/** A list of codes, plain or as JSON text inside a string. */
export function codes(raw: unknown): number[] {
  return entries(raw).flatMap((entry) => code(entry) ?? []);
}

/** An object, plain or as JSON text inside a string; empty when there is none. */
export function object(raw: unknown): JsonObject {
  const unwrapped = unwrapJson(raw);
  return isObject(unwrapped) ? unwrapped : {};
}

/**
 * The rows of a list, still unread, plain or as JSON text inside a string. A single object counts as a list of one, as
 * another provider sends it; anything else that is no filler stays as a row that nobody can read.
 */
export function rows(raw: unknown): Json[] {
  const unwrapped = typeof raw === 'string' ? (unwrapJson(raw) ?? raw) : raw;
  if (Array.isArray(unwrapped)) return unwrapped;
  if (isObject(unwrapped)) return Object.keys(unwrapped).length > 0 ? [unwrapped] : [];
  return text(unwrapped) === null && typeof unwrapped !== 'boolean' ? [] : [unwrapped as Json];
}

/** Reads each row; one that can't be read at all is left out and told as drift. */
export function readRows<T>(
  list: readonly Json[],
  readRow: (row: JsonObject) => T | null,
  onUnreadable: () => void,
): T[] {
  const items: T[] = [];
  for (const row of list) {
    const item = isObject(row) ? readRow(row) : null;
    if (item === null) onUnreadable();
    else items.push(item);
  }
  return items;
}

function entries(raw: unknown): unknown[] {
  const unwrapped = unwrapJson(raw);
  return Array.isArray(unwrapped) ? unwrapped : [];
}

function numberOf(raw: unknown): number | null {
  const number = typeof raw === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(raw) ? Number(raw) : raw;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}

function shareOf(raw: unknown, whole: number): number | null {
  const number = quantity(raw);
  return number && number <= whole ? number / whole : null;
}

function unwrapJson(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  try {
    return parseJson(raw);
  } catch {
    return null;
  }
}
