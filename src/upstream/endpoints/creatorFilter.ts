import { z } from 'zod';
import { contentTags, contentThemes, type LabelGroups, personaTags, tonalityTags } from './creatorLabels.js';
import { industries } from './industries.js';
import { keysOf } from './vocabulary.js';

/** Our words for the vendor's enums of the search, and its names of them. */
export const creatorSorts = { FOLLOWERS: 'FANS', SCORE: 'DEFAULT' } as const;

export type CreatorSort = keyof typeof creatorSorts;

export const searchPriceTypes = {
  VIDEO_1_20S: 'VIDEO_1_20S',
  VIDEO_21_60S: 'VIDEO_21_60S',
  VIDEO_OVER_60S: 'VIDEO_OVER_60S',
  SHORT_DRAMA_EPISODE: 'CUSTOM_SHORT_DRAMA_EPISODE',
  NATURAL_PLAY_CPM: 'NATURAL_PLAY_CPM',
  LIVE_SEEDING_VIDEO: 'SHORT_LIVE_SEEDING_VIDEO',
  LIVE_WARMUP_VIDEO: 'SHORT_LIVE_WARMUP_VIDEO',
  CELEBRITY_LIVE_SEEDING_VIDEO: 'CELEBRITY_SHORT_LIVE_SEEDING',
  CELEBRITY_LIVE_WARMUP_VIDEO: 'CELEBRITY_SHORT_LIVE_WARMUP',
  CELEBRITY_VIDEO: 'CELEBRITY_VIDEO',
  COLLECTION_VIDEO: 'COLLECTION_VIDEO',
  CO_CREATION_MAIN_CREATOR: 'DOUYIN_SHORT_VIDEO_CO_CREATION_MAIN_CREATOR',
  CO_CREATION_PARTICIPANT: 'DOUYIN_SHORT_VIDEO_CO_CREATION_PARTICIPANT',
} as const;

export type SearchPriceType = keyof typeof searchPriceTypes;

/** The enums that have the same names on both sides. */
export const searchModes = ['NICKNAME', 'CONTENT'] as const;
export const marketingTargets = ['BRAND_EXPOSURE', 'CIRCLE_SEEDING', 'ACTION_CONVERSION'] as const;
export const statedGenders = ['MALE', 'FEMALE'] as const;

export const audienceTraits = [
  'GENDER_MALE_50',
  'GENDER_MALE_60',
  'GENDER_MALE_70',
  'GENDER_MALE_80',
  'GENDER_FEMALE_50',
  'GENDER_FEMALE_60',
  'GENDER_FEMALE_70',
  'GENDER_FEMALE_80',
  'AGE_18_23',
  'AGE_24_30',
  'AGE_31_40',
  'AGE_41_50',
  'AGE_GT_50',
  'DEVICE_IPHONE',
  'DEVICE_HUAWEI',
  'DEVICE_XIAOMI',
  'DEVICE_VIVO',
  'DEVICE_OPPO',
  'CITY_TIER_1',
  'CITY_TIER_2',
  'CITY_TIER_3',
  'CITY_TIER_4',
  'CITY_TIER_5',
  'SPEND_0_50',
  'SPEND_50_100',
  'SPEND_100_200',
  'SPEND_200_500',
  'SPEND_GT_500',
  'CROWD_REFINED_MOTHER',
  'CROWD_URBAN_SILVER',
  'CROWD_NEW_WHITE_COLLAR',
  'CROWD_SENIOR_MIDDLE_CLASS',
  'CROWD_URBAN_BLUE_COLLAR',
  'CROWD_GEN_Z',
  'CROWD_TOWN_MIDDLE_AGED',
  'CROWD_TOWN_YOUTH',
] as const;

export type AudienceTrait = (typeof audienceTraits)[number];

