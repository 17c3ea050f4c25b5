import { Decimal } from 'decimal.js';

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** A number token that JSON.parse might round: sixteen digits or more in a row, or an exponent that may overflow. */
const suspect = /(?:^|[[:,\s])-?[\d.]{16}|[\d.][eE][-+]?\d{3}/;
const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;

/** What JSON says, and a text that says it to any parser. */
export interface PlainJson {
  readonly value: Json;
  readonly text: string;
}

/**
 * JSON.parse that loses no digit: a number that a double can't hold, and any whole one past 2^53, becomes a string with
 * all its digits, so that a 19-digit id survives whether upstream quotes it or not. A byte order mark is skipped; of a duplicate key
 * the last wins; `__proto__` is a plain key. Half a character and NUL, which PostgreSQL and others refuse with all that
 * is around them, are not let in. Throws like JSON.parse.
 */
export function readJson(source: string): PlainJson {
  const json = withWholeCharacters(source.charCodeAt(0) === 0xfeff ? source.slice(1) : source);
  const value = JSON.parse(json);
  if (!suspect.test(json)) return { value, text: json };
  const text = quoteUnsafeNumbers(json);
  return { value: JSON.parse(text), text };
}

/** They can only be written as escapes: what is sent as UTF-8 has none. */
const suspectEscape = /\\u(?:[dD][89a-fA-F]|0000)/;
const anyEscape = /\\(?:u(?:d[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|([\da-f]{4}))|[^u])/gi;

/** The same JSON with U+FFFD for each half of a character, and without NUL. */
export function withWholeCharacters(json: string): string {
  if (!suspectEscape.test(json)) return json;
  return json.replaceAll(anyEscape, (whole, unit: string | undefined) => {
    if (unit === undefined) return whole;
    if (unit === '0000') return '';
    return /^d[89a-f]/i.test(unit) ? '\ufffd' : whole;
  });
}

/** JSON text that is the same for the same value, in whatever order its keys are. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    if (value[key] !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  }
  return `{${members.join(',')}}`;
}

/** What `readJson` says alone. */
export function parseJson(source: string): Json {
  return readJson(source).value;
}

/**
 * False when a text surely holds no more than `limit` JSON values. Each but the first follows a comma or a bracket, those
 * of JSON text inside a string too, where it may be escaped.
 */
export function mayHoldMoreThan(text: string, limit: number): boolean {
  // Each takes two characters at least.
  if (text.length < 2 * limit) return false;
  let found = 0;
  for (const _ of text.matchAll(/[,[{]|\\u/g)) {
    found += 1;
    if (found > limit) return true;
  }
  return false;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True when objects and arrays stand in one another more than `limit` deep. Looks no deeper than that itself. */
export function isDeeperThan(value: Json, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  const children = Array.isArray(value) ? value : Object.values(value);
  for (const child of children) if (isDeeperThan(child, limit - 1)) return true;
  return false;
}

/** Walks the tokens of valid JSON: strings are skipped whole, so that nothing inside one is taken for a number. */
function quoteUnsafeNumbers(json: string): string {
  let out = '';
  let copied = 0;
  let at = 0;
  while (at < json.length) {
    const char = json.charCodeAt(at);
    if (char === quoteMark) {
      at = endOfString(json, at);
    } else if (char === minus || (char >= digit0 && char <= digit9)) {
      numberToken.lastIndex = at;
      const token = numberToken.exec(json)?.[0] ?? '';
      if (!fitsDouble(token)) {
        out += `${json.slice(copied, at)}"${token}"`;
        copied = at + token.length;
      }
      at += token.length;
    } else {
      at += 1;
    }
  }
  return out + json.slice(copied);
}

const quoteMark = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const digit0 = 0x30;
const digit9 = 0x39;

/** Where a string ends that begins at `start`, behind its quotation mark. */
export function endOfString(json: string, start: number): number {
  let at = json.indexOf('"', start + 1);
  while (isEscaped(json, at)) at = json.indexOf('"', at + 1);
  return at + 1;
}

/** An odd number of backslashes before it. */
function isEscaped(json: string, at: number): boolean {
  let before = at - 1;
  while (json.charCodeAt(before) === backslash) before -= 1;
  return (at - before) % 2 === 0;
}

function fitsDouble(token: string): boolean {
  // A double holds any fifteen digits.
  if (token.length < 16 && !/e/i.test(token)) return true;
  const value = Number(token);
  // That a double happens to hold one of such ids does not make it a number.
  if (/^-?\d+$/.test(token) && !Number.isSafeInteger(value)) return false;
  return Number.isFinite(value) && new Decimal(token).equals(value);
}
