/** An HTTP answer, received whole, still as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Why there is no whole answer, and how far it came. */
export interface Broken {
  readonly why: 'timeout' | 'too large' | 'connection';
  /** Whether the request may have reached upstream; null: it was never written. */
  readonly sinceSentMs: number | null;
  readonly hasHeaders: boolean;
  /** The HTTP library's. It may hold the request, and with it the token. */
  readonly error?: Error;
}

export interface ResponseHandlerOptions {
  /** From now to the last byte, a wait for a connection included. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** The connection stands, and the request goes out on it. */
  readonly onSent: () => void;
  readonly errorFor: (broken: Broken) => Error;
}

interface Controller {
  abort(reason: Error): void;
}

/** One request and its answer, as the HTTP library tells of them: the handler that its `dispatch` takes. */
export class ResponseHandler {
  readonly answer: Promise<RawAnswer>;
  readonly #options: ResponseHandlerOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Controller | null = null;
  #sentAtMs: number | null = null;
  #head: Omit<RawAnswer, 'bytes'> | null = null;
  #size = 0;
  #isOver = false;
  #resolve: (answer: RawAnswer) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(options: ResponseHandlerOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.#break('timeout'), options.timeoutMs);
  }

  onRequestStart(controller: Controller): void {
    if (this.#isOver) {
      // Its time was up before there was a connection: nothing goes out.
      controller.abort(new Error('over'));
      return;
    }
    this.#controller = controller;
    this.#sentAtMs = performance.now();
    this.#options.onSent();
  }

  onResponseStart(_: Controller, status: number, headers: Headers): void {
    // 1xx only announce an answer.
    if (status >= 200) this.#head = { status, headers };
  }

  onResponseData(_: Controller, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#options.maxBytes) this.#break('too large');
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#head || !this.#end()) return;
    this.#resolve({ ...this.#head, bytes: this.#bytes() });
  }

  onResponseError(_: Controller, error: Error): void {
    this.#break('connection', error);
  }

  #bytes(): Buffer {
    const [first] = this.#chunks;
    return first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#size);
  }

  #break(why: Broken['why'], error?: Error): void {
    if (!this.#end()) return;
    this.#reject(
      this.#options.errorFor({
        why,
        sinceSentMs: this.#sentAtMs === null ? null : performance.now() - this.#sentAtMs,
        hasHeaders: this.#head !== null,
        ...(error ? { error } : {}),
      }),
    );
    this.#controller?.abort(new Error(why));
  }

  /** False: it had ended before. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    return true;
  }
}
