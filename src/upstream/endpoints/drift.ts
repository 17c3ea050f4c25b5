import type { Logger } from '../../logger.js';
import type { Clock } from '../../time.js';
import { isObject, type JsonObject } from '../json.js';
import type { Call } from './call.js';
import type { Shape } from './shape.js';

/** A key counts as missing once this many bodies in a row lack it: upstream leaves out what is empty. */
const bodiesUntilMissing = 20;

const maxEntries = 100;
/** Less than all, so that names which upstream makes up don't crowd out what it lost. */
const maxUnknown = 50;
const maxNameLength = 64;
/** Of all the lists at one path together. */
const maxRows = 50;

/** How upstream's bodies differ from the shapes that are known: names, and since when; never a value. */
export class DriftRecord {
  readonly #entries = new Map<string, Map<string, number>>();
  readonly #lacking = new Map<string, Map<string, Lack>>();
  readonly #now: Clock;
  readonly #logger: Logger;

  constructor(now: Clock, logger: Logger) {
    this.#now = now;
    this.#logger = logger;
  }

  /** Notes unknown keys, missing keys, and a body that is about something else than was asked. */
  noteBody(call: Call, data: JsonObject): void {
    const { name, shape } = call.endpoint;
    // Most bodies have the known shape.
    const isUsual = ofEndpoint(this.#lacking, name).size === 0 && isAsKnown([data], shape);
    if (!isUsual) this.#noteKeys(call, data);
    const mismatch = call.endpoint.mismatch(call.args, data);
    if (mismatch !== null) this.#tell(name, mismatch, this.#now());
  }

  /** Notes what a decoder could not read. */
  noteUnreadable(endpoint: string, path: string): void {
    this.#tell(endpoint, `${path}: unreadable`, this.#now());
  }

  /** `price_info[].new_key: unknown since 2026-03-01T04:00:00Z`, the oldest first. */
  of(endpoint: string): string[] {
    return [...(this.#entries.get(endpoint) ?? [])]
      .sort(([, a], [, b]) => a - b)
      .map(([what, sinceMs]) => `${what} since ${new Date(sinceMs).toISOString().replace(/\.\d+/, '')}`);
  }

  #noteKeys({ endpoint, args }: Call, data: JsonObject): void {
    const { name, shape } = endpoint;
    for (const path of unknownKeys(data, shape)) {
      this.#tell(name, `${path}: unknown`, this.#now(), maxUnknown);
    }
    if (!endpoint.isShapeExpected(args)) return;
    for (const [path, isThere] of expectedKeys(data, shape)) this.#noteExpected(name, path, isThere);
  }

  #noteExpected(endpoint: string, path: string, isThere: boolean): void {
    const lacking = ofEndpoint(this.#lacking, endpoint);
    const what = `${path}: missing`;
    if (isThere) {
      lacking.delete(path);
      this.#entries.get(endpoint)?.delete(what);
      return;
    }
    const { sinceMs, bodies } = lacking.get(path) ?? { sinceMs: this.#now(), bodies: 0 };
    lacking.set(path, { sinceMs, bodies: bodies + 1 });
    if (bodies + 1 >= bodiesUntilMissing) this.#tell(endpoint, what, sinceMs);
  }

  /** Logged when it is first told only. */
  #tell(endpoint: string, what: string, sinceMs: number, limit = maxEntries): void {
    const entries = ofEndpoint(this.#entries, endpoint);
    if (entries.has(what) || entries.size >= limit) return;
    entries.set(what, sinceMs);
    this.#logger.warn({ endpoint, drift: what }, "Upstream's body is not of the known shape");
  }
}

/** The bodies in a row that lacked a key, and when the first of them came. */
interface Lack {
  readonly sinceMs: number;
  readonly bodies: number;
}

function ofEndpoint<T>(records: Map<string, Map<string, T>>, endpoint: string): Map<string, T> {
  const record = records.get(endpoint) ?? new Map<string, T>();
  records.set(endpoint, record);
  return record;
}

/** Whether there is no key that is news and none that is missing. */
function isAsKnown(objects: readonly JsonObject[], shape: Shape): boolean {
  if (objects.length === 0) return true;
  for (const object of objects) {
    for (const key in object) if (!shape.known.has(key)) return false;
  }
  for (const key of shape.expected) {
    if (!objects.some((object) => Object.hasOwn(object, key))) return false;
  }
  for (const inner of [shape.objects, shape.rows]) {
    for (const key in inner) {
      const innerShape = inner[key];
      if (innerShape && !isAsKnown(objectsAt(objects, key), innerShape)) return false;
    }
  }
  return true;
}

/** The objects that the given ones have under a key, alone or in a list. */
function objectsAt(objects: readonly JsonObject[], key: string): JsonObject[] {
  const found: JsonObject[] = [];
  for (const object of objects) {
    const value = object[key];
    if (isObject(value)) found.push(value);
    else if (Array.isArray(value)) for (const row of value) if (isObject(row)) found.push(row);
  }
  return found.length > maxRows ? found.slice(0, maxRows) : found;
}

/** The paths of the keys that a body has and its shape doesn't know, such as `price_info[].new_key`; some if many. */
export function unknownKeys(data: JsonObject, shape: Shape): string[] {
  const unknown = new Map<string, string>();
  for (const { path, objects, shape: own } of levels([data], shape, '')) {
    for (const object of objects) {
      for (const key of Object.keys(object)) {
        if (own.known.has(key) || unknown.has(path + key)) continue;
        if (unknown.size >= maxEntries) break;
        unknown.set(path + key, path + printable(key));
      }
    }
  }
  return [...new Set(unknown.values())];
}

/** For every expected key whether it is there: in any row, for those of rows. What has no rows can't lack their keys. */
export function expectedKeys(data: JsonObject, shape: Shape): Map<string, boolean> {
  const there = new Map<string, boolean>();
  for (const { path, objects, shape: own } of levels([data], shape, '')) {
    for (const key of own.expected) {
      there.set(
        path + key,
        objects.some((object) => Object.hasOwn(object, key)),
      );
    }
  }
  return there;
}

interface Level {
  readonly path: string;
  readonly objects: readonly JsonObject[];
  readonly shape: Shape;
}

/** The objects of a body that have a shape, all those at one path together. As deep as the shape, whatever the body. */
function* levels(objects: readonly JsonObject[], shape: Shape, path: string): Generator<Level> {
  if (objects.length === 0) return;
  yield { path, objects, shape };
  for (const [key, inner] of Object.entries(shape.objects)) {
    yield* levels(objects.map((object) => object[key]).filter(isObject), inner, `${path}${key}.`);
  }
  for (const [key, inner] of Object.entries(shape.rows)) {
    const rows = objects.flatMap((object) => object[key]);
    yield* levels(rows.filter(isObject).slice(0, maxRows), inner, `${path}${key}[].`);
  }
}

/** A key as upstream wrote it may be of any length, and hold what spoils a log or a terminal. */
function printable(key: string): string {
  return key.slice(0, maxNameLength).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '') || '(nameless)';
}
