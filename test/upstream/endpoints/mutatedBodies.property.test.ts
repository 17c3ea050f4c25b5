import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { performance as performanceBody } from '../../../src/sandbox/bodies/performance.js';
import audienceSample from '../../../src/sandbox/samples/audience-distribution.json' with { type: 'json' };
import fansSample from '../../../src/sandbox/samples/fans-distribution.json' with { type: 'json' };
import linkInfo from '../../../src/sandbox/samples/link-info.json' with { type: 'json' };
import linkStruct from '../../../src/sandbox/samples/link-struct.json' with { type: 'json' };
import searchSample from '../../../src/sandbox/samples/search-creators.json' with { type: 'json' };
import showItems from '../../../src/sandbox/samples/show-items.json' with { type: 'json' };
import filledItem from '../../../src/sandbox/samples/video-item-filled.json' with { type: 'json' };
import { unknownKeys } from '../../../src/upstream/endpoints/drift.js';
import type { Shape } from '../../../src/upstream/endpoints/shape.js';
import { type EndpointName, endpoints } from '../../../src/upstream/endpoints/table.js';
import type { Json, JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';
import { seed } from '../../seed.js';

interface Case {
  readonly endpoint: EndpointName;
  readonly body: object;
  /** Where the decoded value may be zero. */
  readonly zeros: RegExp;
}

const { sample: performanceSample } = performanceBody;

/** One row for each endpoint. */
const cases: readonly Case[] = [
  { endpoint: 'performance', body: performanceSample, zeros: /^$/ },
  { endpoint: 'connectedUsers', body: linkStruct.data, zeros: /\.(count|share|topShare|change)$/ },
  { endpoint: 'indices', body: linkInfo.data, zeros: /\.(topShare|change)$/ },
  {
    endpoint: 'latestVideos',
    body: { ...showItems.data, latest_star_item_info: [filledItem] },
    zeros: /\.differenceToAverage$/,
  },
  { endpoint: 'audience', body: audienceSample.data, zeros: /\.(kindCode|count|share)$/ },
  { endpoint: 'searchCreators', body: searchSample, zeros: /^\.totalCount$|\.connectedUserCounts\./ },
  { endpoint: 'followers', body: fansSample.data, zeros: /\.(kindCode|count|share)$/ },
];

/** What no reader can read, whether it expects one value, an object or a list. */
const unreadable: readonly Json[] = [[[7]], [['x?y'], -1], [{ a: { b: 1 } }, true]];

/** What is not provided, whatever it stands for. A word such as `null` may be a text. */
const filler: readonly Json[] = [null, '', ' ', [], {}];

const zero: readonly Json[] = [0, '0', '0.00', '0%', '0万', -0];

const odd = fc.oneof(
  fc.constantFrom(...unreadable, ...filler, ...zero),
  fc.constantFrom<Json>(-1, 1.5, 2 ** 53, 1e308, 5e-324, '1e5', '-3', '-5%', '9'.repeat(40), 'NaN', true),
  fc.constantFrom<Json>('[', '[[1]]', '{"a":[1]}', '"[]"', '\ud800', '__proto__', { value: [1] }, [{}]),
  fc.jsonValue({ maxDepth: 2 }).map((value) => value as Json),
);

/** A place in a body that the decoder reads. */
interface Place {
  readonly path: readonly string[];
  /** As drift names it: `latest_item_info[].play`. */
  readonly name: string;
  /** Rows count, and others do not take their place, so a row cannot be absent. */
  readonly isRow: boolean;
}

type Change = readonly [Place, Json | undefined];

/** The outer ones before the inner ones. */
function placesIn(
  value: unknown,
  shape: Shape | undefined,
  path: readonly string[] = [],
  name = '',
): Place[] {
  if (Array.isArray(value)) {
    return value.flatMap((row, nth) => {
      const place = { path: [...path, String(nth)], name: `${name}[]`, isRow: true };
      return [place, ...placesIn(row, shape, place.path, place.name)];
    });
  }
  if (typeof value !== 'object' || value === null || !shape) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    if (!shape.reads.includes(key)) return [];
    const place = { path: [...path, key], name: name ? `${name}.${key}` : key, isRow: false };
    return [place, ...placesIn(child, shape.objects[key] ?? shape.rows[key], place.path, place.name)];
  });
}

