import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Sources } from '../upstream/sources.js';
import type { FinishedResponse } from './finish.js';
import type { RequestMessage } from './message.js';

/** A hash of everything of a request that anything behind the memo sees. Null: that is too much. */
export type RequestKey = string;

/**
 * The headers that anything here reads, but what a server of HTTP reads itself. No other is let through to what makes
 * answers, so that two requests with one key can't be answered differently.
 */
export const seenHeaders = [
  'accept',
  'accept-encoding',
  'access-control-request-headers',
  'access-control-request-method',
  'authorization',
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

/** What takes long to hash. A list of 100 ids with a long query takes 10 kB. */
const mostSeenBytes = 65_536;

/** Beside the texts: the key's place in the cache, headers, and what each section is checked by. */
const overheadBytes = 1_024;
const bytesPerSource = 160;

export interface Kept extends FinishedResponse {
  readonly sources: Sources;
}

/**
 * Whole answers, by the requests that they were given to. One is given again as long as asking again would take the very
 * same sections out of memory, and cost the same: each time that is looked up, so nothing has to tell it of renewals.
 */
export class ResponseMemo {
  readonly #kept: LRUCache<RequestKey, Kept>;

  constructor({ maxBytes }: { readonly maxBytes: number }) {
    this.#kept = new LRUCache({
      maxSize: maxBytes,
      // One answer must not push out all the others.
      maxEntrySize: Math.ceil(maxBytes / 8),
      sizeCalculation: ({ body, sources }, key) =>
        overheadBytes + key.length + body.length + bytesPerSource * sources.count,
    });
  }

  get(key: RequestKey): Kept | null {
    const kept = this.#kept.get(key);
    if (!kept) return null;
    if (kept.sources.areCurrent()) return kept;
    this.#kept.delete(key);
    return null;
  }

  /** Of no use for answers that weren't made of hits: they won't be current. */
  set(key: RequestKey, kept: Kept): void {
    if (kept.sources.areCurrent()) this.#kept.set(key, kept);
  }
}

export function keyOf({ method, url, headers, body }: RequestMessage): RequestKey | null {
  if (url.length + (body?.length ?? 0) > mostSeenBytes) return null;
  let key = `${method} ${url}`;
  for (const name of seenHeaders) {
    const value = headers[name];
    key += value === undefined ? '\n' : `\n:${value}`;
  }
  return hash('sha256', body === null ? key : `${key}\n${body.toString('latin1')}`, 'base64');
}
