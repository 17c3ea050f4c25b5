import type { CreatorQuery, CreatorQueryVariables } from '../generated/graphql.js';

export type CreatorSection = Exclude<keyof CreatorQueryVariables, 'id'>;

type Creator = NonNullable<CreatorQuery['creator']>;

/** A section that has come. */
export type SectionOf<Name extends CreatorSection> = NonNullable<Creator[Name]>;

export type LoadedSections = { readonly [Name in CreatorSection]?: Creator[Name] };

/** In the order in which a buyer reads them. */
export const sectionNames: readonly CreatorSection[] = [
  'profile',
  'prices',
  'cpMetrics',
  'performance',
  'indices',
  'audience',
  'followers',
  'connectedUsers',
  'audienceTouch',
  'latestVideos',
  'recommendedVideos',
];
