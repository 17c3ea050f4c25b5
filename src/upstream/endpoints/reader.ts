import type { JsonObject } from '../json.js';
import { numeralOf } from './numerals.js';

/**
 * Reads one kind of value in upstream's bodies. Upstream changes types, drops keys, sends nulls, and writes `""`, `0`,
 * `"0"` and `[]` for "not provided". So a reader accepts anything, including a missing key, and returns null (or an
 * empty list) for filler and for what it cannot read. For the latter it calls `onDrift` with the key.
 */
export type Reader<T = unknown> = (raw: unknown, onDrift?: OnDrift, key?: string) => T;

/** Called with the path of a value that cannot be read, such as `price_info[].price`. */
export type OnDrift = (path: string) => void;

/** The readers of one of upstream's objects, by key. */
export type Readers = Readonly<Record<string, Reader>>;

/** The values that readers return, by key. */
type ReadBy<Table extends Readers> = { readonly [Key in keyof Table]: ReturnType<Table[Key]> };

/** Reads an object. A plain loop, since this runs for every object of every answer, and some have a hundred rows. */
export function read<Table extends Readers>(table: Table, data: JsonObject, onDrift: OnDrift): ReadBy<Table> {
  const values: Record<string, unknown> = {};
  for (const key in table) values[key] = table[key]?.(data[key], onDrift, key);
  return values as ReadBy<Table>;
}

/** Calls `onDrift` with paths that begin with `path`. */
export function within(onDrift: OnDrift, path: string): OnDrift {
  return (inner) => onDrift(`${path}.${inner}`);
}

/** What programs write for an absent value. */
const blank = /^(?:[-–—/]+|null|none|undefined|nan|n\/a|unknown|暂无(?:数据)?|无|未知)?$/i;

const maxBlankLength = 9;

export function isBlank(raw: unknown): boolean {
  if (raw === undefined || raw === null) return true;
  if (typeof raw === 'string') {
    const word = raw.trim();
    return word.length <= maxBlankLength && blank.test(word);
  }
  if (typeof raw !== 'object') return false;
  for (const _ in raw) return false;
  return true;
}

/** Zero in any notation: `0.00`, `0%`, `¥0`, `0万`. */
export function isZero(raw: unknown): boolean {
  if (typeof raw !== 'string') return raw === 0;
  // Most numbers end here, without the cost of `numeralOf`.
  if (/^[1-9]/.test(raw)) return false;
  return /^\s*0+\s*$/.test(raw) || numeralOf(raw)?.value.isZero() === true;
}

interface ReaderOptions<T> {
  /** Undefined: the value cannot be read. Filler is handled before. */
  readonly parse: (raw: unknown) => T | undefined;
  /** What stands for "not provided". Default: blank or zero. */
  readonly isFiller?: (raw: unknown) => boolean;
  /** Reads the most common notation, before the slower check for filler. Undefined: another notation. */
  readonly parseCommon?: (raw: unknown) => T | undefined;
}

export function readerOf<T>({
  parse,
  isFiller = isBlankOrZero,
  parseCommon,
}: ReaderOptions<T>): Reader<T | null> {
  return (raw, onDrift, key = '') => {
    if (raw === undefined || raw === null || raw === '') return null;
    const value = parseCommon?.(raw);
    if (value !== undefined) return value;
    if (isFiller(raw)) return null;
    const parsed = parse(raw);
    if (parsed !== undefined) return parsed;
    onDrift?.(key);
    return null;
  };
}

export function isBlankOrZero(raw: unknown): boolean {
  return isBlank(raw) || isZero(raw);
}

/** Blank or zero, or an object or list of such values only. */
export function isAllFiller(raw: unknown): boolean {
  if (typeof raw === 'object' && raw !== null) return Object.values(raw).every(isAllFiller);
  return isBlankOrZero(raw);
}
