import { describe, expect, it } from 'vitest';
import { industries } from '../../../src/upstream/endpoints/industries.js';
import { platforms } from '../../../src/upstream/endpoints/ofCreator.js';
import { type EndpointName, endpoints } from '../../../src/upstream/endpoints/table.js';
import vendorParameters from './vendorParameters.json' with { type: 'json' };

const creatorId = '6629722295873044494';
const base = { creatorId, platform: 'SHORT_VIDEO' };

interface VendorParameter {
  readonly name: string;
  readonly required: boolean;
  readonly enum: readonly string[] | null;
}

const parametersOf: Readonly<Record<string, readonly VendorParameter[]>> = vendorParameters;

const names = (values: readonly string[], parameter: string) =>
  Object.fromEntries(values.map((value) => [value, `${parameter}=${value}`]));

const platformValues = names(platforms, 'platform');
const traffic = { INCLUDED: 'flowType=INCLUDE', EXCLUDED: 'flowType=EXCLUDE' };
const assigned = { true: 'onlyAssign=true', false: 'onlyAssign=false' };

interface Case {
  readonly endpoint: EndpointName;
  readonly args: object;
  /** What is sent for `args`. */
  readonly query: string;
  /** By argument and value: the parameter that is sent. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const withPlatform = [
  'profile',
  'prices',
  'cpMetrics',
  'recommendedVideos',
  'audienceTouch',
  'connectedUsers',
] as const;

const cases: readonly Case[] = [
  ...withPlatform.map((endpoint) => ({
    endpoint,
    args: base,
    query: `oAuthorId=${creatorId}&platform=SHORT_VIDEO`,
    values: { platform: platformValues },
  })),
  {
    endpoint: 'performance',
    args: {
      ...base,
      range: 'LAST_30_DAYS',
      videos: 'PERSONAL',
      onlyAssigned: false,
      paidTraffic: 'INCLUDED',
    },
    query: `oAuthorId=${creatorId}&platform=SHORT_VIDEO&range=DAY_30&type=PERSONAL_VIDEO&onlyAssign=false&flowType=INCLUDE`,
    values: {
      platform: platformValues,
      range: { LAST_30_DAYS: 'range=DAY_30', LAST_90_DAYS: 'range=DAY_90' },
      videos: { PERSONAL: 'type=PERSONAL_VIDEO', SPONSORED: 'type=XINTU_VIDEO' },
      onlyAssigned: assigned,
      paidTraffic: traffic,
    },
  },
  {
    endpoint: 'audience',
    args: { ...base, stage: 'CONNECTED' },
    query: `oAuthorId=${creatorId}&platform=SHORT_VIDEO&linkType=CONNECTED`,
    values: {
      platform: platformValues,
      stage: names(['CONNECTED', 'AWARE', 'INTERESTED', 'LIKE', 'FOLLOW'], 'linkType'),
    },
  },
  {
    endpoint: 'followers',
    args: { creatorId, kind: 'ALL' },
    query: `oAuthorId=${creatorId}&authorType=FAN`,
    values: { kind: { ALL: 'authorType=FAN', LOYAL: 'authorType=DIE_HARD_FAN' } },
  },
  {
    endpoint: 'indices',
    args: { ...base, industry: 'ALL' },
    query: `oAuthorId=${creatorId}&platform=SHORT_VIDEO&industryTag=ALL`,
    values: { platform: platformValues, industry: names(industries, 'industryTag') },
  },
  {
    endpoint: 'latestVideos',
    args: { ...base, onlyAssigned: false, paidTraffic: 'INCLUDED' },
    query: `oAuthorId=${creatorId}&platform=SHORT_VIDEO&onlyAssign=false&flowType=INCLUDE`,
    values: { platform: platformValues, onlyAssigned: assigned, paidTraffic: traffic },
  },
];

const queryOf = (endpoint: EndpointName, args: object) =>
  String(new URLSearchParams(endpoints[endpoint].query(args as never)));

describe.each(cases)('the query of $endpoint', ({ endpoint, args, query, values }) => {
  const known = parametersOf[endpoints[endpoint].path] ?? [];

  it("has every parameter of the vendor's, in the vendor's order", () => {
    expect(queryOf(endpoint, args)).toBe(query);
    expect([...new URLSearchParams(query).keys()]).toEqual(known.map(({ name }) => name));
  });

  it.each(
    Object.entries(values).flatMap(([argument, byValue]) =>
      Object.entries(byValue).map(([value, sent]) => ({ argument, value, sent })),
    ),
  )('sends $sent for $argument: $value', ({ argument, value, sent }) => {
    const given = value === 'true' ? true : value === 'false' ? false : value;
    const changed = { ...args, [argument]: given };
    expect(endpoints[endpoint].args.safeParse(changed).success).toBe(true);
    const [parameter = '', sentValue = ''] = sent.split('=');
    expect(queryOf(endpoint, changed)).toBe(query.replace(new RegExp(`\\b${parameter}=[^&]*`), sent));
    const vendorValues = known.find(({ name }) => name === parameter)?.enum;
    if (vendorValues) expect(vendorValues).toContain(sentValue);
    expect(endpoints[endpoint].args.safeParse({ ...args, [argument]: `${value}?` }).success).toBe(false);
  });

  it('has every value that the vendor lists', () => {
    const sent = Object.values(values).flatMap((byValue) => Object.values(byValue));
    const listed = known.flatMap(({ name, enum: all }) => (all ?? []).map((value) => `${name}=${value}`));
    expect(sent.filter((each) => !/=(true|false)$/.test(each)).toSorted()).toEqual(listed.toSorted());
  });
});
