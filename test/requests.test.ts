import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { listen } from '../src/http.js';
import { atEnd } from './fixtures.js';
import {
  type Answer,
  gatedUpstream,
  startTestServer,
  success,
  type TestServer,
  testConfig,
} from './harness.js';
import { seed } from './seed.js';

const id = '6629722295873044494';
const query = `{ creator(id: "${id}") { profile { name } } }`;
const body = JSON.stringify({ query });
const post = { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(body)}` };

interface Raw {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** From the last byte to the end of the connection. */
  readonly closedAfterMs: number;
}

/** The server on a real port. `send` opens a connection, sends bytes and resolves with the response. */
async function onPort(
  env: Record<string, string> = {},
): Promise<{ server: TestServer; port: number; send(...parts: (string | Buffer)[]): Promise<Raw> }> {
  const server = await startTestServer({ env });
  const http = await listen(server.respond, testConfig({ ...env, PORT: '0' }));
  atEnd(() => http.close());
  const port = Number(new URL(http.origin).port);
  return {
    server,
    port,
    send: async (...parts) => {
      const socket = connect(port, '127.0.0.1');
      for (const part of parts) socket.write(part);
      let text = '';
      let receivedAtMs = 0;
      socket.on('data', (chunk) => {
        receivedAtMs = performance.now();
        text += chunk;
        if (text.includes('\r\n\r\n') && !/^connection: close/im.test(text)) socket.end();
      });
      await once(socket, 'close');
      const closedAfterMs = performance.now() - receivedAtMs;
      const [head = '', ...rest] = text.split('\r\n\r\n');
      return { status: Number(head.split(' ')[1]), head, body: rest.join('\r\n\r\n'), closedAfterMs };
    },
  };
}

/** The head of a request. */
function head(line: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return [line, ...lines, '', ''].join('\r\n');
}

/** With and without the fast path: the responses must be the same. */
const paths = [{ RESPONSE_MEMO: '1' }, { RESPONSE_MEMO: '0' }];

describe.each(paths)('a request may have, with %j,', (env) => {
  const name = '"name":"张大仙"';

  it.each([
    'application/json',
    'Application/JSON',
    'APPLICATION/JSON; CHARSET=UTF-8',
    'application/json ; charset=utf-8',
    'Application/GraphQL+JSON',
  ])('a content type: %s', async (type) => {
    const { server, send } = await onPort(env);
    for (let time = 0; time < 4; time += 1) {
      const answer = await send(head('POST /graphql HTTP/1.1', { ...post, 'content-type': type }), body);
      expect(answer.status).toBe(200);
      expect(answer.body).toContain(name);
    }
    expect(server.calls).toHaveLength(1);
  });

  it('a form as its body, with a content type in upper case', async () => {
    const { server, send } = await onPort(env);
    const form = `${new URLSearchParams({ query })}`;
    const headers = {
      'content-type': 'Application/X-WWW-Form-Urlencoded',
      'content-length': `${form.length}`,
    };
    expect((await send(head('POST /graphql HTTP/1.1', headers), form)).body).toContain(name);
    expect(server.calls).toHaveLength(1);
  });

  it('a whole URL as its target, and then the host of the URL counts, not the header', async () => {
    const { server, send } = await onPort(env);
    const asked = `/graphql?${new URLSearchParams({ query })}`;
    for (let time = 0; time < 4; time += 1) {
      for (const host of ['127.0.0.1', 'proxy.example', '']) {
        const answer = await send(head(`GET http://LOCALHOST:4000${asked} HTTP/1.1`, { host }));
        expect([host, answer.status]).toEqual([host, 200]);
        expect(answer.body).toContain(name);
        const foreign = await send(head(`GET http://evil.example${asked} HTTP/1.1`));
        expect(foreign.status).toBe(403);
      }
    }
    expect((await send(head(`POST http://localhost/graphql HTTP/1.1`, post), body)).body).toContain(name);
    for (const target of ['http://me@localhost/graphql', 'http:///graphql', 'ftp://localhost/graphql', '*']) {
      const { status } = await send(head(`OPTIONS ${target} HTTP/1.1`));
      expect([target, status]).toEqual([target, 400]);
    }
    expect((await send(head('GET http://localhost HTTP/1.1'))).status).toBe(404);
    expect(server.calls).toHaveLength(1);
  });

  it('no Host header in HTTP/1.0, as in probes of load balancers', async () => {
    const { server, send } = await onPort(env);
    expect((await send('GET /health HTTP/1.0\r\n\r\n')).status).toBe(200);
    const asked = `GET /graphql?${new URLSearchParams({ query })} HTTP/1.0\r\n`;
    for (let time = 0; time < 4; time += 1) {
      expect((await send(`${asked}\r\n`)).body).toContain(name);
      // An empty Host header means the same.
      expect((await send(`${asked}Host:\r\n\r\n`)).body).toContain(name);
      expect((await send(`${asked}Host: evil.example\r\n\r\n`)).status).toBe(403);
    }
    // node:http itself refuses HTTP/1.1 without one.
    expect((await send('GET /health HTTP/1.1\r\n\r\n')).status).toBe(400);
    expect(server.calls).toHaveLength(1);
  });

  it('a byte order mark before the body', async () => {
    const { server, send } = await onPort(env);
    const marked = `\ufeff${body}`;
    const headers = { ...post, 'content-length': `${Buffer.byteLength(marked)}` };
    for (let time = 0; time < 4; time += 1) {
      expect((await send(head('POST /graphql HTTP/1.1', headers), marked)).body).toContain(name);
      expect((await send(head('POST /graphql HTTP/1.1', post), body)).body).toContain(name);
    }
    expect(server.calls).toHaveLength(1);
  });

  it('an empty operationName, which means none', async () => {
    const { server, send } = await onPort(env);
    for (let time = 0; time < 4; time += 1) {
      const named = JSON.stringify({ query, operationName: '' });
      const headers = { ...post, 'content-length': `${Buffer.byteLength(named)}` };
      const answer = await send(head('POST /graphql HTTP/1.1', headers), named);
      expect(answer.status).toBe(200);
      expect(answer.body).toContain(name);
    }
    expect(server.calls).toHaveLength(1);
  });

  it('no compressed body: it is refused with the encoding to use, even if only the header says so', async () => {
    const { server, send } = await onPort(env);
    for (let time = 0; time < 4; time += 1) {
      expect((await send(head('POST /graphql HTTP/1.1', post), body)).status).toBe(200);
      for (const [encoding, sent] of [
        ['gzip', gzipSync(body)],
        ['GZIP', Buffer.from(body)],
        ['identity, br', Buffer.from(body)],
      ] as const) {
        const headers = { ...post, 'content-encoding': encoding, 'content-length': `${sent.length}` };
        const answer = await send(head('POST /graphql HTTP/1.1', headers), sent);
        expect(answer.status).toBe(415);
        expect(answer.head).toMatch(/^accept-encoding: identity$/im);
        expect(JSON.parse(answer.body).errors[0]).toEqual({
          message: `Expected an uncompressed body, but its Content-Encoding is "${encoding}". Send it without one.`,
          extensions: { code: 'BAD_REQUEST', requestId: expect.any(String) },
        });
      }
      const plain = { ...post, 'content-encoding': 'Identity' };
      expect((await send(head('POST /graphql HTTP/1.1', plain), body)).status).toBe(200);
    }
    expect(server.calls).toHaveLength(1);
  });
});

