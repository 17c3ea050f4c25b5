import { describe, expect, it } from 'vitest';
import { callFrom, callOf } from '../../../src/upstream/endpoints/call.js';
import {
  audienceTraits,
  type CreatorFilter,
  creatorLists,
  creatorSorts,
  knownLabels,
  marketingTargets,
  searchCreatorsArgs,
  searchModes,
  searchPriceTypes,
  searchQuery,
  statedGenders,
} from '../../../src/upstream/endpoints/creatorFilter.js';
import { provinces } from '../../../src/upstream/endpoints/creatorLabels.js';
import { industries } from '../../../src/upstream/endpoints/industries.js';
import { searchCreators } from '../../../src/upstream/endpoints/searchCreators.js';
import vendor from './vendorSearchParameters.json' with { type: 'json' };

const parameter = (name: string) => {
  const found = vendor.parameters.find((each) => each.name === name);
  return found ?? expect.fail(`the vendor has no parameter ${name}`);
};
const queryOf = (filter: CreatorFilter) => searchQuery({ filter, sort: 'FOLLOWERS', page: 1 });
const always = { page: '1', sort: 'FANS', searchType: 'NICKNAME' };
const isValid = (args: unknown) => searchCreatorsArgs.safeParse(args).success;

/** Each filter, and what the vendor gets for it. */
const filters: readonly (readonly [CreatorFilter, Record<string, string>])[] = [
  [{ keyword: '美食' }, { keyword: '美食' }],
  [
    { keyword: '美食', searchBy: 'CONTENT' },
    { keyword: '美食', searchType: 'CONTENT' },
  ],
  [{ marketingTarget: 'CIRCLE_SEEDING' }, { marketingTarget: 'CIRCLE_SEEDING' }],
  [{ industry: 'BEAUTY_AND_COSMETICS' }, { industry: 'BEAUTY_AND_COSMETICS' }],
  [{ isCelebrity: true }, { isSuperstar: 'true' }],
  [{ followerCount: { min: 500_000, max: 3_000_000 } }, { followerRange: '500000-3000000' }],
  [
    { price: { type: 'VIDEO_21_60S', min: 0, max: 50_000 } },
    { kolPriceType: 'VIDEO_21_60S', kolPriceRange: '0-50000' },
  ],
  [{ contentTags: ['护肤保养', '美妆'] }, { contentTag: '护肤保养,美妆' }],
  [{ contentThemes: ['亲子活动', '宝宝辅食'] }, { contentTheme: '亲子活动,宝宝辅食' }],
  [{ personaTags: ['大学生', '美妆创作者'] }, { personaTag: '大学生,美妆创作者' }],
  [{ gender: 'FEMALE' }, { gender: 'FEMALE' }],
  [{ locations: ['广东省', '深圳市'] }, { location: '广东省,深圳市' }],
  [{ tonalityTags: ['精致达人', '设计师'] }, { tonalityTag: '精致达人,设计师' }],
  [{ connectedUserCount: { min: 1_000_000, max: 3_000_000 } }, { connectedUserRange: '1000000-3000000' }],
  [
    { audience: ['CROWD_REFINED_MOTHER', 'GENDER_FEMALE_50'] },
    { audienceImage: 'CROWD_REFINED_MOTHER,GENDER_FEMALE_50' },
  ],
  [{ followers: ['AGE_18_23'] }, { fansImage: 'AGE_18_23' }],
  [
    { expectedPlayCount: { min: 10_000_000, max: 1_000_000_000 } },
    { expectedPlayRange: '10000000-1000000000' },
  ],
  [{ expectedCpm: { min: 0, max: 30.5 } }, { expectedCpmRange: '0-30.5' }],
  [{ expectedCpe: { min: 10, max: 1_000_000 } }, { expectedCpeRange: '10-1000000' }],
  [{ engagementRate: { min: 0.01, max: 1 } }, { interactionRateRange: '0.01-1' }],
  [{ completionRate: { min: 0.1, max: 1 } }, { completionRateRange: '0.1-1' }],
  [{ viralRate: { min: 0.000001, max: 0.25 } }, { viralRateRange: '0.000001-0.25' }],
  [{ tasksInProgress: { days: 30, min: 8 } }, { progressTaskRange: '30:8-' }],
  [{ tasksInProgress: { days: 7, min: 0, max: 5 } }, { progressTaskRange: '7:0-5' }],
  [{ isCurated: true }, { isCuratedAuthor: 'true' }],
  [{ list: 'YOGA_CREATORS' }, { authorList: 'YOGA_CREATORS' }],
];

describe('the query of a search', () => {
  it('names the page, the order and the kind of search, and nothing else without a filter', () => {
    expect(queryOf({})).toEqual(always);
    expect(searchQuery({ filter: {}, sort: 'SCORE', page: 12 })).toEqual({
      page: '12',
      sort: 'DEFAULT',
      searchType: 'NICKNAME',
    });
  });

  it.each(filters)('of %j has %j', (filter, parameters) => {
    expect(queryOf(filter)).toEqual({ ...always, ...parameters });
    expect(isValid({ filter, sort: 'FOLLOWERS', page: 1 })).toBe(true);
  });

  it("has all of the vendor's parameters, in its order", () => {
    const filter: CreatorFilter = Object.assign({}, ...filters.map(([each]) => each));
    expect(Object.keys(queryOf(filter))).toEqual(vendor.parameters.map(({ name }) => name));
    expect(vendor.parameters).toHaveLength(28);
  });

  it('is sent to the path of the vendor', () => {
    expect(searchCreators.path).toBe(vendor.path);
  });
});

