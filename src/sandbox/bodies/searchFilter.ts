import {
  contentTags,
  contentThemes,
  type LabelGroups,
  personaTags,
  tonalityTags,
} from '../../upstream/endpoints/creatorLabels.js';
import { industries } from '../../upstream/endpoints/industries.js';
import type { SandboxCreator } from '../creators.js';
import { connectedUsersOf, monthOf } from '../figures.js';
import { viralRateOf } from './cpMetrics.js';
import { prices } from './prices.js';

type Matches = (creator: SandboxCreator) => boolean;

/** Null: the value is invalid. */
type Parameter = (value: string, query: URLSearchParams) => Matches | null;

const everybody: Matches = () => true;

/** The vendor's price types, by its codes of price rows. Null: no creator of the sandbox sells it. */
const priceTypes: Readonly<Record<string, number | null>> = {
  VIDEO_1_20S: 1,
  VIDEO_21_60S: 2,
  VIDEO_OVER_60S: 71,
  CUSTOM_SHORT_DRAMA_EPISODE: null,
  NATURAL_PLAY_CPM: 92,
  SHORT_LIVE_SEEDING_VIDEO: 150,
  SHORT_LIVE_WARMUP_VIDEO: null,
  CELEBRITY_SHORT_LIVE_SEEDING: null,
  CELEBRITY_SHORT_LIVE_WARMUP: null,
  CELEBRITY_VIDEO: null,
  COLLECTION_VIDEO: null,
  DOUYIN_SHORT_VIDEO_CO_CREATION_MAIN_CREATOR: 90,
  DOUYIN_SHORT_VIDEO_CO_CREATION_PARTICIPANT: 91,
};

/** Where the sandbox's creators have another tag than the vendor's list. */
const sandboxTags: Readonly<Record<string, string>> = { 母婴亲子: '亲子' };

const imageValue =
  /^(?:GENDER_(?:FE)?MALE_[5-8]0|AGE_(?:18_23|24_30|31_40|41_50|GT_50)|DEVICE_(?:IPHONE|HUAWEI|XIAOMI|VIVO|OPPO)|CITY_TIER_[1-5]|SPEND_(?:0_50|50_100|100_200|200_500|GT_500)|CROWD_(?:REFINED_MOTHER|URBAN_SILVER|NEW_WHITE_COLLAR|SENIOR_MIDDLE_CLASS|URBAN_BLUE_COLLAR|GEN_Z|TOWN_MIDDLE_AGED|TOWN_YOUTH))$/;

/** The vendor's parameters. Those that are cheap to check come first. */
const parameters: Readonly<Record<string, Parameter>> = {
  token: () => everybody,
  page: (value) => (/^[1-9]\d{0,9}$/.test(value) ? everybody : null),
  sort: oneOf(['DEFAULT', 'FANS'], () => everybody),
  searchType: oneOf(['NICKNAME', 'CONTENT'], () => everybody),
  marketingTarget: oneOf(['BRAND_EXPOSURE', 'CIRCLE_SEEDING', 'ACTION_CONVERSION'], () => everybody),
  industry: oneOf(industries, () => everybody),
  followerRange: counts(({ followers }) => followers),
  expectedPlayRange: counts(({ expectedPlays }) => expectedPlays),
  gender: oneOf(['MALE', 'FEMALE'], (value) => {
    const code = value === 'MALE' ? 1 : 2;
    return ({ gender }) => gender === code;
  }),
  contentTag: labels(labelsOf(contentTags, true), (names) => {
    const tags = new Set(names.flatMap(firstLevelOf).map((tag) => sandboxTags[tag] ?? tag));
    return ({ tag }) => tags.has(tag);
  }),
  location: labels(null, (names) => {
    const places = new Set(names);
    return ({ province, city }) => places.has(province) || places.has(city);
  }),
  keyword: (value, query) => {
    const isContent = query.get('searchType') === 'CONTENT';
    return ({ name, tag }) => name.includes(value) || (isContent && tag.includes(value));
  },
  expectedCpmRange: amounts(({ expectedPlays }) => expectedPlays / 1000),
  expectedCpeRange: amounts(({ expectedPlays, engagementRate }) => expectedPlays * engagementRate),
  kolPriceType: (value, query) => pricesOf(value, query.get('kolPriceRange')),
  kolPriceRange: (_, query) => (query.has('kolPriceType') ? everybody : null),
  connectedUserRange: counts((creator) => {
    const { aware, interested, like, follow } = connectedUsersOf(creator);
    return aware + interested + like + follow;
  }),
  interactionRateRange: rates((creator) => monthOf(creator).engagementRate),
  completionRateRange: rates((creator) => monthOf(creator).completionRate),
  viralRateRange: rates((creator) => viralRateOf(creator) / 10_000),
  // The sandbox's creators have nothing that these could be checked against, so each finds half of them.
  isSuperstar: flag('isSuperstar'),
  isCuratedAuthor: flag('isCuratedAuthor'),
  contentTheme: labels(labelsOf(contentThemes, false), (names) => half('contentTheme', names)),
  personaTag: labels(labelsOf(personaTags, false), (names) => half('personaTag', names)),
  tonalityTag: labels(labelsOf(tonalityTags, true), (names) => half('tonalityTag', names)),
  audienceImage: images('audienceImage'),
  fansImage: images('fansImage'),
  progressTaskRange: (value) =>
    /^[1-9]\d*:(?:\d+-\d*|-\d+)$/.test(value) ? half('progressTaskRange', [value]) : null,
  authorList: (value) => (/^[A-Z_]+$/.test(value) ? half('authorList', [value]) : null),
};

