import { Readable } from 'node:stream';
import type { YogaServerInstance } from 'graphql-yoga';
import type { AnswerSize } from '../answerSize/answerSize.js';
import type { Turns } from '../answerSize/turns.js';
import type { Context } from '../context.js';
import type { Logger } from '../logger.js';
import type { After, Clock } from '../time.js';
import type { Freshness } from '../upstream/cache/freshness.js';
import { type Address, addressOf } from './address.js';
import { finish, leaving } from './finish.js';
import { inPieces, write } from './largeAnswer.js';
import { type ResponseMemo, seenHeaders } from './memo.js';
import type { RequestHead, Respond, ResponseMessage } from './message.js';

/** What an operation and its answer know of one another. */
export interface Provenance {
  /** Null, as it begins: something else than kept sections went into the answer, or something failed. */
  freshness: Freshness | null;
  /** A large answer's result. Null: it is written already. */
  unwritten: unknown;
  /** What the answer takes, from its making until it has left. */
  readonly size: AnswerSize;
}

/** What operations find in their context. */
export interface ServerContext {
  readonly provenance: Provenance;
}

/** Where answers came from so far. */
export interface AnswerTally {
  memo: number;
  executed: number;
}

export interface ResponderOptions {
  readonly yoga: Pick<YogaServerInstance<ServerContext, Context>, 'handleRequest' | 'fetchAPI'>;
  /** Null: nothing is remembered. */
  readonly memo: ResponseMemo | null;
  readonly tally: AnswerTally;
  readonly newAnswerSize: (hangUp: AbortSignal) => AnswerSize;
  readonly turns: Turns;
  readonly logger: Logger;
  readonly now: Clock;
  readonly after: After;
}

/** Yoga, with a memo in front and HTTP's own economies behind: encodings, validators, ages. */
export function createResponder(options: ResponderOptions): Respond {
  const { yoga, memo, tally, newAnswerSize, turns, logger, now, after } = options;
  return (request, body, hangUp) => {
    const kept = memo?.get(request, body);
    if (!kept) return execute(request, body, hangUp);
    tally.memo += 1;
    return leaving(kept, request, now());
  };

  async function execute(
    request: RequestHead,
    body: Buffer | null,
    hangUp: () => AbortSignal,
  ): Promise<ResponseMessage> {
    const address = addressOf(request);
    if (!address) return noAddress;
    const signal = hangUp();
    const size = newAnswerSize(signal);
    const provenance: Provenance = { freshness: null, unwritten: null, size };
    let isLeaving = false;
    try {
      const response = await yoga.handleRequest(requestFor(address, request, body, signal), { provenance });
      const { freshness, unwritten } = provenance;
      if (isInParts(response)) {
        isLeaving = true;
        return inParts(response, size);
      }
      const written =
        unwritten === null ? { bytes: await bytesOf(response), rest: null } : await write(unwritten, turns);
      if (written.rest) {
        isLeaving = true;
        return inPieces(response, written, request, size, { turns, after });
      }
      const finished = await finish(response, written.bytes, request, freshness);
      memo?.offer(request, body, finished, freshness);
      return leaving(finished, request, now());
    } catch (error) {
      logger.error(error);
      return refusal(500, 'INTERNAL_SERVER_ERROR', 'The server made a mistake. It has been logged.');
    } finally {
      if (!isLeaving) size.leave();
    }
  }

  function requestFor(
    { url, host }: Address,
    { method = 'GET', headers }: RequestHead,
    body: Buffer | null,
    signal: AbortSignal,
  ): Request {
    const seen: Record<string, string> = {};
    for (const name of seenHeaders) {
      const value = headers[name];
      if (typeof value === 'string') seen[name] = name === 'content-type' ? plainType(value) : value;
    }
    seen['host'] = host;
    const bytes = body && withoutMark(body);
    return new yoga.fetchAPI.Request(url, { method, headers: seen, body: bytes as BodyInit | null, signal });
  }
}

/** Names of types and parameters have no case, and may have spaces between them; Yoga compares them as they are. */
function plainType(contentType: string): string {
  return contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
    .join(';');
}

const byteOrderMark = Buffer.from('\ufeff');

/** JSON has no byte order mark, and some editors write one all the same. */
function withoutMark(body: Buffer): Buffer {
  return body.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    ? body.subarray(byteOrderMark.length)
    : body;
}

function isInParts({ headers }: Response): boolean {
  return /^(multipart\/|text\/event-stream)/.test(headers.get('content-type') ?? '');
}

/** nginx would gather them. */
const asTheyCome = ['x-accel-buffering', 'no'] as const;

/** Whether the connection stays is the client's and node:http's to say, and not Yoga's. */
function inParts({ status, headers, body }: Response, size: AnswerSize): ResponseMessage {
  const parts = Readable.from(body as unknown as AsyncIterable<Uint8Array>);
  parts.once('close', () => size.leave());
  const own = [...headers].filter(([name]) => name.toLowerCase() !== 'connection').flat();
  return { status, headers: [...own, ...asTheyCome], body: parts };
}

async function bytesOf(response: Response): Promise<Buffer> {
  const isAnswer = /json/.test(response.headers.get('content-type') ?? '');
  // A text is what Yoga has of an answer.
  return Buffer.from(isAnswer ? await response.text() : new Uint8Array(await response.arrayBuffer()));
}

const noAddress = refusal(400, 'BAD_REQUEST', 'Expected a Host header and a path that make an address.');

/** Before there is an operation. The connection is of no more use. */
export function refusal(status: number, code: string, message: string): ResponseMessage {
  const body = JSON.stringify({ errors: [{ message, extensions: { code } }] });
  return {
    status,
    headers: [
      'content-type',
      'application/json; charset=utf-8',
      'content-length',
      String(body.length),
      'connection',
      'close',
    ],
    body,
  };
}
