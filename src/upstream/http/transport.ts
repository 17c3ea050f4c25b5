import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { buildConnector, Pool } from 'undici';
import type { TracedSpan } from '../../tracing.js';
import type { Call } from '../endpoints/call.js';
import { type FailureFacts, UpstreamError, unusableAnswer } from '../errors.js';
import type { HttpAnswer } from './envelope.js';
import { createRedaction } from './redaction.js';
import { type Headers, type IncompleteAnswer, type RawAnswer, ResponseHandler } from './responseHandler.js';

export interface TransportOptions {
  readonly baseUrl: string;
  /** Sent in the query string, as upstream requires. Only the transport knows it. */
  readonly token: string;
  /** One attempt, from connecting to the last byte. */
  readonly timeoutMs: number;
  /**
   * Connections are reopened after this time, so that a change of upstream's DNS entry takes effect. Default: 5 min.
   */
  readonly connectionTtlMs?: number;
}

export interface Transport {
  /**
   * Makes one attempt. Rejects with UpstreamError when no complete answer came. `onSent` is called when the request is
   * sent, once there is a connection. `span` gets where it went, and the status.
   */
  send(call: Call, onSent: () => void, span?: Pick<TracedSpan, 'set'>): Promise<HttpAnswer>;
  /** Closes every connection. Attempts in progress fail. */
  close(): Promise<void>;
}

/** The vendor's samples have 1 to 8 kB. A body larger than this is a fault or an attack. */
const maxBodyBytes = 8 * 1_048_576;

/** If the connection is reset this soon after sending, and before any header, the request counts as not processed. */
const unprocessedWithinMs = 1_000;

/** The header with which a sandbox marks its answers. */
const sandboxHeader = 'x-justoneapi-sandbox';

const resetCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const invalidHttpCode = /^(HPE_|HTTPParserError$|UND_ERR_HEADERS_OVERFLOW$)/;

const decompress = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
} as const;

