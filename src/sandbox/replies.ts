import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults.js';

/** How one request is answered. */
export interface Reply {
  /** The answer of a success, which some faults change. Empty: there is none. */
  readonly body: string;
  readonly fault?: Fault | 'unknownPath';
  readonly retryAfterSeconds?: number;
}

/** The smallest answer has 150 bytes, and takes two and a half minutes. */
const drip = { bytes: 2, everyMs: 2_000 } as const;

/** Spaces after a valid answer: too many bytes, but no other fault. */
const huge = { blocks: 3_200, block: Buffer.alloc(65_536, ' ') } as const;

const headers = { 'content-type': 'application/json; charset=utf-8', 'x-justoneapi-sandbox': '1' };

/** Rejects when the client disconnects during a long answer. */
export async function send(response: ServerResponse, reply: Reply): Promise<void> {
  const { body, fault, retryAfterSeconds } = reply;
  switch (fault) {
    case undefined:
      response.writeHead(200, headers).end(body);
      return;
    case 'unknownPath':
      return answer(response, 404, { code: 404, message: 'No such endpoint', data: null });
    case 'timeout':
      return;
    case 'reset':
      return reset(response);
    case 'half':
      response.writeHead(200, { ...headers, 'content-length': 1_000 }).write('{"code":0,"data":{', () => {
        response.socket?.destroy();
      });
      return;
    case 'broken':
      response.writeHead(200, headers).end('{"code":0,"data":{"base_resp":{"status_code":0');
      return;
    case 'html':
      response
        .writeHead(200, { ...headers, 'content-type': 'text/html' })
        .end('<html><body>502</body></html>');
      return;
    case 'base_resp':
      return answer(response, 200, {
        code: 0,
        data: { base_resp: { status_code: 1, status_message: 'system error' } },
      });
    case 'drip':
      return stream(response, (signal) => dripping(Buffer.from(body), signal));
    case 'gzip':
      response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(body);
      return;
    case 'huge':
      return stream(response, () => padded(body));
    case 'redirect':
      response.writeHead(302, { ...headers, location: 'http://127.0.0.1:1/elsewhere' }).end();
      return;
    default:
      if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
      answer(response, 200, { code: fault, message: `Sandbox: code ${fault}`, data: null });
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, headers).end(JSON.stringify(body));
}

/** Ends the connection without an answer. */
export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** Sends as fast as the client reads, until it disconnects. `source`: its signal is aborted then. */
async function stream(
  response: ServerResponse,
  source: (signal: AbortSignal) => AsyncGenerator<Buffer>,
): Promise<void> {
  if (response.destroyed) return;
  response.writeHead(200, headers);
  const disconnect = new AbortController();
  response.once('close', () => disconnect.abort());
  await pipeline(source(disconnect.signal), response);
}

async function* dripping(body: Buffer, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < body.length; sent += drip.bytes) {
    if (sent > 0) await sleep(drip.everyMs, undefined, { signal });
    yield body.subarray(sent, sent + drip.bytes);
  }
}

async function* padded(body: string): AsyncGenerator<Buffer> {
  yield Buffer.from(body);
  for (let block = 0; block < huge.blocks; block += 1) yield huge.block;
}
