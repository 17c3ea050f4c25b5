import { editsBetween } from '../editDistance.js';
import { BadUserInputError } from '../errors.js';
import { quote } from '../quote.js';
import {
  type CreatorFilter as CreatorFilterValue,
  hasComma,
  isPlainText,
  knownLabels,
  most,
  mostCharacters,
  mostValues,
  type NumberRange,
  roundedAmount,
  roundedRate,
} from '../upstream/endpoints/creatorFilter.js';
import { provinces } from '../upstream/endpoints/creatorLabels.js';
import { builder } from './builder.js';
import {
  AudienceTrait,
  CreatorList,
  MarketingTarget,
  SearchBy,
  SearchPriceType,
  StatedGender,
} from './creatorFilterEnums.js';
import { Industry } from './industry.js';

const eitherEnd = 'Give one of `min` and `max`, or both.';

const CountRange = builder.inputType('CountRange', {
  description: `A range of counts, both ends included. ${eitherEnd}`,
  fields: (t) => ({
    min: t.field({ type: 'SafeInt', description: 'The least. Null or not given: 0.' }),
    max: t.field({
      type: 'SafeInt',
      description: `The most, up to ${most.count.toLocaleString('en-GB')}. Null or not given: no limit.`,
    }),
  }),
});

const RateRange = builder.inputType('RateRange', {
  description: `A range of fractions, both ends included: 0.03 is 3 %. ${eitherEnd} Ends are rounded to six decimal places.`,
  fields: (t) => ({
    min: t.float({ description: 'The least, from 0 to 1. Null or not given: 0.' }),
    max: t.float({ description: 'The most, from 0 to 1. Null or not given: 1.' }),
  }),
});

const AmountRange = builder.inputType('AmountRange', {
  description: `A range of amounts in yuan with at most two decimal places, both ends included. ${eitherEnd} The unit is inferred.`,
  fields: (t) => ({
    min: t.field({ type: 'Decimal', description: 'The least, such as "10". Null or not given: 0.' }),
    max: t.field({
      type: 'Decimal',
      description: `The most, such as "30.50", up to ${most.costPer.toLocaleString('en-GB')}. Null or not given: no limit.`,
    }),
  }),
});

const PriceFilter = builder.inputType('PriceFilter', {
  description: `A range of prices of one type, in whole yuan, both ends included. ${eitherEnd} The unit is inferred.`,
  fields: (t) => ({
    type: t.field({ type: SearchPriceType, required: true, description: 'What is sold (报价类型).' }),
    min: t.field({ type: 'Decimal', description: 'The least, such as "10000". Null or not given: 0.' }),
    max: t.field({
      type: 'Decimal',
      description: `The most, such as "50000", up to ${most.price.toLocaleString('en-GB')}. Null or not given: no limit.`,
    }),
  }),
});

const TaskFilter = builder.inputType('TaskFilter', {
  description: `A range of tasks in progress within some days, both ends included. ${eitherEnd}`,
  fields: (t) => ({
    days: t.int({ required: true, description: `How many days: 1 to ${most.days}.` }),
    min: t.int({ description: 'The least. Null or not given: 0.' }),
    max: t.int({ description: 'The most. Null or not given: no limit.' }),
  }),
});

const labelsDescription = `At most ${mostValues}. A creator with any of them matches; that is inferred. Null or empty: all creators.`;

