import DataLoader from 'dataloader';
import type { Section } from './upstream/client.js';
import type { Platform } from './upstream/endpoints/endpoint.js';
import { type EndpointName, endpointNames } from './upstream/endpoints.js';

/** Which creator's section is asked for, and how old it may be. */
export interface SectionKey {
  readonly creatorId: string;
  readonly platform: Platform;
  /** Not given: the endpoint's TTL. */
  readonly maxAgeSeconds?: number | undefined;
}

export interface Loader<Name extends EndpointName> {
  /** Null: the operation is only being planned. */
  load(key: SectionKey): Promise<Section<Name>> | null;
}

/** One loader an endpoint, for one operation. */
export type Loaders = { readonly [Name in EndpointName]: Loader<Name> };

/** Comes back at once with what is at hand. */
export type Get = (endpoint: EndpointName, key: SectionKey) => Section | Promise<Section>;

export function createLoaders(get: Get): Loaders {
  return loadersOf((endpoint) => createLoader(endpoint, get));
}

export function loadersOf(make: (endpoint: EndpointName) => Loader<EndpointName>): Loaders {
  return Object.fromEntries(endpointNames.map((name) => [name, make(name)])) as unknown as Loaders;
}

/** A memo for one operation, not a batcher: no endpoint takes two ids. */
function createLoader(endpoint: EndpointName, get: Get): Loader<EndpointName> {
  return new DataLoader<SectionKey, Section, string>(
    // Each key is resolved with its own call, and so settles when that does: no section waits for another's answer or
    // fails with it.
    async (keys) => keys.map((key) => get(endpoint, key)) as unknown as Section[],
    { cacheKeyFn: ({ creatorId, platform }) => `${creatorId}:${platform}` },
  );
}
