import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { ResponseMemo } from '../../src/response/memo.js';
import { OperationRecord } from '../../src/telemetry/operationRecord.js';
import { namespaceOf, storeKey } from '../../src/upstream/cache/storedAnswer.js';
import { callOf } from '../../src/upstream/endpoints/call.js';
import { testClock } from '../fixtures.js';
import {
  cost,
  gatedUpstream,
  scriptedUpstream,
  sharedStore,
  startTestServer,
  success,
  type TestServer,
  testConfig,
} from '../harness.js';

const id = '6629722295873044494';
const query = `{ creator(id: "${id}") { profile { name fetchedAt } } }`;
const json = { 'content-type': 'application/json' };

/** Names each creator after the call that fetched it. */
const countingUpstream = () => scriptedUpstream((_, nth) => success({ nick_name: `call ${nth}` }));

/** The memo is on, even if RESPONSE_MEMO=0 runs the other tests without it. */
function startWithMemo({ env, ...options }: Parameters<typeof startTestServer>[0] = {}): Promise<TestServer> {
  return startTestServer({ ...options, env: { RESPONSE_MEMO: '1', ...env } });
}

/** Sends an operation until the memo has its response: the first time pays, the second is made of cached sections. */
async function remember(server: TestServer, ...asked: Parameters<TestServer['ask']>) {
  await server.ask(...asked);
  return server.ask(...asked);
}

/** The response, and whether it came from the memo. */
async function asked(server: TestServer, ...question: Parameters<TestServer['ask']>) {
  const before = server.tally.memo;
  const answer = await server.ask(...question);
  return { answer, isMemo: server.tally.memo > before };
}

describe('a response of cached sections', () => {
  it('is sent again without executing, byte for byte, with its cost', async () => {
    const server = await startWithMemo();
    const request = { method: 'POST', headers: json, body: JSON.stringify({ query }) };
    await server.fetch('/graphql', request);
    const executed = await server.fetch('/graphql', request);
    expect(server.tally).toEqual({ memo: 0, executed: 2 });
    const remembered = await server.fetch('/graphql', request);
    expect(server.tally).toEqual({ memo: 1, executed: 2 });
    const text = await remembered.text();
    expect(text).toBe(await executed.text());
    expect([...remembered.headers]).toEqual([...executed.headers]);
    expect(JSON.parse(text).extensions.cost).toEqual(cost({ cachedCalls: 1 }));
    expect(server.calls).toHaveLength(1);
  });

  it('is sent to a request that differs only in headers that the server does not read', async () => {
    const server = await startWithMemo();
    await remember(server, query);
    const { isMemo } = await asked(server, query, undefined, { 'x-request-id': '7', cookie: 'a=b' });
    expect(isMemo).toBe(true);
    expect(server.calls).toHaveLength(1);
  });

  it.each([
    ['the query', [`${query} `]],
    ['the variables', [query, { unused: 1 }]],
    ['Accept', [query, undefined, { accept: 'application/graphql-response+json' }]],
    ['Accept-Encoding', [query, undefined, { 'accept-encoding': 'gzip' }]],
    ['Origin', [query, undefined, { origin: 'https://dashboard.example' }]],
    ['Host', [query, undefined, { host: 'localhost' }]],
    ['x-cost-debug', [query, undefined, { 'x-cost-debug': '1' }]],
    ['x-dry-run', [query, undefined, { 'x-dry-run': '1' }]],
  ] as [string, Parameters<TestServer['ask']>][])(
    'is not sent to a request that differs in %s',
    async (_, question) => {
      const server = await startWithMemo({ env: { CORS_ORIGINS: 'https://dashboard.example' } });
      await remember(server, query);
      expect((await asked(server, ...question)).isMemo).toBe(false);
      expect(server.calls).toHaveLength(1);
    },
  );

  it('is sent only to requests with the same API key', async () => {
    const server = await startWithMemo({ env: { API_KEYS: 'a:secret-key-1,b:secret-key-2' } });
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
    await remember(server, query, undefined, bearer('secret-key-1'));
    expect((await asked(server, query, undefined, bearer('secret-key-1'))).isMemo).toBe(true);
    for (const headers of [{}, bearer('secret-key-3')]) {
      const { answer, isMemo } = await asked(server, query, undefined, headers);
      expect(isMemo).toBe(false);
      expect(answer.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    }
    expect((await asked(server, query, undefined, bearer('secret-key-2'))).isMemo).toBe(false);
    expect(server.calls).toHaveLength(1);
  });

  it("is not sent to another site's page, to a prefetch or under another host", async () => {
    const server = await startWithMemo();
    const address = `/graphql?${new URLSearchParams({ query })}`;
    await server.fetch(address);
    await server.fetch(address);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-purpose': 'prefetch' },
      { host: 'evil.example' },
    ]) {
      expect((await server.fetch(address, { headers })).status).toBe(403);
    }
    expect((await server.fetch(address)).status).toBe(200);
    expect(server.tally.memo).toBe(1);
    expect(server.calls).toHaveLength(1);
  });
});

