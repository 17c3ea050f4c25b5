import { connect, type Socket } from 'node:net';

/** One response as it came over the wire. */
export interface WireResponse {
  readonly status: number;
  /** Names in lower case. A name that came twice has both values, with `, ` between them. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What came back for some bytes. */
export interface Received {
  readonly responses: readonly WireResponse[];
  /** Why the bytes are no sequence of whole responses. Null: they are one. */
  readonly fault: string | null;
  readonly isClosed: boolean;
}

export interface Request {
  /** What is written, one piece after the other. */
  readonly pieces: readonly Buffer[];
  /** How many responses to wait for. After them, a moment shows whether there are more. 0: the request is not whole. */
  readonly responses: number;
  /** Responses to HEAD have no body, whatever their length says. */
  readonly isHead?: boolean;
}

const withinMs = 20_000;
const momentMs = 20;

/** TIME_WAIT keeps each pair of ports for a minute. More addresses of loopback have more pairs. */
let nthAddress = 0;
function localAddress(): string {
  nthAddress = (nthAddress + 1) % 200;
  return process.platform === 'linux' ? `127.0.0.${nthAddress + 2}` : '127.0.0.1';
}

export function open(port: number): Socket {
  return connect({ port, host: '127.0.0.1', localAddress: localAddress() }).on('error', () => {});
}

/** Sends a request over a connection of its own, and reads what comes back. */
export function exchange(port: number, { pieces, responses, isHead = false }: Request): Promise<Received> {
  return new Promise((resolve) => {
    const socket = open(port);
    const reader = new ResponseReader(isHead);
    let moment: NodeJS.Timeout | undefined;
    const finish = (isClosed: boolean, fault: string | null) => {
      clearTimeout(deadline);
      clearTimeout(moment);
      if (isClosed) reader.end();
      // Without a FIN there is no TIME_WAIT.
      socket.resetAndDestroy();
      resolve({ responses: reader.responses, fault: reader.fault ?? fault, isClosed });
    };
    const deadline = setTimeout(
      () => finish(false, `Got ${reader.responses.length} of ${responses} responses in ${withinMs / 1000} s`),
      withinMs,
    );
    socket.once('connect', async () => {
      for (const piece of pieces) {
        if (!socket.writable) return;
        await new Promise((written) => socket.write(piece, written));
        if (pieces.length > 1) await new Promise(setImmediate);
      }
      if (responses === 0) setTimeout(() => finish(false, null), momentMs);
    });
    socket.on('data', (chunk) => {
      reader.read(chunk);
      if (reader.fault !== null) finish(false, null);
      else if (responses > 0 && reader.responses.length >= responses) {
        moment ??= setTimeout(() => finish(false, null), responses > 1 ? momentMs : 0);
      }
    });
    socket.once('close', () => finish(true, null));
  });
}

const statusLine = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/;
/** A line break, or any other control character, in a value would be the client's own header (header injection). */
const headerLine = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;

/** Reads responses as strictly as RFC 9112 lets it. */
class ResponseReader {
  readonly responses: WireResponse[] = [];
  fault: string | null = null;
  readonly #isHead: boolean;
  #unread: Buffer = Buffer.alloc(0);
  #head: { readonly status: number; readonly headers: ReadonlyMap<string, string> } | null = null;
  #chunks: Buffer[] = [];

  constructor(isHead: boolean) {
    this.#isHead = isHead;
  }

  read(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    try {
      while (this.#step());
    } catch (error) {
      this.fault = String(error);
    }
  }

  /** The connection is closed, which ends a body without a length. */
  end(): void {
    if (this.fault !== null) return;
    if (this.#head && lengthOf(this.#head) === 'close') this.#finish(this.#unread);
    else if (this.#head || this.#unread.length > 0)
      this.fault = 'The connection was closed within a response';
  }

  #step(): boolean {
    if (!this.#head) {
      const end = this.#unread.indexOf('\r\n\r\n');
      if (end < 0) return false;
      this.#head = headOf(this.#unread.subarray(0, end).toString('latin1'));
      this.#unread = this.#unread.subarray(end + 4);
      // An interim response, such as 100 Continue.
      if (this.#head.status < 200) this.#head = null;
      return true;
    }
    const length = this.#isHead ? 0 : lengthOf(this.#head);
    if (length === 'close') return false;
    if (length === 'chunked') return this.#readChunk();
    if (this.#unread.length < length) return false;
    this.#finish(this.#unread.subarray(0, length));
    this.#unread = this.#unread.subarray(length);
    return this.#unread.length > 0;
  }

  #readChunk(): boolean {
    const end = this.#unread.indexOf('\r\n');
    if (end < 0) return false;
    const line = this.#unread.subarray(0, end).toString('latin1');
    if (!/^[\da-f]+$/i.test(line)) throw new Error(`Expected the size of a chunk, but got ${line}`);
    const size = Number.parseInt(line, 16);
    if (this.#unread.length < end + 2 + size + 2) return false;
    this.#chunks.push(this.#unread.subarray(end + 2, end + 2 + size));
    this.#unread = this.#unread.subarray(end + 2 + size + 2);
    if (size === 0) this.#finish(Buffer.concat(this.#chunks));
    return true;
  }

  #finish(body: Buffer): void {
    if (this.#head) this.responses.push({ ...this.#head, body });
    this.#head = null;
    this.#chunks = [];
  }
}

function headOf(text: string) {
  const [first = '', ...lines] = text.split('\r\n');
  const status = statusLine.exec(first)?.[1];
  if (status === undefined) throw new Error(`Expected a status line, but got ${JSON.stringify(first)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = headerLine.exec(line) ?? [];
    if (name === '') throw new Error(`Expected a header, but got ${JSON.stringify(line)}`);
    const key = name.toLowerCase();
    headers.set(key, headers.has(key) ? `${headers.get(key)}, ${value}` : value);
  }
  return { status: Number(status), headers };
}

function lengthOf({
  status,
  headers,
}: Pick<WireResponse, 'status' | 'headers'>): number | 'chunked' | 'close' {
  if (status === 204 || status === 304) return 0;
  if (headers.get('transfer-encoding') === 'chunked') return 'chunked';
  const length = headers.get('content-length');
  return length === undefined ? 'close' : Number(length);
}
