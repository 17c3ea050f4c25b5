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

type Loader<Name extends EndpointName> = DataLoader<SectionKey, Section<Name>, string>;

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
  return new DataLoader(
    (keys) => {
      const strictest = new Map<string, number>();
      for (const key of keys) {
        const section = sectionOf(key);
        strictest.set(section, Math.min(strictest.get(section) ?? Number.POSITIVE_INFINITY, ageOf(key)));
      }
      const calls = new Map<string, Promise<Section<Name> | Error>>();
      return Promise.all(
        keys.map((key) => {
          const section = sectionOf(key);
          const { creatorId, platform } = key;
          const maxAgeSeconds = strictest.get(section) ?? ageOf(key);
          const call =
            calls.get(section) ?? settle(client.get({ endpoint, creatorId, platform, maxAgeSeconds }, asker));
          calls.set(section, call);
          return call;
        }),
      );
    },
    { cacheKeyFn: (key) => `${sectionOf(key)}:${ageOf(key)}` },
  );
}

function sectionOf({ creatorId, platform }: SectionKey): string {
  return `${creatorId}:${platform}`;
}

/** A rejecting batch would drop all its keys from the memo, and asking for them again would pay again. */
function settle<T>(promise: Promise<T>): Promise<T | Error> {
  return promise.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}
