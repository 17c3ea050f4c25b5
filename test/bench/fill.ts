import { stringify } from '../../src/sandbox/bodies/body.js';
import { encodeAnswer, storeKey } from '../../src/upstream/cache/storedAnswer.js';
import { type Call, callOf } from '../../src/upstream/endpoints/call.js';
import { readJson } from '../../src/upstream/json.js';
import type { Store } from '../../src/upstream/store/store.js';
import { type DocumentedEndpoint, documentedEndpoints } from '../documentedEndpoints.js';
import { bodies } from './chaos/truth.js';

const platform = 'SHORT_VIDEO';
const lifeMs = 7 * 86_400_000;
const creatorsAtOnce = 100;

export function idsOf(creators: number, from = 0): string[] {
  return Array.from({ length: creators }, (_, nth) =>
    String(7_100_000_000_000_000_000n + BigInt(from + nth)),
  );
}

/** The five documented sections of each creator. */
export function callsAbout(creatorIds: readonly string[]): Call[] {
  return creatorIds.flatMap((creatorId) =>
    documentedEndpoints.map((name) => callOf(name, { creatorId, platform })),
  );
}

/** Stores five sections of each of these creators, as a server does that has just paid for them at the sandbox. */
export async function fill(store: Store, namespace: string, creatorIds: readonly string[]): Promise<void> {
  for (let at = 0; at < creatorIds.length; at += creatorsAtOnce) {
    const calls = callsAbout(creatorIds.slice(at, at + creatorsAtOnce));
    await Promise.all(
      calls.map((call) => {
        const fetchedAtMs = Date.now();
        const version = fetchedAtMs * 1000;
        const text = encodeAnswer(call, { body: bodyOf(call), fetchedAtMs, isSandbox: true, version });
        return store.set(storeKey('answer', namespace, call), text, { lifeMs, version });
      }),
    );
  }
}

function bodyOf({ endpoint, args }: Call): string {
  const data = bodies[endpoint.name as DocumentedEndpoint].data(new URLSearchParams(endpoint.query(args)));
  return readJson(stringify({ code: 0, data })).text;
}
