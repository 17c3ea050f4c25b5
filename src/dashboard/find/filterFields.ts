import {
  contentTags,
  contentThemes,
  type LabelGroups,
  personaTags,
  provinces,
  tonalityTags,
} from '../../upstream/endpoints/creatorLabels.js';
import type { CreatorFilter } from '../generated/graphql.js';
import type { Texts } from '../speech/texts.js';

/** The names that are both a filter and a text. */
type Name = keyof CreatorFilter & keyof Texts;

/** How one filter is entered. */
export type FilterField =
  | { readonly kind: 'range'; readonly name: Name; readonly unit: 'count' | 'amount' | 'rate' }
  | { readonly kind: 'labels'; readonly name: Name; readonly labels: readonly string[] }
  | { readonly kind: 'enum' | 'enums'; readonly name: Name; readonly enumName: EnumName }
  | { readonly kind: 'flag'; readonly name: Name };

export type EnumName = 'AudienceTrait' | 'CreatorList' | 'Industry' | 'MarketingTarget';

/** What a media buyer filters by first. Keyword, price and gender have inputs of their own. */
export const firstFilters: readonly FilterField[] = [
  { kind: 'labels', name: 'contentTags', labels: labelsOf(contentTags) },
  { kind: 'labels', name: 'locations', labels: provinces },
  { kind: 'range', name: 'followerCount', unit: 'count' },
];

export const moreFilters: readonly FilterField[] = [
  { kind: 'range', name: 'expectedCpm', unit: 'amount' },
  { kind: 'range', name: 'expectedCpe', unit: 'amount' },
  { kind: 'range', name: 'expectedPlayCount', unit: 'count' },
  { kind: 'range', name: 'viralRate', unit: 'rate' },
  { kind: 'range', name: 'engagementRate', unit: 'rate' },
  { kind: 'range', name: 'completionRate', unit: 'rate' },
  { kind: 'range', name: 'connectedUserCount', unit: 'count' },
  { kind: 'enum', name: 'industry', enumName: 'Industry' },
  { kind: 'enum', name: 'marketingTarget', enumName: 'MarketingTarget' },
  { kind: 'enum', name: 'list', enumName: 'CreatorList' },
  { kind: 'enums', name: 'audience', enumName: 'AudienceTrait' },
  { kind: 'enums', name: 'followers', enumName: 'AudienceTrait' },
  { kind: 'labels', name: 'contentThemes', labels: Object.values<readonly string[]>(contentThemes).flat() },
  { kind: 'labels', name: 'personaTags', labels: labelsOf(personaTags) },
  { kind: 'labels', name: 'tonalityTags', labels: labelsOf(tonalityTags) },
  { kind: 'flag', name: 'isCelebrity' },
  { kind: 'flag', name: 'isCurated' },
];

/** Both levels. */
function labelsOf(groups: LabelGroups): readonly string[] {
  return [...new Set(Object.entries(groups).flatMap(([group, labels]) => [group, ...labels]))];
}

const isText = (value: unknown) => typeof value === 'string';

/** What of a filter in the address has the form that the inputs expect. The server checks the values. */
export function readFilter(given: unknown): CreatorFilter {
  const isValid: Readonly<Record<string, (value: unknown) => boolean>> = {
    keyword: isText,
    searchBy: isText,
    gender: isText,
    price: (value) => isRange(value) && isText((value as { readonly type?: unknown }).type),
    ...Object.fromEntries([...firstFilters, ...moreFilters].map(({ name, kind }) => [name, forms[kind]])),
  };
  const entries = typeof given === 'object' && given !== null ? Object.entries(given) : [];
  return Object.fromEntries(
    entries.filter(([name, value]) => Object.hasOwn(isValid, name) && isValid[name]?.(value)),
  );
}

const isRange = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

const forms: Readonly<Record<FilterField['kind'], (value: unknown) => boolean>> = {
  range: isRange,
  labels: (value) => Array.isArray(value) && value.every(isText),
  enums: (value) => Array.isArray(value) && value.every(isText),
  enum: isText,
  flag: (value) => value === true,
};