describe("the vendor's values", () => {
  it.each([
    ['sort', Object.values(creatorSorts)],
    ['searchType', searchModes],
    ['marketingTarget', marketingTargets],
    ['industry', industries],
    ['kolPriceType', Object.values(searchPriceTypes)],
    ['gender', statedGenders],
    ['authorList', creatorLists],
  ])('of %s are all known, and no others', (name, values) => {
    expect([...values].sort()).toEqual(parameter(name).enum?.toSorted());
  });

  it.each(['audienceImage', 'fansImage'])('of %s are all known, and no others', (name) => {
    const listed = parameter(name)
      .description.split('Example')[0]
      ?.match(/\b[A-Z]+(?:_[A-Z\d]+)+\b/g);
    expect([...audienceTraits].sort()).toEqual(listed?.toSorted());
  });

  it.each([
    ['contentTag', knownLabels.contentTags, true],
    ['contentTheme', knownLabels.contentThemes, false],
    ['personaTag', knownLabels.personaTags, false],
    ['tonalityTag', knownLabels.tonalityTags, true],
    ['location', new Set(provinces), true],
  ] as const)('of %s are all known, and no others', (name, labels, areGroupsLabels) => {
    const [, list = ''] =
      /(?:values|values include|province values include): (.*?)\. Example/s.exec(
        parameter(name).description,
      ) ?? [];
    const listed = list.split(/; /).flatMap((group) => {
      const [, title, inner] = /^(?:- )?(.*?)(?:: (.*))?$/s.exec(group) ?? [];
      const inside = inner?.split(', ') ?? [];
      if (inner === undefined) return title?.split(', ') ?? [];
      return areGroupsLabels ? [title ?? '', ...inside] : inside;
    });
    expect([...labels].sort()).toEqual([...new Set(listed)].sort());
  });
});

describe('the arguments of a search', () => {
  const search = (filter: object) => ({ filter, sort: 'FOLLOWERS', page: 1 });

  it.each(filters)('are found again by the key of their call: %j', (filter) => {
    const call = callOf('searchCreators', { filter, sort: 'FOLLOWERS', page: 1 });
    expect(callFrom('searchCreators', JSON.parse(JSON.stringify(call.args)))?.key).toBe(call.key);
  });

  it.each<[string, unknown]>([
    ['no filter', { sort: 'FOLLOWERS', page: 1 }],
    ['no page', { filter: {}, sort: 'FOLLOWERS' }],
    ['page 0', { filter: {}, sort: 'FOLLOWERS', page: 0 }],
    ['half a page', { filter: {}, sort: 'FOLLOWERS', page: 1.5 }],
    ["the vendor's word for an order", { filter: {}, sort: 'FANS', page: 1 }],
    ['another key', { filter: {}, sort: 'FOLLOWERS', page: 1, limit: 20 }],
    ['another filter', search({ mood: 'good' })],
    ['a null', search({ gender: null })],
    ['an empty list', search({ contentTags: [] })],
    ['a list out of order', search({ contentTags: ['美妆', '护肤保养'] })],
    ['a duplicate', search({ contentTags: ['美妆', '美妆'] })],
    ['an unknown label', search({ contentTags: ['美装'] })],
    ['a group of themes', search({ contentThemes: ['妆容妆造'] })],
    ['a comma', search({ locations: ['广东省,深圳市'] })],
    ['a blank keyword', search({ keyword: ' ' })],
    ['spaces around a keyword', search({ keyword: ' 美食' })],
    ['a long keyword', search({ keyword: '长'.repeat(101) })],
    ['a half surrogate', search({ keyword: 'a\ud800' })],
    ['CONTENT without a keyword', search({ searchBy: 'CONTENT' })],
    ['the default kind of search', search({ keyword: '美食', searchBy: 'NICKNAME' })],
    ['all industries', search({ industry: 'ALL' })],
    ['a filter that is off', search({ isCelebrity: false })],
    ['an open range', search({ followerCount: { min: 5 } })],
    ['a range upside down', search({ followerCount: { min: 5, max: 4 } })],
    ['a count over the largest', search({ followerCount: { min: 5, max: 2_000_000_000 } })],
    ['a rate over 1', search({ viralRate: { min: 0, max: 1.5 } })],
    ['a rate with seven decimal places', search({ viralRate: { min: 0.0000001, max: 1 } })],
    ['half a fen', search({ expectedCpm: { min: 0.005, max: 1 } })],
    ['a price without a type', search({ price: { min: 0, max: 1 } })],
    ['a price with fen', search({ price: { type: 'VIDEO_1_20S', min: 0.5, max: 1 } })],
    ['no days', search({ tasksInProgress: { days: 0, min: 1 } })],
    ['tasks upside down', search({ tasksInProgress: { days: 7, min: 2, max: 1 } })],
    ['thirty-one values', search({ locations: Array.from({ length: 31 }, (_, nth) => `市${nth + 10}`) })],
  ])('cannot be %s', (_what, args) => {
    expect(isValid(args)).toBe(false);
  });
});
