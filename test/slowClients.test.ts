import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { defaultBounds, type HttpBounds, listen } from '../src/http.js';
import type { Respond } from '../src/response/message.js';
import { atEnd } from './fixtures.js';
import { startTestServer, type TestServer, testConfig } from './harness.js';

const json = 'Content-Type: application/json\r\n';
const query = '{"query":"{ __typename }"}';
const answered = /^HTTP\/1\.1 200 OK.*"__typename":"Query"/s;

/** Checked often, so that tests do not wait. */
const hasty: HttpBounds = { ...defaultBounds, checkEveryMs: 20 };

interface Client {
  readonly socket: Socket;
  /** What came until the server closed the connection. */
  readonly all: Promise<string>;
  /** What came until there was a whole response to a small request. */
  readonly answer: Promise<string>;
}

async function startHttp(bounds: HttpBounds): Promise<{ server: TestServer; open: () => Promise<Client> }> {
  const server = await startTestServer();
  const http = await listen(server.respond, testConfig({ PORT: '0' }), { bounds });
  atEnd(() => http.close());
  const open = async () => {
    const socket = connect(Number(new URL(http.origin).port), '127.0.0.1').on('error', () => {});
    atEnd(async () => void socket.destroy());
    let text = '';
    const answer = new Promise<string>((resolve) => {
      socket.on('data', (chunk) => {
        text += chunk;
        if (text.endsWith('}')) resolve(text);
      });
    });
    const all = once(socket, 'close').then(() => text);
    await once(socket, 'connect');
    return { socket, all, answer };
  };
  return { server, open };
}

const head = (length: number) =>
  `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n${json}Content-Length: ${length}\r\n\r\n`;