export const CreatorFilter = builder.inputType('CreatorFilter', {
  description:
    'What creators must have, all at once. A filter that is null or not given does not count. Every value is checked before a call is paid; filters that mean the same are one call.',
  fields: (t) => ({
    keyword: t.string({
      description: `A text to search for (关键词), of at most ${mostCharacters} characters. Spaces around it do not count. Null or empty: no text.`,
    }),
    searchBy: t.field({
      type: SearchBy,
      description: 'Where `keyword` is searched for (搜索类型). Null or not given: NICKNAME.',
    }),
    marketingTarget: t.field({
      type: MarketingTarget,
      description: 'What the campaign is for (营销目标). Null: nothing in particular.',
    }),
    industry: t.field({
      type: Industry,
      description: 'The industry that creators are recommended for (推荐行业). Null is the same as ALL.',
    }),
    isCelebrity: t.boolean({
      description: 'True: only celebrities (明星). False or null: all creators.',
    }),
    followerCount: t.field({
      type: CountRange,
      description: 'The number of followers (粉丝数). Null: any.',
    }),
    price: t.field({ type: PriceFilter, description: 'The price of one type of order (报价). Null: any.' }),
    contentTags: t.stringList({
      description: `What the creator is about (达人类型): labels of the vendor's list on either level, such as 美妆 or 护肤保养. ${labelsDescription}`,
    }),
    contentThemes: t.stringList({
      description: `Themes of the videos (内容主题): labels of the vendor's list, such as 宝宝辅食. ${labelsDescription}`,
    }),
    personaTags: t.stringList({
      description: `Who the creator is (达人人设): labels of the vendor's list, such as 大学生. ${labelsDescription}`,
    }),
    gender: t.field({ type: StatedGender, description: "The creator's gender (达人性别). Null: any." }),
    locations: t.stringList({
      description: `Where the creator is (达人所在地): full Chinese names of provinces or cities, such as 广东省 or 深圳市. The vendor does not list the cities. ${labelsDescription}`,
    }),
    tonalityTags: t.stringList({
      description: `How the creator comes across (达人调性): labels of the vendor's list on either level, such as 精致达人 or 设计师. ${labelsDescription}`,
    }),
    connectedUserCount: t.field({
      type: CountRange,
      description: 'The number of connected users (连接用户数). Null: any.',
    }),
    audience: t.field({
      type: [AudienceTrait],
      description: `Who the viewers are (观众画像). At most ${mostValues}. Null or empty: anybody.`,
    }),
    followers: t.field({
      type: [AudienceTrait],
      description: `Who the followers are (粉丝画像). At most ${mostValues}. Null or empty: anybody.`,
    }),
    expectedPlayCount: t.field({
      type: CountRange,
      description: 'The expected number of plays of the next video (预期播放量). Null: any.',
    }),
    expectedCpm: t.field({
      type: AmountRange,
      description:
        'Yuan for 1,000 expected plays (预期 CPM). The vendor does not say for which duration. Null: any.',
    }),
    expectedCpe: t.field({
      type: AmountRange,
      description:
        'Yuan for one expected engagement (预期 CPE). The vendor does not say for which duration. Null: any.',
    }),
    engagementRate: t.field({
      type: RateRange,
      description: 'Engagements per play (互动率). Null: any.',
    }),
    completionRate: t.field({
      type: RateRange,
      description: 'The share of plays that reach the end (完播率). Null: any.',
    }),
    viralRate: t.field({
      type: RateRange,
      description: 'The share of videos that become hits (爆文率). Null: any.',
    }),
    tasksInProgress: t.field({
      type: TaskFilter,
      description: 'The number of tasks in progress (进行中任务数). Null: any.',
    }),
    isCurated: t.boolean({
      description:
        'True: only creators whom Xingtu has curated (星图精选, under 主题推荐). False or null: all creators.',
    }),
    list: t.field({
      type: CreatorList,
      description:
        'Only creators on one of the lists that Xingtu has curated (达人榜单). Null: all creators.',
    }),
  }),
});

type Input = typeof CreatorFilter.$inferInput;

/** The filter in canonical form. Throws BadUserInputError if a value can't be. */
export function filterOf(input: Input): CreatorFilterValue {
  const keyword = keywordIn(input.keyword);
  if (input.searchBy === 'CONTENT' && keyword === null) {
    throw new BadUserInputError('Expected filter.keyword beside filter.searchBy, but got none.');
  }
  return onlySet({
    keyword,
    searchBy: input.searchBy === 'CONTENT' ? input.searchBy : null,
    marketingTarget: input.marketingTarget,
    industry: input.industry === 'ALL' ? null : input.industry,
    isCelebrity: input.isCelebrity ? (true as const) : null,
    followerCount: countsIn('followerCount', input.followerCount),
    price: input.price && { type: input.price.type, ...amountsIn('price', input.price, most.price, 0) },
    contentTags: knownIn('contentTags', input.contentTags),
    contentThemes: knownIn('contentThemes', input.contentThemes),
    personaTags: knownIn('personaTags', input.personaTags),
    gender: input.gender,
    locations: locationsIn(input.locations),
    tonalityTags: knownIn('tonalityTags', input.tonalityTags),
    connectedUserCount: countsIn('connectedUserCount', input.connectedUserCount),
    audience: listIn('audience', input.audience),
    followers: listIn('followers', input.followers),
    expectedPlayCount: countsIn('expectedPlayCount', input.expectedPlayCount),
    expectedCpm: input.expectedCpm && amountsIn('expectedCpm', input.expectedCpm, most.costPer, 2),
    expectedCpe: input.expectedCpe && amountsIn('expectedCpe', input.expectedCpe, most.costPer, 2),
    engagementRate: ratesIn('engagementRate', input.engagementRate),
    completionRate: ratesIn('completionRate', input.completionRate),
    viralRate: ratesIn('viralRate', input.viralRate),
    tasksInProgress: tasksIn(input.tasksInProgress),
    isCurated: input.isCurated ? (true as const) : null,
    list: input.list,
  });
}

/** Where a filter's ends are left open, a range has null. */
interface OpenRange<T> {
  readonly min?: T | null | undefined;
  readonly max?: T | null | undefined;
}

type WithoutNulls<T> = { readonly [Key in keyof T]?: Exclude<T[Key], null> };

function onlySet<T extends object>(values: T): WithoutNulls<T> {
  const set = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(set) as WithoutNulls<T>;
}

function keywordIn(text: string | null | undefined): string | null {
  const keyword = text?.trim() ?? '';
  if (keyword !== '') throwIfNoText('filter.keyword', keyword);
  return keyword || null;
}

