import { describe, expect, it } from 'vitest';
import { performance as performanceBody } from '../../../src/sandbox/bodies/performance.js';
import linkInfo from '../../../src/sandbox/samples/link-info.json' with { type: 'json' };
import linkStruct from '../../../src/sandbox/samples/link-struct.json' with { type: 'json' };
import showItems from '../../../src/sandbox/samples/show-items.json' with { type: 'json' };
import filledItem from '../../../src/sandbox/samples/video-item-filled.json' with { type: 'json' };
import { type EndpointName, endpoints } from '../../../src/upstream/endpoints/table.js';
import type { Json, JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';

interface Case {
  readonly endpoint: EndpointName;
  readonly body: object;
  /** The values of ours that may be zero. */
  readonly zeros: RegExp;
}

const { sample: performanceSample } = performanceBody;

const cases: readonly Case[] = [
  { endpoint: 'performance', body: performanceSample, zeros: /^$/ },
  // A change may be none, and the very top is rounded to zero.
  { endpoint: 'connectedUsers', body: linkStruct.data, zeros: /\.(count|share|topShare|change)$/ },
  { endpoint: 'indices', body: linkInfo.data, zeros: /\.(topShare|change)$/ },
  {
    endpoint: 'latestVideos',
    body: { ...showItems.data, latest_star_item_info: [filledItem] },
    zeros: /\.differenceToAverage$/,
  },
];

/** What upstream writes for "not provided". */
const fillers: readonly Json[] = [null, '', ' ', [], {}];

/** What no value can be. */
const nonsense: readonly Json[] = ['x?y', { a: { b: 1 } }, [[7]], '[', '\ud800', '12x', -1e300];

type Path = readonly string[];

function leafPaths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, child]) => leafPaths(child, [...path, key]));
}

/** The body with another value at a path. Undefined: without the key. */
function changed(body: object, path: Path, value: Json | undefined): JsonObject {
  const copy = structuredClone(body) as JsonObject;
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as JsonObject)[key], copy) as JsonObject;
  const key = path.at(-1) ?? '';
  if (value === undefined) delete parent[key];
  else parent[key] = value;
  return copy;
}

function decode(endpoint: EndpointName, data: JsonObject) {
  const drift: string[] = [];
  const value = endpoints[endpoint].decode(data, (path) => drift.push(path), decodedAtMs);
  return { text: JSON.stringify(value), value, drift };
}

function zerosIn(value: unknown, path = ''): string[] {
  if (value === 0) return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => zerosIn(child, `${path}.${key}`));
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.values(value ?? {}).every(isEmpty));
}

describe.each(cases)('a value of $endpoint', ({ endpoint, body, zeros }) => {
  const whole = decode(endpoint, body as JsonObject);
  const read = leafPaths(body).filter(
    (path) => decode(endpoint, changed(body, path, undefined)).text !== whole.text,
  );

  it('is read from most of the body, without drift', () => {
    expect(whole.drift).toEqual([]);
    expect(read.length).toBeGreaterThan(4);
  });

  it('that is filler is as if it was not there', () => {
    for (const path of read) {
      const without = decode(endpoint, changed(body, path, undefined));
      for (const filler of fillers) {
        expect(decode(endpoint, changed(body, path, filler)), path.join('.')).toEqual(without);
      }
    }
  });

  it('that can not be read is as if it was not there, and is drift', () => {
    for (const path of read) {
      const { text } = decode(endpoint, changed(body, path, undefined));
      for (const junk of nonsense) {
        const { text: given, drift } = decode(endpoint, changed(body, path, junk));
        // Some texts can be read as text.
        if (given === text) expect(drift, `${path.join('.')} = ${JSON.stringify(junk)}`).not.toEqual([]);
      }
    }
  });

  it('is never a false zero', () => {
    for (const path of read) {
      for (const zero of [0, '0', '0.00', '0%']) {
        const { value } = decode(endpoint, changed(body, path, zero));
        const wrong = zerosIn(value).filter((at) => !zeros.test(at));
        expect(wrong, path.join('.')).toEqual([]);
      }
    }
  });

  it('is null or an empty list of a body without data, in every part', () => {
    const { value, drift } = decode(endpoint, {});
    expect(isEmpty(value), JSON.stringify(value)).toBe(true);
    expect(drift).toEqual([]);
  });
});
