import type { Sources } from '../upstream/sources.js';
import { encode, encodingFor } from './encoding.js';
import type { ByteString, RequestMessage, ResponseMessage } from './message.js';
import { etagOf, namesTag } from './validators.js';

/** A whole response, ready to leave as often as the same is asked. */
export interface FinishedResponse {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: ByteString;
  readonly etag: string | null;
  /** Until when a client may keep it. Null: not said here. */
  readonly freshUntilMs: number | null;
}

/** What an answer to GET depends on, beside the address. */
const variesBy = 'accept, accept-encoding, authorization, origin, x-cost-debug, x-dry-run';

/** Not of a body that isn't sent. */
const ofBody = /^content-(type|length|encoding)$/;

/** `sources`: null, if the answer may be another one the next moment. */
export async function finish(
  response: Response,
  request: RequestMessage,
  sources: Sources | null,
): Promise<FinishedResponse> {
  const headers = new Map([...response.headers].map(([name, value]) => [name.toLowerCase(), value]));
  const isAnswer = /json/.test(headers.get('content-type') ?? '');
  const isGot = isAnswer && request.method === 'GET';
  let bytes: Buffer = Buffer.from(await response.arrayBuffer());
  if (isGot && sources) headers.set('etag', etagOf(bytes));
  if (isGot && !headers.has('vary')) headers.set('vary', variesBy);
  if (isGot && !sources && !headers.has('cache-control')) headers.set('cache-control', 'no-store');
  const encoding = isAnswer ? encodingFor(request.headers['accept-encoding'], bytes.length) : null;
  if (encoding) {
    bytes = await encode(bytes, encoding);
    headers.set('content-encoding', encoding);
  }
  if (response.status !== 204) headers.set('content-length', String(bytes.length));
  return {
    status: response.status,
    headers: [...headers].flat(),
    body: bytes.toString('latin1'),
    etag: headers.get('etag') ?? null,
    freshUntilMs: isGot && sources ? sources.freshUntilMs : null,
  };
}

/** As it leaves now: with its age told anew, and without the body that the client has. */
export function leaving(response: FinishedResponse, request: RequestMessage, nowMs: number): ResponseMessage {
  const { etag, freshUntilMs } = response;
  if (etag === null && freshUntilMs === null) return response;
  const headers = [...response.headers];
  if (freshUntilMs !== null)
    headers.push('cache-control', `private, max-age=${secondsUntil(freshUntilMs, nowMs)}`);
  const ifNoneMatch = request.headers['if-none-match'];
  if (etag === null || response.status !== 200 || !namesTag(ifNoneMatch, etag))
    return { ...response, headers };
  return {
    status: 304,
    headers: headers.filter((_, at) => !ofBody.test(headers[at - (at % 2)] ?? '')),
    body: '',
  };
}

function secondsUntil(endMs: number, nowMs: number): number {
  return Math.max(0, Math.floor((endMs - nowMs) / 1000));
}
