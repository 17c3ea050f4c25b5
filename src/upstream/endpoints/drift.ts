import type { Logger } from '../../logger.js';
import type { Clock } from '../../time.js';
import { isObject, type JsonObject } from '../json.js';
import type { Call } from './call.js';
import type { Shape } from './shape.js';

/** A key counts as missing after this many bodies in a row without it, since upstream leaves out empty values. */
const bodiesUntilMissing = 20;

/** By endpoint. */
const maxEntries = 100;
/**
 * Lower than `maxEntries`, so that unknown keys, of which upstream can send any number, leave room for missing ones.
 */
const maxUnknown = 50;
const maxNameLength = 64;
/** Rows that are checked at one path, of all lists together. */
const maxRows = 50;

/** Records how upstream's bodies differ from the known shapes, and since when. It holds keys, never values. */
export class DriftRecord {
  readonly #entries = new Map<string, Map<string, number>>();
  readonly #absences = new Map<string, Map<string, Absence>>();
  readonly #now: Clock;
  readonly #logger: Logger;

  constructor(now: Clock, logger: Logger) {
    this.#now = now;
    this.#logger = logger;
  }

  /** Notes unknown keys, missing keys, and a body that is about something else than the call's arguments. */
  noteBody(call: Call, data: JsonObject): void {
    const { name, shape } = call.endpoint;
    // Most bodies have the known shape, and this check is cheap.
    const hasKnownShape = entriesOf(this.#absences, name).size === 0 && matchesShape([data], shape);
    if (!hasKnownShape) this.#noteKeys(call, data);
    const mismatch = call.endpoint.mismatch(call.args, data);
    if (mismatch !== null) this.#add(name, mismatch, this.#now());
  }

  /** Notes a value that a decoder could not read. */
  noteUnreadable(endpoint: string, path: string): void {
    this.#add(endpoint, `${path}: unreadable`, this.#now());
  }

  /** Lines such as `price_info[].new_key: unknown since 2026-03-01T04:00:00Z`, the oldest first. */
  of(endpoint: string): string[] {
    return [...(this.#entries.get(endpoint) ?? [])]
      .sort(([, a], [, b]) => a - b)
      .map(([drift, sinceMs]) => `${drift} since ${new Date(sinceMs).toISOString().replace(/\.\d+/, '')}`);
  }

  #noteKeys({ endpoint, args }: Call, data: JsonObject): void {
    const { name, shape } = endpoint;
    for (const path of unknownKeys(data, shape)) {
      this.#add(name, `${path}: unknown`, this.#now(), maxUnknown);
    }
    if (!endpoint.isShapeExpected(args)) return;
    for (const [path, isPresent] of expectedKeys(data, shape)) this.#noteExpected(name, path, isPresent);
  }

  #noteExpected(endpoint: string, path: string, isPresent: boolean): void {
    const absences = entriesOf(this.#absences, endpoint);
    const drift = `${path}: missing`;
    if (isPresent) {
      absences.delete(path);
      this.#entries.get(endpoint)?.delete(drift);
      return;
    }
    const { sinceMs, bodies } = absences.get(path) ?? { sinceMs: this.#now(), bodies: 0 };
    absences.set(path, { sinceMs, bodies: bodies + 1 });
    if (bodies + 1 >= bodiesUntilMissing) this.#add(endpoint, drift, sinceMs);
  }

  /** Logs only drift that is not recorded yet. */
  #add(endpoint: string, drift: string, sinceMs: number, limit = maxEntries): void {
    const entries = entriesOf(this.#entries, endpoint);
    if (entries.has(drift) || entries.size >= limit) return;
    entries.set(drift, sinceMs);
    this.#logger.warn({ endpoint, drift }, "Upstream's body is not of the known shape");
  }
}

/** The number of bodies in a row without a key, and when the first of them came. */
interface Absence {
  readonly sinceMs: number;
  readonly bodies: number;
}

function entriesOf<T>(byEndpoint: Map<string, Map<string, T>>, endpoint: string): Map<string, T> {
  const entries = byEndpoint.get(endpoint) ?? new Map<string, T>();
  byEndpoint.set(endpoint, entries);
  return entries;
}

/** Whether the objects have only known keys, and each expected key in one of them. */
function matchesShape(objects: readonly JsonObject[], shape: Shape): boolean {
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
      if (innerShape && !matchesShape(objectsAt(objects, key), innerShape)) return false;
    }
  }
  return true;
}

/** The objects under a key of the given ones, single or in a list. */
function objectsAt(objects: readonly JsonObject[], key: string): JsonObject[] {
  const found: JsonObject[] = [];
  for (const object of objects) {
    const value = object[key];
    if (isObject(value)) found.push(value);
    else if (Array.isArray(value)) for (const row of value) if (isObject(row)) found.push(row);
  }
  return found.length > maxRows ? found.slice(0, maxRows) : found;
}

/** The paths of a body's keys that are not in its shape, such as `price_info[].new_key`. At most 100. */
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

/**
 * Whether a body has each expected key, by path. A key of rows is present if any row has it. The keys of a list without
 * rows are left out.
 */
export function expectedKeys(data: JsonObject, shape: Shape): Map<string, boolean> {
  const present = new Map<string, boolean>();
  for (const { path, objects, shape: own } of levels([data], shape, '')) {
    for (const key of own.expected) {
      present.set(
        path + key,
        objects.some((object) => Object.hasOwn(object, key)),
      );
    }
  }
  return present;
}

interface Level {
  readonly path: string;
  readonly objects: readonly JsonObject[];
  readonly shape: Shape;
}

/** A body's objects, grouped by path. Goes as deep as the shape, however deep the body is. */
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

/** Shortens a key, and removes control characters, which could corrupt a log or a terminal. */
function printable(key: string): string {
  return key.slice(0, maxNameLength).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '') || '(nameless)';
}