export const creatorLists = [
  'SHORT_LIVE_ENTERTAINMENT_CREATORS',
  'SHORT_DRAMA_ACTORS',
  'WECHAT_QUICK_CONNECT_CREATORS',
  'AI_STAR_PLAN_CREATORS',
  'COMMERCE_ADVANTAGE_CREATORS',
  'HIGH_VALUE_CREATORS',
  'SEEDING_ADVANTAGE_CREATORS',
  'BASKETBALL_CREATORS',
  'PREMIUM_CONTENT_MEDIA',
  'TREND_SETTING_MEDIA',
  'FACTORY_TRACEABILITY_MEDIA',
  'RUNNING_CREATORS',
  'LIGHT_OUTDOOR_CREATORS',
  'FITNESS_CREATORS',
  'YOGA_CREATORS',
  'STREET_SPORTS_CREATORS',
  'CYCLING_CREATORS',
  'FOOTBALL_CREATORS',
  'FISHING_CREATORS',
  'BEAUTY_QUALITY_CREATORS',
] as const;

/** The labels that the vendor accepts, by filter. Groups of themes and personas are no labels. */
export const knownLabels = {
  contentTags: labelsOf(contentTags, true),
  contentThemes: labelsOf(contentThemes, false),
  personaTags: labelsOf(personaTags, false),
  tonalityTags: labelsOf(tonalityTags, true),
} as const;

/** Inclusive. An end that was left open is 0 or the largest value. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/**
 * The largest values that are sent, which also stand for an open end, as the vendor's documentation advises. Amounts are
 * in yuan.
 */
export const most = { count: 1_000_000_000, price: 1_000_000_000, costPer: 1_000_000, days: 365 } as const;

/** Of names, keywords and labels, in characters. */
export const mostCharacters = 100;

/** Of values in one list. */
export const mostValues = 30;

/** Of a query string, in bytes. Gateways refuse requests whose first line has more than 8 kB. */
export const mostQueryBytes = 6_000;

/** Rates are sent with six decimal places at most, so that none is written with an exponent. */
export function roundedRate(rate: number): number {
  return Number(rate.toFixed(6));
}

/** An amount in yuan with two decimal places at most. */
export function roundedAmount(amount: number): number {
  return Number(amount.toFixed(2));
}

/** No half surrogate, which cannot be sent, and no control character. */
export function isPlainText(text: string): boolean {
  return !/[\p{Cs}\p{Cc}]/u.test(text);
}

/** A separator, with which a label would be sent as two. */
export function hasComma(label: string): boolean {
  return /[,，]/.test(label);
}

const trimmedText = z
  .string()
  .min(1)
  .refine((text) => text === text.trim() && [...text].length <= mostCharacters && isPlainText(text));

const count = z.int().min(0).max(most.count);
const countRange = rangeOf(count);
const rateRange = rangeOf(
  z
    .number()
    .min(0)
    .max(1)
    .refine((rate) => rate === roundedRate(rate)),
);
const costRange = rangeOf(
  z
    .number()
    .min(0)
    .max(most.costPer)
    .refine((amount) => amount === roundedAmount(amount)),
);
const price = z.int().min(0).max(most.price);

/**
 * What creators must have, in canonical form, so that filters that mean the same are the same call: only what is set, lists
 * sorted and without duplicates, ranges with both ends. Rates are fractions, amounts yuan.
 */
const filter = z.strictObject({
  keyword: trimmedText.optional(),
  searchBy: z.literal('CONTENT').optional(),
  marketingTarget: z.enum(marketingTargets).optional(),
  industry: z.enum(industries).exclude(['ALL']).optional(),
  isCelebrity: z.literal(true).optional(),
  followerCount: countRange.optional(),
  price: z
    .strictObject({ type: z.enum(keysOf(searchPriceTypes)), min: price, max: price })
    .refine(isUpright)
    .optional(),
  contentTags: listOf(knownLabel(knownLabels.contentTags)).optional(),
  contentThemes: listOf(knownLabel(knownLabels.contentThemes)).optional(),
  personaTags: listOf(knownLabel(knownLabels.personaTags)).optional(),
  gender: z.enum(statedGenders).optional(),
  locations: listOf(trimmedText.refine((label) => !hasComma(label))).optional(),
  tonalityTags: listOf(knownLabel(knownLabels.tonalityTags)).optional(),
  connectedUserCount: countRange.optional(),
  audience: listOf(z.enum(audienceTraits)).optional(),
  followers: listOf(z.enum(audienceTraits)).optional(),
  expectedPlayCount: countRange.optional(),
  expectedCpm: costRange.optional(),
  expectedCpe: costRange.optional(),
  engagementRate: rateRange.optional(),
  completionRate: rateRange.optional(),
  viralRate: rateRange.optional(),
  tasksInProgress: z
    .strictObject({ days: z.int().min(1).max(most.days), min: count, max: count.optional() })
    .refine(({ min, max }) => isUpright({ min, max: max ?? min }))
    .optional(),
  isCurated: z.literal(true).optional(),
  list: z.enum(creatorLists).optional(),
});

