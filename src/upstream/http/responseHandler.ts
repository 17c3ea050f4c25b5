/** A complete HTTP answer, not decompressed. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Why no complete answer came, and how far the request got. */
export interface IncompleteAnswer {
  readonly reason: 'timeout' | 'too large' | 'connection';
  /** Time since the request was sent. Null: it was not sent, so it cannot have reached upstream. */
  readonly sinceSentMs: number | null;
  readonly hasHeaders: boolean;
  /** The HTTP library's error. It may hold the request, and so the token. */
  readonly error?: Error;
}

export interface ResponseHandlerOptions {
  /** From now to the last byte, including the time to connect. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Called when the request is sent on an open connection. */
  readonly onSent: () => void;
  /** Makes the error that `answer` rejects with. */
  readonly errorFor: (incomplete: IncompleteAnswer) => Error;
}

interface Controller {
  abort(reason: Error): void;
}

/** Collects the answer to one request. It is a handler for undici's `dispatch`. */
export class ResponseHandler {
  readonly answer: Promise<RawAnswer>;
  readonly #options: ResponseHandlerOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Controller | null = null;
  #sentAtMs: number | null = null;
  #head: Omit<RawAnswer, 'bytes'> | null = null;
  #size = 0;
  #hasEnded = false;
  #resolve: (answer: RawAnswer) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(options: ResponseHandlerOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.#timeOut(), options.timeoutMs);
  }

  onRequestStart(controller: Controller): void {
    if (this.#hasEnded) {
      // It timed out before there was a connection, so nothing is sent.
      controller.abort(new Error('timeout'));
      return;
    }
    this.#controller = controller;
    this.#sentAtMs = performance.now();
    this.#options.onSent();
  }

  onResponseStart(_: Controller, status: number, headers: Headers): void {
    // 1xx statuses precede the answer.
    if (status >= 200) this.#head = { status, headers };
  }

  onResponseData(_: Controller, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#options.maxBytes) this.#fail('too large');
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#head || !this.#end()) return;
    this.#resolve({ ...this.#head, bytes: this.#bytes() });
  }

  onResponseError(_: Controller, error: Error): void {
    this.#fail('connection', error);
  }

  #timeOut(): void {
    // What was sent may be paid for, so what arrived while the event loop was busy is read first.
    if (this.#sentAtMs === null) this.#fail('timeout');
    else setImmediate(() => this.#fail('timeout'));
  }

  #bytes(): Buffer {
    const [first] = this.#chunks;
    return first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#size);
  }

  #fail(reason: IncompleteAnswer['reason'], error?: Error): void {
    if (!this.#end()) return;
    this.#reject(
      this.#options.errorFor({
        reason,
        sinceSentMs: this.#sentAtMs === null ? null : performance.now() - this.#sentAtMs,
        hasHeaders: this.#head !== null,
        ...(error ? { error } : {}),
      }),
    );
    this.#controller?.abort(new Error(reason));
  }

  /** False: the answer had already ended. */
  #end(): boolean {
    if (this.#hasEnded) return false;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    return true;
  }
}
