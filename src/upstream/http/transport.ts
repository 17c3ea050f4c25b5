import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Pool } from 'undici';
import type { Call } from '../endpoints/call.js';
import { type FailureFacts, UpstreamError, unusableAnswer } from '../errors.js';
import type { HttpAnswer } from './envelope.js';
import { createRedaction } from './redaction.js';
import { type Broken, type Headers, type RawAnswer, ResponseHandler } from './responseHandler.js';

export interface TransportOptions {
  readonly baseUrl: string;
  /** Travels in the query string, as upstream wants it. It is known here and nowhere else. */
  readonly token: string;
  /** One attempt, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** A connection is renewed after so long, so that a change of upstream's address in DNS is followed. Default: 5 min. */
  readonly connectionTtlMs?: number;
}

export interface Transport {
  /**
   * One attempt over HTTP. Rejects with UpstreamError when no whole answer came. `onSent` hears when the request goes out,
   * which is later than now by the time that a new connection takes.
   */
  send(call: Call, onSent: () => void): Promise<HttpAnswer>;
  /** Ends every connection, with whatever is under way on it. */
  close(): Promise<void>;
}

/** The samples have 1 to 8 kB; past this a body is a fault or an attack. */
const maxBodyBytes = 8 * 1_048_576;

/** A reset this soon after sending, before any header, is taken as never processed. */
const unprocessedWithinMs = 1_000;

/** What the stand-in upstream puts on its answers. */
const sandboxHeader = 'x-justoneapi-sandbox';

const reset: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const notHttp = /^(HPE_|HTTPParserError$|UND_ERR_HEADERS_OVERFLOW$)/;

const decompress = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
} as const;

/** Keep-alive connections to one upstream. The only place that knows URLs, the token and the HTTP library. */
export function createTransport(options: TransportOptions): Transport {
  const { baseUrl, token, timeoutMs, connectionTtlMs = 5 * 60_000 } = options;
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  const pool = new Pool(base.origin, { headersTimeout: 0, bodyTimeout: 0, clientTtl: connectionTtlMs });
  const redact = createRedaction(token);
  const encodedToken = encodeURIComponent(token);

  function targetOf({ endpoint, args }: Call): string {
    const query = Object.entries(endpoint.query(args)).map(
      ([name, value]) => `&${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    );
    return `${prefix}${endpoint.path}?token=${encodedToken}${query.join('')}`;
  }

  return {
    async send(call, onSent) {
      const facts = { endpoint: call.endpoint.name };
      const path = targetOf(call);
      const handler = new ResponseHandler({
        timeoutMs,
        maxBytes: maxBodyBytes,
        onSent,
        errorFor: (broken) => errorFor(facts, broken, timeoutMs),
      });
      pool.dispatch({ path, method: 'GET', headers }, handler);
      const answer = await handler.answer;
      const encoding = encodingOf(answer.headers);
      const bytes = encoding === '' ? answer.bytes : await unpack(facts, answer, encoding);
      return {
        status: answer.status,
        // An upstream that repeats the request would put the token into what is kept and shown.
        body: redact(bytes.toString('utf8')),
        retryAfter: firstOf(answer.headers['retry-after']),
        isSandbox: answer.headers[sandboxHeader] !== undefined,
      };
    },
    close: () => pool.destroy(),
  };
}

const headers = { accept: 'application/json', 'accept-encoding': 'gzip, br' };

type Facts = Pick<FailureFacts, 'endpoint'>;

function errorFor(facts: Facts, broken: Broken, timeoutMs: number): UpstreamError {
  const { why, sinceSentMs, hasHeaders, error } = broken;
  if (why === 'too large') return tooLarge(facts);
  if (why === 'timeout') return timedOut(facts, sinceSentMs !== null, timeoutMs);
  const cause = codeOnly(error);
  if (sinceSentMs === null) {
    return new UpstreamError('UPSTREAM_UNAVAILABLE', "Upstream can't be reached. Ask again in a moment.", {
      ...facts,
      billed: 'no',
      isUnprocessed: true,
      cause,
    });
  }
  if (!hasHeaders && notHttp.test(cause.message)) {
    return unusableAnswer({ ...facts, billed: 'maybe', cause }, 'it is not HTTP');
  }
  return lost(facts, !hasHeaders && reset.has(cause.message) && sinceSentMs < unprocessedWithinMs, cause);
}

function timedOut(facts: Facts, wasSent: boolean, timeoutMs: number): UpstreamError {
  const cost = wasSent
    ? 'The call may have been billed; ask again in a minute.'
    : 'There was no connection, so nothing was billed; ask again in a minute.';
  return new UpstreamError(
    'UPSTREAM_TIMEOUT',
    `Upstream gave no whole answer within ${timeoutMs / 1000} s. ${cost}`,
    { ...facts, billed: wasSent ? 'maybe' : 'no' },
  );
}

function lost(facts: Facts, isUnprocessed: boolean, cause: Error): UpstreamError {
  const cost = isUnprocessed
    ? 'Ask again in a moment.'
    : 'The call may have been billed; ask again in a minute.';
  return new UpstreamError('UPSTREAM_UNAVAILABLE', `The connection to upstream was lost. ${cost}`, {
    ...facts,
    billed: isUnprocessed ? 'no' : 'maybe',
    isUnprocessed,
    cause,
  });
}

function encodingOf(headers: Headers): string {
  const name = String(headers['content-encoding'] ?? '')
    .trim()
    .toLowerCase();
  return name === 'identity' ? '' : name;
}

async function unpack(facts: Facts, { status, bytes }: RawAnswer, encoding: string): Promise<Buffer> {
  try {
    if (!isKnownEncoding(encoding)) throw new Error('unknown content-encoding');
    return await decompress[encoding](bytes, { maxOutputLength: maxBodyBytes });
  } catch (error) {
    // A gateway's refusal counts by its status, whatever it says.
    if (status >= 300) return Buffer.alloc(0);
    const cause = codeOnly(error);
    if (cause.message === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(facts);
    throw unusableAnswer({ ...facts, billed: 'maybe', cause }, 'it is not compressed as it says');
  }
}

function firstOf(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}

function isKnownEncoding(name: string): name is keyof typeof decompress {
  return Object.hasOwn(decompress, name);
}

function tooLarge(facts: Facts): UpstreamError {
  return unusableAnswer({ ...facts, billed: 'maybe' }, `it is over ${maxBodyBytes / 1_048_576} MB`);
}

/** A library's error may carry the request, and so the token: only its code goes on, or else its name. */
function codeOnly(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown failure');
  return new Error('code' in error && typeof error.code === 'string' ? error.code : error.name);
}
