import { z } from 'zod';
import { type Money, moneyFromFen, moneyFromYuan } from '../../money.js';
import { isObject, type Json, type JsonObject, parseJson } from '../json.js';

/**
 * How each kind of value in upstream's bodies is read. Upstream retypes, drops and nulls keys, and writes `""`, `0`,
 * `"0"` and `[]` for "not provided"; so each reader takes anything, a missing key too, and answers null (or an
 * empty list) for what it can't use.
 */
const value = <T>(read: (raw: unknown) => T) => z.unknown().optional().transform(read);

/** A word or sentence. Blank is null, and so is `0`. */
export const text = value(readText);

/** An id, as a string. `0` is upstream's filler. */
export const id = value((raw) => {
  const read = readText(raw);
  return read !== null && /^\d+$/.test(read) && !/^0+$/.test(read) ? read : null;
});

/** A link that a browser can open. Bare storage URIs such as `tos-cn-i-dy/…` are null. */
export const url = value((raw) => {
  const read = readText(raw);
  return read !== null && /^https?:\/\//.test(read) && URL.canParse(read) ? read : null;
});

/** A whole number where zero stands for "not provided". */
export const count = value((raw) => readWhole(raw) || null);

/** A whole number where zero is a finding. */
export const countOrZero = value(readWhole);

/** A number, perhaps with a fraction, where zero stands for "not provided". */
export const quantity = value((raw) => readNumber(raw) || null);

/** A code of upstream's, small enough for GraphQL's Int. Zero stands for "not provided". */
export const code = value(readCode);

/** A share of one, as upstream writes it: 0.031 is 3.1 %. */
export const fraction = value((raw) => readShare(raw, 1));

/** A share of one in basis points: 1200 is 12 %, here 0.12. */
export const basisPoints = value((raw) => readShare(raw, 10_000));

export const flag = value((raw): boolean | null => {
  if (raw === true || raw === 1 || raw === '1' || raw === 'true') return true;
  if (raw === false || raw === 0 || raw === '0' || raw === 'false') return false;
  return null;
});

/** An amount in yuan. */
export const yuan = value((raw) => readMoney(raw, moneyFromYuan));

/** An amount in fen. */
export const fen = value((raw) => readMoney(raw, moneyFromFen));

/** Unix seconds, as a number or a string. 2145916800 (2038-01-01) means "no end" upstream, so it is null. */
export const unixTime = value((raw) => {
  const seconds = readWhole(raw);
  if (!seconds || seconds === 2_145_916_800 || seconds > latestDateSeconds) return null;
  return new Date(seconds * 1000);
});

/** A list of words, plain or as JSON text inside a string. */
export const words = value((raw) => entries(raw).flatMap((entry) => readText(entry) ?? []));

/** A list of codes, plain or as JSON text inside a string. */
export const codes = value((raw) => entries(raw).flatMap((entry) => readCode(entry) ?? []));

/** An object, plain or as JSON text inside a string; empty when there is none. */
export const object = value((raw): JsonObject => {
  const unwrapped = unwrapJson(raw);
  return isObject(unwrapped) ? unwrapped : {};
});

/**
 * The rows of a list, still unread, plain or as JSON text inside a string. A single object counts as a list of one, as
 * another provider sends it; anything else that is no filler stays as a row that nobody can read.
 */
export const rows = value((raw): Json[] => {
  const unwrapped = typeof raw === 'string' ? (unwrapJson(raw) ?? raw) : raw;
  if (Array.isArray(unwrapped)) return unwrapped;
  if (isObject(unwrapped)) return Object.keys(unwrapped).length > 0 ? [unwrapped] : [];
  return readText(unwrapped) === null && typeof unwrapped !== 'boolean' ? [] : [unwrapped as Json];
});

/** The entries of a list of words or codes, which may itself be JSON text inside a string. */
export function entries(raw: unknown): unknown[] {
  const unwrapped = unwrapJson(raw);
  return Array.isArray(unwrapped) ? unwrapped : [];
}

export function readText(raw: unknown): string | null {
  const read = typeof raw === 'string' || typeof raw === 'number' ? String(raw).trim() : '';
  return read === '' || read === '0' ? null : read;
}

/** Reads each row; one that can't be read at all is left out and told as drift. */
export function readRows<T>(
  list: readonly Json[],
  read: (row: JsonObject) => T | null,
  onUnreadable: () => void,
): T[] {
  return list.flatMap((row) => {
    const item = isObject(row) ? read(row) : null;
    if (item === null) onUnreadable();
    return item ?? [];
  });
}

/** The end of the year 9999, the last that RFC 3339 can write. */
const latestDateSeconds = 253_402_300_799;

function readNumber(raw: unknown): number | null {
  const read = typeof raw === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(raw) ? Number(raw) : raw;
  return typeof read === 'number' && Number.isFinite(read) && read >= 0 ? read : null;
}

function readWhole(raw: unknown): number | null {
  const read = readNumber(raw);
  return Number.isSafeInteger(read) ? read : null;
}

function readCode(raw: unknown): number | null {
  const read = readWhole(raw);
  return read && read <= 0x7fff_ffff ? read : null;
}

function readShare(raw: unknown, whole: number): number | null {
  const read = readNumber(raw);
  return read && read <= whole ? read / whole : null;
}

function readMoney(raw: unknown, money: (amount: string | number) => Money | null): Money | null {
  return typeof raw === 'string' || typeof raw === 'number' ? money(raw) : null;
}

function unwrapJson(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  try {
    return parseJson(raw);
  } catch {
    return null;
  }
}
