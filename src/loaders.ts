import DataLoader from 'dataloader';
import type { GraphQLResolveInfo } from 'graphql';
import type { Section } from './upstream/client.js';
import type { Platform } from './upstream/endpoints/endpoint.js';
import { type EndpointName, endpointNames } from './upstream/endpoints/table.js';

/** Which creator's section is asked for, and how old it may be. */
export interface SectionKey {
  readonly creatorId: string;
  readonly platform: Platform;
  /** Not given: the endpoint's TTL. */
  readonly maxAgeSeconds?: number | undefined;
}

export interface Loader<Name extends EndpointName> {
  /** `info`: what is selected of it. What is at hand comes at once. Null: the operation is only being planned. */
  load(key: SectionKey, info: GraphQLResolveInfo): Section<Name> | Promise<Section<Name>> | null;
}

/** One loader an endpoint, for one operation. */
export type Loaders = { readonly [Name in EndpointName]: Loader<Name> };

/** Where sections come from. */
export interface SectionSource {
  /** Null: it is to be got. */
  atHand(endpoint: EndpointName, key: SectionKey): Section | null;
  get(endpoint: EndpointName, key: SectionKey): Promise<Section>;
  /** Each time that one is asked for. */
  admit(section: Section | Promise<Section>, info: GraphQLResolveInfo): Section | Promise<Section>;
}

export function createLoaders(source: SectionSource): Loaders {
  return loadersOf((endpoint) => createLoader(endpoint, source));
}

export function loadersOf(make: (endpoint: EndpointName) => Loader<EndpointName>): Loaders {
  return Object.fromEntries(endpointNames.map((name) => [name, make(name)])) as unknown as Loaders;
}

/**
 * A memo for one operation, not a batcher: no endpoint takes two ids. What is at hand is given without a promise, for
 * an operation of hits alone is then executed in one go.
 */
function createLoader(endpoint: EndpointName, { atHand, get, admit }: SectionSource): Loader<EndpointName> {
  const loaded = new Map<string, Section | Promise<Section>>();
  const loader = new DataLoader<SectionKey, Section, string>(
    // Each key is resolved with its own call, and so settles when that does: no section waits for another's answer or
    // fails with it.
    async (keys) => keys.map((key) => get(endpoint, key)) as unknown as Section[],
    { cacheKeyFn: nameOf },
  );
  return {
    load(key, info) {
      const name = nameOf(key);
      const section = loaded.get(name) ?? atHand(endpoint, key) ?? loader.load(key);
      loaded.set(name, section);
      return admit(section, info);
    },
  };
}

function nameOf({ creatorId, platform }: SectionKey): string {
  return `${creatorId}:${platform}`;
}
