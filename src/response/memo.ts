import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { Freshness } from '../upstream/cache/freshness.js';
import { SecondSight } from './doorkeeper.js';
import type { FinishedResponse } from './finish.js';
import type { RequestHead } from './message.js';

/**
 * The headers that anything here reads, but what a server of HTTP reads itself. No other is let through to what makes
 * answers, so that two requests that are the same to the memo can't be answered differently.
 */
export const seenHeaders = [
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

/** A list of 100 ids with a long query takes 10 kB. More takes long to compare. */
const mostSeenBytes = 65_536;

/** Beside the texts: the place in the cache, the answer's headers, and what each section is checked by. */
const overheadBytes = 1_024;
const bytesPerSection = 160;

/** An answer with the request that it was given to. */
interface Kept {
  readonly method: string | undefined;
  readonly url: string | undefined;
  /** Names and values by turns. */
  readonly seen: readonly string[];
  readonly requestBody: Buffer | null;
  readonly response: FinishedResponse;
  readonly freshness: Freshness;
}

/**
 * Whole answers, by the requests that they were given to. One is given again as long as asking again would take the very
 * same sections out of memory, and cost the same: each time that is looked up, so nothing has to tell it of renewals.
 * A request is compared in whole, with that one of those kept that has the same hash. A new text of all that would be
 * memory that the processor has not at hand, which costs more than the comparison does.
 */
export class ResponseMemo {
  readonly #kept: LRUCache<number, Kept>;
  readonly #asked = new SecondSight();
  /** Given last, and so the likeliest to be wanted next. */
  #last: Kept | null = null;

  constructor({ maxBytes }: { readonly maxBytes: number }) {
    this.#kept = new LRUCache({
      maxSize: maxBytes,
      // One answer must not push out all the others.
      maxEntrySize: Math.ceil(maxBytes / 8),
      sizeCalculation: bytesOf,
    });
  }

  get(request: RequestHead, body: Buffer | null): FinishedResponse | null {
    const last = this.#last;
    if (last && isSame(last, request, body) && last.freshness.isCurrent()) return last.response;
    if (bytesSeen(request, body) > mostSeenBytes) return null;
    const hash = hashOf(request, body);
    const kept = this.#kept.get(hash);
    if (!kept || !isSame(kept, request, body)) return null;
    if (kept.freshness.isCurrent()) {
      this.#last = kept;
      return kept.response;
    }
    this.#kept.delete(hash);
    return null;
  }

  /** Keeps what is asked for again, and can be given again. `freshness`: null, if it can't. */
  offer(
    request: RequestHead,
    body: Buffer | null,
    response: FinishedResponse,
    freshness: Freshness | null,
  ): void {
    if (bytesSeen(request, body) > mostSeenBytes) return;
    const hash = hashOf(request, body);
    if (!this.#asked.isSecond(hash) || !freshness?.isCurrent()) return;
    const { method, url, rawHeaders } = request;
    const seen = rawHeaders.filter((_, at) => isSeen(rawHeaders[at - (at % 2)] ?? ''));
    // A copy, for the original is a part of all that the connection has brought.
    const requestBody = body && Buffer.from(body);
    this.#kept.set(hash, { method, url, seen, requestBody, response, freshness });
  }
}

function bytesSeen({ url }: RequestHead, body: Buffer | null): number {
  return (url?.length ?? 0) + (body?.length ?? 0);
}

function bytesOf({ url, seen, requestBody, response, freshness }: Kept): number {
  const head = seen.reduce((sum, text) => sum + text.length, url?.length ?? 0);
  const bodies = (requestBody?.length ?? 0) + response.body.length;
  return overheadBytes + head + bodies + bytesPerSection * freshness.sections;
}

/** Of what differs most between requests. Whoever makes two that have the same pushes one of his answers out. */
function hashOf({ url, rawHeaders }: RequestHead, body: Buffer | null): number {
  let hash = crc32(body ?? url ?? '');
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (isSeen(rawHeaders[at] ?? '')) hash = mixed(hash, rawHeaders[at + 1] ?? '');
  }
  return hash | 0;
}

/** FNV-1a. */
function mixed(start: number, text: string): number {
  let hash = start;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

function isSame(
  { method, url, seen, requestBody }: Kept,
  request: RequestHead,
  body: Buffer | null,
): boolean {
  if (url !== request.url || method !== request.method) return false;
  const { rawHeaders } = request;
  let same = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (!isSeen(rawHeaders[at] ?? '')) continue;
    if (rawHeaders[at] !== seen[same] || rawHeaders[at + 1] !== seen[same + 1]) return false;
    same += 2;
  }
  if (same !== seen.length) return false;
  return body === null || requestBody === null ? body === requestBody : body.equals(requestBody);
}

/** As most clients write them; others are looked up in lower case. */
const spellings = new Map(
  [
    ...seenHeaders.map((name) => [name, true] as const),
    ...['accept-language', 'connection', 'content-length', 'user-agent'].map(
      (name) => [name, false] as const,
    ),
  ].flatMap(([name, isSeen]) => [
    [name, isSeen],
    [name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()), isSeen],
  ]),
);

function isSeen(name: string): boolean {
  return spellings.get(name) ?? spellings.get(name.toLowerCase()) ?? false;
}
