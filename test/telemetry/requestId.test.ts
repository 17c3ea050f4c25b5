import { describe, expect, it } from 'vitest';
import { requestIdOf } from '../../src/protocol/requestId.js';
import { type Answer, scriptedUpstream, startTestServer, success } from '../harness.js';
import { allPartsOf } from '../incrementalParts.js';

const id = '6629722295873044494';
const query = `query Names { creator(id: "${id}") { profile { name } } }`;
const json = { 'content-type': 'application/json' };

const post = (body: object, headers: object = {}) => ({
  method: 'POST',
  headers: { ...json, ...headers },
  body: JSON.stringify(body),
});

describe("a request's id", () => {
  it.each([
    '7',
    '01K5Z6V0E9-abc',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'a'.repeat(128),
    'Root=1-67891233-abcdef012345678912345678',
  ])('is taken, if it is harmless: %s', (given) => {
    expect(requestIdOf(['Host', 'a', 'X-Request-Id', given])).toBe(given);
  });

  it.each(['', ' ', 'two words', '"quoted"', 'a\nb', 'a'.repeat(129), 'ü', '<b>', '$(x)', "a';--"])(
    'is made, if the given one could do harm: %j',
    (given) => {
      const made = requestIdOf(['x-request-id', given]);
      expect(made).toMatch(/^[\da-z]{8,}$/);
      expect(requestIdOf([])).not.toBe(made);
    },
  );

  it('is echoed, also by pages, refusals and 304', async () => {
    const server = await startTestServer();
    const idOf = async (path: string, init: RequestInit = {}) => {
      const response = await server.fetch(path, init);
      return [response.status, response.headers.get('x-request-id')];
    };
    const headers = { 'x-request-id': 'mine-1' };
    expect(await idOf('/graphql', post({ query }, headers))).toEqual([200, 'mine-1']);
    expect(await idOf('/graphql', post({ query: '{' }, headers))).toEqual([200, 'mine-1']);
    expect(await idOf('/nowhere', { headers })).toEqual([404, 'mine-1']);
    expect(await idOf('/ready', { headers })).toEqual([200, 'mine-1']);
    const path = `/graphql?query=${encodeURIComponent(query)}`;
    const accepted = { accept: 'application/json', ...headers };
    const etag = (await server.fetch(path, { headers: accepted })).headers.get('etag') ?? '';
    expect(etag).not.toBe('');
    for (const _ of [1, 2, 3]) {
      expect(await idOf(path, { headers: { ...accepted, 'if-none-match': etag } })).toEqual([304, 'mine-1']);
    }
    expect(server.calls).toHaveLength(1);
  });

  it.each([
    ['a type that nobody has', 406, { accept: 'image/png' }, '{}'],
    ['a page of another site', 403, { origin: 'https://evil.example' }, '{}'],
    ['a foreign host', 403, { host: 'evil.example' }, '{}'],
    ['no JSON', 400, {}, '{'],
    ['no operation', 200, {}, '{}'],
    ['a media type', 415, { 'content-type': 'text/plain' }, '{}'],
  ])('is in the error of a request that is refused for %s', async (_, status, headers, body) => {
    const server = await startTestServer();
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { ...json, ...headers, 'x-request-id': 'mine-2' },
      body,
    });
    const { errors } = (await response.json()) as Answer;
    expect([response.status, response.headers.get('x-request-id')]).toEqual([status, 'mine-2']);
    expect(errors?.map(({ extensions }) => extensions['requestId'])).toEqual(['mine-2']);
    expect(server.calls).toEqual([]);
  });

  it('is in every error: refused, failed, in parts, and of a document that was refused before', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 600, data: null } }));
    const server = await startTestServer({ upstream });
    const errorsOf = async (asked: string, headers: object) => {
      const response = await server.fetch('/graphql', post({ query: asked }, headers));
      return ((await response.json()) as Answer).errors?.map(({ extensions }) => extensions['requestId']);
    };
    for (const given of ['one', 'two', 'three']) {
      const headers = { 'x-request-id': given };
      expect(await errorsOf('{ nonsense }', headers)).toEqual([given]);
      expect(await errorsOf('{', headers)).toEqual([given]);
      expect(await errorsOf(query, headers)).toEqual([given]);
    }
    const deferred = `{ creator(id: "${id}") { ... @defer { prices { id } } } }`;
    const response = await server.fetch(
      '/graphql',
      post({ query: deferred }, { accept: 'multipart/mixed', 'x-request-id': 'four' }),
    );
    const parts = await allPartsOf(response);
    expect(JSON.stringify(parts)).toContain('"requestId":"four"');
    expect(response.headers.get('x-request-id')).toBe('four');
    // The circuit of an endpoint that is forbidden is open after its first call.
    expect(upstream.calls).toEqual([`profile ${id} SHORT_VIDEO`, `prices ${id} SHORT_VIDEO`]);
  });

  it('is no part of what the fast path compares', async () => {
    const upstream = await scriptedUpstream(() => success({ nick_name: '张' }));
    const server = await startTestServer({ upstream, env: { RESPONSE_MEMO: '1' } });
    const seen: (string | null)[] = [];
    for (let nth = 0; nth < 5; nth += 1) {
      const response = await server.fetch('/graphql', post({ query }, { 'x-request-id': `nth-${nth}` }));
      seen.push(response.headers.get('x-request-id'));
      expect((await response.json()) as Answer).toMatchObject({
        data: { creator: { profile: { name: '张' } } },
      });
    }
    expect(seen).toEqual(['nth-0', 'nth-1', 'nth-2', 'nth-3', 'nth-4']);
    expect(server.tally).toEqual({ memo: 3, executed: 2 });
    expect(upstream.calls).toHaveLength(1);
  });
});
