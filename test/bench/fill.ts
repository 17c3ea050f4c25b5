import { stringify } from '../../src/sandbox/bodies/body.js';
import { createSandboxCreator } from '../../src/sandbox/creators.js';
import { keys, nameOf, type Subject, textOfAnswer } from '../../src/upstream/cache/storedAnswer.js';
import { type EndpointName, endpointNames, endpoints } from '../../src/upstream/endpoints/table.js';
import { readJson } from '../../src/upstream/json.js';
import type { Store } from '../../src/upstream/store/store.js';
import { bodies } from './chaos/truth.js';

const platform = 'SHORT_VIDEO';
const lifeMs = 7 * 86_400_000;
const creatorsAtOnce = 100;

export function idsOf(creators: number, from = 0): string[] {
  return Array.from({ length: creators }, (_, nth) =>
    String(7_100_000_000_000_000_000n + BigInt(from + nth)),
  );
}

export function subjectsOf(creatorIds: readonly string[]): Subject[] {
  return creatorIds.flatMap((creatorId) =>
    endpointNames.map((name) => ({ endpoint: endpoints[name], creatorId, platform }) as const),
  );
}

/** All sections of these creators, as a server keeps them that has just paid for them at the sandbox. */
export async function fill(store: Store, realm: string, creatorIds: readonly string[]): Promise<void> {
  for (let at = 0; at < creatorIds.length; at += creatorsAtOnce) {
    const subjects = subjectsOf(creatorIds.slice(at, at + creatorsAtOnce));
    await Promise.all(
      subjects.map((subject) => {
        const fetchedAtMs = Date.now();
        const version = fetchedAtMs * 1000;
        const text = textOfAnswer(subject, { body: bodyOf(subject), fetchedAtMs, isSandbox: true, version });
        return store.set(keys.answer(nameOf(realm, subject)), text, { lifeMs, version });
      }),
    );
  }
}

function bodyOf({ endpoint, creatorId }: Subject): string {
  const data = bodies[endpoint.name as EndpointName].data(createSandboxCreator(creatorId, platform));
  return readJson(stringify({ code: 0, data })).text;
}
