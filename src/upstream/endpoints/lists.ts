import { isObject, type Json, type JsonObject, parseJson } from '../json.js';
import { isBlank, isNothing, type Reader, type Tell, within } from './reader.js';
import { code, text } from './values.js';

/** A list of words, plain, as JSON text inside a string, or between commas. */
export const words = listOf(text);

/** A list of codes, written in any of these ways. */
export const codes = listOf(code);

/** An object, plain or as JSON text inside a string; empty when there is none. */
export const object: Reader<JsonObject> = (raw, tell, key = '') => {
  const unwrapped = unwrapJson(raw);
  if (isObject(unwrapped)) return unwrapped;
  if (!isNothing(raw) && !isBlank(unwrapped)) tell?.(key);
  return {};
};

/**
 * The rows of a list, still unread, plain or as JSON text inside a string. A single object counts as a list of one, as
 * another provider sends it; anything else that is no filler stays as a row that nobody can read.
 */
export const rows: Reader<Json[]> = (raw) => {
  const unwrapped = unwrapJson(raw);
  if (Array.isArray(unwrapped)) return unwrapped;
  if (isObject(unwrapped)) return Object.keys(unwrapped).length > 0 ? [unwrapped] : [];
  return isNothing(unwrapped) || unwrapped === false ? [] : [unwrapped as Json];
};

/** Reads each row; one that can't be read at all is left out, and told. */
export function readRows<T>(
  path: string,
  list: readonly Json[],
  readRow: (row: JsonObject, tell: Tell) => T | null,
  tell: Tell,
): T[] {
  const items: T[] = [];
  const tellOfRow = within(tell, `${path}[]`);
  for (const row of list) {
    const item = isObject(row) ? readRow(row, tellOfRow) : null;
    if (item === null) tell(`${path}[]`);
    else items.push(item);
  }
  return items;
}

function listOf<T>(reader: Reader<T | null>): Reader<T[]> {
  return (raw, tell, key = '') => {
    const read: T[] = [];
    if (isNothing(raw)) return read;
    const list = entriesOf(raw);
    if (!list) tell?.(key);
    for (const entry of list ?? []) {
      const value = reader(entry, tell, `${key}[]`);
      if (value !== null) read.push(value);
    }
    return read;
  };
}

/** Undefined: it is no list. */
function entriesOf(raw: unknown): unknown[] | undefined {
  if (typeof raw === 'number') return [raw];
  if (typeof raw !== 'string') return Array.isArray(raw) ? raw : undefined;
  const unwrapped = unwrapJson(raw);
  if (Array.isArray(unwrapped)) return unwrapped;
  if (isObject(unwrapped)) return Object.keys(unwrapped).length > 0 ? undefined : [];
  return /^\s*[[{]/.test(raw) ? undefined : raw.split(/[,，、;；|]/);
}

function unwrapJson(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  try {
    return parseJson(raw);
  } catch {
    return raw;
  }
}
