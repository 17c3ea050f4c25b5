import DataLoader from 'dataloader';
import type { Asker } from './upstream/asker.js';
import type { Client, Section, SectionRequest } from './upstream/client.js';
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
      const ages = new Map<string, Ages>();
      for (const key of keys) {
        const section = sectionOf(key);
        const { maxAgeSeconds, awaitedFromSeconds } = ages.get(section) ?? anyAge;
        ages.set(section, {
          maxAgeSeconds: Math.min(maxAgeSeconds, ageOf(key)),
          awaitedFromSeconds: Math.min(awaitedFromSeconds, key.maxAgeSeconds ?? Number.POSITIVE_INFINITY),
        });
      }
      const calls = new Map<string, Section<Name> | Promise<Section<Name>>>();
      const underWay = keys.map((key) => {
        const section = sectionOf(key);
        const { creatorId, platform } = key;
        const call =
          calls.get(section) ??
          client.get({ endpoint, creatorId, platform, ...(ages.get(section) ?? anyAge) }, asker);
        calls.set(section, call);
        return call;
      });
      // Each key is resolved with its own call, and so settles when that does: no section waits for another's answer
      // or fails with it.
      return underWay as unknown as Section<Name>[];
    },
    { cacheKeyFn: (key) => `${sectionOf(key)}:${key.maxAgeSeconds ?? 'TTL'}` },
  );
}

type Ages = Pick<SectionRequest, 'maxAgeSeconds' | 'awaitedFromSeconds'>;

const anyAge: Ages = {
  maxAgeSeconds: Number.POSITIVE_INFINITY,
  awaitedFromSeconds: Number.POSITIVE_INFINITY,
};

function sectionOf({ creatorId, platform }: SectionKey): string {
  return `${creatorId}:${platform}`;
}
