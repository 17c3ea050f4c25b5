import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { YogaServerInstance } from 'graphql-yoga';
import type { Context } from '../context.js';
import type { Logger } from '../logger.js';
import { requestIdHeader, requestIdOf } from '../protocol/requestId.js';
import type { ResponseSize } from '../responseSize/responseSize.js';
import type { Scheduler } from '../responseSize/scheduler.js';
import type { AnswerTally } from '../telemetry/answerTally.js';
import type { Observer } from '../telemetry/observer.js';
import { OperationRecord } from '../telemetry/operationRecord.js';
import type { After, Clock } from '../time.js';
import type { Freshness } from '../upstream/cache/freshness.js';
import { type Address, addressOf } from './address.js';
import { finish, toResponseMessage } from './finish.js';
import { inPieces, write } from './largeResponse.js';
import { type ResponseMemo, relevantHeaders } from './memo.js';
import type { RequestHead, Respond, ResponseMessage, StreamMessage } from './message.js';

/** What the plugins that execute an operation tell the code that sends its response. */
export interface Provenance {
  /** Null, as at the start: the response is not made of fresh sections only, or has an error. */
  freshness: Freshness | null;
  /** The result of a large response, which is written as it is sent. Null: the response is written already. */
  unwritten: unknown;
  /** The memory that the response takes until it is sent. */
  readonly size: ResponseSize;
}

/** What operations find in their context. */
export interface ServerContext {
  readonly provenance: Provenance;
  readonly record: OperationRecord;
  /** Of the request, as it came. Yoga gets only those that it reads. */
  readonly headers: IncomingHttpHeaders;
}

/** What the responder gave a request. Yoga's types do not know its context in every hook. */
export function serverContextIn(context: object): ServerContext {
  return context as ServerContext;
}

/** For Yoga to call instead of writing a large result, which is written in pieces while it is sent. */
export function writeLater(provenance: Provenance): (result: unknown) => string {
  return (result) => {
    provenance.unwritten = result;
    return '';
  };
}

interface ResponderOptions {
  readonly yoga: Pick<YogaServerInstance<ServerContext, Context>, 'handleRequest' | 'fetchAPI'>;
  /** Null: every operation is executed. */
  readonly memo: ResponseMemo | null;
  readonly tally: AnswerTally;
  readonly observer: Pick<Observer, 'executed' | 'repeated'>;
  readonly newResponseSize: (hangUp: AbortSignal) => ResponseSize;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly now: Clock;
  /** Monotonic. */
  readonly elapsed: Clock;
  readonly after: After;
}

