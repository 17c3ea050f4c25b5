import { describe, expect, it } from 'vitest';
import { BadUserInputError } from '../../../src/errors.js';
import { callFrom, callOf, callWithKey } from '../../../src/upstream/endpoints/call.js';
import { unknownKeys } from '../../../src/upstream/endpoints/drift.js';
import { keepsHistory } from '../../../src/upstream/endpoints/endpoint.js';
import {
  endpointNames,
  endpoints,
  modelledNames,
  unmodelledCreatorNames,
  unmodelledVideoNames,
} from '../../../src/upstream/endpoints/table.js';
import { UpstreamError } from '../../../src/upstream/errors.js';
import { readAnswer } from '../../../src/upstream/http/envelope.js';
import type { Json, JsonObject } from '../../../src/upstream/json.js';
import { decodedAtMs } from '../../fixtures.js';
import vendor from './vendorUnmodelledParameters.json' with { type: 'json' };

const id = '6629722295873044494';
const names = [...unmodelledCreatorNames, ...unmodelledVideoNames];
type Name = (typeof names)[number];

interface VendorParameter {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default: Json;
  readonly values: readonly string[] | null;
}

/** The vendor's document as it is. */
const documented: Readonly<Record<string, readonly VendorParameter[]>> = vendor;
const ids = ['oAuthorId', 'starAuthorId', 'itemId'];
const parametersOf = (name: Name) => documented[endpoints[name].path] ?? [];
const furtherOf = (name: Name) => parametersOf(name).filter((parameter) => !ids.includes(parameter.name));

/** What the vendor's raw codes are taken to mean. */
const codes: Readonly<Record<string, string>> = {
  'range 90': 'DAY_90',
  'period 30': 'DAY_30',
  'liveType 1': 'ALL',
  'liveCrowdType 2': 'FANS',
  'flowType 0': 'EXCLUDE',
};

/** What must be given, since it has no default. */
const required: Readonly<Record<string, JsonObject>> = {
  followerTrend: { startDate: '2026-02-01', endDate: '2026-02-28' },
};

/** What is sent if nothing else is given. */
function defaultOf(name: Name, parameter: VendorParameter): string | null {
  const given = required[name]?.[parameter.name];
  if (given !== undefined) return String(given);
  if (parameter.default === null || parameter.default === '') return null;
  return codes[`${parameter.name} ${parameter.default}`] ?? String(parameter.default);
}

const queryOf = (name: Name, parameters: JsonObject = {}) => {
  const call = callOf(name, endpoints[name].callArgs(id, { ...required[name], ...parameters }) as never);
  return new URLSearchParams(call.endpoint.query(call.args)).toString();
};

/** The query string with one parameter of another value. */
function expectedQuery(name: Name, changed?: string, value?: string): string {
  const pairs = parametersOf(name).flatMap((parameter): [string, string][] => {
    if (ids.includes(parameter.name)) return [[parameter.name, id]];
    const sent = parameter.name === changed ? value : defaultOf(name, parameter);
    return sent === null || sent === undefined ? [] : [[parameter.name, sent]];
  });
  return new URLSearchParams(pairs).toString();
}

function samplesOf({ name, type, values }: VendorParameter): readonly Json[] {
  if (values) return [...values];
  if (type === 'boolean') return [true, false];
  if (type === 'integer') return [1, 2, 2_147_483_647];
  if (name === 'keyword') return ['口红', 'a & b=c', '😀'.repeat(100)];
  return [];
}

function refusal(name: Name, parameters: JsonObject): string {
  try {
    endpoints[name].callArgs(id, parameters);
  } catch (error) {
    expect(error).toBeInstanceOf(BadUserInputError);
    return (error as BadUserInputError).message;
  }
  return expect.fail(`${JSON.stringify(parameters)} was not refused`);
}