/** The body with other values at some places, none of which is inside another. Undefined: without the key. */
function changed(body: object, changes: readonly Change[]): JsonObject {
  const copy = structuredClone(body) as JsonObject;
  for (const [{ path }, value] of changes) {
    const parent = path.slice(0, -1).reduce<unknown>((at, key) => Reflect.get(at as object, key), copy);
    const key = path.at(-1) ?? '';
    if (value === undefined) Reflect.deleteProperty(parent as object, key);
    else Reflect.set(parent as object, key, structuredClone(value));
  }
  return copy;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function decode(endpoint: EndpointName, data: JsonObject) {
  const drift: string[] = [];
  const value = endpoints[endpoint].decode(data, (path) => drift.push(path), decodedAtMs);
  return { value, drift };
}

/** The paths of all zeros, and of all numbers that JSON does not have. */
function wrongNumbers(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return value === 0 || !Number.isFinite(value) ? [path] : [];
  return isObject(value)
    ? Object.entries(value).flatMap(([key, part]) => wrongNumbers(part, `${path}.${key}`))
    : [];
}

const numRuns = 300;

describe.each(cases)('a body of $endpoint', ({ endpoint, body, zeros }) => {
  const { shape } = endpoints[endpoint];
  const places = placesIn(body, shape);

  const changesTo = (value: fc.Arbitrary<Json>, where: readonly Place[] = places) =>
    fc.array(fc.tuple(fc.constantFrom(...where), value), { minLength: 1, maxLength: 6 }).map(outermost);

  it('has keys that are known, and is read without drift', () => {
    expect(unknownKeys(body as JsonObject, shape)).toEqual([]);
    expect(decode(endpoint, body as JsonObject).drift).toEqual([]);
    expect(places.length).toBeGreaterThan(8);
  });

  it('with odd values anywhere gives no false zero, and lists where lists are', () => {
    const empty = decode(endpoint, {}).value;
    fc.assert(
      fc.property(changesTo(odd), (changes) => {
        const { value } = decode(endpoint, changed(body, changes));
        expect(wrongNumbers(value).filter((path) => !zeros.test(path))).toEqual([]);
        for (const [key, part] of Object.entries(empty)) {
          expect(Array.isArray(Reflect.get(value, key))).toBe(Array.isArray(part));
        }
      }),
      { numRuns, seed },
    );
  });

  it('tells everything that it cannot read', () => {
    // A list that cannot be read is a list of rows that cannot be.
    const told = (name: string) => name.replace(/\[\]$/, '');
    fc.assert(
      fc.property(changesTo(fc.constantFrom(...unreadable)), (changes) => {
        const { drift } = decode(endpoint, changed(body, changes));
        expect(drift.map(told)).toEqual(expect.arrayContaining(changes.map(([{ name }]) => told(name))));
      }),
      { numRuns, seed },
    );
  });

  it('with filler is as if nothing was there', () => {
    const keys = places.filter(({ isRow }) => !isRow);
    fc.assert(
      fc.property(changesTo(fc.constantFrom(...filler), keys), (changes) => {
        const absent = changes.map(([place]): Change => [place, undefined]);
        expect(decode(endpoint, changed(body, changes))).toEqual(decode(endpoint, changed(body, absent)));
      }),
      { numRuns, seed },
    );
  });
});

/** Without changes inside of what another one replaces. */
function outermost(changes: readonly Change[]): readonly Change[] {
  const isInside = (inner: readonly string[], outer: readonly string[]) =>
    outer.length < inner.length && outer.every((key, nth) => key === inner[nth]);
  return changes.filter(([{ path }]) => !changes.some(([place]) => isInside(path, place.path)));
}
