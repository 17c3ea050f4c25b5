import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { Repeats } from '../telemetry/operationLog.js';
import type { OperationRecord } from '../telemetry/operationRecord.js';
import type { Freshness } from '../upstream/cache/freshness.js';
import { Doorkeeper } from './doorkeeper.js';
import type { FinishedResponse } from './finish.js';
import type { RequestHead } from './message.js';

/**
 * All request headers that this server reads, except those that node:http handles. Yoga gets no other header, so two
 * requests that are equal to the memo can't be answered differently.
 */
export const relevantHeaders = [
  'accept',
  'accept-encoding',
  'access-control-request-headers',
  'access-control-request-method',
  'authorization',
  'content-encoding',
  'content-type',
  'host',
  'origin',
  'purpose',
  'sec-fetch-site',
  'sec-purpose',
  'x-cost-debug',
  'x-dry-run',
  'x-moz',
] as const;

/** A request with 100 ids and a long query takes 10 kB. Larger ones take too long to compare. */
const mostComparedBytes = 65_536;

/** The size of an entry beside its texts: the cache's own data, the response's headers, and a check for each section. */
const entryBytes = 1_024;
const bytesPerSection = 160;

/** A response to send again. */
export type RememberedResponse = Pick<MemoEntry, 'response' | 'repeats'>;

/** A response, and the request that it answers. */
interface MemoEntry {
  readonly method: string | undefined;
  readonly url: string | undefined;
  /** Alternating names and values of the relevant headers. */
  readonly headers: readonly string[];
  readonly requestBody: Buffer | null;
  readonly response: FinishedResponse;
  readonly freshness: Freshness;
  readonly repeats: Repeats;
}

/**
 * Whole responses, by request. An entry is used as long as executing again would take the same sections from memory, at
 * the same cost. That is checked at each use, so nothing has to invalidate entries.
 *
 * Entries are found by a hash of the request, and then the whole request is compared. A key that joins all of it to one
 * string would be new memory outside the processor's cache, which costs more than comparing.
 */
export class ResponseMemo {
  readonly #entries: LRUCache<number, MemoEntry>;
  readonly #doorkeeper = new Doorkeeper();
  /** The entry used last, which is the likeliest to be used next. */
  #last: MemoEntry | null = null;

  constructor({ maxBytes }: { readonly maxBytes: number }) {
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      // One response must not evict all others.
      maxEntrySize: Math.ceil(maxBytes / 8),
      sizeCalculation: bytesOf,
    });
  }

  get(request: RequestHead, body: Buffer | null): RememberedResponse | null {
    const last = this.#last;
    if (last && isSame(last, request, body) && last.freshness.isCurrent()) return last;
    if (comparedBytes(request, body) > mostComparedBytes) return null;
    const hash = hashOf(request, body);
    const entry = this.#entries.get(hash);
    if (!entry || !isSame(entry, request, body)) return null;
    if (entry.freshness.isCurrent()) {
      this.#last = entry;
      return entry;
    }
    this.#entries.delete(hash);
    return null;
  }

  /** Keeps a response whose request comes a second time. `freshness`: null if the response can't be used again. */
  offer(
    request: RequestHead,
    body: Buffer | null,
    response: FinishedResponse,
    freshness: Freshness | null,
    record: Pick<OperationRecord, 'summary'>,
  ): void {
    if (comparedBytes(request, body) > mostComparedBytes) return;
    const hash = hashOf(request, body);
    if (!this.#doorkeeper.admit(hash) || !freshness?.isCurrent()) return;
    const { summary } = record;
    if (!summary) return;
    const { method, url, rawHeaders } = request;
    const headers = rawHeaders.filter((_, at) => isRelevant(rawHeaders[at - (at % 2)] ?? ''));
    // A copy, because `body` is a view into a buffer that holds all that the connection has received. `Buffer.from` would copy
    // it into a buffer of 8 kB that others share, and all of it would stay.
    const requestBody = body && copyOf(body);
    this.#entries.set(hash, {
      method,
      url,
      headers,
      requestBody,
      response,
      freshness,
      repeats: new Repeats(summary),
    });
  }
}

function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

function comparedBytes({ url }: RequestHead, body: Buffer | null): number {
  return (url?.length ?? 0) + (body?.length ?? 0);
}

function bytesOf({ url, headers, requestBody, response, freshness }: MemoEntry): number {
  const head = headers.reduce((sum, text) => sum + text.length, url?.length ?? 0);
  const bodies = (requestBody?.length ?? 0) + response.body.length;
  return entryBytes + head + bodies + bytesPerSection * freshness.sections;
}

/** Of what differs most between requests. If somebody makes two requests collide, one evicts the other. */
function hashOf({ url, rawHeaders }: RequestHead, body: Buffer | null): number {
  let hash = crc32(body ?? url ?? '');
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (isRelevant(rawHeaders[at] ?? '')) hash = fnv1a(hash, rawHeaders[at + 1] ?? '');
  }
  return hash | 0;
}

function fnv1a(start: number, text: string): number {
  let hash = start;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

function isSame(
  { method, url, headers, requestBody }: MemoEntry,
  request: RequestHead,
  body: Buffer | null,
): boolean {
  if (url !== request.url || method !== request.method) return false;
  const { rawHeaders } = request;
  let same = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (!isRelevant(rawHeaders[at] ?? '')) continue;
    if (rawHeaders[at] !== headers[same] || rawHeaders[at + 1] !== headers[same + 1]) return false;
    same += 2;
  }
  if (same !== headers.length) return false;
  return body === null || requestBody === null ? body === requestBody : body.equals(requestBody);
}

/** The spellings of most clients, so that these need no `toLowerCase`. */
const relevanceBySpelling = new Map(
  [
    ...relevantHeaders.map((name) => [name, true] as const),
    ...['accept-language', 'connection', 'content-length', 'user-agent'].map(
      (name) => [name, false] as const,
    ),
  ].flatMap(([name, isRelevant]) => [
    [name, isRelevant],
    [name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()), isRelevant],
  ]),
);

function isRelevant(name: string): boolean {
  return relevanceBySpelling.get(name) ?? relevanceBySpelling.get(name.toLowerCase()) ?? false;
}
