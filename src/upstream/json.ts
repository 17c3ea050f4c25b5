import { Decimal } from 'decimal.js';

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** A number that JSON.parse may round: 16 digits or more, or an exponent of three digits or more. */
const maybeUnsafeNumber = /(?:^|[[:,\s])-?[\d.]{16}|[\d.][eE][-+]?\d{3}/;
const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;

/** A value, and JSON text that any parser reads as that value. */
export interface PlainJson {
  readonly value: Json;
  readonly text: string;
}

/**
 * JSON.parse without loss of digits. A number that a double cannot represent exactly, and any integer beyond 2^53,
 * becomes a string with all its digits, so that a 19-digit id survives whether upstream quotes it or not. A byte order
 * mark is skipped. If a key is duplicated, the last one counts. `__proto__` is a plain key. Lone surrogates are
 * replaced and NUL is removed: see `withoutUnsafeCharacters`. Throws like JSON.parse.
 */
export function readJson(source: string): PlainJson {
  const json = withoutUnsafeCharacters(source.charCodeAt(0) === 0xfeff ? source.slice(1) : source);
  const value = JSON.parse(json);
  if (!maybeUnsafeNumber.test(json)) return { value, text: json };
  const text = quoteUnsafeNumbers(json);
  return { value: JSON.parse(text), text };
}

/** Lone surrogates and NUL occur only as escapes: UTF-8 has no surrogates, and JSON no plain NUL. */
const maybeUnsafeEscape = /\\u(?:[dD][89a-fA-F]|0000)/;
const anyEscape = /\\(?:u(?:d[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|([\da-f]{4}))|[^u])/gi;

/**
 * The same JSON with U+FFFD for each lone surrogate, and without NUL. PostgreSQL and others reject whole texts that
 * hold one of them.
 */
export function withoutUnsafeCharacters(json: string): string {
  if (!maybeUnsafeEscape.test(json)) return json;
  return json.replaceAll(anyEscape, (whole, unit: string | undefined) => {
    if (unit === undefined) return whole;
    if (unit === '0000') return '';
    return /^d[89a-f]/i.test(unit) ? '\ufffd' : whole;
  });
}

/** JSON text with sorted keys, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(withSortedKeys(value));
}

/**
 * The value with the keys of all its objects in order. Returns the value itself when it is flat and its keys are in order,
 * as those of most calls' arguments are.
 */
export function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  const isSorted = keys.every((key, at) => at === 0 || (keys[at - 1] ?? '') < key);
  if (isSorted && !keys.some((key) => typeof value[key] === 'object')) return value;
  return Object.fromEntries(keys.sort().map((key) => [key, withSortedKeys(value[key])]));
}

/** The value that `readJson` returns. */
export function parseJson(source: string): Json {
  return readJson(source).value;
}

/**
 * False: the text has at most `limit` JSON values, including those of JSON text inside its strings. Every value except
 * the first follows a comma or a bracket, which JSON inside a string may escape.
 */
export function mayHoldMoreThan(text: string, limit: number): boolean {
  // A value and the comma before it take at least two characters.
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

/** Whether objects and arrays are nested more than `limit` deep. Its own recursion goes no deeper than that. */
export function isDeeperThan(value: Json, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit === 0) return true;
  const children = Array.isArray(value) ? value : Object.values(value);
  for (const child of children) if (isDeeperThan(child, limit - 1)) return true;
  return false;
}

/** Scans valid JSON. Strings are skipped, so that digits inside them are not taken for a number. */
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

/** The index after the closing quotation mark of the string that begins at `start`. */
export function endOfString(json: string, start: number): number {
  let at = json.indexOf('"', start + 1);
  while (isEscaped(json, at)) at = json.indexOf('"', at + 1);
  return at + 1;
}

/** True after an odd number of backslashes. */
function isEscaped(json: string, at: number): boolean {
  let before = at - 1;
  while (json.charCodeAt(before) === backslash) before -= 1;
  return (at - before) % 2 === 0;
}

function fitsDouble(token: string): boolean {
  // A double represents any 15 digits exactly.
  if (token.length < 16 && !/e/i.test(token)) return true;
  const value = Number(token);
  // Ids of one kind must all become strings, also those that a double happens to represent exactly.
  if (/^-?\d+$/.test(token) && !Number.isSafeInteger(value)) return false;
  return Number.isFinite(value) && new Decimal(token).equals(value);
}
