import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { scriptedUpstream, startTestServer, success, type TestServer } from '../harness.js';

const id = '6629722295873044494';
const query = `{ creator(id: "${id}") { profile { name } } }`;

function get(server: TestServer, text = query, headers: Record<string, string> = {}): Promise<Response> {
  return server.fetch(`/graphql?${new URLSearchParams({ query: text })}`, { headers });
}

/** The ETag of a response of cached sections. The first response has another one, because its cost differs. */
async function tagOf(server: TestServer, text = query): Promise<string> {
  await get(server, text);
  return (await get(server, text)).headers.get('etag') ?? '';
}

describe('a response to GET', () => {
  it('may be cached by the client until the first of its sections is too old', async () => {
    const server = await startTestServer({ env: { CACHE_TTL_PRICES_SECONDS: '500' } });
    const policy = async (text: string) => (await get(server, text)).headers.get('cache-control');
    const both = `{ creator(id: "${id}") { profile { name } prices { id } } }`;
    expect(await policy(both)).toBe('private, max-age=500');
    server.clock.advance(100.5);
    expect(await policy(both)).toBe('private, max-age=399');
    expect(await policy(query)).toBe('private, max-age=86299');
    expect(await policy(`{ creator(id: "${id}") { profile(maxAgeSeconds: 120) { name } } }`)).toBe(
      'private, max-age=19',
    );
    expect(server.calls).toHaveLength(2);
  });

  it.each([
    ['is stale', query, 2],
    ['names no section', '{ __typename }', 1],
    ["has upstream's state", `{ upstream { callsToday } creator(id: "${id}") { profile { name } } }`, 1],
    ['has an error', `{ creator(id: "${id}") { profile { name } } broken: creator(id: "7") { id } }`, 1],
    ['is invalid', '{ nonsense }', 1],
  ])('that %s may not be cached, and has no ETag', async (says, text, calls) => {
    const server = await startTestServer({
      upstream: await scriptedUpstream(() => success({ nick_name: '张' })),
    });
    await get(server);
    if (says === 'is stale') server.clock.advance(86_400);
    const { headers } = await get(server, text);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('etag')).toBeNull();
    await vi.waitFor(() => expect(server.calls).toHaveLength(calls));
  });

  it('names the request headers that it depends on', async () => {
    const server = await startTestServer();
    expect((await get(server)).headers.get('vary')).toBe(
      'accept, accept-encoding, authorization, origin, x-cost-debug, x-dry-run',
    );
    expect(server.calls).toHaveLength(1);
  });

  it.each(['1', '0'])('is not sent to a client that has it, with RESPONSE_MEMO=%s', async (memo) => {
    const server = await startTestServer({ env: { RESPONSE_MEMO: memo } });
    const tag = await tagOf(server);
    expect(tag).toMatch(/^W\/"[\w-]{27}"$/);
    for (const ifNoneMatch of [tag, tag.replace('W/', ''), `"other", ${tag}`, '*']) {
      const response = await get(server, query, { 'if-none-match': ifNoneMatch });
      expect([response.status, await response.text()]).toEqual([304, '']);
      expect(Object.fromEntries(response.headers)).toEqual({
        etag: tag,
        'cache-control': 'private, max-age=86400',
        vary: expect.any(String),
        'x-request-id': 'test-request',
      });
    }
    const other = await get(server, query, { 'if-none-match': '"other"' });
    expect([other.status, other.headers.get('etag')]).toEqual([200, tag]);
    expect(server.calls).toHaveLength(1);
  });

  it('has another ETag after a section was renewed', async () => {
    const server = await startTestServer({
      upstream: await scriptedUpstream((_, nth) => success({ nick_name: `call ${nth}` })),
    });
    const tag = await tagOf(server);
    await server.ask(`{ creator(id: "${id}") { profile(maxAgeSeconds: 0) { name } } }`);
    const response = await get(server, query, { 'if-none-match': tag });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ data: { creator: { profile: { name: 'call 2' } } } });
    expect(server.calls).toHaveLength(2);
  });

  it("lets a dashboard's page read a 304", async () => {
    const origin = 'https://dashboard.example';
    const server = await startTestServer({ env: { CORS_ORIGINS: origin } });
    await get(server, query, { origin });
    const tag = (await get(server, query, { origin })).headers.get('etag') ?? '';
    const response = await get(server, query, { origin, 'if-none-match': tag });
    expect(response.status).toBe(304);
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(server.calls).toHaveLength(1);
  });
});

it('a response to POST has neither an ETag nor an age', async () => {
  const server = await startTestServer();
  const post = () =>
    server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'if-none-match': '*' },
      body: JSON.stringify({ query }),
    });
  for (const _ of [1, 2, 3]) {
    const response = await post();
    expect(response.status).toBe(200);
    expect(Object.keys(Object.fromEntries(response.headers)).sort()).toEqual([
      'content-length',
      'content-type',
      'x-request-id',
    ]);
  }
  expect(server.calls).toHaveLength(1);
});

describe('a large response', () => {
  const large = `{ creator(id: "${id}") { profile { raw } prices { raw } } }`;

  it.each([
    ['br', 'gzip, deflate, br, zstd', brotliDecompressSync],
    ['br', 'br;q=0.5', brotliDecompressSync],
    ['gzip', 'gzip, deflate', gunzipSync],
    ['gzip', 'GZIP ; q=1, br;q=0', gunzipSync],
  ] as const)('is compressed as %s if Accept-Encoding is %s', async (encoding, accepted, decompress) => {
    const server = await startTestServer({ env: { RESPONSE_MEMO: '1' } });
    await server.ask(large);
    const plain = Buffer.from(await (await get(server, large)).arrayBuffer());
    for (const _ of [1, 2, 3]) {
      const response = await get(server, large, { 'accept-encoding': accepted });
      expect(response.headers.get('content-encoding')).toBe(encoding);
      const body = Buffer.from(await response.arrayBuffer());
      expect(response.headers.get('content-length')).toBe(String(body.length));
      expect(body.length).toBeLessThan(plain.length / 2);
      expect(decompress(body).equals(plain)).toBe(true);
    }
    expect(server.tally.memo).toBe(1);
    expect(server.calls).toHaveLength(2);
  });

  it.each([undefined, 'identity', 'br;q=0, gzip;q=0.0', 'zstd', 'x-gzip'])(
    'is not compressed if Accept-Encoding is %s',
    async (accepted) => {
      const server = await startTestServer();
      const response = await get(
        server,
        large,
        accepted === undefined ? {} : { 'accept-encoding': accepted },
      );
      expect(response.headers.get('content-encoding')).toBeNull();
      expect((await response.json()) as object).toHaveProperty('data.creator.prices.raw');
      expect(server.calls).toHaveLength(2);
    },
  );

  it('has the same ETag in every encoding', async () => {
    const server = await startTestServer();
    const tag = await tagOf(server, large);
    const response = await get(server, large, { 'accept-encoding': 'br', 'if-none-match': tag });
    expect(response.status).toBe(304);
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(server.calls).toHaveLength(2);
  });
});

it('a small response is not compressed', async () => {
  const server = await startTestServer();
  expect((await get(server, query, { 'accept-encoding': 'br' })).headers.get('content-encoding')).toBeNull();
  expect(server.calls).toHaveLength(1);
});
