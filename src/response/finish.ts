import type { Freshness } from '../upstream/cache/freshness.js';
import { encode, encodingFor } from './encoding.js';
import type { ByteString, RequestHead, ResponseMessage } from './message.js';
import { etagOf, namesTag } from './validators.js';

/** A whole response, ready to leave as often as the same is asked. */
export interface FinishedResponse {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: ByteString;
  readonly validity: Validity | null;
}

/** What makes that a client need not ask again, or not be sent again what it has. */
interface Validity {
  readonly etag: string;
  /** Until when a client may keep it. Null: the headers say. */
  readonly freshUntilMs: number | null;
  /** Those that go with 304, which has no body. */
  readonly headers: readonly string[];
}

/** What an answer to GET depends on, beside the address. */
export const variesBy = 'accept, accept-encoding, authorization, origin, x-cost-debug, x-dry-run';

const ofBody = /^content-(type|length|encoding)$/;

/** `body`: what it was given. `freshness`: null, if the answer may be another one the next moment. */
export async function finish(
  response: Response,
  body: Buffer,
  { method, headers: asked }: RequestHead,
  freshness: Freshness | null,
): Promise<FinishedResponse> {
  const headers = new Map([...response.headers].map(([name, value]) => [name.toLowerCase(), value]));
  const isAnswer = /json/.test(headers.get('content-type') ?? '');
  const isGot = isAnswer && method === 'GET';
  let bytes = body;
  if (isGot && freshness) headers.set('etag', etagOf(bytes));
  if (isGot && !headers.has('vary')) headers.set('vary', variesBy);
  if (isGot && !freshness && !headers.has('cache-control')) headers.set('cache-control', 'no-store');
  const encoding = isAnswer ? encodingFor(asked['accept-encoding'], bytes.length) : null;
  if (encoding) {
    bytes = await encode(bytes, encoding);
    headers.set('content-encoding', encoding);
  }
  if (response.status !== 204) headers.set('content-length', String(bytes.length));
  const etag = response.status === 200 ? headers.get('etag') : undefined;
  return {
    status: response.status,
    headers: [...headers].flat(),
    body: bytes.toString('latin1'),
    validity:
      etag === undefined
        ? null
        : {
            etag,
            freshUntilMs: isGot && freshness ? freshness.untilMs : null,
            headers: [...headers].filter(([name]) => !ofBody.test(name)).flat(),
          },
  };
}

/** As it leaves now: with its age told anew, and without the body that the client has. */
export function leaving(response: FinishedResponse, request: RequestHead, nowMs: number): ResponseMessage {
  const { status, headers, body, validity } = response;
  if (validity === null) return response;
  const { etag, freshUntilMs, headers: kept } = validity;
  const ifNoneMatch = request.headers['if-none-match'];
  const isKept = ifNoneMatch !== undefined && namesTag(ifNoneMatch, etag);
  const sent = isKept ? kept : headers;
  return {
    status: isKept ? 304 : status,
    headers: freshUntilMs === null ? sent : [...sent, 'cache-control', maxAge(freshUntilMs, nowMs)],
    body: isKept ? '' : body,
  };
}

function maxAge(endMs: number, nowMs: number): string {
  return `private, max-age=${Math.max(0, Math.floor((endMs - nowMs) / 1000))}`;
}
