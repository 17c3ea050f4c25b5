import { Readable } from 'node:stream';
import { type AnswerSize, wholeBytes } from '../answerSize/answerSize.js';
import type { Turns } from '../answerSize/turns.js';
import type { After } from '../time.js';
import { compressing, encodingFor } from './encoding.js';
import { variesBy } from './finish.js';
import { jsonPieces } from './jsonPieces.js';
import type { RequestHead, ResponseMessage } from './message.js';

/** A client that takes nothing for so long would hold its answer's memory for ever. */
const stalledMs = 30_000;

export interface LargeAnswerOptions {
  readonly turns: Turns;
  readonly after: After;
}

/** The beginning of a large answer, and the rest of it. */
export interface Written {
  readonly bytes: Buffer;
  /** Null: that was all. */
  readonly rest: Iterable<string> | null;
}

/** Writes a result, by turns with others, as far as it may be kept whole. */
export async function write(result: unknown, turns: Turns): Promise<Written> {
  const pieces = jsonPieces(result);
  const written: Buffer[] = [];
  let size = 0;
  for (let piece = pieces.next(); !piece.done; piece = pieces.next()) {
    const bytes = Buffer.from(piece.value);
    written.push(bytes);
    size += bytes.length;
    if (size > wholeBytes) return { bytes: Buffer.concat(written), rest: pieces };
    await turns.next(bytes.length);
  }
  return { bytes: Buffer.concat(written), rest: null };
}

/** Sends what is written already, and then piece by piece what the client takes. Nothing is told of its validity. */
export function inPieces(
  response: Response,
  { bytes, rest }: Written,
  request: RequestHead,
  size: AnswerSize,
  { turns, after }: LargeAnswerOptions,
): ResponseMessage {
  async function* taken(): AsyncGenerator<Buffer> {
    for (const piece of piecesOf(bytes, rest)) {
      const stopTimer = after(stalledMs, () => body.destroy(new Error('The client takes nothing any more')));
      yield piece;
      stopTimer();
      await turns.next(piece.length);
    }
  }
  const body = Readable.from(taken(), { objectMode: false });
  body.once('close', () => size.leave());
  const headers = new Map(response.headers);
  headers.delete('content-length');
  if (request.method === 'GET') headers.set('cache-control', 'no-store').set('vary', variesBy);
  const encoding = encodingFor(request.headers['accept-encoding'], wholeBytes);
  if (encoding) headers.set('content-encoding', encoding);
  return {
    status: response.status,
    headers: [...headers].flat(),
    body: encoding ? compressing(body, encoding) : body,
  };
}

function* piecesOf(bytes: Buffer, rest: Iterable<string> | null): Generator<Buffer> {
  yield bytes;
  for (const piece of rest ?? []) yield Buffer.from(piece);
}
