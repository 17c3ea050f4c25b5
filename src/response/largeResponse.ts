import { Readable } from 'node:stream';
import { maxWholeBytes, type ResponseSize } from '../responseSize/responseSize.js';
import type { Scheduler } from '../responseSize/scheduler.js';
import type { After } from '../time.js';
import { compressStream, encodingFor } from './encoding.js';
import { varyingHeaders } from './finish.js';
import { jsonPieces } from './jsonPieces.js';
import type { RequestHead, StreamMessage } from './message.js';

/** When a client takes nothing for so long, the response is aborted, or its memory would be held for ever. */
const stalledMs = 30_000;

interface LargeResponseOptions {
  readonly scheduler: Scheduler;
  readonly after: After;
}

/** The start of a large response as bytes, and what follows it. */
export interface Written {
  readonly bytes: Buffer;
  /** Null: `bytes` is the whole response. */
  readonly rest: Iterable<string> | null;
}

/** Writes a result, taking turns with other responses, until it is too large to be kept whole. */
export async function write(result: unknown, scheduler: Scheduler): Promise<Written> {
  const pieces = jsonPieces(result);
  const written: Buffer[] = [];
  let size = 0;
  for (let piece = pieces.next(); !piece.done; piece = pieces.next()) {
    const bytes = Buffer.from(piece.value);
    written.push(bytes);
    size += bytes.length;
    if (size > maxWholeBytes) return { bytes: Buffer.concat(written), rest: pieces };
    await scheduler.waitForTurn(bytes.length);
  }
  return { bytes: Buffer.concat(written), rest: null };
}

/** Sends what is written, and then writes piece by piece, as fast as the client takes it. Such a response is not cached. */
export function inPieces(
  response: Response,
  { bytes, rest }: Written,
  request: RequestHead,
  size: ResponseSize,
  { scheduler, after }: LargeResponseOptions,
): StreamMessage {
  async function* watched(): AsyncGenerator<Buffer> {
    for (const piece of piecesOf(bytes, rest)) {
      const stopTimer = after(stalledMs, () =>
        body.destroy(new Error(`The client has taken nothing for ${stalledMs / 1000} s`)),
      );
      yield piece;
      stopTimer();
      await scheduler.waitForTurn(piece.length);
    }
  }
  const body = Readable.from(watched(), { objectMode: false });
  body.once('close', () => size.release());
  const headers = new Map(response.headers);
  headers.delete('content-length');
  if (request.method === 'GET') headers.set('cache-control', 'no-store').set('vary', varyingHeaders);
  const encoding = encodingFor(request.headers['accept-encoding'], maxWholeBytes);
  if (encoding) headers.set('content-encoding', encoding);
  return {
    status: response.status,
    headers: [...headers].flat(),
    body: encoding ? compressStream(body, encoding) : body,
  };
}

function* piecesOf(bytes: Buffer, rest: Iterable<string> | null): Generator<Buffer> {
  yield bytes;
  for (const piece of rest ?? []) yield Buffer.from(piece);
}
