import type { IncomingMessage } from 'node:http';

interface Bounds {
  /** Of one body. */
  readonly maxBytes: number;
  /** Of one body. Each takes time, however small it is: a million keep the server busy for a second. */
  readonly maxChunks: number;
  /** Of all large bodies that have begun and not ended. */
  readonly maxTotalBytes: number;
}

/** A body up to this size, as nearly all are, does not count: the number of connections bounds how many there are. */
const smallBytes = 16_384;

interface LargeBody {
  bytes: number;
  readonly refuse: () => void;
}

/**
 * Reads the bodies of requests into memory that all large ones share. When it is used up, the one that began first is
 * refused: others take milliseconds, so it is one whose client sends slowly, or not at all.
 */
export class ReceivedBodies {
  readonly #bounds: Bounds;
  /** In the order in which they began. */
  readonly #large = new Set<LargeBody>();
  #totalBytes = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** Calls one of the functions, once, or none if the client disconnects. The rest of a refused body is discarded. */
  read(
    request: IncomingMessage,
    on: {
      readonly body: (body: Buffer) => void;
      readonly tooLarge: () => void;
      readonly tooSlow: () => void;
    },
  ): void {
    const { maxBytes, maxChunks } = this.#bounds;
    let body: Buffer | null = null;
    let bytes = 0;
    let chunks = 0;
    let large: LargeBody | null = null;
    const onData = (chunk: Buffer) => {
      body = body === null ? chunk : appended(body, bytes, chunk);
      bytes += chunk.length;
      chunks += 1;
      if (bytes > maxBytes || chunks > maxChunks) return refuse(on.tooLarge);
      if (bytes <= smallBytes) return;
      if (large === null) {
        const joined: LargeBody = { bytes: 0, refuse: () => refuse(on.tooSlow) };
        request.once('close', () => this.#remove(joined));
        large = joined;
      }
      this.#resize(large, bytes);
    };
    const onEnd = () => {
      if (large) this.#remove(large);
      on.body(body === null ? Buffer.alloc(0) : body.length === bytes ? body : body.subarray(0, bytes));
    };
    const refuse = (then: () => void) => {
      request.off('data', onData).off('end', onEnd);
      if (large) this.#remove(large);
      then();
    };
    request.on('data', onData).on('end', onEnd);
  }

  #resize(body: LargeBody, bytes: number): void {
    this.#large.add(body);
    this.#totalBytes += bytes - body.bytes;
    body.bytes = bytes;
    for (const oldest of this.#large) {
      if (this.#totalBytes <= this.#bounds.maxTotalBytes) return;
      oldest.refuse();
    }
  }

  #remove(body: LargeBody): void {
    if (this.#large.delete(body)) this.#totalBytes -= body.bytes;
  }
}

/**
 * One growing buffer, because a list of chunks has a hundred bytes for each, and a client may send a body in thousands of
 * chunks of one byte.
 */
function appended(body: Buffer, length: number, chunk: Buffer): Buffer {
  const needed = length + chunk.length;
  const grown = needed <= body.length ? body : Buffer.allocUnsafeSlow(2 * needed);
  if (grown !== body) body.copy(grown, 0, 0, length);
  chunk.copy(grown, length);
  return grown;
}
