import {
  createServer,
  type OutgoingHttpHeader,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Config } from './config.js';
import { closeWithConnection, limitConnections } from './connections.js';
import { ReceivedBodies } from './receivedBodies.js';
import type { ByteString, Respond, ResponseMessage } from './response/message.js';
import { refusal } from './response/responder.js';
import { disconnectSlowReader } from './slowReader.js';

/** Far more than any operation needs: 100 ids have 2 kB. */
const maxBodyBytes = 1_048_576;

/** Enough for a body of that size over any network: 64 bytes a chunk. */
const maxBodyChunks = 16_384;

/** What clients may take of the server's time and memory before it has an operation of theirs, and after. */
export interface HttpBounds {
  /** The head of a request, and the time until a new connection sends anything. */
  readonly headersTimeoutMs: number;
  /** A whole request. */
  readonly requestTimeoutMs: number;
  /** How often these times, and the next, are checked. */
  readonly checkEveryMs: number;
  /** A client must take a response within this, and the time of its bytes. */
  readonly responseGraceMs: number;
  readonly leastResponseBytesPerSecond: number;
  /** Of all bodies that are being received. */
  readonly maxReceivedBytes: number;
  /** More are closed when they are opened. */
  readonly maxConnections: number;
}

/** The times are those of Apache and nginx. A body of 1 MB takes a minute at 17 kB/s. */
export const defaultBounds: HttpBounds = {
  headersTimeoutMs: 20_000,
  requestTimeoutMs: 60_000,
  checkEveryMs: 5_000,
  responseGraceMs: 30_000,
  leastResponseBytesPerSecond: 32_768,
  maxReceivedBytes: 64 * maxBodyBytes,
  maxConnections: 10_000,
};

export interface HttpServer {
  /** For clients on this machine. */
  readonly origin: string;
  /**
   * Stops listening, but still answers requests on open connections. Once `mayCloseConnections` has resolved, each
   * connection is closed after its next response or when its idle time ends. Resolves when none is left, or after `withinMs`.
   * `mayCloseConnections`: called when this server has stopped listening. Resolves when no process listens on the port any
   * more, or another one goes on; a client that connects again is refused by then, or served, and not reset.
   */
  drain(withinMs: number, mayCloseConnections?: () => Promise<void>): Promise<void>;
  /** Waits until all requests are answered or `withinMs` (default: 0) is over, stops listening, and closes every connection. */
  close(withinMs?: number): Promise<void>;
}

/** The requests of one server. */
class Requests {
  /** How many have come whole, and have no response yet. */
  #unanswered = 0;
  #onAnswered = () => {};
  /** The response to a request is the last one on its connection. */
  areLast = false;

  begin(): void {
    this.#unanswered += 1;
  }