const parameterNames = Object.keys(parameters);

/** Whether a creator matches all parameters. Null: one of them is invalid, or is not the vendor's. */
export function matchesOf(query: URLSearchParams): Matches | null {
  if (![...query.keys()].every((name) => Object.hasOwn(parameters, name))) return null;
  const all: Matches[] = [];
  for (const name of parameterNames) {
    const value = query.get(name);
    if (value === null || value === '') continue;
    const matches = parameters[name]?.(value, query) ?? null;
    if (matches === null) return null;
    if (matches !== everybody) all.push(matches);
  }
  return (creator) => all.every((matches) => matches(creator));
}

function oneOf(values: readonly string[], matchesOf: (value: string) => Matches): Parameter {
  return (value) => (values.includes(value) ? matchesOf(value) : null);
}

/** `known`: null if the vendor does not list the labels. */
function labels(
  known: ReadonlySet<string> | null,
  matchesOf: (names: readonly string[]) => Matches,
): Parameter {
  return (value) => {
    const names = value.split(',');
    return names.every((name) => known?.has(name) ?? name !== '') ? matchesOf(names) : null;
  };
}

function images(name: string): Parameter {
  return (value) => {
    const traits = value.split(',');
    return traits.every((trait) => imageValue.test(trait)) ? half(name, traits) : null;
  };
}

function flag(name: string): Parameter {
  return (value) => (value === 'false' ? everybody : value === 'true' ? half(name, [value]) : null);
}

function counts(figure: (creator: SandboxCreator) => number): Parameter {
  return (value) => (/^\d+-\d+$/.test(value) ? between(value, figure) : null);
}

/** Zero is a rate that is not provided, which no range contains. */
function rates(figure: (creator: SandboxCreator) => number): Parameter {
  return (value) => {
    const matches = between(value, figure, 1);
    return matches && ((creator) => figure(creator) > 0 && matches(creator));
  };
}

/** A price for each of some number, such as a thousand plays. One of the three durations must match. */
function amounts(number: (creator: SandboxCreator) => number): Parameter {
  return (value) => {
    const range = rangeOf(value);
    return (
      range &&
      ((creator) => Object.values(creator.prices ?? {}).some((price) => isIn(price / number(creator), range)))
    );
  };
}

function pricesOf(type: string, value: string | null): Matches | null {
  const range = value === null ? { min: 0, max: Number.POSITIVE_INFINITY } : rangeOf(value);
  const code = priceTypes[type];
  if (code === undefined || !range) return null;
  const durations = { 1: 'short', 2: 'medium', 71: 'long' } as const;
  if (code === 1 || code === 2 || code === 71) {
    return ({ prices }) => prices !== null && isIn(prices[durations[code]], range);
  }
  return (creator) => priceRowsOf(creator).some((row) => row.video_type === code && isIn(row.price, range));
}

interface PriceRow {
  readonly video_type: number;
  readonly price: number;
}

/** The rows of the creator's price list. */
export function priceRowsOf<Row extends PriceRow>({ id }: SandboxCreator): readonly Row[] {
  const body = prices.data(new URLSearchParams({ oAuthorId: id })) as {
    readonly price_info: readonly (Row & { readonly price: number | string })[];
  };
  return body.price_info.map((row) => ({ ...row, price: Number(row.price) }));
}

function between(value: string, figure: (creator: SandboxCreator) => number, most?: number): Matches | null {
  const range = rangeOf(value);
  if (!range || range.max > (most ?? range.max)) return null;
  return (creator) => isIn(figure(creator), range);
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** Null: it is no range. */
function rangeOf(value: string): Range | null {
  const [, min, max] = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(value) ?? [];
  const range = { min: Number(min), max: Number(max) };
  return range.min <= range.max ? range : null;
}

function isIn(figure: number, { min, max }: Range): boolean {
  return figure >= min && figure <= max;
}

/** A half of the creators, another one for each value. */
function half(name: string, values: readonly string[]): Matches {
  return ({ randomFor }) => randomFor(`search:${name}:${values.join()}`).chance(0.5);
}

function labelsOf(groups: LabelGroups, areGroupsLabels: boolean): ReadonlySet<string> {
  return new Set([...(areGroupsLabels ? Object.keys(groups) : []), ...Object.values(groups).flat()]);
}

function firstLevelOf(label: string): string[] {
  const groups: LabelGroups = contentTags;
  if (Object.hasOwn(groups, label)) return [label];
  return Object.keys(groups).filter((group) => groups[group]?.includes(label));
}
