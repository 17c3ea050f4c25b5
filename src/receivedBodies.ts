import type { IncomingMessage } from 'node:http';

interface Bounds {
  /** Of one body. */
  readonly maxBytes: number;
  /** Of one body. Each takes time, however small it is: a million keep the server busy for a second. */
  readonly maxChunks: number;
  /** Of all bodies that have begun and not ended. */
  readonly maxTotalBytes: number;
}

/** A body up to this size, as nearly all are, is never refused: the number of connections bounds how many there are. */
const smallBytes = 16_384;

interface Receiving {
  bytes: number;
  chunks: number;
  readonly refuse: () => void;
}

/**
 * Reads the bodies of requests into memory that all of them share. When it is used up, the large body that began
 * first is refused: others take milliseconds, so it is one whose client sends slowly, or not at all.
 */
export class ReceivedBodies {
  readonly #bounds: Bounds;
  /** In the order in which they began. */
  readonly #receiving = new Set<Receiving>();
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
    const receiving: Receiving = { bytes: 0, chunks: 0, refuse: () => end(on.tooSlow) };
    const end = (then: () => void) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      this.#receiving.delete(receiving);
      this.#totalBytes -= receiving.bytes;
      then();
    };
    const onData = (chunk: Buffer) => {
      body = body === null ? chunk : appended(body, receiving.bytes, chunk);
      receiving.bytes += chunk.length;
      receiving.chunks += 1;
      this.#totalBytes += chunk.length;
      if (receiving.bytes > maxBytes || receiving.chunks > maxChunks) end(on.tooLarge);
      else this.#makeRoom();
    };
    const onEnd = () => end(() => on.body(body?.subarray(0, receiving.bytes) ?? Buffer.alloc(0)));
    const onClose = () => end(() => {});
    this.#receiving.add(receiving);
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  }

  #makeRoom(): void {
    for (const oldest of this.#receiving) {
      if (this.#totalBytes <= this.#bounds.maxTotalBytes) return;
      if (oldest.bytes > smallBytes) oldest.refuse();
    }
  }
}

/**
 * One growing buffer, because a list of chunks has a hundred bytes for each, and a client may send a body of a megabyte
 * in chunks of one byte.
 */
function appended(body: Buffer, length: number, chunk: Buffer): Buffer {
  const needed = length + chunk.length;
  const grown = needed <= body.length ? body : Buffer.allocUnsafeSlow(2 * needed);
  if (grown !== body) body.copy(grown, 0, 0, length);
  chunk.copy(grown, length);
  return grown;
}