describe('a connection', () => {
  const deferring = `{ creator(id: "${id}") { id ... @defer { profile { name } } } }`;
  const askFor = (accept: string, more: Record<string, string>, version = '1.1') =>
    head(`GET /graphql?${new URLSearchParams({ query: deferring })} HTTP/${version}`, { accept, ...more });

  it.each(['multipart/mixed', 'text/event-stream'])(
    'is closed after an incremental delivery if the client says so: %s',
    async (accept) => {
      const { server, send } = await onPort();
      const answer = await send(askFor(accept, { connection: 'close' }));
      // node:http drops a connection that it does not close only after more than a second.
      expect(answer.closedAfterMs).toBeLessThan(1_000);
      expect(answer.head.match(/^connection: .+$/gim)).toEqual(['Connection: close']);
      expect(answer.body).toContain('张大仙');
      expect(server.calls).toHaveLength(1);
    },
  );

  it.each(['multipart/mixed', 'text/event-stream'])(
    'is kept open after an incremental delivery otherwise, and proxies are told not to buffer: %s',
    async (accept) => {
      const { server, port } = await onPort();
      const response = await fetch(
        `http://127.0.0.1:${port}/graphql?${new URLSearchParams({ query: deferring })}`,
        { headers: { accept } },
      );
      expect(response.headers.get('connection')).toBe('keep-alive');
      expect(response.headers.get('x-accel-buffering')).toBe('no');
      expect(await response.text()).toContain('张大仙');
      expect(server.calls).toHaveLength(1);
    },
  );

  it('stays open for KEEP_ALIVE_SECONDS', async () => {
    const { server, send } = await onPort();
    expect((await send(head('GET /health HTTP/1.1'))).head).toMatch(/^Keep-Alive: timeout=65$/m);
    const other = await onPort({ KEEP_ALIVE_SECONDS: '7' });
    expect((await other.send(head('GET /health HTTP/1.1'))).head).toMatch(/^Keep-Alive: timeout=7$/m);
    expect(server.calls).toEqual([]);
  });
});

