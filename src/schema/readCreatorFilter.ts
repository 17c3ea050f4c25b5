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
import type { CreatorFilter } from './creatorFilter.js';

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
