import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Reply, send } from '../../src/sandbox/replies.js';
import { atEnd } from '../fixtures.js';

const body = JSON.stringify({ code: 0, data: { id: 'x'.repeat(1_000) } });

interface Sending {
  /** The client's end. */
  readonly received: IncomingMessage;
  /** The server's end. */
  readonly socket: Socket;
  /** Settles when the server has finished it. */
  readonly done: Promise<string>;
}

/** A long answer that has begun. */
async function sending(reply: Reply): Promise<Sending> {
  const asked = await asking();
  const done = outcome(send(asked.response, reply));
  const [received] = (await once(asked.request, 'response')) as [IncomingMessage];
  return { received, socket: asked.response.socket as Socket, done };
}

/** A request without an answer. */
async function asking() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const request = get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  request.on('error', () => {});
  const [, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  return { request, response };
}

function outcome(promise: Promise<void>): Promise<string> {
  return promise.then(
    () => 'sent',
    () => 'disconnected',
  );
}

describe('a long answer', () => {
  it.each(['drip', 'huge'] as const)('by %s ends when the client disconnects', async (fault) => {
    const { received, done } = await sending({ body, fault });
    await once(received, 'data');
    received.destroy();
    expect(await done).toBe('disconnected');
  });

  it.each(['drip', 'huge'] as const)('by %s is not begun when the client has disconnected', async (fault) => {
    const { request, response } = await asking();
    const closed = once(response, 'close');
    request.destroy();
    await closed;
    expect(await outcome(send(response, { body, fault }))).toBe('sent');
    expect(response.headersSent).toBe(false);
  });

  it('is not sent faster than the client reads', async () => {
    const { received, socket, done } = await sending({ body, fault: 'huge' });
    // The buffers of a connection have a few megabytes.
    expect(socket.bytesWritten).toBeLessThan(32 * 1_048_576);
    received.destroy();
    await done;
    expect(socket.bytesWritten).toBeLessThan(32 * 1_048_576);
  });

  it('of 200 MB is valid to its end', async () => {
    const { received, done } = await sending({ body, fault: 'huge' });
    let size = 0;
    let head = '';
    for await (const chunk of received as AsyncIterable<Buffer>) {
      if (size === 0) head = chunk.toString();
      size += chunk.length;
    }
    expect(await done).toBe('sent');
    expect(size).toBe(body.length + 200 * 1_048_576);
    expect(JSON.parse(head.trimEnd())).toEqual(JSON.parse(body));
  });
});