describe("a client's mistake", () => {
  const long = 'x'.repeat(100_000);
  const deep = (start: string, end: string, times: number) => `${start.repeat(times)}1${end.repeat(times)}`;
  const withVariables = (text: string) =>
    `{"query":"query ($p: Platform!) { creator(id: \\"${id}\\") { profile(platform: $p) { name } } }","variables":{"p":${text}}}`;
  const asked = (query: unknown, more: object = {}) => JSON.stringify({ query, ...more });

  const mistakes: readonly [says: string, body: string, headers?: Record<string, string>][] = [
    ['lists in lists', asked(`{ creator(id: ${deep('[', ']', 2_400)}) { id } }`)],
    ['lists that do not end', asked(`{ creator(id: ${'['.repeat(2_400)}`)],
    ['objects in objects', asked(`{ creator(id: ${deep('{a:', '}', 1_200)}) { id } }`)],
    ['lists in a default value', asked(`query ($a: ID = ${deep('[', ']', 2_400)}) { __typename }`)],
    ['lists in a type', asked(`query ($a: ${'['.repeat(2_400)}ID${']'.repeat(2_400)}) { __typename }`)],
    ['fields in fields', asked(`${'{a'.repeat(2_400)}${'}'.repeat(2_400)}`)],
    ['objects in variables', withVariables(deep('[', ']', 100_000))],
    ['objects in extensions', `{"query":"{ a }","extensions":${deep('{"a":', '}', 100_000)}}`],
    ['a body that is not JSON', long],
    ['a body that ends early', `{"query":"${long}`],
    ['a long name', asked(`{ ${long} }`)],
    ['a long string in a wrong place', asked(`{ creator("${long}") { id } }`)],
    ['a long value', withVariables(`"${long}"`)],
    ['a long key', withVariables(`{"${long}":1}`)],
    ['a long parameter', asked('{ __typename }', { [long]: 1 })],
    ['a long id', asked(`{ creator(id: "${long}") { id } }`)],
    ['a long Accept', body, { accept: long.slice(0, 10_000) }],
    ['a long content type', body, { 'content-type': long.slice(0, 10_000) }],
    ['a long origin', body, { origin: `https://${long.slice(0, 10_000)}` }],
    ['a long Host', body, { host: long.slice(0, 10_000) }],
    [
      'an id with characters that reverse the text around it',
      asked('{ creator(id: "\u202e\u0000") { id } }'),
    ],
    ['an operationName that is not a string', asked('{ __typename }', { operationName: { toString: 1 } })],
    ['a query that is not a string', asked({ a: 1 })],
    ['no operation', asked('fragment F on Query { __typename }')],
    ['a subscription', asked('subscription { a }')],
    ['a document id that is not a string', asked('{ a }', { documentId: [1] })],
    ['an unknown document', asked(undefined, { documentId: long })],
    ['a batch', '[null]'],
    ['null', 'null'],
    ['a number too large', asked(`{ creator(id: "${id}") { profile(maxAgeSeconds: 1e400) { id } } }`)],
    ['a negative age', asked(`{ creator(id: "${id}") { profile(maxAgeSeconds: -1) { id } } }`)],
    ['a label that is not a string', asked(`{ creator(id: "${id}") { ... @defer(label: 5) { id } } }`)],
  ];

  it.each(mistakes)('gets a short error, and is not logged: %s', async (_, body, headers) => {
    const server = await startTestServer();
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const response = await server.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept, ...headers },
        body,
      });
      const text = await response.text();
      const { errors } = JSON.parse(text) as Answer;
      expect(errors?.[0]?.message).toBeTruthy();
      expect(response.status).toBeLessThan(500);
      expect(text.length).toBeLessThan(2_000);
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
    expect(
      server.logs.filter((line) => !line.startsWith('["warn","Refused: A page of another site')),
    ).toEqual([]);
    expect(server.calls).toEqual([]);
  });
});

