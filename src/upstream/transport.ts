import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { type Dispatcher, Pool } from 'undici';
import type { HttpAnswer } from './codes.js';
import type { Endpoint, Platform } from './endpoints/endpoint.js';
import { type FailureFacts, UpstreamError, unusableAnswer } from './errors.js';
import { createRedaction } from './redaction.js';

/** One call: which endpoint is asked about whom. */
export interface Call {
  readonly endpoint: Endpoint;
  readonly creatorId: string;
  readonly platform: Platform;
}

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
  /** One attempt over HTTP. Rejects with UpstreamError when no whole answer came. */
  send(call: Call): Promise<HttpAnswer>;
  /** Ends every connection, with whatever is under way on it. */
  close(): Promise<void>;
}

/** The samples have 1 to 8 kB; past this a body is a fault or an attack. */
const maxBodyBytes = 8 * 1_048_576;

/** A reset this soon after sending, before any header, is taken as never processed. */
const unprocessedWithinMs = 1_000;

/** What the stand-in upstream puts on its answers. */
const sandboxHeader = 'x-justoneapi-sandbox';

/** The connection never came about, so nothing was sent and nothing can be billed. */
const neverConnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const refusedByTls = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
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

  function pathOf({ endpoint, creatorId, platform }: Call): string {
    const query = new URLSearchParams({ token, oAuthorId: creatorId, platform });
    return `${prefix}${endpoint.path}?${query}`;
  }

  return {
    async send(call) {
      const facts = { endpoint: call.endpoint.name };
      const signal = AbortSignal.timeout(timeoutMs);
      const sentAt = performance.now();
      const response = await pool
        .request({
          path: pathOf(call),
          method: 'GET',
          headers: { accept: 'application/json', 'accept-encoding': 'gzip, br' },
          signal,
        })
        .catch((error: unknown) => {
          if (signal.aborted) throw timedOut(facts, timeoutMs);
          throw beforeHeaders(facts, error, performance.now() - sentAt);
        });
      const bytes = await readBody(facts, response.body).catch((error: unknown) => {
        if (signal.aborted) throw timedOut(facts, timeoutMs);
        throw error;
      });
      const body = await decode(facts, bytes, response.headers['content-encoding']).catch(
        (error: unknown) => {
          // A gateway's refusal counts by its status, whatever it says.
          if (response.statusCode >= 300) return '';
          throw error;
        },
      );
      return {
        status: response.statusCode,
        // An upstream that repeats the request would put the token into what is kept and shown.
        body: redact(body),
        retryAfter: firstOf(response.headers['retry-after']),
        isSandbox: response.headers[sandboxHeader] !== undefined,
      };
    },
    close: () => pool.destroy(),
  };
}

type Facts = Pick<FailureFacts, 'endpoint'>;

function timedOut(facts: Facts, timeoutMs: number): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_TIMEOUT',
    `Upstream gave no whole answer within ${timeoutMs / 1000} s. The call may have been billed; ask again in a minute.`,
    { ...facts, billed: 'maybe' },
  );
}

function beforeHeaders(facts: Facts, error: unknown, afterMs: number): UpstreamError {
  const cause = codeOnly(error);
  const isConnecting = error instanceof Error && 'syscall' in error && error.syscall === 'connect';
  if (isConnecting || neverConnected.has(cause.message) || refusedByTls.test(cause.message)) {
    return new UpstreamError('UPSTREAM_UNAVAILABLE', "Upstream can't be reached. Ask again in a moment.", {
      ...facts,
      billed: 'no',
      isUnprocessed: true,
      cause,
    });
  }
  if (notHttp.test(cause.message))
    return unusableAnswer({ ...facts, billed: 'maybe', cause }, 'it is not HTTP');
  const isUnprocessed = reset.has(cause.message) && afterMs < unprocessedWithinMs;
  return lost(facts, isUnprocessed, cause);
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

async function readBody(facts: Facts, body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBodyBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw lost(facts, false, codeOnly(error));
  }
  if (size > maxBodyBytes) throw tooLarge(facts);
  return Buffer.concat(chunks, size);
}

async function decode(facts: Facts, bytes: Buffer, encoding: string | string[] | undefined): Promise<string> {
  const name = String(encoding ?? '')
    .trim()
    .toLowerCase();
  if (name === '' || name === 'identity') return bytes.toString('utf8');
  try {
    if (!isKnownEncoding(name)) throw new Error('unknown content-encoding');
    const plain = await decompress[name](bytes, { maxOutputLength: maxBodyBytes });
    return plain.toString('utf8');
  } catch (error) {
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
