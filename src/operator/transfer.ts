import { createReadStream, existsSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { z } from 'zod';
import { dayMs } from '../time.js';
import { decodedValue } from '../upstream/cache/entry.js';
import { digestOf, maxSeriesLength } from '../upstream/cache/history.js';
import {
  decodeAnswer,
  encodeAnswer,
  keyPrefix,
  parseStoreKey,
  type StoredAnswer,
  storeKey,
} from '../upstream/cache/storedAnswer.js';
import { type Call, callFrom } from '../upstream/endpoints/call.js';
import { versionOf } from '../upstream/endpoints/endpoint.js';
import { isEndpointName } from '../upstream/endpoints/table.js';
import { dataOf } from '../upstream/http/envelope.js';
import type { Store } from '../upstream/store/store.js';
import type { CommandContext } from './commandContext.js';
import { UsageError } from './usageError.js';

const formatVersion = 3;

/** Version 2 has no history. */
const headerSchema = z.object({ xingtuGraphqlExport: z.literal([1, 2, formatVersion]) });

/** One line of the file: a stored answer, or an answer of the history. */
const lineSchema = z.object({
  namespace: z.string().regex(/^[\w-]+$/),
  endpoint: z.string(),
  endpointVersion: z.string(),
  args: z.record(z.string(), z.json()),
  fetchedAt: z.iso.datetime(),
  isSandbox: z.boolean(),
  version: z.number(),
  history: z.literal(true).exactOptional(),
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

/** Writes to `PATH.part`, which is renamed when it is complete. Personal data is left out. */
export async function exportTo({ store }: CommandContext, path: string): Promise<string> {
  const partPath = `${path}.part`;
  const writeError = (error: Error) => new UsageError(`${path} can't be written (${error.message}).`);
  if (existsSync(path)) throw writeError(new Error('the file exists'));
  const file = await open(partPath, 'w').catch((error: Error) => {
    throw writeError(error);
  });
  const written = { answers: 0, history: 0 };
  const leftOut = { unreadable: 0, personal: 0 };
  const write = async (key: string, text: string | null, kind: keyof typeof written) => {
    const exported = lineOf(key, text);
    if (exported === null) return;
    if (typeof exported === 'string') {
      leftOut[exported] += 1;
      return;
    }
    const line = kind === 'history' ? { ...exported, history: true } : exported;
    await file.write(lineText(line));
    written[kind] += 1;
  };
  try {
    await file.write(lineText({ xingtuGraphqlExport: formatVersion }));
    for await (const key of store.keys(keyPrefix('answer'))) {
      const [text = null] = await store.getMany([key]);
      await write(key, text, 'answers');
    }
    for await (const key of store.keys(keyPrefix('history'))) {
      for await (const { value } of store.series(key)) await write(key, value, 'history');
    }
  } finally {
    await file.close();
  }
  await rename(partPath, path);
  return [
    `Exported: ${counted(written)}.`,
    ...(leftOut.unreadable > 0 ? [`Skipped, because they can't be read: ${leftOut.unreadable}.`] : []),
    ...personalNote(leftOut.personal),
  ].join(' ');
}

/** Checks the whole file before it stores anything. Personal data is left out. */
export async function importFrom({ store, config }: CommandContext, path: string): Promise<string> {
  for await (const _ of linesOf(path));
  const stored = { answers: 0, history: 0 };
  let skipped = 0;
  let personal = 0;
  const batch: Promise<PromiseSettledResult<keyof typeof stored | null>>[] = [];
  const settle = async () => {
    for (const result of await Promise.all(batch.splice(0))) {
      if (result.status === 'rejected') {
        throw new UsageError(
          `Only ${counted(stored)} of ${path} were imported (${result.reason.message}). The file can be imported again.`,
        );
      }
      if (result.value) stored[result.value] += 1;
      else skipped += 1;
    }
  };
  let series: StoredSeries | null = null;
  for await (const imported of linesOf(path)) {
    if (imported.call.endpoint.isPersonal) {
      personal += 1;
      continue;
    }
    if (imported.history) {
      const key = storeKey('history', imported.namespace, imported.call);
      if (series?.key !== key) series = await storedSeries(store, key);
    }
    const storing = imported.history && series ? addToSeries(imported, series) : storeAnswer(imported);
    batch.push(Promise.allSettled([storing]).then(([result]) => result));
    if (batch.length >= batchSize) await settle();
  }
  await settle();
  return [
    `Imported: ${counted(stored)}.`,
    `Skipped, because they have expired, have another version, are stored already, or are older than the stored ones: ${skipped}.`,
    ...personalNote(personal),
  ].join(' ');

  /** Resolves with null if the answer was skipped. */
  async function storeAnswer(imported: Imported): Promise<'answers' | null> {
    const { call, namespace, version } = imported;
    const answer = answerIn(imported);
    const ttlSeconds = config.ttlSeconds[call.endpoint.name] ?? call.endpoint.ttlSeconds;
    const lifeMs = answer.fetchedAtMs + (ttlSeconds + config.staleSeconds) * 1000 - Date.now();
    if (lifeMs <= 0 || !isCurrent(imported)) return null;
    const key = storeKey('answer', namespace, call);
    return (await store.set(key, encodeAnswer(call, answer), { lifeMs, version })) ? 'answers' : null;
  }

  /** The same. Has no `await` before it appends, so that a series gets its entries in the order of the file. */
  async function addToSeries(imported: Imported, series: StoredSeries): Promise<'history' | null> {
    const { call } = imported;
    const answer = answerIn(imported);
    const { fetchedAtMs: atMs } = answer;
    const lifeMs = config.historyDays * dayMs;
    if (atMs <= Date.now() - lifeMs || !isCurrent(imported) || series.times.has(atMs)) return null;
    series.times.add(atMs);
    const isNewest = atMs > series.newestMs;
    if (isNewest) series.newestMs = atMs;
    // An earlier one is no repetition of the newest, even if it is equal.
    const digest = isNewest ? digestOf(answer, decodedValue(call, answer)) : null;
    const entry = { atMs, value: encodeAnswer(call, answer), digest };
    return (await store.append(series.key, entry, { lifeMs, most: maxSeriesLength })) ? 'history' : null;
  }
}

/** A series in the store that gets further entries. */
interface StoredSeries {
  readonly key: string;
  readonly times: Set<number>;
  newestMs: number;
}

async function storedSeries(store: Store, key: string): Promise<StoredSeries> {
  const times = new Set<number>();
  for await (const { atMs } of store.series(key)) times.add(atMs);
  return { key, times, newestMs: Math.max(0, ...times) };
}

function counted({ answers, history }: { readonly answers: number; readonly history: number }): string {
  return `${answers} answers and ${history} entries of history`;
}

function personalNote(count: number): string[] {
  return count > 0 ? [`Left out, because they hold personal data: ${count}.`] : [];
}

function isCurrent({ call, endpointVersion }: Imported): boolean {
  return endpointVersion === versionOf(call.endpoint);
}

function answerIn({ data, fetchedAt, isSandbox, version }: Imported): StoredAnswer {
  const body = data && JSON.stringify({ code: 0, data });
  return { body, fetchedAtMs: Date.parse(fetchedAt), isSandbox, version };
}

/** Null: the answer was deleted meanwhile, or has another version. */
function lineOf(key: string, text: string | null): Line | 'unreadable' | 'personal' | null {
  const parsed = parseStoreKey(key);
  if (text === null || !parsed) return null;
  const { namespace, call } = parsed;
  if (call.endpoint.isPersonal) return 'personal';
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

/** Some programs take U+2028 and U+2029 for the end of a line. JSON has them as they are. */
function lineText(value: object): string {
  const escaped = JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return `${escaped}\n`;
}

/** Not by `node:readline`, which takes U+2028 for the end of a line (Node 24). */
async function* textLines(input: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of input) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.replace(/\r$/, '');
  }
  if (rest !== '') yield rest;
}

async function* linesOf(path: string): AsyncGenerator<Imported> {
  const input = createReadStream(path, 'utf8');
  let lineNumber = 0;
  let schema: z.ZodType<Line> = lineSchema;
  try {
    for await (const text of textLines(input)) {
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