/** Answers requests from the memo or through Yoga, and adds what HTTP has to save work: encodings, validators, ages. */
export function createResponder(options: ResponderOptions): Respond {
  const { yoga, memo, tally, observer, newResponseSize, scheduler, logger, now, elapsed, after } = options;
  return (request, body, hangUp) => {
    const requestId = requestIdOf(request.rawHeaders);
    const remembered = memo?.get(request, body);
    if (!remembered) return execute(request, body, requestId, hangUp);
    tally.memo += 1;
    observer.repeated(remembered.repeats);
    return toResponseMessage(remembered.response, request, requestId, now());
  };

  async function execute(
    request: RequestHead,
    body: Buffer | null,
    requestId: string,
    hangUp: () => AbortSignal,
  ): Promise<ResponseMessage> {
    const address = addressOf(request);
    if (!address) return noAddress;
    const signal = hangUp();
    const size = newResponseSize(signal);
    const provenance: Provenance = { freshness: null, unwritten: null, size };
    const record = new OperationRecord(requestId, elapsed);
    let stream: Readable | null = null;
    try {
      const context = { provenance, record, headers: request.headers };
      const response = await yoga.handleRequest(requestFor(address, request, body, signal), context);
      const { freshness, unwritten } = provenance;
      if (isIncremental(response)) {
        response.headers.set(requestIdHeader, requestId);
        const message = incrementalMessage(response);
        stream = message.body;
        return message;
      }
      const written =
        unwritten === null
          ? { bytes: await bytesOf(response), rest: null }
          : await write(unwritten, scheduler);
      if (written.rest) {
        response.headers.set(requestIdHeader, requestId);
        const message = inPieces(response, written, request, size, { scheduler, after });
        stream = message.body;
        return message;
      }
      const finished = await finish(response, written.bytes, request, freshness);
      memo?.offer(request, body, finished, freshness, record);
      return toResponseMessage(finished, request, requestId, now());
    } catch (error) {
      logger.error(error);
      return refusal(
        500,
        'INTERNAL_SERVER_ERROR',
        'The server made a mistake. It has been logged.',
        requestId,
      );
    } finally {
      const end = () => {
        size.release();
        if (signal.aborted) record.noteAbandoned();
        const summary = record.end();
        if (summary) observer.executed(summary);
      };
      if (stream) stream.once('close', end);
      else end();
    }
  }

  function requestFor(
    { url, host }: Address,
    { method = 'GET', headers }: RequestHead,
    body: Buffer | null,
    signal: AbortSignal,
  ): Request {
    const relevant: Record<string, string> = {};
    for (const name of relevantHeaders) {
      const value = headers[name];
      if (typeof value === 'string') relevant[name] = name === 'content-type' ? normalized(value) : value;
    }
    relevant['host'] = host;
    const bytes = body && withoutByteOrderMark(body);
    return new yoga.fetchAPI.Request(url, {
      method,
      headers: relevant,
      body: bytes as BodyInit | null,
      signal,
    });
  }
}

/** A content type is case-insensitive, and may have spaces between its parameters. Yoga compares it as it is. */
function normalized(contentType: string): string {
  return contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
    .join(';');
}

const byteOrderMark = Buffer.from('\ufeff');

/** JSON must not start with a byte order mark, but some editors write one. */
function withoutByteOrderMark(body: Buffer): Buffer {
  return body.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    ? body.subarray(byteOrderMark.length)
    : body;
}

function isIncremental({ headers }: Response): boolean {
  return /^(multipart\/|text\/event-stream)/.test(headers.get('content-type') ?? '');
}

/** Without this header, nginx would hold the parts back until it has many. */
const unbuffered = ['x-accel-buffering', 'no'] as const;

/** Yoga's stream throws when it is destroyed before its first part is read. A generator that has not begun ends without it. */
async function* passOn(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* parts;
}

/** Yoga sets `connection`, but keeping the connection open is for the client and node:http to decide. */
function incrementalMessage({ status, headers, body }: Response): StreamMessage {
  const parts = Readable.from(passOn(body as unknown as AsyncIterable<Uint8Array>));
  const kept = [...headers].filter(([name]) => name.toLowerCase() !== 'connection').flat();
  return { status, headers: [...kept, ...unbuffered], body: parts };
}

async function bytesOf(response: Response): Promise<Buffer> {
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  // Yoga has made a JSON body from a string, so reading it as a string is the fastest way.
  return Buffer.from(isJson ? await response.text() : new Uint8Array(await response.arrayBuffer()));
}

const noAddress = refusal(400, 'BAD_REQUEST', 'Expected a Host header and a path that make a valid URL.');

/** For requests that are refused before they are parsed. Closes the connection. `requestId`: null if it has none. */
export function refusal(
  status: number,
  code: string,
  message: string,
  requestId: string | null = null,
): ResponseMessage {
  const extensions = { code, ...(requestId !== null && { requestId }) };
  const body = JSON.stringify({ errors: [{ message, extensions }] });
  return {
    status,
    headers: [
      'content-type',
      'application/json; charset=utf-8',
      'content-length',
      String(body.length),
      'connection',
      'close',
      ...(requestId === null ? [] : [requestIdHeader, requestId]),
    ],
    body,
  };
}