describe('the unmodelled endpoints', () => {
  it("are all of the vendor's that are not modelled", () => {
    expect(names).toHaveLength(21);
    expect(names.map((name) => endpoints[name].path).toSorted()).toEqual(Object.keys(documented).toSorted());
    expect(endpointNames).toEqual([...modelledNames, ...names]);
    expect(modelledNames.slice(0, 5)).toEqual([
      'profile',
      'prices',
      'cpMetrics',
      'recommendedVideos',
      'audienceTouch',
    ]);
  });

  it.each(names)('%s sends the id first and then each default, with enum names', (name) => {
    expect(queryOf(name)).toBe(expectedQuery(name));
    for (const { name: parameter, values } of furtherOf(name)) {
      const sent = new URLSearchParams(queryOf(name)).get(parameter);
      if (values) expect(values).toContain(sent);
    }
  });

  const each = names.flatMap((name) =>
    furtherOf(name).flatMap((parameter) => samplesOf(parameter).map((value) => ({ name, parameter, value }))),
  );

  it.each(each)('$name sends $parameter.name as $value', ({ name, parameter, value }) => {
    expect(queryOf(name, { [parameter.name]: value })).toBe(
      expectedQuery(name, parameter.name, String(value)),
    );
  });

  it.each(names)('%s says what it takes, with each default', (name) => {
    for (const parameter of furtherOf(name)) {
      expect(endpoints[name].description).toContain(`${parameter.name} (`);
      const byDefault = defaultOf(name, parameter);
      if (byDefault !== null && !parameter.required) {
        expect(endpoints[name].description).toContain(`; default ${byDefault})`);
      }
    }
  });

  it('take days, each in its own form', () => {
    expect(queryOf('followerTrend', { startDate: '2026-01-31', endDate: '2026-01-31' })).toBe(
      `oAuthorId=${id}&startDate=2026-01-31&endDate=2026-01-31`,
    );
    const videos = (dates: JsonObject) => queryOf('homepageVideos', dates);
    const before = `oAuthorId=${id}&page=1&videoType=ALL&onlyAssign=false`;
    expect(videos({ startDate: '20240229' })).toBe(`${before}&startDate=20240229`);
    expect(videos({ endDate: '20260301' })).toBe(`${before}&endDate=20260301`);
    expect(videos({ endDate: '20260301', startDate: '20260201' })).toBe(
      `${before}&startDate=20260201&endDate=20260301`,
    );
  });

  it.each(names)('%s makes one call of all its spellings, which the store reads again', (name) => {
    const { callArgs } = endpoints[name];
    const defaults = Object.fromEntries(
      furtherOf(name).flatMap((parameter): [string, Json][] => {
        const sent = defaultOf(name, parameter);
        if (sent === null) return [[parameter.name, parameter.name === 'keyword' ? '' : null]];
        return [[parameter.name, parameter.values || parameter.required ? sent : JSON.parse(sent)]];
      }),
    );
    const keyOf = (given: JsonObject) => callOf(name, callArgs(id, given) as never).key;
    const key = keyOf({ ...required[name] });
    expect(keyOf(defaults)).toBe(key);
    expect(keyOf(Object.fromEntries(Object.entries(defaults).toReversed()))).toBe(key);
    expect(callWithKey(key)).toMatchObject({ key, endpoint: { name } });
    expect(callWithKey(key)?.endpoint.subject(callWithKey(key)?.args ?? {})).toBe(id);
  });

  it.each<[Name, JsonObject, string]>([
    ['costEstimate', { platform: 'SHORT_VIDEO' }, 'costEstimate takes no parameters.'],
    ['seeding', { rang: 'DAY_30' }, 'seeding takes range (DAY_30 or DAY_90; default DAY_90).'],
    ['seeding', { oAuthorId: id }, '"oAuthorId" is not a parameter of seeding.'],
    ['seeding', { token: 'x' }, '"token" is not a parameter'],
    ['seeding', { constructor: 'x' }, '"constructor" is not a parameter'],
    ['seeding', JSON.parse('{"__proto__":"x"}'), '"__proto__" is not a parameter'],
    ['seeding', { range: '90' }, 'Expected range to be DAY_30 or DAY_90, but got "90".'],
    ['seeding', { range: 90 }, 'but got 90.'],
    ['seeding', { range: 'day_30' }, 'but got "day_30".'],
    ['seeding', { range: '' }, 'but got "".'],
    ['seeding', { range: ['DAY_30'] }, 'but got a list.'],
    ['seeding', { range: { DAY_30: true } }, 'but got an object.'],
    ['conversionItems', { industryId: '1901' }, 'a value of the enum Industry'],
    ['conversionItems', { page: 0 }, 'Expected page to be a whole number of at least 1, but got 0.'],
    ['conversionItems', { page: 1.5 }, 'but got 1.5.'],
    ['conversionItems', { page: 2_147_483_648 }, 'but got 2147483648.'],
    ['conversionItems', { page: '2' }, 'but got "2".'],
    ['liveStatistics', { onlyStarOrder: 1 }, 'Expected onlyStarOrder to be true or false, but got 1.'],
    ['liveStatistics', { onlyStarOrder: 'true' }, 'but got "true".'],
    ['followerTrend', {}, 'followerTrend needs the parameter startDate.'],
    ['followerTrend', { startDate: '2026-01-01', endDate: null }, 'needs the parameter endDate.'],
    ['followerTrend', { startDate: '2026-02-30', endDate: '2026-03-01' }, 'a date in the form yyyy-MM-dd'],
    ['followerTrend', { startDate: '20260201', endDate: '2026-03-01' }, 'but got "20260201".'],
    ['followerTrend', { startDate: '2026-03-02', endDate: '2026-03-01' }, 'no later than endDate'],
    ['homepageVideos', { startDate: '2026-03-01' }, 'a date in the form yyyyMMdd'],
    ['homepageVideos', { endDate: '20261301' }, 'but got "20261301".'],
    ['homepageVideos', { startDate: 20260301 }, 'but got 20260301.'],
    ['homepageVideos', { startDate: '20260302', endDate: '20260301' }, 'no later than endDate'],
    ['homepageVideos', { keyword: 'a'.repeat(101) }, 'text of at most 100 characters'],
    ['homepageVideos', { keyword: 'a\ud800' }, 'text of at most 100 characters'],
    ['homepageVideos', { keyword: 5 }, 'but got 5.'],
    ['videoReport', { page: 1 }, 'videoReport takes no parameters.'],
  ])('%s refuses %j', (name, parameters, message) => {
    expect(refusal(name, parameters)).toContain(message);
  });

  it.each<[Name, JsonObject]>([
    ['seeding', {}],
    ['seeding', { range: 'DAY_7' }],
    ['seeding', { range: 'DAY_30', page: 1 }],
    ['costEstimate', { page: 1 }],
    ['followerTrend', { startDate: '2026-03-02', endDate: '2026-03-01' }],
    ['liveStatistics', { liveType: 'ALL', period: 'DAY_30', onlyStarOrder: 'false', flowType: 'EXCLUDE' }],
  ])('%s has no stored call with the parameters %j', (name, parameters) => {
    expect(callFrom(name, { creatorId: id, parameters })).toBeNull();
  });

  it.each(names)('%s has calls about ids only', (name) => {
    const idKey = unmodelledVideoNames.some((video) => video === name) ? 'itemId' : 'creatorId';
    const { parameters } = endpoints[name].callArgs(id, { ...required[name] });
    expect(callFrom(name, { [idKey]: id, parameters })).not.toBeNull();
    expect(callFrom(name, { [idKey]: '1', parameters })).toBeNull();
    expect(callFrom(name, { [idKey]: id })).toBeNull();
    expect(callFrom(name, { [idKey]: id, parameters, platform: 'SHORT_VIDEO' })).toBeNull();
  });

  it('are personal if they hold contact data, and have no history then', () => {
    expect(names.filter((name) => !keepsHistory(endpoints[name]))).toEqual(['businessCard']);
  });
});

