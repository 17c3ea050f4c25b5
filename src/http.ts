import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import { Readable } from 'node:stream';

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

/** Puts a request listener on a port, with a bound on request bodies in front of it. */
export async function listen(
  handle: RequestListener,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<HttpServer> {
  const server = createServer(guarded(handle));
  server.listen(port, host);
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    origin: originOf(server, host),
    drain: (withinMs) => drain(server, withinMs),
    close: () => close(server),
  };
}

/**
 * Refuses bodies over 1 MB with 413. A body of a declared length is let through untouched, for node:http reads no
 * more than was declared; only one of unknown length is read here first. Refuses addresses that are none, too, which
 * the adapter under Yoga would answer with a stack trace.
 */
function guarded(handle: RequestListener): RequestListener {
  return async (request, response) => {
    if (!URL.canParse(`http://${request.headers.host}${request.url}`)) {
      return refuse(response, 400, 'BAD_REQUEST', 'Expected a Host header and a path that make an address.');
    }
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return refuseBody(response);
    if (request.headers['transfer-encoding'] !== undefined) {
      const body = await readAtMost(request, maxBodyBytes).catch(() => undefined);
      if (request.errored) return;
      if (body === undefined) return refuseBody(response);
      // The adapter under Yoga takes a body that was read before it from here.
      Object.assign(request, { body: Readable.from([body]) });
    }
    handle(request, response);
  };
}

async function readAtMost(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function refuseBody(response: ServerResponse): void {
  const message = `Expected a body of at most ${maxBodyBytes} bytes. Send large lists in several operations.`;
  refuse(response, 413, 'REQUEST_ENTITY_TOO_LARGE', message);
}

/** The rest of the request is not waited for, so the connection can't be used again. */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', connection: 'close' })
    .end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
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
