import { request as httpRequest } from 'node:http';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { listen } from '../src/http.js';
import { atEnd } from './fixtures.js';
import { cost, gatedUpstream, type Reply, scriptedUpstream, startTestServer, success } from './harness.js';
import { allPartsOf, merged } from './incrementalParts.js';

const id = '6629722295873044494';
const profileCall = `profile ${id} SHORT_VIDEO`;
const idsOf = (count: number) =>
  JSON.stringify(Array.from({ length: count }, (_, nth) => String(BigInt(id) + BigInt(nth))));
const times = (count: number, field: (nth: number) => string) =>
  Array.from({ length: count }, (_, nth) => field(nth)).join(' ');

/** A profile with so many megabytes of text in it. */
const largeProfile = (megabytes: number): Reply =>
  success({ nick_name: '张大仙', mcn_introduction: '文'.repeat((megabytes * 1_048_576) / 3), mcn_name: 'm' });

const tooLarge = { code: 'RESPONSE_TOO_LARGE', retryable: false };

describe('an answer that would be too large', () => {
  it('is refused before any call, when it names unknown sections many times', async () => {
    const server = await startTestServer();
    const raws = (count: number) => times(count, (nth) => `a${nth}: profile { raw }`);
    const { data, errors, extensions } = await server.ask(`{ creators(ids: ${idsOf(100)}) { ${raws(20)} } }`);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: tooLarge }]);
    expect(errors?.[0]?.message).toContain('Nothing was called.');
    expect(extensions?.cost).toEqual(cost({ failedCalls: 100, attempts: 0 }));
    const more = await server.ask(`{ creators(ids: ${idsOf(100)}) { ${raws(399)} } }`);
    expect(more.errors).toMatchObject([{ extensions: tooLarge }]);
    expect(server.calls).toEqual([]);
  });

  it('is refused before any call, when stored sections alone are too large', async () => {
    const upstream = await scriptedUpstream(() => largeProfile(2));
    const server = await startTestServer({ upstream });
    await server.ask(`{ creator(id: "${id}") { profile { name } } }`);
    const query = `{ creator(id: "${id}") { ${times(17, (nth) => `a${nth}: profile { raw }`)} prices { id } } }`;
    const { errors, extensions } = await server.ask(query);
    expect(errors).toMatchObject([{ extensions: tooLarge }]);
    expect(extensions?.cost).toMatchObject({ requestedCalls: 2, paidCalls: 0, failedCalls: 2 });
    expect(server.calls).toEqual([profileCall]);
  });

  it('is refused when its sections turn out to be too large, and what was paid is stored and reported', async () => {
    const upstream = await scriptedUpstream(() => largeProfile(5));
    const env = { UPSTREAM_CONCURRENCY: '1', CACHE_MAX_BYTES: '1073741824' };
    const server = await startTestServer({ upstream, env });
    const { data, errors, extensions } = await server.ask(
      `{ creators(ids: ${idsOf(20)}) { profile { raw } } }`,
    );
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ extensions: tooLarge }]);
    // Only calls that were sent before the size was known are made.
    const { paidCalls = 0, failedCalls = 0, requestedCalls } = extensions?.cost ?? {};
    expect(server.calls.length).toBeLessThan(10);
    expect(paidCalls).toBeGreaterThanOrEqual(7 - 1);
    expect(paidCalls + failedCalls).toBe(requestedCalls);
    const callsBefore = server.calls.length;
    const again = await server.ask(`{ creators(ids: ${idsOf(6)}) { profile { name } } }`);
    expect(again.extensions?.cost).toEqual(cost({ cachedCalls: 6 }));
    expect(server.calls).toHaveLength(callsBefore);
  });

  it('is refused without executing it, when it has millions of fields beside its sections', async () => {
    const server = await startTestServer();
    const creators = (nth: number) =>
      `c${nth}: creators(ids: ${idsOf(30)}) { ${times(nth < 5 ? 70 : 0, (inner) => `u${inner}: xingtuUrl`)} id }`;
    const { errors } = await server.ask(`{ ${times(40, creators)} }`);
    expect(errors).toBeUndefined();
    const query = `query ($ids: [ID!]!) { ${times(190, (nth) => `c${nth}: creators(ids: $ids) { ...F }`)} } fragment F on Creator { xingtuUrl }`;
    const { errors: refused } = await server.ask(query, { ids: JSON.parse(idsOf(100)) });
    expect(refused).toMatchObject([
      {
        message: expect.stringMatching(/^The operation selects more creators and fields/),
        extensions: tooLarge,
      },
    ]);
    expect(server.calls).toEqual([]);
  });

  it('has the size that MAX_RESPONSE_BYTES says, and a quarter of it in parts', async () => {
    const upstream = await scriptedUpstream(() => largeProfile(1));
    const server = await startTestServer({ upstream, env: { MAX_RESPONSE_BYTES: '3000000' } });
    const whole = await server.ask(`{ creator(id: "${id}") { profile { raw } } }`);
    expect(whole.errors).toBeUndefined();
    const twice = await server.ask(
      `{ creator(id: "${id}") { a: profile { raw } b: profile { raw raw2: raw } } }`,
    );
    expect(twice.errors).toMatchObject([{ extensions: tooLarge }]);
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'multipart/mixed' },
      body: JSON.stringify({ query: `{ creator(id: "${id}") { id ... @defer { profile { raw } } } }` }),
    });
    const { errors } = merged(await allPartsOf(response));
    expect(errors).toMatchObject([{ extensions: tooLarge }]);
    expect(server.calls).toEqual([profileCall]);
  });

  it('is refused in introspection, too, where aliases multiply what is large already', async () => {
    const server = await startTestServer();
    const types = times(5, (nth) => `t${nth}: types { name }`);
    const { errors } = await server.ask(`{ __schema { ${types} } }`);
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(
          'Expected at most 4 aliases of types and fields in introspection, but got 5.',
        ),
      },
    ]);
    expect(server.calls).toEqual([]);
  });
});

