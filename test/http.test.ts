import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Readable } from 'node:stream';
import { auditServer } from 'graphql-http';
import { describe, expect, it, vi } from 'vitest';
import type { Cost } from '../src/cost/report.js';
import { listen } from '../src/http.js';
import type { Respond } from '../src/response/message.js';
import { atEnd } from './fixtures.js';
import { type Answer, cost, startTestServer, type TestServer, testConfig } from './harness.js';

const json = { 'content-type': 'application/json' };
const id = '6629722295873044494';
const body = JSON.stringify({ query: `{ creator(id: "${id}") { profile { name } } }` });

/** The server on a real port. */
async function onPort(env: Record<string, string> = {}): Promise<{ url: string; server: TestServer }> {
  const server = await startTestServer({ env });
  const http = await listen(server.respond, testConfig({ ...env, PORT: '0' }));
  atEnd(() => http.close());
  return { url: `${http.origin}/graphql`, server };
}

describe('GraphQL over HTTP', () => {
  it('passes the audit of graphql-http, every check', async () => {
    const { url, server } = await onPort();
    const results = await auditServer({ url });
    expect(results.filter(({ status }) => status !== 'ok').map(({ name }) => name)).toEqual([]);
    expect(results).toHaveLength(61);
    expect(server.calls).toEqual([]);
  });

  it('answers POST and GET alike', async () => {
    const { url, server } = await onPort();
    const posted = await fetch(url, { method: 'POST', headers: json, body });
    const got = await fetch(`${url}?${new URLSearchParams({ query: JSON.parse(body).query })}`);
    const answer = (calls: Partial<Cost>) => ({
      data: { creator: { profile: { name: '张大仙' } } },
      extensions: { sandbox: true, cost: cost(calls) },
    });
    expect(await posted.json()).toEqual(answer({ paidCalls: 1 }));
    expect(await got.json()).toEqual(answer({ cachedCalls: 1 }));
    expect(server.calls).toHaveLength(1);
  });

  it('is alive at /health, with and without a key, and calls nothing', async () => {
    const { url, server } = await onPort({ API_KEYS: 'dash:secret-key-1' });
    expect((await fetch(new URL('/health', url))).status).toBe(200);
    expect(server.calls).toEqual([]);
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
    list?.some(({ address }) => address === '::1'),
  );
  it.skipIf(!hasIpv6)('listens on IPv6, where the machine has it, and says where', async () => {
    const server = await startTestServer();
    const http = await listen(server.respond, testConfig({ PORT: '0', HOST: '::1' }));
    atEnd(() => http.close());
    expect(http.origin).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${http.origin}/health`)).status).toBe(200);
    expect(server.calls).toEqual([]);
  });

  it('answers other paths with 404', async () => {
    const { url, server } = await onPort();
    const query = new URLSearchParams(JSON.parse(body));
    for (const path of [
      '/elsewhere',
      '/x/graphql',
      '//graphql',
      `/x?${query}&y=/graphql`,
      `/%67raphql?${query}`,
    ]) {
      expect((await fetch(new URL(url).origin + path)).status).toBe(404);
      expect((await fetch(new URL(url).origin + path, { method: 'POST', headers: json, body })).status).toBe(
        404,
      );
    }
    expect(server.calls).toEqual([]);
  });
});

describe('bad input is told clearly, calls nothing, and is never a 5xx', () => {
  const graphqlJson = { ...json, accept: 'application/graphql-response+json' };
  const post = (query: string, variables?: object) => ({
    method: 'POST',
    headers: graphqlJson,
    body: JSON.stringify({ query, variables }),
  });

  const cases: readonly [says: string, init: RequestInit, status: number, code: string, message: RegExp][] = [
    [
      'a query of too many tokens',
      post(`{ ${'id '.repeat(5_001)} }`),
      400,
      'GRAPHQL_PARSE_FAILED',
      /5000 tokens/,
    ],
    [
      'a chain of fragments as long as the token limit allows',
      post(
        `{ ...F0 } ${Array.from({ length: 600 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} }`).join(' ')}`,
      ),
      400,
      'GRAPHQL_VALIDATION_FAILED',
      /F600/,
    ],
    [
      'many fragments that spread one another in circles',
      post(
        `{ ...F0 } ${Array.from({ length: 90 }, (_, n) => `fragment F${n} on Query { ...F${(n + 1) % 90} ...F0 }`).join(' ')}`,
      ),
      400,
      'GRAPHQL_VALIDATION_FAILED',
      /Cannot spread fragment "F0" within itself/,
    ],
    [
      'a subscription',
      post('subscription { __typename }'),
      400,
      'GRAPHQL_VALIDATION_FAILED',
      /no subscriptions/,
    ],
    [
      'an alias that makes a result look like a promise',
      post(`{ creator(id: "${id}") { then: profile { name } } }`),
      400,
      'GRAPHQL_VALIDATION_FAILED',
      /another alias than "then"/,
    ],
    ['a mutation', post('mutation { pay }'), 400, 'BAD_USER_INPUT', /mutation/i],
    [
      'variables in a form that are no JSON',
      {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: graphqlJson.accept },
        body: 'query={__typename}&variables={',
      },
      400,
      'BAD_REQUEST',
      /variables/,
    ],
    ['a syntax error', post('{ creator('), 400, 'GRAPHQL_PARSE_FAILED', /Syntax Error/],
    [
      'a query nested deeper than the stack',
      post(`{ creator(id: ${'['.repeat(4_900)}`),
      400,
      'BAD_REQUEST',
      /nested too deep/,
    ],
    [
      'variables nested deeper than the stack',
      {
        method: 'POST',
        headers: graphqlJson,
        body: `{"query":"query ($ids: [ID!]!) { creators(ids: $ids) { id } }","variables":{"ids":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      },
      400,
      'BAD_USER_INPUT',
      /ids/,
    ],
    ['an unknown field', post('{ nonsense }'), 400, 'GRAPHQL_VALIDATION_FAILED', /nonsense/],
    [
      'a wrong enum',
      post(`{ creator(id: "${id}") { profile(platform: RADIO) { name } } }`),
      400,
      'GRAPHQL_VALIDATION_FAILED',
      /RADIO/,
    ],
    [
      'a wrong enum in a variable',
      post(`query ($p: Platform!) { creator(id: "${id}") { profile(platform: $p) { name } } }`, {
        p: 'RADIO',
      }),
      400,
      'BAD_USER_INPUT',
      /RADIO/,
    ],
    [
      'a missing variable',
      post('query ($id: ID!) { creator(id: $id) { id } }'),
      400,
      'BAD_USER_INPUT',
      /\$id/,
    ],
    [
      'a malformed id',
      post('{ creator(id: "12") { profile { name } } }'),
      200,
      'BAD_USER_INPUT',
      /15 to 20 digits/,
    ],
    [
      'an id as a number, which JSON rounds to another id',
      {
        method: 'POST',
        headers: graphqlJson,
        body: `{"query":"query ($ids: [ID!]!) { creators(ids: $ids) { profile { name } } }","variables":{"ids":[${id}]}}`,
      },
      400,
      'BAD_USER_INPUT',
      /Send ids as strings/,
    ],
    ['no query', { method: 'POST', headers: graphqlJson, body: '{}' }, 400, 'BAD_REQUEST', /query/],
    ['an empty body', { method: 'POST', headers: json, body: '' }, 400, 'BAD_REQUEST', /JSON/],
    ['invalid JSON', { method: 'POST', headers: json, body: '{"query":' }, 400, 'BAD_REQUEST', /JSON/],
    ['a batch', { method: 'POST', headers: json, body: `[${body}]` }, 400, 'BAD_REQUEST', /[Bb]atching/],
    [
      'a wrong content type',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body },
      415,
      'BAD_REQUEST',
      /application\/json/,
    ],
    [
      'an upload',
      { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' },
      415,
      'BAD_REQUEST',
      /application\/json/,
    ],
    ['a wrong method', { method: 'PUT', headers: json, body }, 405, 'BAD_REQUEST', /GET and POST/],
    [
      'a body over 1 MB',
      { method: 'POST', headers: json, body: JSON.stringify({ query: `#${'x'.repeat(1_048_576)}` }) },
      413,
      'REQUEST_ENTITY_TOO_LARGE',
      /1048576 bytes/,
    ],
  ];

  it.each(cases)('%s', async (_, init, status, code, message) => {
    const { url, server } = await onPort();
    const response = await fetch(url, init);
    const answer = (await response.json()) as Answer;
    expect(response.status).toBe(status);
    expect(answer.errors?.[0]?.extensions['code']).toBe(code);
    expect(answer.errors?.[0]?.message).toMatch(message);
    expect(server.calls).toEqual([]);
  });

  it("a body over 1 MB that doesn't say its length", async () => {
    const { url, server } = await onPort();
    expect(await sendChunked(url, Array(20).fill('x'.repeat(65_536)))).toMatchObject({ status: 413 });
    expect(server.calls).toEqual([]);
  });

  it("but a small body that doesn't say its length is answered", async () => {
    const { url, server } = await onPort();
    const { status, text } = await sendChunked(url, [body.slice(0, 9), body.slice(9)]);
    expect(status).toBe(200);
    expect(JSON.parse(text).data.creator.profile.name).toBe('张大仙');
    expect(server.calls).toHaveLength(1);
  });
});

describe('an API key', () => {
  const env = { API_KEYS: 'dash:secret-key-1,audit:secret-key-2' };
  const ask = (url: string, authorization?: string) =>
    fetch(url, { method: 'POST', headers: { ...json, ...(authorization ? { authorization } : {}) }, body });

  it('lets its bearer ask', async () => {
    const { url, server } = await onPort(env);
    expect((await ask(url, 'bearer secret-key-1')).status).toBe(200);
    const response = await ask(url, 'Bearer secret-key-2');
    expect(response.status).toBe(200);
    expect(((await response.json()) as Answer).data.creator.profile.name).toBe('张大仙');
    expect(server.calls).toHaveLength(1);
  });

  it.each([
    ['none', undefined],
    ['a wrong one', 'Bearer secret-key-3'],
    ['a name instead of it', 'Bearer dash'],
    ['another scheme', 'Basic c2VjcmV0LWtleS0x'],
  ])('is wanted: %s is answered with 401, and nothing is called', async (_, authorization) => {
    const { url, server } = await onPort(env);
    const response = await ask(url, authorization);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="/);
    const headers = authorization ? { authorization } : {};
    const query = new URLSearchParams(JSON.parse(body));
    expect((await fetch(`${url}?${query}`, { headers })).status).toBe(401);
    expect((await fetch(url, { method: 'POST', headers, body: query })).status).toBe(401);
    expect(((await response.json()) as Answer).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    expect(server.calls).toEqual([]);
  });
});

describe('a request that is no HTTP address', () => {
  it('is told so, without a stack or a path of the machine', async () => {
    const { url, server } = await onPort({ API_KEYS: 'dash:secret-key-1' });
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
        socket.end('GET /graphql HTTP/1.1\r\nHost: a b\r\n\r\n');
      });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => resolve(text)).on('error', reject);
    });
    expect(answer).toContain('HTTP/1.1 400');
    expect(answer).toContain('"code":"BAD_REQUEST"');
    expect(answer).not.toMatch(/node_modules| at /);
    expect(server.calls).toEqual([]);
  });

  it('or whose variables in it are no JSON', async () => {
    const { url, server } = await onPort();
    const response = await fetch(`${url}?query=%7B__typename%7D&variables=%7B`);
    expect(((await response.json()) as Answer).errors?.[0]?.extensions['code']).toBe('BAD_REQUEST');
    expect(response.status).toBeLessThan(500);
    expect(server.calls).toEqual([]);
  });
});