describe('an operation is executed again', () => {
  it('from the moment that its first section is too old', async () => {
    const server = await startWithMemo({
      env: { CACHE_TTL_PROFILE_SECONDS: '100', CACHE_TTL_PRICES_SECONDS: '50' },
    });
    const both = `{ creator(id: "${id}") { profile { name } prices { isStale } } }`;
    await remember(server, both);
    server.clock.advance(49.999);
    expect((await asked(server, both)).isMemo).toBe(true);
    server.clock.advance(0.001);
    const { answer, isMemo } = await asked(server, both);
    expect(isMemo).toBe(false);
    expect(answer.data.creator.prices.isStale).toBe(true);
    await vi.waitFor(() => expect(server.calls).toHaveLength(3));
  });

  it('when its response is older than its own maxAgeSeconds, even if other operations still use it', async () => {
    const server = await startWithMemo({ upstream: await countingUpstream() });
    const within = `{ creator(id: "${id}") { profile(maxAgeSeconds: 10) { name } } }`;
    await remember(server, query);
    await remember(server, within);
    server.clock.advance(10);
    expect((await asked(server, query)).isMemo).toBe(true);
    const { answer, isMemo } = await asked(server, within);
    expect(isMemo).toBe(false);
    expect(answer.data.creator.profile.name).toBe('call 2');
    expect(server.calls).toHaveLength(2);
  });

  it('after one of its sections was renewed', async () => {
    const server = await startWithMemo({ upstream: await countingUpstream() });
    await remember(server, query);
    await server.ask(`{ creator(id: "${id}") { profile(maxAgeSeconds: 0) { name } } }`);
    const { answer, isMemo } = await asked(server, query);
    expect(isMemo).toBe(false);
    expect(answer.data.creator.profile.name).toBe('call 2');
    expect(server.calls).toHaveLength(2);
  });

  it('after another process renewed or deleted one of its sections', async () => {
    const clock = testClock();
    const shared = sharedStore(clock);
    const upstream = await countingUpstream();
    const one = await startWithMemo({ upstream, clock, store: shared.open() });
    const other = await startWithMemo({ upstream, clock, store: shared.open() });
    await remember(one, query);
    clock.advance(1);
    await other.ask(`{ creator(id: "${id}") { profile(maxAgeSeconds: 0) { name } } }`);
    const renewed = await asked(one, query);
    expect(renewed.isMemo).toBe(false);
    expect(renewed.answer.data.creator.profile.name).toBe('call 2');
    await one.ask(query);
    expect((await asked(one, query)).isMemo).toBe(true);

    const call = callOf('profile', { creatorId: id, platform: 'SHORT_VIDEO' });
    await shared.open().forget(storeKey('answer', namespaceOf(testConfig()), call));
    const forgotten = await asked(one, query);
    expect(forgotten.isMemo).toBe(false);
    expect(forgotten.answer.data.creator.profile.name).toBe('call 3');
    expect(upstream.calls).toHaveLength(3);
  });

  it('after memory has evicted one of its sections', async () => {
    const body = 'x'.repeat(100_000);
    const upstream = await scriptedUpstream((_, nth) => success({ nick_name: `call ${nth}`, body }));
    const server = await startWithMemo({ upstream, env: { CACHE_MAX_BYTES: '1048576' } });
    await remember(server, query);
    for (const other of ['6629722295873044495', '6629722295873044496']) {
      await server.ask(query.replace(id, other));
    }
    const { answer, isMemo } = await asked(server, query);
    expect(isMemo).toBe(false);
    expect(answer.data.creator.profile.name).toBe('call 4');
    expect(server.calls).toHaveLength(4);
  });
});