describe('a large answer', () => {
  const query = `{ creators(ids: ${idsOf(3)}) { id profile { name raw } } }`;

  it('has the values that a small one would have, also when it is compressed', async () => {
    const upstream = await scriptedUpstream(() => largeProfile(3));
    const server = await startTestServer({ upstream });
    const { data, extensions } = await server.ask(query);
    expect(data.creators).toHaveLength(3);
    for (const { profile } of data.creators) {
      expect(profile.name).toBe('张大仙');
      expect(profile.raw.mcn_introduction).toBe('文'.repeat(1_048_576));
    }
    expect(extensions?.cost).toEqual(cost({ paidCalls: 3 }));
    const compressed = await server.fetch(`/graphql?${new URLSearchParams({ query })}`, {
      headers: { 'accept-encoding': 'br' },
    });
    expect(Object.fromEntries(compressed.headers)).toMatchObject({
      'content-encoding': 'br',
      'cache-control': 'no-store',
      vary: expect.stringContaining('accept-encoding'),
    });
    const bytes = brotliDecompressSync(Buffer.from(await compressed.arrayBuffer()));
    expect(JSON.parse(bytes.toString()).data).toEqual(data);
    expect(server.calls).toHaveLength(3);
  });

  it.each(['multipart/mixed', 'text/event-stream'])(
    'is a part of its own, if Accept allows only %s',
    async (accept) => {
      const upstream = await scriptedUpstream(() => largeProfile(2));
      const server = await startTestServer({ upstream });
      const response = await server.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query }),
      });
      const { data, errors, extensions } = merged(await allPartsOf(response));
      expect(errors).toBeUndefined();
      expect(data.creators[2].profile.raw.mcn_introduction.length).toBeGreaterThan(500_000);
      expect(extensions?.cost).toEqual(cost({ paidCalls: 3 }));
      expect(server.calls).toHaveLength(3);
    },
  );

  it('is written whole up to 4 MB, and stored and sent again like others', async () => {
    const upstream = await scriptedUpstream(() => largeProfile(1));
    const env = { CACHE_MAX_BYTES: '134217728', RESPONSE_MEMO: '1' };
    const server = await startTestServer({ upstream, env });
    const url = `/graphql?${new URLSearchParams({ query: `{ creators(ids: ${idsOf(3)}) { profile { raw } } }` })}`;
    await server.fetch(url);
    const first = await server.fetch(url);
    const etag = first.headers.get('etag') ?? '';
    expect((await first.text()).length).toBeGreaterThan(1_048_576);
    const second = await server.fetch(url, { headers: { 'if-none-match': etag } });
    expect([etag, second.status]).toEqual([expect.stringMatching(/^W\//), 304]);
    expect(server.tally.memo).toBe(1);
    expect(server.calls).toHaveLength(3);
  });

  it('gives its memory back when it was sent, when the client disconnects, and when it was refused', async () => {
    const upstream = await scriptedUpstream(() => largeProfile(6));
    const server = await startTestServer({ upstream });
    const http = await listen(server.respond, { port: 0, host: '127.0.0.1', keepAliveSeconds: 65 });
    atEnd(() => http.close());
    const body = JSON.stringify({ query: `{ creators(ids: ${idsOf(4)}) { profile { raw } } }` });
    const askAndDisconnect = () =>
      new Promise<void>((resolve) => {
        const request = httpRequest(`${http.origin}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
        });
        request.on('response', (response) =>
          response.once('data', () => response.destroy()).once('close', resolve),
        );
        request.end(body);
      });
    // Each may take all the memory: 40 of them do not fit unless it is given back.
    for (let nth = 0; nth < 40; nth += 1) await askAndDisconnect();
    const { errors, extensions } = await server.ask(JSON.parse(body).query);
    expect(errors).toBeUndefined();
    expect(extensions?.cost).toMatchObject({ requestedCalls: 4, failedCalls: 0 });
  });

  it('joins calls in flight like small ones', async () => {
    const upstream = await gatedUpstream(() => largeProfile(2));
    const server = await startTestServer({ upstream });
    const asked = [server.ask(query), server.ask(query)];
    upstream.open();
    const answers = await Promise.all(asked);
    expect(answers.map(({ extensions }) => extensions?.cost?.coalescedCalls).sort()).toEqual([0, 3]);
    expect(server.calls).toHaveLength(3);
  });
});
