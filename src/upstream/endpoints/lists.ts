import { isObject, type Json, type JsonObject, parseJson } from '../json.js';
import { isBlank, isBlankOrZero, type OnDrift, type Reader, within } from './reader.js';
import { code, text } from './values.js';

/** A list of words: plain, as JSON text in a string, or separated by commas. */
export const words = listOf(text);

/** A list of codes, in the same notations. */
export const codes = listOf(code);

/** An object, plain or as JSON text in a string. `{}` when there is none. */
export const object: Reader<JsonObject> = (raw, onDrift, key = '') => {
  const unwrapped = unwrapJson(raw);
  if (isObject(unwrapped)) return unwrapped;
  if (!isBlankOrZero(raw) && !isBlank(unwrapped)) onDrift?.(key);
  return {};
};

/**
 * The rows of a list, not yet read, plain or as JSON text in a string. A single object counts as a list of one, as
 * another provider sends it. Any other value that is not filler becomes a row that cannot be read, and so counts as
 * drift.
 */
export const rows: Reader<Json[]> = (raw) => {
  const unwrapped = unwrapJson(raw);
  if (Array.isArray(unwrapped)) return unwrapped;
  if (isObject(unwrapped)) return Object.keys(unwrapped).length > 0 ? [unwrapped] : [];
  return isBlankOrZero(unwrapped) || unwrapped === false ? [] : [unwrapped as Json];
};

/** Reads each row. A row that cannot be read at all is left out, and `onDrift` is called. */
export function readRows<T>(
  path: string,
  list: readonly Json[],
  readRow: (row: JsonObject, onDrift: OnDrift) => T | null,
  onDrift: OnDrift,
): T[] {
  const items: T[] = [];
  const onRowDrift = within(onDrift, `${path}[]`);
  for (const row of list) {
    const item = isObject(row) ? readRow(row, onRowDrift) : null;
    if (item === null) onDrift(`${path}[]`);
    else items.push(item);
  }
  return items;
}

function listOf<T>(reader: Reader<T | null>): Reader<T[]> {
  return (raw, onDrift, key = '') => {
    const read: T[] = [];
    if (isBlankOrZero(raw)) return read;
    const list = entriesOf(raw);
    if (!list) onDrift?.(key);
    for (const entry of list ?? []) {
      const value = reader(entry, onDrift, `${key}[]`);
      if (value !== null) read.push(value);
    }
    return read;
  };
}

/** Undefined: it is not a list. */
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