describe("another site's page", () => {
  const origin = 'https://dashboard.example';
  const asked = (url: string, from = origin) =>
    fetch(url, { method: 'POST', headers: { ...json, origin: from }, body });

  it('may not ask by default', async () => {
    const { url, server } = await onPort();
    const { status, headers } = await asked(url);
    expect(status).toBe(403);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(server.calls).toEqual([]);
  });

  it.each([origin, `${origin},https://other.example`])(
    'may when CORS_ORIGINS has its origin: %s',
    async (list) => {
      const { url, server } = await onPort({ CORS_ORIGINS: list });
      const { headers } = await asked(url, origin);
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
      expect(server.calls).toHaveLength(1);
    },
  );

  it.each(['null', 'https://evil.example'])('may not when it is another than those: %s', async (stranger) => {
    const { url, server } = await onPort({ CORS_ORIGINS: `${origin},https://other.example` });
    const { status, headers } = await asked(url, stranger);
    expect(status).toBe(403);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(server.calls).toEqual([]);
  });
});

describe('a server that lets go of its clients', () => {
  /** Sends a GET over the socket, and resolves with the answer's head. */
  function get(socket: Socket): Promise<string> {
    return new Promise((resolve, reject) => {
      socket.once('error', reject).once('data', (chunk) => resolve(String(chunk).split('\r\n\r\n')[0] ?? ''));
      socket.write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    });
  }

  it('answers once more over each connection, which was idle or new, and takes no others', async () => {
    const server = await startTestServer();
    const http = await listen(server.respond, testConfig({ PORT: '0' }));
    const open = async () => {
      const socket = connect(Number(new URL(http.origin).port), '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
    const [idle, unused] = [await open(), await open()];
    expect(await get(idle)).toMatch(/^HTTP\/1\.1 200.*\r\nConnection: keep-alive/s);
    const drained = http.drain(10_000);
    await expect(open()).rejects.toThrow('ECONNREFUSED');
    for (const socket of [idle, unused]) {
      const closed = once(socket, 'close');
      expect(await get(socket)).toMatch(/^HTTP\/1\.1 200.*\r\nConnection: close/s);
      await closed;
    }
    await drained;
    await http.close();
    expect(server.calls).toEqual([]);
  });

  it('waits for responses that clients are still receiving', async () => {
    // Together more than the system takes of them by itself.
    const [count, length] = [80, 250_000];
    const respond: Respond = () => ({
      status: 200,
      headers: ['content-length', String(length)],
      body: 'x'.repeat(length),
    });
    const http = await listen(respond, testConfig({ PORT: '0' }));
    const client = connect(Number(new URL(http.origin).port), '127.0.0.1');
    client.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(count));
    await once(client, 'readable');
    const closed = http.close(30_000);
    let bytes = 0;
    for await (const chunk of client) bytes += chunk.length;
    expect(bytes).toBeGreaterThan(count * length);
    await closed;
  });

  it('has a time for that', async () => {
    const server = await startTestServer();
    const http = await listen(server.respond, testConfig({ PORT: '0' }));
    const socket = connect(Number(new URL(http.origin).port), '127.0.0.1');
    await once(socket, 'connect');
    await http.drain(20);
    const closed = once(socket, 'close');
    await http.close();
    await closed;
    expect(server.calls).toEqual([]);
  });
});

/** fetch would declare the length. */
function sendChunked(
  url: string,
  chunks: readonly string[],
): Promise<{ status?: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST', headers: json }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode, text });
    });
    request.on('error', reject);
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
}

