import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeader,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { pipeline } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Config } from './config.js';
import type { Respond, ResponseMessage } from './response/message.js';
import { refusal } from './response/responder.js';

/** Far more than any operation needs: 100 ids have 2 kB. */
const maxBodyBytes = 1_048_576;

export interface HttpServer {
  /** For clients on this machine. */
  readonly origin: string;
  /**
   * Stops listening, but still answers requests on open connections. Each connection is closed after its next response or
   * when its idle time ends. Resolves when none is left, or after `withinMs`.
   */
  drain(withinMs: number): Promise<void>;
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
): Promise<HttpServer> {
  const requests = new Requests();
  const server = createServer({ keepAliveTimeout: keepAliveSeconds * 1_000 }, listenerFor(respond, requests));
  server.listen(port, host);
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    origin: originOf(server, host),
    drain: (withinMs) => {
      requests.areLast = true;
      return drain(server, withinMs);
    },
    close: async (withinMs = 0) => {
      requests.areLast = true;
      await requests.answered(withinMs);
      await close(server);
    },
  };
}

/** Reads the whole request and sends the response. Bodies over 1 MB are refused with 413. */
export function listenerFor(respond: Respond, requests = new Requests()): RequestListener {
  return (request, response) => {
    const answer = (body: Buffer | null) => {
      requests.begin();
      const message = respond(request, body, () => disconnectSignal(response));
      if (message instanceof Promise) message.then((resolved) => send(resolved, response, requests));
      else send(message, response, requests);
    };
    // A body of GET or HEAD has no meaning, and node:http discards it.
    if (request.method === 'GET' || request.method === 'HEAD') answer(null);
    else
      read(request, answer, () => {
        requests.begin();
        send(tooLarge, response, requests);
      });
  };
}

/** Calls `onTooLarge` as soon as the body is too large, without waiting for its rest. */
function read(request: IncomingMessage, onBody: (body: Buffer) => void, onTooLarge: () => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBodyBytes) refuse();
  };
  const onEnd = () => onBody(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
  const refuse = () => {
    request.off('data', onData).off('end', onEnd);
    onTooLarge();
  };
  request.on('data', onData).on('end', onEnd);
}

const tooLarge = refusal(
  413,
  'REQUEST_ENTITY_TOO_LARGE',
  `Expected a body of at most ${maxBodyBytes} bytes. Send large lists in several operations.`,
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
): void {
  if (requests.areLast) response.shouldKeepAlive = false;
  // node:http accepts an array of alternating names and values, but its types do not say so.
  response.writeHead(status, headers as unknown as OutgoingHttpHeader[]);
  if (typeof body === 'string') {
    response.end(body, 'latin1');
    requests.end();
  } else pipeline(body, response, () => requests.end());
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
