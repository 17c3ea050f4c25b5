import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { scriptedUpstream, startTestServer, success, type TestServer } from '../harness.js';

const id = '6629722295873044494';

/** Has profiles only, and refuses prices. */
function upstream() {
  return scriptedUpstream((call) =>
    call.startsWith('prices')
      ? { body: { code: 600, data: null } }
      : { body: { code: 0, data: call.startsWith('profile') ? { nick_name: '张' } : null } },
  );
}

async function send(server: TestServer, query: string, accept: string) {
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, headers: [...response.headers], body: await response.text() };
}

describe('with and without the fast path', () => {
  it.each([
    ['sections', `{ creator(id: "${id}") { profile { name } cpMetrics { hasData } } }`],
    ['introspection', getIntrospectionQuery()],
    ['a syntax error', '{ creator('],
    ['a string that does not end', '{ creator(id: "'],
    ['unknown fields', `{ creator(id: "${id}") {\n nonsense\n more } }`],
    ['more than a hundred unknown fields', `{ ${'nonsense '.repeat(200)} }`],
    ['fields that clash', `{ a: creator(id: "1") { id }\n a: creator(id: "2") { id } }`],
    [
      'streams that clash',
      `{ creators(ids: ["${id}"]) @stream { id }\n ... { creators(ids: ["${id}"]) @stream(initialCount: 1) { id } } }`,
    ],
    ['a fragment that spreads itself', '{ ...F }\nfragment F on Query { __typename ...F }'],
    ['a missing variable', 'query ($id: ID!) {\n creator(id: $id) { id } }'],
    ['too many tokens', `{ ${'__typename '.repeat(5_001)} }`],
    [
      'too many aliases',
      `{\n ${Array.from({ length: 401 }, (_, nth) => `a${nth}: __typename`).join('\n')} }`,
    ],
    ['brackets that are nested too deep', `{ creator(id: ${'['.repeat(501)}`],
    ['a malformed id', `{ ok: creator(id: "${id}") { profile { name } }\n creator(id: "7") { id } }`],
    ['a section that fails', `{ creator(id: "${id}") {\n profile { name }\n prices { id } } }`],
    [
      'a section that fails in a deferred fragment',
      `{ creator(id: "${id}") { profile { name }\n ... @defer {\n prices { id } } } }`,
    ],
    [
      'a failure in a text that is too long for locations',
      `{ creator(id: "7") { id } } ${'#\n'.repeat(5_000)}`,
    ],
  ])('the response is the same: %s', async (_, query) => {
    const fast = await startTestServer({ upstream: await upstream(), env: { RESPONSE_MEMO: '1' } });
    const standard = await startTestServer({ upstream: await upstream(), env: { RESPONSE_MEMO: '0' } });
    for (const accept of ['application/json', 'multipart/mixed']) {
      // The third time, the fast path has the document in its cache.
      for (let time = 1; time <= 3; time += 1) {
        expect(await send(fast, query, accept)).toEqual(await send(standard, query, accept));
      }
    }
    expect(fast.calls).toEqual(standard.calls);
  });
});

describe('a document of mistakes keeps the server busy for a moment only', () => {
  it.each(['1', '0'])('with RESPONSE_MEMO=%s', async (memo) => {
    const server = await startTestServer({
      upstream: await scriptedUpstream(() => success({})),
      env: { RESPONSE_MEMO: memo },
    });
    await server.ask('{ __typename }');
    const before = process.cpuUsage();
    const { errors } = await server.ask(`{ ${'\n'.repeat(500_000)} ${'nonsense\n'.repeat(100)} }`);
    expect(errors).toHaveLength(100);
    expect(process.cpuUsage(before).user).toBeLessThan(500_000);
    expect(server.calls).toEqual([]);
  });
});