describe('a client that sends slowly', () => {
  it('gets 408 when its head takes too long', async () => {
    const { server, open } = await startHttp({ ...hasty, headersTimeoutMs: 50 });
    const { socket, all } = await open();
    socket.write('POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
    expect(await all).toMatch(/^HTTP\/1\.1 408 /);
    expect(server.calls).toEqual([]);
  });

  it('is disconnected without a response when it sends nothing, since it could take one for that to its next request', async () => {
    const { server, open } = await startHttp({ ...hasty, headersTimeoutMs: 4_000 });
    const clients = await Promise.all(Array.from({ length: 20 }, open));
    expect(new Set(await Promise.all(clients.map(({ all }) => all)))).toEqual(new Set(['']));
    expect(server.calls).toEqual([]);
  });

  it('gets 408 when its body takes too long', async () => {
    const { server, open } = await startHttp({ ...hasty, headersTimeoutMs: 50, requestTimeoutMs: 100 });
    const { socket, all } = await open();
    socket.write(head(query.length) + query.slice(0, -1));
    expect(await all).toMatch(/^HTTP\/1\.1 408 /);
    expect(server.calls).toEqual([]);
  });

  it('gets 408 for the first large body when all need too much memory, and the others are answered', async () => {
    const { server, open } = await startHttp({ ...defaultBounds, maxReceivedBytes: 100_000 });
    const large = query + ' '.repeat(60_000);
    const [small, first, second, third] = [await open(), await open(), await open(), await open()];
    small.socket.write(head(query.length) + query.slice(0, -1));
    for (const { socket } of [first, second]) socket.write(head(large.length) + large.slice(0, 45_000));
    third.socket.write(head(query.length) + query);
    expect(await third.answer).toMatch(answered);
    second.socket.write(large.slice(45_000));
    expect(await second.answer).toMatch(answered);
    small.socket.write(query.slice(-1));
    expect(await small.answer).toMatch(answered);
    const refused = await first.all;
    expect(refused).toMatch(/^HTTP\/1\.1 408 Request Timeout.*Connection: close/is);
    expect(JSON.parse(refused.split('\r\n\r\n')[1] ?? '')).toMatchObject({
      errors: [
        { message: expect.stringContaining('Nothing was called.'), extensions: { code: 'REQUEST_TIMEOUT' } },
      ],
    });
    // The memory is free again.
    const next = await open();
    next.socket.write(head(large.length) + large);
    expect(await next.answer).toMatch(answered);
    expect(server.calls).toEqual([]);
  });

  it('gives the memory of its body back when it disconnects', async () => {
    const { server, open } = await startHttp({ ...defaultBounds, maxReceivedBytes: 100_000 });
    const large = query + ' '.repeat(60_000);
    for (let nth = 0; nth < 5; nth += 1) {
      const { socket } = await open();
      await new Promise((written) => socket.write(head(large.length) + large.slice(0, 45_000), written));
      socket.destroy();
    }
    const [one, other] = [await open(), await open()];
    one.socket.write(head(large.length) + large.slice(0, 45_000));
    other.socket.write(head(query.length) + query);
    expect(await other.answer).toMatch(answered);
    one.socket.write(large.slice(45_000));
    expect(await one.answer).toMatch(answered);
    expect(server.calls).toEqual([]);
  });

  /** A POST whose body comes in chunks of one byte. */
  function inSmallChunks(body: string): Buffer {
    const chunks = [...Buffer.from(body)].map((byte) => Buffer.from([0x31, 0x0d, 0x0a, byte, 0x0d, 0x0a]));
    const start = `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n${json}Transfer-Encoding: chunked\r\n\r\n`;
    return Buffer.concat([Buffer.from(start), ...chunks, Buffer.from('0\r\n\r\n')]);
  }

  it('may send its body in chunks of one byte, but not a large one', async () => {
    const { server, open } = await startHttp(defaultBounds);
    const [small, large] = [await open(), await open()];
    const bodyOf = (words: number) =>
      `{"query":"{ __typename }","variables":{"x":"${'达人'.repeat(words)}"}}`;
    small.socket.write(inSmallChunks(bodyOf(2_000)));
    large.socket.write(inSmallChunks(bodyOf(3_000)));
    expect(await small.answer).toMatch(answered);
    expect(await large.all).toMatch(/^HTTP\/1\.1 413 /);
    expect(server.calls).toEqual([]);
  });
});

describe('a client that reads slowly', () => {
  const size = 8_000_000;
  const bounds = { ...hasty, responseGraceMs: 300, leastResponseBytesPerSecond: 64_000_000 };
  const bodies = {
    'a whole response': () => 'x'.repeat(size),
    'a response in pieces': async function* () {
      for (let at = 0; at < size; at += 100_000) yield Buffer.alloc(100_000, 'x');
    },
  };

  /** A client of a server whose responses have this body. `gone` resolves when the server has disconnected it. */
  async function serve(body: () => string | AsyncIterable<Uint8Array>) {
    let onGone = () => {};
    const gone = new Promise<void>((resolve) => {
      onGone = resolve;
    });
    const respond: Respond = (_, __, hangUp) => {
      hangUp().addEventListener('abort', onGone);
      return { status: 200, headers: ['content-length', String(size)], body: body() };
    };
    const http = await listen(respond, testConfig({ PORT: '0' }), { bounds });
    atEnd(() => http.close());
    const socket = connect(Number(new URL(http.origin).port), '127.0.0.1').on('error', () => {});
    atEnd(async () => void socket.destroy());
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    return { socket, gone };
  }

  it.each(Object.entries(bodies))('is disconnected, if it takes nothing of %s', async (_, body) => {
    const { socket, gone } = await serve(body);
    let bytes = 0;
    // What the system has for a connection is less than the response.
    await gone;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    await once(socket, 'close');
    expect(bytes).toBeLessThan(size);
  });

  it.each(Object.entries(bodies))('gets all of %s, if it pauses for a moment', async (_, body) => {
    const { socket } = await serve(body);
    await sleep(40);
    let bytes = 0;
    for await (const chunk of socket) {
      bytes += chunk.length;
      if (bytes > size) break;
    }
    expect(bytes).toBeGreaterThan(size);
  });
});

it('a connection that is idle after a response is kept: only the beginning of a request starts the time', async () => {
  const { server, open } = await startHttp({ ...hasty, headersTimeoutMs: 50, requestTimeoutMs: 100 });
  const { socket, answer } = await open();
  socket.write(head(query.length) + query);
  expect(await answer).toMatch(answered);
  await sleep(300);
  const [chunk] = await Promise.all([once(socket, 'data'), socket.write(head(query.length) + query)]);
  expect(String(chunk)).toMatch(answered);
  expect(server.calls).toEqual([]);
});

it('connections beyond the bound are closed, and those within it are answered', async () => {
  const { server, open } = await startHttp({ ...defaultBounds, maxConnections: 2 });
  const [one, two, three] = [await open(), await open(), await open()];
  expect(await three.all).toBe('');
  for (const { socket, answer } of [one, two]) {
    socket.write(head(query.length) + query);
    expect(await answer).toMatch(answered);
  }
  one.socket.destroy();
  // The server learns of it a moment later.
  for (let text = ''; text === ''; ) {
    const next = await open();
    next.socket.write(head(query.length) + query);
    text = await Promise.race([next.answer, next.all]);
  }
  expect(server.calls).toEqual([]);
});
