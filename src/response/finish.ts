import { requestIdHeader } from '../protocol/requestId.js';
import type { Freshness } from '../upstream/cache/freshness.js';
import { compress, encodingFor } from './encoding.js';
import type { ByteString, RequestHead, ResponseMessage } from './message.js';
import { etagOf, matchesEtag } from './validators.js';

/** A whole response that can be sent many times. */
export interface FinishedResponse {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: ByteString;
  readonly validity: Validity | null;
}

/** What lets a client keep a response, and get 304 instead of the same body. */
interface Validity {
  readonly etag: string;
  /** How long a client may use the response without asking. Null: its headers say that already. */
  readonly freshUntilMs: number | null;
  /** The headers of a 304, which has no body. */
  readonly headers: readonly string[];
}

/** Request headers that a GraphQL response to GET depends on. */
export const varyingHeaders = 'accept, accept-encoding, authorization, origin, x-cost-debug, x-dry-run';

const describesBody = /^content-(type|length|encoding)$/;

/** `body`: of `response`. `freshness`: null if the response may differ at the next moment. */
export async function finish(
  response: Response,
  body: Buffer,
  { method, headers: requestHeaders }: RequestHead,
  freshness: Freshness | null,
): Promise<FinishedResponse> {
  const headers = new Map([...response.headers].map(([name, value]) => [name.toLowerCase(), value]));
  const isJson = /json/.test(headers.get('content-type') ?? '');
  const isJsonToGet = isJson && method === 'GET';
  let bytes = body;
  if (isJsonToGet && freshness) headers.set('etag', etagOf(bytes));
  if (isJsonToGet && !headers.has('vary')) headers.set('vary', varyingHeaders);
  if (isJsonToGet && !freshness && !headers.has('cache-control')) headers.set('cache-control', 'no-store');
  const encoding = isJson ? encodingFor(requestHeaders['accept-encoding'], bytes.length) : null;
  if (encoding) {
    bytes = await compress(bytes, encoding);
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
            freshUntilMs: isJsonToGet && freshness ? freshness.untilMs : null,
            headers: [...headers].filter(([name]) => !describesBody.test(name)).flat(),
          },
  };
}

/** The response as it is sent now: with the request's id and its remaining `max-age`, and as a 304 if the client has its body. */
export function toResponseMessage(
  response: FinishedResponse,
  request: RequestHead,
  requestId: string,
  nowMs: number,
): ResponseMessage {
  const { status, headers, body, validity } = response;
  const isNotModified = validity !== null && isHeldBy(request, validity);
  const freshUntilMs = validity?.freshUntilMs ?? null;
  return {
    status: isNotModified ? 304 : status,
    headers: [
      ...(isNotModified ? validity.headers : headers),
      requestIdHeader,
      requestId,
      ...(freshUntilMs === null ? [] : ['cache-control', maxAge(freshUntilMs, nowMs)]),
    ],
    body: isNotModified ? '' : body,
  };
}

function isHeldBy({ headers }: RequestHead, { etag }: Validity): boolean {
  const ifNoneMatch = headers['if-none-match'];
  return ifNoneMatch !== undefined && matchesEtag(ifNoneMatch, etag);
}

function maxAge(endMs: number, nowMs: number): string {
  return `private, max-age=${Math.max(0, Math.floor((endMs - nowMs) / 1000))}`;
}
