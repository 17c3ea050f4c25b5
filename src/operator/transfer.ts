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

const headerSchema = z.object({ xingtuGraphqlExport: z.union([z.literal(1), z.literal(formatVersion)]) });

/** One line of the file: a stored answer. */
const lineSchema = z.object({
  namespace: z.string().regex(/^[\w-]+$/),
  endpoint: z.string(),
  endpointVersion: z.string(),
  args: z.record(z.string(), z.json()),
  fetchedAt: z.iso.datetime(),
  isSandbox: z.boolean(),
  version: z.number(),
  data: z.record(z.string(), z.json()).nullable(),
});
type Line = z.infer<typeof lineSchema>;

/** A line of version 1, when every call was about a creator on a platform. */
const version1LineSchema = lineSchema
  .omit({ namespace: true, args: true })
  .extend({ realm: lineSchema.shape.namespace, creatorId: z.string(), platform: z.string() })
  .transform(
    ({ realm, creatorId, platform, ...facts }): Line => ({
      ...facts,
      namespace: realm,
      args: { creatorId, platform },
    }),
  );

const batchSize = 500;

/** Writes to `PATH.part`, which is renamed when it is complete. */
export async function exportTo({ store }: CommandContext, path: string): Promise<string> {
  const partPath = `${path}.part`;
  const writeError = (error: Error) => new UsageError(`${path} can't be written (${error.message}).`);
  if (existsSync(path)) throw writeError(new Error('the file exists'));
  const file = await open(partPath, 'w').catch((error: Error) => {
    throw writeError(error);
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
  await rename(partPath, path);
  return `Exported: ${written} answers.${unreadable > 0 ? ` Skipped, because they can't be read: ${unreadable}.` : ''}`;
}

/** Checks the whole file before it stores anything. */
export async function importFrom({ store, config }: CommandContext, path: string): Promise<string> {
  for await (const _ of linesOf(path));
  let stored = 0;
  let skipped = 0;
  const batch: Promise<PromiseSettledResult<boolean>>[] = [];
  const settle = async () => {
    for (const result of await Promise.all(batch.splice(0))) {
      if (result.status === 'rejected') {
        throw new UsageError(
          `Only ${stored} answers of ${path} were imported (${result.reason.message}). The file can be imported again.`,
        );
      }
      if (result.value) stored += 1;
      else skipped += 1;
    }
  };
  for await (const imported of linesOf(path)) {
    batch.push(Promise.allSettled([storeAnswer(imported)]).then(([result]) => result));
    if (batch.length >= batchSize) await settle();
  }
  await settle();
  return `Imported: ${stored} answers. Skipped, because they have expired, have another version, or are older than the stored ones: ${skipped}.`;

  /** Resolves with false if the answer was skipped. */
  async function storeAnswer({
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

/** Null: the answer was deleted meanwhile, or has another version. */
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
  let lineNumber = 0;
  let schema: z.ZodType<Line> = lineSchema;
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      lineNumber += 1;
      if (lineNumber === 1) {
        const { xingtuGraphqlExport } = headerSchema.parse(JSON.parse(text));
        if (xingtuGraphqlExport === 1) schema = version1LineSchema;
      } else if (text !== '') yield withCall(schema.parse(JSON.parse(text)));
    }
    if (lineNumber === 0) throw new Error('it is empty');
  } catch (error) {
    throw new UsageError(
      `${path} can't be imported: ${lineNumber > 0 ? `line ${lineNumber} is not a line that "export" writes` : (error as Error).message}. Nothing was changed.`,
    );
  } finally {
    input.destroy();
  }
}

/** Throws if the endpoint or its arguments are unknown. */
function withCall(line: Line): Imported {
  const call = isEndpointName(line.endpoint) ? callFrom(line.endpoint, line.args) : null;
  if (!call) throw new Error(`no call to ${line.endpoint}`);
  return { ...line, call };
}