describe('a response is not remembered', () => {
  it.each([
    ['has no section', `{ creator(id: "${id}") { id } }`, undefined],
    [
      "has upstream's state",
      `{ creator(id: "${id}") { profile { name } } upstream { callsToday } }`,
      undefined,
    ],
    ['lists its calls', query, { 'x-cost-debug': '1' }],
    ['is of a dry run', query, { 'x-dry-run': '1' }],
    [
      'has an error',
      `{ creator(id: "${id}") { profile { name } } broken: creator(id: "7") { id } }`,
      undefined,
    ],
    ['pays each time', `{ creator(id: "${id}") { profile(maxAgeSeconds: 0) { name } } }`, undefined],
  ])('that %s', async (_, question, headers) => {
    const server = await startWithMemo();
    await server.ask(query);
    for (let times = 0; times < 3; times += 1) await server.ask(question, undefined, headers);
    expect(server.tally.memo).toBe(0);
    expect(server.calls).toHaveLength(question.includes('maxAgeSeconds: 0') ? 4 : 1);
  });

  it('that is stale, or joined a call of another operation', async () => {
    const upstream = await gatedUpstream((_, nth) => success({ nick_name: `call ${nth}` }));
    const server = await startWithMemo({ upstream });
    const both = [server.ask(query), server.ask(query)];
    upstream.open();
    await Promise.all(both);
    expect((await asked(server, query)).isMemo).toBe(false);
    expect((await asked(server, query)).isMemo).toBe(true);
    upstream.shut();
    server.clock.advance(86_400);
    for (let times = 0; times < 3; times += 1) {
      const { answer, isMemo } = await asked(server, `{ creator(id: "${id}") { profile { isStale } } }`);
      expect(answer.data.creator.profile.isStale).toBe(true);
      expect(isMemo).toBe(false);
    }
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(2));
    upstream.open();
  });

  it('with RESPONSE_MEMO=0', async () => {
    const server = await startWithMemo({ env: { RESPONSE_MEMO: '0' } });
    for (let times = 0; times < 3; times += 1) await server.ask(query);
    expect(server.tally).toEqual({ memo: 0, executed: 3 });
    expect(server.calls).toHaveLength(1);
  });
});

describe('the memo', () => {
  it('remembers only what is sent a second time, so that one-off operations evict nothing', async () => {
    const server = await startWithMemo();
    await server.ask(query);
    const named = query.replace('{', 'query Other {');
    const others = [];
    for (let times = 0; times < 3; times += 1) others.push((await asked(server, named)).isMemo);
    expect(others).toEqual([false, false, true]);
    expect(server.calls).toHaveLength(1);
  });

  it('counts the size of request headers, too', async () => {
    const server = await startWithMemo({ env: { CACHE_MAX_BYTES: '1048576' } });
    const accept = (nth: number) => ({ accept: `application/json, ${'x'.repeat(10_000)}/${nth}` });
    for (let nth = 0; nth < 200; nth += 1) await remember(server, query, undefined, accept(nth));
    expect((await asked(server, query, undefined, accept(199))).isMemo).toBe(true);
    expect((await asked(server, query, undefined, accept(0))).isMemo).toBe(false);
    expect(server.calls).toHaveLength(1);
  });

  it('takes no more memory than it may, and evicts what was not used for longest', async () => {
    const server = await startWithMemo({ env: { CACHE_MAX_BYTES: '1048576' } });
    const raw = (name: string) => `{ creator(id: "${id}") { ${name}: profile { raw } } }`;
    await remember(server, raw('a'));
    for (let nth = 0; nth < 400; nth += 1) await remember(server, raw(`a${nth}`));
    expect((await asked(server, raw('a399'))).isMemo).toBe(true);
    expect((await asked(server, raw('a'))).isMemo).toBe(false);
    expect(server.calls).toHaveLength(1);
  });

  it('keeps the bytes of a small request, and not the pool that small buffers share', () => {
    const memo = new ResponseMemo({ maxBytes: 64 * 1_048_576 });
    const record = new OperationRecord('1', () => 0);
    record.noteNames({ operationName: 'Names' });
    record.noteResult({ data: {} });
    record.end();
    const response = { status: 200, headers: [], body: '{}', validity: null };
    const freshness = { sections: 1, untilMs: Number.POSITIVE_INFINITY, isCurrent: () => true };
    const request = { method: 'POST', url: '/graphql', headers: {}, rawHeaders: [] };
    const remember = (nth: number) => {
      const body = Buffer.from(`{"query":"${query}","n":${nth}}`);
      for (let times = 0; times < 2; times += 1) memo.offer(request, body, response, freshness, record);
      // What else a request needs takes most of the pool.
      Buffer.from('x'.repeat(3_000));
      return memo.get(request, body);
    };
    setFlagsFromString('--expose-gc');
    const gc: () => void = runInNewContext('gc');
    const collect = () => {
      // The second waits until the first has freed what it found.
      gc();
      gc();
    };
    collect();
    const before = process.memoryUsage().arrayBuffers;
    const entries = Array.from({ length: 2_000 }, (_, nth) => remember(nth));
    collect();
    expect(entries.every((entry) => entry?.response === response)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000 * 500);
  });
});