describe('a body of an unmodelled endpoint', () => {
  const read = (name: Name, data: object) =>
    readAnswer(
      endpoints[name],
      { status: 200, body: JSON.stringify({ code: 0, data }), retryAfter: null, isSandbox: false },
      decodedAtMs,
    );

  it.each(names)('of %s is served whatever keys it has', (name) => {
    expect(read(name, { base_resp: { status_code: 0 }, some_new_key: 5 })?.data).toHaveProperty(
      'some_new_key',
      5,
    );
    expect(read(name, { base_resp: { status_code: 0 } })).toBeNull();
    expect(() => read(name, { base_resp: { status_code: 1 }, some_key: 5 })).toThrow(UpstreamError);
  });

  it('is no data when it has nothing but filler', () => {
    expect(read('followerTrend', { daily: [], delta: [] })).toBeNull();
    expect(read('liveStatistics', { list: [], total: '0' })).toBeNull();
  });

  it('has unknown keys, but where any word is a key', () => {
    const unknownIn = (name: Name, data: object) => unknownKeys(data as JsonObject, endpoints[name].shape);
    expect(unknownIn('followerTrend', { daily: [{ date: 'x', fans_cnt: 1, cnt: 2 }], days: [] })).toEqual([
      'days',
      'daily[].cnt',
    ]);
    expect(unknownIn('businessCard', { card_info: { phone: '1', mcn_info: { mcn_id: 1 } } })).toEqual([
      'card_info.mcn_info.mcn_id',
    ]);
    expect(unknownIn('contentKeywords', { keyword_map: { any: 1 } })).toEqual([]);
    expect(unknownIn('liveStatistics', { any: [{ key: 1 }] })).toEqual(['any']);
  });

  it('is compared as a whole, without the order of its keys and without the status of Xingtu', () => {
    const decoded = (data: object) => {
      const value = endpoints.liveStatistics.decode(data as JsonObject, () => expect.fail(), decodedAtMs);
      expect({ ...value }).toEqual({});
      return JSON.stringify(value);
    };
    const one = decoded({ a: [{ x: 1, y: 2 }], b: 1, base_resp: { log_id: '1' } });
    expect(decoded({ base_resp: { log_id: '2' }, b: 1, a: [{ y: 2, x: 1 }] })).toBe(one);
    expect(decoded({ a: [{ x: 1, y: 3 }], b: 1 })).not.toBe(one);
    expect(decoded({})).toBe('{}');
  });
});
