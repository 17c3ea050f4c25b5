import DataLoader from 'dataloader';
import type { Asker } from './upstream/asker.js';
import type { Client, Section } from './upstream/client.js';
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
  load(key: SectionKey): Promise<Section<Name>>;
}

/** One loader an endpoint, for one operation. */
export type Loaders = { readonly [Name in EndpointName]: Loader<Name> };

export function createLoaders(client: Client, asker: Asker): Loaders {
  return Object.fromEntries(
    endpointNames.map((name) => [name, createLoader(client, asker, name)]),
  ) as unknown as Loaders;
}

/**
 * A memo for one operation, not a batcher: no endpoint takes two ids. What the batch is good for is age: of all the
 * fields that ask for one section, the strictest age governs, and they share one call.
 */
function createLoader<Name extends EndpointName>(client: Client, asker: Asker, endpoint: Name): Loader<Name> {
  const ageOf = (key: SectionKey) => key.maxAgeSeconds ?? client.ttlSecondsOf(endpoint);
  return new DataLoader<SectionKey, Section<Name>, string>(
    async (keys) => {
      const strictest = new Map<string, number>();
      for (const key of keys) {
        const section = sectionOf(key);
        strictest.set(section, Math.min(strictest.get(section) ?? Number.POSITIVE_INFINITY, ageOf(key)));
      }
      const calls = new Map<string, Promise<Section<Name>>>();
      const underWay = keys.map((key) => {
        const section = sectionOf(key);
        const { creatorId, platform } = key;
        const maxAgeSeconds = strictest.get(section) ?? ageOf(key);
        const call =
          calls.get(section) ?? client.get({ endpoint, creatorId, platform, maxAgeSeconds }, asker);
        calls.set(section, call);
        return call;
      });
      // Each key is resolved with its own call, and so settles when that does: no section waits for another's answer
      // or fails with it.
      return underWay as unknown as Section<Name>[];
    },
    { cacheKeyFn: (key) => `${sectionOf(key)}:${ageOf(key)}` },
  );
}

function sectionOf({ creatorId, platform }: SectionKey): string {
  return `${creatorId}:${platform}`;
}
