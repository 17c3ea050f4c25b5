import { createReadStream, existsSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import {
  decodeAnswer,
  encodeAnswer,
  keyPrefix,
  parseStoreKey,
  storeKey,
} from '../upstream/cache/storedAnswer.js';
import { type Call, callFrom } from '../upstream/endpoints/call.js';
import { versionOf } from '../upstream/endpoints/endpoint.js';
import { isEndpointName } from '../upstream/endpoints/table.js';
import { dataOf } from '../upstream/http/envelope.js';
import type { CommandContext } from './commandContext.js';
import { UsageError } from './usageError.js';

const formatVersion = 2;

const head = z.object({ xingtuGraphqlExport: z.union([z.literal(1), z.literal(formatVersion)]) });

/** One answer, as a line of JSON. */
const line = z.object({
  namespace: z.string().regex(/^[\w-]+$/),
  endpoint: z.string(),
  endpointVersion: z.string(),
  args: z.record(z.string(), z.json()),
  fetchedAt: z.iso.datetime(),
  isSandbox: z.boolean(),
  version: z.number(),
  data: z.record(z.string(), z.json()).nullable(),
});
type Line = z.infer<typeof line>;

/** The same in version 1, when every call was about a creator on a platform. */
const lineOfVersion1 = line
  .omit({ namespace: true, args: true })
  .extend({ realm: line.shape.namespace, creatorId: z.string(), platform: z.string() })
  .transform(
    ({ realm, creatorId, platform, ...facts }): Line => ({
      ...facts,
      namespace: realm,
      args: { creatorId, platform },
    }),
  );

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
    await file.write(`${JSON.stringify({ xingtuGraphqlExport: formatVersion })}\n`);
    for await (const key of store.keys(keyPrefix('answer'))) {
      const [text = null] = await store.getMany([key]);
      const exported = lineOf(key, text);
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
    call,
    namespace,
    endpointVersion,
    version,
    ...imported
  }: Imported): Promise<boolean> {
    const { endpoint } = call;
    const fetchedAtMs = Date.parse(imported.fetchedAt);
    const ttlSeconds = config.ttlSeconds[endpoint.name] ?? endpoint.ttlSeconds;
    const lifeMs = fetchedAtMs + (ttlSeconds + config.staleSeconds) * 1000 - Date.now();
    if (lifeMs <= 0 || endpointVersion !== versionOf(endpoint)) return false;
    const body = imported.data && JSON.stringify({ code: 0, data: imported.data });
    const text = encodeAnswer(call, { body, fetchedAtMs, isSandbox: imported.isSandbox, version });
    return store.set(storeKey('answer', namespace, call), text, { lifeMs, version });
  }
}

/** Null: it has gone meanwhile, or is of another version. */
function lineOf(key: string, text: string | null): Line | 'unreadable' | null {
  const parsed = parseStoreKey(key);
  if (text === null || !parsed) return null;
  const { namespace, call } = parsed;
  try {
    const answer = decodeAnswer(call, text);
    if (!answer) return null;
    const { body, fetchedAtMs, isSandbox, version } = answer;
    return {
      namespace,
      endpoint: call.endpoint.name,
      endpointVersion: versionOf(call.endpoint),
      args: call.args as Line['args'],
      fetchedAt: new Date(fetchedAtMs).toISOString(),
      isSandbox,
      version,
      data: body === null ? null : (dataOf(body) as Line['data']),
    };
  } catch {
    return 'unreadable';
  }
}

type Imported = Line & { readonly call: Call };

async function* linesOf(path: string): AsyncGenerator<Imported> {
  const input = createReadStream(path);
  let number = 0;
  let form: z.ZodType<Line> = line;
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      if (number === 1) {
        const { xingtuGraphqlExport } = head.parse(JSON.parse(text));
        if (xingtuGraphqlExport === 1) form = lineOfVersion1;
      } else if (text !== '') yield imported(form.parse(JSON.parse(text)));
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

/** Throws when there is no such call. */
function imported(line: Line): Imported {
  const call = isEndpointName(line.endpoint) ? callFrom(line.endpoint, line.args) : null;
  if (!call) throw new Error(`no call to ${line.endpoint}`);
  return { ...line, call };
}
