import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

/** Far more than any operation needs: 100 ids take 2 kB. */
const maxBodyBytes = 1_048_576;

export interface HttpServer {
  /** As a client on this machine would write it. */
  readonly origin: string;
  /** Stops listening and drops every connection. */
  close(): Promise<void>;
}

/** Puts a request listener on a port, with a bound on request bodies in front of it. */
export async function listen(
  handle: RequestListener,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<HttpServer> {
  const server = createServer(bounded(handle));
  server.listen(port, host);
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return { origin: originOf(server, host), close: () => close(server) };
}

/**
 * Refuses bodies over 1 MB with 413. A body of a declared length is let through untouched, for node:http reads no
 * more than was declared; only one of unknown length is read here first.
 */
function bounded(handle: RequestListener): RequestListener {
  return async (request, response) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return refuse(response);
    if (request.headers['transfer-encoding'] !== undefined) {
      const body = await readAtMost(request, maxBodyBytes).catch(() => undefined);
      if (body === undefined) return refuse(response);
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

/** The rest of the body is not waited for, so the connection can't be used again. */
function refuse(response: ServerResponse): void {
  const message = `Expected a body of at most ${maxBodyBytes} bytes. Send large lists in several operations.`;
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'REQUEST_ENTITY_TOO_LARGE' } }] });
  response
    .writeHead(413, { 'content-type': 'application/json; charset=utf-8', connection: 'close' })
    .end(body);
}

function originOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
