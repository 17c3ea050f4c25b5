import type { JsonObject } from '../json.js';
import { numeralOf } from './numerals.js';

/**
 * How each kind of value in upstream's bodies is read. Upstream retypes, drops and nulls keys, and writes `""`, `0`,
 * `"0"` and `[]` for "not provided"; so each reader takes anything, a missing key too, and answers null (or an
 * empty list) for what it can't use. Of what was there and can't be read it tells, by its key.
 */
export type Reader<T = unknown> = (raw: unknown, tell?: Tell, key?: string) => T;

/** Told of what can't be read. */
export type Tell = (path: string) => void;

/** The keys of one of upstream's objects that are read, each with its reader. */
export type Readers = Readonly<Record<string, Reader>>;

/** What a table's readers make of an object. */
type ReadBy<Table extends Readers> = { readonly [Key in keyof Table]: ReturnType<Table[Key]> };

/** Reads an object by its table. Plain loops: every answer goes through here, some with a hundred rows. */
export function read<Table extends Readers>(table: Table, data: JsonObject, tell: Tell): ReadBy<Table> {
  const values: Record<string, unknown> = {};
  for (const key in table) values[key] = table[key]?.(data[key], tell, key);
  return values as ReadBy<Table>;
}

/** The same, for what is inside of `path`. */
export function within(tell: Tell, path: string): Tell {
  return (inner) => tell(`${path}.${inner}`);
}

/** What programs write where they have nothing. */
const blank = /^(?:[-–—/]+|null|none|undefined|nan|n\/a|unknown|暂无(?:数据)?|无|未知)?$/i;

const longestBlank = 9;

export function isBlank(raw: unknown): boolean {
  if (raw === undefined || raw === null) return true;
  if (typeof raw === 'string') {
    const word = raw.trim();
    return word.length <= longestBlank && blank.test(word);
  }
  if (typeof raw !== 'object') return false;
  for (const _ in raw) return false;
  return true;
}

/** However it is written: `0.00`, `0%`, `¥0`, `0万`. Most that are not begin with another digit. */
export function isZero(raw: unknown): boolean {
  if (typeof raw !== 'string') return raw === 0;
  if (/^[1-9]/.test(raw)) return false;
  return /^\s*0+\s*$/.test(raw) || numeralOf(raw)?.value.isZero() === true;
}

interface ReaderOptions<T> {
  /** Undefined: it can't be read. It is never given filler. */
  readonly parse: (raw: unknown) => T | undefined;
  /** Blank, or zero, unless something else is said. */
  readonly isFiller?: (raw: unknown) => boolean;
  /** What nearly all values look like, read at once. Undefined: this one doesn't. */
  readonly usual?: (raw: unknown) => T | undefined;
}

/** A reader of one kind of value. */
export function readerOf<T>({ parse, isFiller = isNothing, usual }: ReaderOptions<T>): Reader<T | null> {
  return (raw, tell, key = '') => {
    if (raw === undefined || raw === null || raw === '') return null;
    const value = usual?.(raw);
    if (value !== undefined) return value;
    if (isFiller(raw)) return null;
    const parsed = parse(raw);
    if (parsed !== undefined) return parsed;
    tell?.(key);
    return null;
  };
}

export function isNothing(raw: unknown): boolean {
  return isBlank(raw) || isZero(raw);
}

/** Whether it says nothing at all: filler, or made of nothing else. */
export function isFiller(raw: unknown): boolean {
  if (typeof raw === 'object' && raw !== null) return Object.values(raw).every(isFiller);
  return isNothing(raw);
}