describe('a client that disconnects before its response', () => {
  it.each([
    ['in pieces', () => Readable.from([Buffer.from('a')])],
    ['that is large', () => 'x'.repeat(1_000_000)],
  ])('harms nobody, and a response %s is let go', async (_, newBody) => {
    const bodies: unknown[] = [];
    const respond: Respond = async ({ url }, __, hangUp) => {
      const signal = hangUp();
      if (url === '/next') return { status: 200, headers: ['content-length', '2'], body: 'ok' };
      client.destroy();
      await once(signal, 'abort');
      const body = newBody();
      bodies.push(body);
      return { status: 200, headers: [], body };
    };
    const http = await listen(respond, testConfig({ PORT: '0' }));
    atEnd(() => http.close());
    const client = connect(Number(new URL(http.origin).port), '127.0.0.1').on('error', () => {});
    client.write('GET /first HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await vi.waitFor(() => expect(bodies).toHaveLength(1));
    expect(await (await fetch(`${http.origin}/next`)).text()).toBe('ok');
    const [body] = bodies;
    if (body instanceof Readable) expect(body.destroyed).toBe(true);
  });

  it('stops its pipelined operations, too, whose responses wait for the first one', async () => {
    const signals: AbortSignal[] = [];
    const streams: Readable[] = [];
    const bodies = [
      // The response comes when nobody waits for it any more.
      () => once(signals[0] as AbortSignal, 'abort').then(() => 'x'),
      () => 'x'.repeat(10),
      () => 'x'.repeat(1_000_000),
      () => {
        const stream = new Readable({ read() {} });
        streams.push(stream);
        return stream;
      },
    ];
    const respond: Respond = async (_, __, hangUp) => {
      const nth = signals.push(hangUp()) - 1;
      return { status: 200, headers: [], body: (await bodies[nth]?.()) ?? '' };
    };
    const http = await listen(respond, testConfig({ PORT: '0' }));
    const client = connect(Number(new URL(http.origin).port), '127.0.0.1').on('error', () => {});
    client.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(bodies.length));
    await vi.waitFor(() => expect(streams).toHaveLength(1));
    client.destroy();
    await vi.waitFor(() => expect(signals.map(({ aborted }) => aborted)).toEqual(bodies.map(() => true)));
    await vi.waitFor(() => expect(streams[0]?.destroyed).toBe(true));
    // No response is waited for.
    const startedAt = performance.now();
    await http.close(50_000);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('harms nobody either, if the response would have come in parts', async () => {
    const server = await startTestServer();
    const query = '{ creator(id: "6629722295873044494") { id ... @defer { profile { id } } } }';
    const headers = { host: '127.0.0.1', 'content-type': 'application/json', accept: 'multipart/mixed' };
    const request = { method: 'POST', url: '/graphql', headers, rawHeaders: Object.entries(headers).flat() };
    const { body } = await server.respond(
      request,
      Buffer.from(JSON.stringify({ query })),
      () => new AbortController().signal,
    );
    if (!(body instanceof Readable)) throw new TypeError('Expected a stream');
    const errors: unknown[] = [];
    body.on('error', (error) => errors.push(error)).destroy();
    await once(body, 'close');
    expect(errors).toEqual([]);
    expect((await server.ask('{ upstream { isSandbox } }')).errors).toBeUndefined();
    expect(server.calls.length).toBeLessThanOrEqual(1);
  });
});