function throwIfNoText(where: string, text: string): void {
  if (text === '') throw new BadUserInputError(`Expected a text in ${where}, but got an empty one.`);
  if ([...text].length > mostCharacters) {
    throw new BadUserInputError(
      `Expected at most ${mostCharacters} characters in ${where}, but got ${[...text].length}.`,
    );
  }
  if (!isPlainText(text)) {
    throw new BadUserInputError(
      `Expected ${where} without control characters and half surrogates, but got ${quote(text)}.`,
    );
  }
}

/** Sorted, and without duplicates. Null: it is empty. */
function listIn<T extends string>(field: string, list: readonly T[] | null | undefined): T[] | null {
  const values = [...new Set(list ?? [])].sort();
  if (values.length > mostValues) {
    throw new BadUserInputError(
      `Expected at most ${mostValues} different values in filter.${field}, but got ${values.length}.`,
    );
  }
  return values.length === 0 ? null : values;
}

function labelsIn(field: string, labels: readonly string[] | null | undefined): string[] | null {
  const where = `filter.${field}`;
  const trimmed = (labels ?? []).map((label) => label.trim());
  for (const label of trimmed) {
    throwIfNoText(where, label);
    if (hasComma(label)) {
      throw new BadUserInputError(
        `Expected a list of single labels in ${where}, but got ${quote(label)} with a comma in it.`,
      );
    }
  }
  return listIn(field, trimmed);
}

function knownIn(
  field: keyof typeof knownLabels,
  labels: readonly string[] | null | undefined,
): string[] | null {
  const known = knownLabels[field];
  const list = labelsIn(field, labels);
  for (const label of list ?? []) {
    if (!known.has(label)) {
      throw new BadUserInputError(
        `Expected labels of the vendor's list in filter.${field}, but got ${quote(label)}.${advice(nearestTo(label, known))}`,
      );
    }
  }
  return list;
}

/** The vendor lists the provinces, but not the cities. A province's short name would find nobody. */
function locationsIn(labels: readonly string[] | null | undefined): string[] | null {
  const list = labelsIn('locations', labels);
  for (const label of list ?? []) {
    const province = provinces.find((name) => name !== label && name.startsWith(label));
    if (province !== undefined) {
      throw new BadUserInputError(
        `Expected full names of provinces or cities in filter.locations, but got ${quote(label)}.${advice(province)}`,
      );
    }
  }
  return list;
}

function advice(nearest: string | undefined): string {
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`;
}

/** Undefined: no known label has a character in common with it. */
function nearestTo(label: string, known: ReadonlySet<string>): string | undefined {
  let nearest: string | undefined;
  let nearestDistance = Number.POSITIVE_INFINITY;
  for (const other of known) {
    const distance = editsBetween(label, other);
    if (distance >= Math.max(label.length, other.length) || distance >= nearestDistance) continue;
    nearest = other;
    nearestDistance = distance;
  }
  return nearest;
}

function countsIn(field: string, range: OpenRange<number> | null | undefined): NumberRange | null {
  return range ? rangeIn(field, range, most.count, (count) => count) : null;
}

function ratesIn(field: string, range: OpenRange<number> | null | undefined): NumberRange | null {
  return range ? rangeIn(field, range, 1, roundedRate) : null;
}

function amountsIn(field: string, range: OpenRange<string>, largest: number, places: 0 | 2): NumberRange {
  return rangeIn(field, range, largest, (text, where) => {
    const amount = Number(text);
    const rounded = places === 0 ? Math.round(amount) : roundedAmount(amount);
    if (amount !== rounded) {
      const unit = places === 0 ? 'whole yuan' : 'yuan with at most two decimal places';
      throw new BadUserInputError(`Expected ${unit} in ${where}, but got ${quote(text)}.`);
    }
    return rounded;
  });
}

function tasksIn(tasks: (OpenRange<number> & { readonly days: number }) | null | undefined) {
  if (!tasks) return null;
  const { days } = tasks;
  if (days < 1 || days > most.days) {
    throw new BadUserInputError(
      `Expected filter.tasksInProgress.days of 1 to ${most.days}, but got ${days}.`,
    );
  }
  const { min, max } = rangeIn('tasksInProgress', tasks, most.count, (count) => count);
  // Only here an open end can be left open.
  return max === most.count ? { days, min } : { days, min, max };
}

/** A range with both ends. */
function rangeIn<T extends number | string>(
  field: string,
  { min, max }: OpenRange<T>,
  largest: number,
  toNumber: (end: T, where: string) => number,
): NumberRange {
  const where = `filter.${field}`;
  const end = (name: 'min' | 'max', given: T | null | undefined, open: number) => {
    if (given === null || given === undefined) return open;
    const number = toNumber(given, `${where}.${name}`);
    if (number < 0 || number > largest) {
      throw new BadUserInputError(
        `Expected ${where}.${name} of 0 to ${largest}, but got ${given}. Leave it out for no limit.`,
      );
    }
    return number;
  };
  if ((min ?? max ?? null) === null) {
    throw new BadUserInputError(`Expected min or max in ${where}, but got neither.`);
  }
  const range = { min: end('min', min, 0), max: end('max', max, largest) };
  if (range.min > range.max) {
    throw new BadUserInputError(
      `Expected ${where}.min of at most ${where}.max, but got ${range.min} and ${range.max}.`,
    );
  }
  return range;
}