/** Keep-alive connections to one environment. Only this file knows URLs, the token and the HTTP library. */
export function createTransport(options: TransportOptions): Transport {
  const { baseUrl, token, timeoutMs, connectionTtlMs = 5 * 60_000 } = options;
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  const placeholder = `token-${randomUUID()}`;
  const pool = new Pool(base.origin, {
    headersTimeout: 0,
    bodyTimeout: 0,
    clientTtl: connectionTtlMs,
    connect: connectorWriting(encodeURIComponent(token), placeholder),
  });
  const redact = createRedaction(token);
  const place = {
    'server.address': base.hostname,
    'server.port': Number(base.port || (base.protocol === 'https:' ? 443 : 80)),
  };

  function targetOf({ endpoint, args }: Call): string {
    const query = Object.entries(endpoint.query(args)).map(
      ([name, value]) => `&${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    );
    return `${prefix}${endpoint.path}?token=${placeholder}${query.join('')}`;
  }

  return {
    async send(call, onSent, span) {
      span?.set(place);
      const facts = { endpoint: call.endpoint.name };
      const path = targetOf(call);
      const handler = new ResponseHandler({
        timeoutMs,
        maxBytes: maxBodyBytes,
        onSent,
        errorFor: (incomplete) => errorFor(facts, incomplete, timeoutMs),
      });
      pool.dispatch({ path, method: 'GET', headers }, handler);
      const answer = await handler.answer;
      span?.set({ 'http.response.status_code': answer.status });
      const encoding = encodingOf(answer.headers);
      const bytes = encoding === '' ? answer.bytes : await decompressed(facts, answer, encoding);
      return {
        status: answer.status,
        // An upstream that echoes the request would put the token into stored answers and responses.
        body: redact(bytes.toString('utf8')),
        retryAfter: firstOf(answer.headers['retry-after']),
        isSandbox: answer.headers[sandboxHeader] !== undefined,
      };
    },
    close: () => pool.destroy(),
  };
}

/**
 * Opens connections on which the placeholder becomes the token. Requests themselves have only the placeholder, because the
 * HTTP library publishes them to whoever subscribes to its diagnostics channels: instrumentations for tracing record URLs.
 */
function connectorWriting(encodedToken: string, placeholder: string): buildConnector.connector {
  const connect = buildConnector({});
  return (options, callback) =>
    connect(options, (...result) => {
      const [, socket] = result;
      if (socket) replaceWhenWriting(socket, placeholder, encodedToken);
      callback(...result);
    });
}

/** The HTTP library writes the head of a request as one string. */
function replaceWhenWriting(socket: Socket, placeholder: string, encodedToken: string): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (chunk: unknown, ...rest: unknown[]) =>
    write(typeof chunk === 'string' ? chunk.replace(placeholder, () => encodedToken) : chunk, ...rest);
}

const headers = { accept: 'application/json', 'accept-encoding': 'gzip, br' };

type Facts = Pick<FailureFacts, 'endpoint'>;

function errorFor(facts: Facts, incomplete: IncompleteAnswer, timeoutMs: number): UpstreamError {
  const { reason, sinceSentMs, hasHeaders, error } = incomplete;
  if (reason === 'too large') return tooLargeError(facts);
  if (reason === 'timeout') return timeoutError(facts, sinceSentMs !== null, timeoutMs);
  const cause = codeOnly(error);
  if (sinceSentMs === null) {
    return new UpstreamError('UPSTREAM_UNAVAILABLE', "Upstream can't be reached. Try again in a moment.", {
      ...facts,
      billed: 'no',
      isUnprocessed: true,
      cause,
    });
  }
  if (!hasHeaders && invalidHttpCode.test(cause.message)) {
    return unusableAnswer({ ...facts, billed: 'maybe', cause }, 'it is not HTTP');
  }
  return connectionLostError(
    facts,
    !hasHeaders && resetCodes.has(cause.message) && sinceSentMs < unprocessedWithinMs,
    cause,
  );
}

function timeoutError(facts: Facts, wasSent: boolean, timeoutMs: number): UpstreamError {
  const cost = wasSent
    ? 'The call may have been billed; try again in a minute.'
    : 'There was no connection, so nothing was billed; try again in a minute.';
  return new UpstreamError(
    'UPSTREAM_TIMEOUT',
    `Upstream sent no complete answer within ${timeoutMs / 1000} s. ${cost}`,
    { ...facts, billed: wasSent ? 'maybe' : 'no' },
  );
}

function connectionLostError(facts: Facts, isUnprocessed: boolean, cause: Error): UpstreamError {
  const cost = isUnprocessed
    ? 'Try again in a moment.'
    : 'The call may have been billed; try again in a minute.';
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

async function decompressed(facts: Facts, { status, bytes }: RawAnswer, encoding: string): Promise<Buffer> {
  try {
    if (!isKnownEncoding(encoding)) throw new Error('unknown content-encoding');
    return await decompress[encoding](bytes, { maxOutputLength: maxBodyBytes });
  } catch (error) {
    // Only the status of a gateway's refusal counts.
    if (status >= 300) return Buffer.alloc(0);
    const cause = codeOnly(error);
    if (cause.message === 'ERR_BUFFER_TOO_LARGE') throw tooLargeError(facts);
    throw unusableAnswer(
      { ...facts, billed: 'maybe', cause },
      'it is not compressed as its content-encoding says',
    );
  }
}

function firstOf(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}

function isKnownEncoding(name: string): name is keyof typeof decompress {
  return Object.hasOwn(decompress, name);
}

function tooLargeError(facts: Facts): UpstreamError {
  return unusableAnswer({ ...facts, billed: 'maybe' }, `it is over ${maxBodyBytes / 1_048_576} MB`);
}

/** A library's error may hold the request, and so the token. Only its code is kept, or else its name. */
function codeOnly(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown failure');
  return new Error('code' in error && typeof error.code === 'string' ? error.code : error.name);
}