export type CreatorFilter = Readonly<z.infer<typeof filter>>;

export interface SearchCreatorsArgs {
  readonly filter: CreatorFilter;
  readonly sort: CreatorSort;
  /** From 1. */
  readonly page: number;
}

/** The largest number of a page that the vendor's type (int32) holds. */
export const mostPages = 2_147_483_647;

export const searchCreatorsArgs: z.ZodType<SearchCreatorsArgs> = z
  .strictObject({
    filter,
    sort: z.enum(keysOf(creatorSorts)),
    page: z.int().min(1).max(mostPages),
  })
  .refine((args) => args.filter.searchBy === undefined || args.filter.keyword !== undefined)
  .refine((args) => queryBytes(args) <= mostQueryBytes);

/**
 * The vendor's parameters, in its order: a change of one of them is a change of one line here. Undefined: not sent.
 * `sort` and `searchType` are always sent, since the vendor's defaults may change.
 */
export function searchQuery({ filter, sort, page }: SearchCreatorsArgs): Readonly<Record<string, string>> {
  const parameters = {
    keyword: filter.keyword,
    page: String(page),
    sort: creatorSorts[sort],
    searchType: filter.searchBy ?? 'NICKNAME',
    marketingTarget: filter.marketingTarget,
    industry: filter.industry,
    isSuperstar: filter.isCelebrity && 'true',
    followerRange: filter.followerCount && minToMax(filter.followerCount),
    kolPriceType: filter.price && searchPriceTypes[filter.price.type],
    kolPriceRange: filter.price && minToMax(filter.price),
    contentTag: filter.contentTags?.join(),
    contentTheme: filter.contentThemes?.join(),
    personaTag: filter.personaTags?.join(),
    gender: filter.gender,
    location: filter.locations?.join(),
    tonalityTag: filter.tonalityTags?.join(),
    connectedUserRange: filter.connectedUserCount && minToMax(filter.connectedUserCount),
    audienceImage: filter.audience?.join(),
    fansImage: filter.followers?.join(),
    expectedPlayRange: filter.expectedPlayCount && minToMax(filter.expectedPlayCount),
    expectedCpmRange: filter.expectedCpm && minToMax(filter.expectedCpm),
    expectedCpeRange: filter.expectedCpe && minToMax(filter.expectedCpe),
    interactionRateRange: filter.engagementRate && minToMax(filter.engagementRate),
    completionRateRange: filter.completionRate && minToMax(filter.completionRate),
    viralRateRange: filter.viralRate && minToMax(filter.viralRate),
    progressTaskRange:
      filter.tasksInProgress &&
      `${filter.tasksInProgress.days}:${filter.tasksInProgress.min}-${filter.tasksInProgress.max ?? ''}`,
    isCuratedAuthor: filter.isCurated && 'true',
    authorList: filter.list,
  };
  const sent = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(sent);
}

/** How long a search is in a URL. */
export function queryBytes(args: SearchCreatorsArgs): number {
  return String(new URLSearchParams(searchQuery(args))).length;
}

function minToMax({ min, max }: NumberRange): string {
  return `${min}-${max}`;
}

function labelsOf(groups: LabelGroups, areGroupsLabels: boolean): ReadonlySet<string> {
  return new Set([...(areGroupsLabels ? Object.keys(groups) : []), ...Object.values(groups).flat()]);
}

function knownLabel(known: ReadonlySet<string>): z.ZodType<string> {
  return z.string().refine((label) => known.has(label));
}

function isUpright({ min, max }: NumberRange): boolean {
  return min <= max;
}

function rangeOf(end: z.ZodType<number>): z.ZodType<NumberRange> {
  return z.strictObject({ min: end, max: end }).refine(isUpright);
}

/** Not empty, in order, and without duplicates. */
function listOf<T extends string>(value: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z
    .array(value)
    .min(1)
    .max(mostValues)
    .refine((list) => list.every((entry, at) => at === 0 || (list[at - 1] ?? '') < entry));
}