  end(): void {
    this.#unanswered -= 1;
    if (this.#unanswered === 0) this.#onAnswered();
  }

  /** Resolves when every request is answered, or after `withinMs`. */
  answered(withinMs: number): Promise<void> {
    if (this.#unanswered === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#onAnswered = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Listens on a port. Rejects when that fails, as `net.Server` does. */
export async function listen(
  respond: Respond,
  { port, host, keepAliveSeconds }: Pick<Config, 'port' | 'host' | 'keepAliveSeconds'>,
  {
    bounds = defaultBounds,
    onAcceptError = () => {},
  }: {
    /** For tests, which can't wait as long. */
    readonly bounds?: HttpBounds;
    /** A connection could not be accepted, such as when the system has no more files (ENFILE). */
    readonly onAcceptError?: (error: Error) => void;
  } = {},
): Promise<HttpServer> {
  const requests = new Requests();
  const server = createServer(
    {
      keepAliveTimeout: keepAliveSeconds * 1_000,
      headersTimeout: bounds.headersTimeoutMs,
      requestTimeout: bounds.requestTimeoutMs,
      connectionsCheckingInterval: bounds.checkEveryMs,
    },
    listenerFor(respond, requests, bounds),
  );
  limitConnections(server, { most: bounds.maxConnections, silentForMs: 0.9 * bounds.headersTimeoutMs });
  server.listen(port, host);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).once('listening', () => {
      server.off('error', reject);
      resolve();
    });
  });
  // Without a listener, such an error would end the process.
  server.on('error', onAcceptError);
  return {
    origin: originOf(server, host),
    drain: async (withinMs, mayCloseConnections = async () => {}) => {
      const drained = drain(server, withinMs);
      await Promise.race([mayCloseConnections(), drained]);
      requests.areLast = true;
      await drained;
    },
    close: async (withinMs = 0) => {
      requests.areLast = true;
      await requests.answered(withinMs);
      await close(server);
    },
  };
}

/** Reads the whole request and sends the response. Bodies over 1 MB are refused with 413. */
export function listenerFor(
  respond: Respond,
  requests = new Requests(),
  bounds = defaultBounds,
): RequestListener {
  const bodies = new ReceivedBodies({
    maxBytes: maxBodyBytes,
    maxChunks: maxBodyChunks,
    maxTotalBytes: bounds.maxReceivedBytes,
  });
  return (request, response) => {
    if (!response.socket) closeWithConnection(response, request.socket);
    const answer = (body: Buffer | null) => {
      requests.begin();
      const message = respond(request, body, () => disconnectSignal(response));
      if (message instanceof Promise) message.then((resolved) => send(resolved, response, requests, bounds));
      else send(message, response, requests, bounds);
    };
    const refuse = (message: ResponseMessage) => {
      requests.begin();
      send(message, response, requests, bounds);
    };
    // A body of GET or HEAD has no meaning, and node:http discards it.
    if (request.method === 'GET' || request.method === 'HEAD') answer(null);
    else {
      bodies.read(request, {
        body: answer,
        tooLarge: () => refuse(tooLarge),
        tooSlow: () => refuse(tooSlow),
      });
    }
  };
}

const tooLarge = refusal(
  413,
  'REQUEST_ENTITY_TOO_LARGE',
  `Expected a body of at most ${maxBodyBytes} bytes and ${maxBodyChunks} chunks. Send large lists in several operations.`,
);

const tooSlow = refusal(
  408,
  'REQUEST_TIMEOUT',
  'The body came too slowly, and the server had no more memory for it. Nothing was called. Send it again.',
);

function disconnectSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function send(
  { status, headers, body }: ResponseMessage,
  response: ServerResponse,
  requests: Requests,
  bounds: HttpBounds,
): void {
  const { responseGraceMs: graceMs, leastResponseBytesPerSecond: leastBytesPerSecond, checkEveryMs } = bounds;
  if (requests.areLast) response.shouldKeepAlive = false;
  // node:http accepts an array of alternating names and values, but its types do not say so.
  response.writeHead(status, headers as unknown as OutgoingHttpHeader[]);
  if (typeof body === 'string' && body.length <= pieceLength) {
    response.end(body, 'latin1');
    if (isSent(response)) requests.end();
    else response.once('close', () => requests.end());
  } else {
    const stream = streamOf(body);
    if (response.destroyed) {
      // The client has disconnected. `pipeline` throws then, from Node 24 on.
      stream.destroy();
      requests.end();
      return;
    }
    pipeline(stream, response, () => requests.end());
  }
  if (!response.writableFinished) {
    disconnectSlowReader(response, { graceMs, leastBytesPerSecond, checkEveryMs });
  }
}

/** The operating system has all of it, and sends it also if the process ends. */
function isSent({ socket, destroyed }: ServerResponse): boolean {
  return destroyed || socket?.writableLength === 0;
}

function streamOf(body: ResponseMessage['body']): Readable {
  if (body instanceof Readable) return body;
  return Readable.from(typeof body === 'string' ? piecesOf(body) : body, { objectMode: false });
}

/** Longer bodies are copied for the socket piece by piece. In one piece, each client that reads slowly would hold a copy. */
const pieceLength = 262_144;

function* piecesOf(body: ByteString): Generator<Buffer> {
  for (let at = 0; at < body.length; at += pieceLength) {
    yield Buffer.from(body.slice(at, at + pieceLength), 'latin1');
  }
}

/** Where clients on this machine reach a server that listens on all addresses. */
const loopbackFor: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function originOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const name = loopbackFor[host] ?? host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function drain(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    // The `close` of http.Server closes idle connections at once, and would lose requests that are on their way.
    NetServer.prototype.close.call(server, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** For the last bytes of responses. */
const closeWithinMs = 200;

async function close(server: Server): Promise<void> {
  // By then, what has arrived was read, so no connection counts as idle whose request has come.
  await setImmediate();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), closeWithinMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