describe('any request', () => {
  it('is answered without an internal error, whatever its parameters are', async () => {
    const server = await startTestServer();
    const queries = [
      '{ __typename }',
      'query A($a: ID!) { creator(id: $a) { id } }',
      'query ($a: Int, $b: [ID!]!) { creators(ids: $b) { ... @defer(if: true) { id } xingtuUrl @skip(if: $a) } }',
      '{ creator(id: 5) { id',
    ];
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constantFrom(...queries));
    const parameters = fc.dictionary(
      fc.constantFrom('query', 'variables', 'operationName', 'extensions', 'documentId', '__proto__', 'id'),
      value,
    );
    const headers = fc.dictionary(
      fc.constantFrom('accept', 'content-encoding', 'x-dry-run', 'origin', 'content-type', 'authorization'),
      fc.constantFrom('application/json', 'identity', 'null', '1', '*/*', 'a/b;q=0', 'Bearer x', ''),
    );
    await fc.assert(
      fc.asyncProperty(parameters, headers, fc.boolean(), async (parameters, given, isPost) => {
        const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
        const pairs = Object.entries(parameters).map(([name, value]) => [name, text(value)]);
        const response = isPost
          ? await server.fetch('/graphql', {
              method: 'POST',
              headers: { 'content-type': 'application/json', ...given },
              body: JSON.stringify(parameters),
            })
          : await server.fetch(`/graphql?${new URLSearchParams(pairs)}`, { headers: given });
        await response.text();
        expect(response.status).toBeLessThan(500);
        expect(server.logs.filter((line) => !line.startsWith('["warn"'))).toEqual([]);
      }),
      { numRuns: 300, seed },
    );
    expect(server.calls).toEqual([]);
  });

  it.each([
    ['its answer', query],
    ['its subsequent results', `{ creator(id: "${id}") { id ... @defer { profile { name } } } }`],
  ])('may be aborted before %s comes, and nothing is logged', async (_, query) => {
    const upstream = await gatedUpstream(() => success({ nick_name: '张' }));
    const server = await startTestServer({ upstream });
    const http = await listen(server.respond, testConfig({ PORT: '0' }));
    atEnd(() => http.close());
    const leaving = new AbortController();
    const asked = fetch(`${http.origin}/graphql?${new URLSearchParams({ query })}`, {
      headers: { accept: 'application/json, multipart/mixed' },
      signal: leaving.signal,
    })
      .then((response) => response.text())
      .catch((error: Error) => error.name);
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    leaving.abort();
    expect(await asked).toBe('AbortError');
    upstream.open();
    await server.client.settled(5_000);
    expect(server.logs).toEqual([]);
    expect(upstream.calls).toHaveLength(1);
  });
});

describe('xingtu_answers_total', () => {
  it('counts operations, and no other requests', async () => {
    const server = await startTestServer();
    for (const path of ['/health', '/ready', '/metrics', '/elsewhere', '/graphql', '/graphql?query=%7B']) {
      await server.fetch(path);
    }
    await server.fetch('/graphql', { headers: { accept: 'text/html' } });
    expect(server.tally).toEqual({ memo: 0, executed: 0 });
    await server.ask(query);
    expect(server.tally).toEqual({ memo: 0, executed: 1 });
    expect(server.calls).toHaveLength(1);
  });
});
