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
import type { Config } from './config.js';
import type { Respond, ResponseMessage } from './response/message.js';
import { refusal } from './response/responder.js';

/** Far more than any operation needs: 100 ids take 2 kB. */
const maxBodyBytes = 1_048_576;

export interface HttpServer {
  /** As a client on this machine would write it. */
  readonly origin: string;
  /**
   * Stops listening, and answers what still comes over the connections that are there, each of which ends with its next
   * answer or when it was idle for long. Resolves when none is left, or after so many milliseconds.
   */
  drain(withinMs: number): Promise<void>;
  /** Stops listening, lets answers that are there leave, and drops every connection. */
  close(): Promise<void>;
}

/** Puts answers on a port, with a bound on request bodies in front of it. */
export async function listen(
  respond: Respond,
  { port, host, keepAliveSeconds }: Pick<Config, 'port' | 'host' | 'keepAliveSeconds'>,
): Promise<HttpServer> {
  const server = createServer({ keepAliveTimeout: keepAliveSeconds * 1_000 }, listenerFor(respond));
  server.listen(port, host);
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    origin: originOf(server, host),
    drain: (withinMs) => drain(server, withinMs),
    close: () => close(server),
  };
}

/** Reads a request to its end, and sends the answer. Bodies over 1 MB are refused with 413. */
export function listenerFor(respond: Respond): RequestListener {
  return (request, response) => {
    const answer = (body: Buffer | null) => {
      const message = respond(request, body, () => hangUpOf(response));
      if (message instanceof Promise) message.then((late) => send(late, response));
      else send(message, response);
    };
    // What comes with one of these is of no account, and node:http throws it away.
    if (request.method === 'GET' || request.method === 'HEAD') answer(null);
    else read(request, answer, () => send(tooLarge, response));
  };
}

/** What comes after the refusal of a large body is not waited for. */
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

function hangUpOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function send({ status, headers, body }: ResponseMessage, response: ServerResponse): void {
  // Names and values by turns is a form that node:http takes, and doesn't say.
  response.writeHead(status, headers as unknown as OutgoingHttpHeader[]);
  if (typeof body === 'string') response.end(body, 'latin1');
  else pipeline(body, response, () => {});
}

/** Listening everywhere includes this machine. */
const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function originOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const name = everywhere[host] ?? host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function drain(server: Server, withinMs: number): Promise<void> {
  server.prependListener('request', (_, response) => {
    response.shouldKeepAlive = false;
  });
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    // An HTTP server's own would cut idle connections, and with them the requests that are on their way.
    NetServer.prototype.close.call(server, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** For answers that are on their way out. */
const leaveWithinMs = 200;

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), leaveWithinMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
