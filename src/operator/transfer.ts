import { createReadStream, existsSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import {
  answerOfText,
  keys,
  nameOf,
  type Subject,
  textOfAnswer,
  versionOf,
} from '../upstream/cache/storedAnswer.js';
import { endpoints } from '../upstream/endpoints/table.js';
import { dataOf } from '../upstream/http/envelope.js';
import type { CommandContext } from './storeCommand.js';
import { UsageError } from './usageError.js';

const head = z.object({ xingtuGraphqlExport: z.literal(1) });

/** One answer, as a line of JSON. */
const line = z.object({
  realm: z.string().regex(/^[\w-]+$/),
  creatorId: z.string().regex(/^\d+$/),
  endpoint: z.enum(Object.keys(endpoints) as [keyof typeof endpoints]),
  endpointVersion: z.string(),
  platform: z.enum(['SHORT_VIDEO', 'LIVE_STREAMING', 'PICTURE_TEXT', 'SHORT_DRAMA']),
  fetchedAt: z.iso.datetime(),
  isSandbox: z.boolean(),
  version: z.number(),
  data: z.record(z.string(), z.json()).nullable(),
});
type Line = z.infer<typeof line>;

const writeAtOnce = 500;

/** Under another name until it is whole. */
export async function exportTo({ store }: CommandContext, path: string): Promise<string> {
  const part = `${path}.part`;
  const unwritable = (error: Error) => new UsageError(`${path} can't be written (${error.message}).`);
  if (existsSync(path)) throw unwritable(new Error('there is such a file'));
  const file = await open(part, 'w').catch((error: Error) => {
    throw unwritable(error);
  });
  let written = 0;
  let unreadable = 0;
  try {
    await file.write(`${JSON.stringify({ xingtuGraphqlExport: 1 })}\n`);
    for await (const key of store.keys(keys.answer(''))) {
      const exported = lineOf(key, await store.get(key));
      if (exported === 'unreadable') unreadable += 1;
      if (!exported || exported === 'unreadable') continue;
      await file.write(`${JSON.stringify(exported)}\n`);
      written += 1;
    }
  } finally {
    await file.close();
  }
  await rename(part, path);
  return `Written: ${written} answers.${unreadable > 0 ? ` Left out, for they can't be read: ${unreadable}.` : ''}`;
}

/** Everything is looked at before anything is taken over. */
export async function importFrom({ store, config }: CommandContext, path: string): Promise<string> {
  for await (const _ of linesOf(path));
  let taken = 0;
  let left = 0;
  const batch: Promise<PromiseSettledResult<boolean>>[] = [];
  const settle = async () => {
    for (const result of await Promise.all(batch.splice(0))) {
      if (result.status === 'rejected') {
        throw new UsageError(
          `${path} was taken over in part only, ${taken} answers of it (${result.reason.message}). It can be taken over again.`,
        );
      }
      if (result.value) taken += 1;
      else left += 1;
    }
  };
  for await (const imported of linesOf(path)) {
    batch.push(Promise.allSettled([take(imported)]).then(([result]) => result));
    if (batch.length >= writeAtOnce) await settle();
  }
  await settle();
  return `Taken over: ${taken} answers. Left out, for they have expired, are of another version, or newer ones are here: ${left}.`;

  async function take({
    realm,
    endpoint: name,
    endpointVersion,
    version,
    ...imported
  }: Line): Promise<boolean> {
    const endpoint = endpoints[name];
    const subject: Subject = { endpoint, creatorId: imported.creatorId, platform: imported.platform };
    const fetchedAtMs = Date.parse(imported.fetchedAt);
    const ttlSeconds = config.ttlSeconds[name] ?? endpoint.ttlSeconds;
    const lifeMs = fetchedAtMs + (ttlSeconds + config.staleSeconds) * 1000 - Date.now();
    if (lifeMs <= 0 || endpointVersion !== versionOf(endpoint)) return false;
    const body = imported.data && JSON.stringify({ code: 0, data: imported.data });
    const text = textOfAnswer(subject, { body, fetchedAtMs, isSandbox: imported.isSandbox, version });
    return store.set(keys.answer(nameOf(realm, subject)), text, { lifeMs, version });
  }
}

/** Null: it has gone meanwhile, or is of another version. */
function lineOf(key: string, text: string | null): Line | 'unreadable' | null {
  const [, realm = '', creatorId = '', name = '', platform = ''] = key.split(':');
  const endpoint = Object.values(endpoints).find((known) => known.name === name);
  if (text === null || !endpoint) return null;
  const subject = { endpoint, creatorId, platform: platform as Subject['platform'] };
  try {
    return lineFor(realm, subject, text);
  } catch {
    return 'unreadable';
  }
}

function lineFor(realm: string, subject: Subject, text: string): Line | null {
  const { endpoint, creatorId } = subject;
  const answer = answerOfText(subject, text);
  if (!answer) return null;
  const { body, fetchedAtMs, isSandbox, version } = answer;
  return {
    realm,
    creatorId,
    endpoint: endpoint.name as Line['endpoint'],
    endpointVersion: versionOf(endpoint),
    platform: subject.platform,
    fetchedAt: new Date(fetchedAtMs).toISOString(),
    isSandbox,
    version,
    data: body === null ? null : (dataOf(body) as Line['data']),
  };
}

async function* linesOf(path: string): AsyncGenerator<Line> {
  const input = createReadStream(path);
  let number = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      if (number === 1) head.parse(JSON.parse(text));
      else if (text !== '') yield line.parse(JSON.parse(text));
    }
    if (number === 0) throw new Error('it is empty');
  } catch (error) {
    throw new UsageError(
      `${path} can't be taken over: ${number > 0 ? `line ${number} is not what "export" writes` : (error as Error).message}. Nothing was changed.`,
    );
  } finally {
    input.destroy();
  }
}
