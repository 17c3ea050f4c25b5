import { describe, expect, it, vi } from 'vitest';
import type { Cost } from '../src/cost/report.js';
import { listen } from '../src/http.js';
import { atEnd } from './fixtures.js';
import {
  type Answer,
  cost,
  sandboxUpstream,
  scriptedUpstream,
  startTestServer,
  success,
  type TestServer,
  testConfig,
} from './harness.js';
import { allPartsOf, type DeliveredAnswer, merged, partsOf } from './incrementalParts.js';

const id = '6629722295873044494';
const ids = [id, '6712345678901234502', '6712345678901234503'];
const profile = `profile ${id} SHORT_VIDEO`;
const prices = `prices ${id} SHORT_VIDEO`;
const profileThenPrices = `{ creator(id: "${id}") { id profile { name } ... @defer { prices { hasData } } } }`;

const multipart = 'multipart/mixed';
const events = 'text/event-stream';

interface Asking {
  readonly accept?: string;
  readonly variables?: object;
  readonly headers?: Record<string, string>;
}

function asked(query: string, { accept = multipart, variables, headers }: Asking = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify({ query, variables }),
  };
}

/** All parts of a response, without a port. */
async function partsFrom(server: TestServer, query: string, asking?: Asking): Promise<DeliveredAnswer[]> {
  return allPartsOf(await server.fetch('/graphql', asked(query, asking)));
}

/** The server on a real port, so that a client can disconnect. */
async function onPort(server: TestServer) {
  const http = await listen(server.respond, testConfig({ PORT: '0' }));
  atEnd(() => http.close());
  return async (query: string, accept: string) => {
    const leaving = new AbortController();
    const signal = leaving.signal;
    const response = await fetch(`${http.origin}/graphql`, { ...asked(query, { accept }), signal });
    const parts = partsOf(response);
    return {
      status: response.status,
      next: async () => (await parts.next()).value as DeliveredAnswer | undefined,
      hangUp: () => leaving.abort(),
    };
  };
}

/** Has profiles only. Calls for which `isHeld` is true wait until `release`. */
async function holdingUpstream(isHeld: (call: string) => boolean) {
  const waiting: (() => void)[] = [];
  let onArrival = () => {};
  const upstream = await scriptedUpstream((call) => (response) => {
    const data = call.startsWith('profile') ? { nick_name: '张' } : null;
    const answer = () => response.end(JSON.stringify({ code: 0, data }));
    if (isHeld(call)) waiting.push(answer);
    else answer();
    onArrival();
  });
  return {
    ...upstream,
    release: () => {
      for (const answer of waiting.splice(0)) answer();
    },
    /** Resolves when this many calls have arrived. */
    async arrived(count: number): Promise<void> {
      while (upstream.calls.length < count) {
        await new Promise<void>((resolve) => {
          onArrival = resolve;
        });
      }
    },
  };
}

const isPrices = (call: string) => call.startsWith('prices');

/** Long enough for a wrong call to arrive. */
const quiet = () => new Promise((resolve) => setTimeout(resolve, 50));

describe.each([multipart, events])('incremental delivery as %s, over a real port', (accept) => {
  it('sends the initial result while a deferred section is still loading', async () => {
    const upstream = await holdingUpstream(isPrices);
    const ask = await onPort(await startTestServer({ upstream }));
    const { status, next } = await ask(profileThenPrices, accept);
    expect(status).toBe(200);
    expect(await next()).toEqual({
      data: { creator: { id, profile: { name: '张' } } },
      hasNext: true,
    });
    upstream.release();
    expect(await next()).toEqual({
      incremental: [{ path: ['creator'], data: { prices: { hasData: false } } }],
      hasNext: false,
      extensions: { cost: cost({ paidCalls: 2 }) },
    });
    expect(await next()).toBeUndefined();
    expect(upstream.calls.toSorted()).toEqual([prices, profile]);
  });

  it('sends each deferred fragment when it is ready, in any order', async () => {
    const upstream = await holdingUpstream((call) => !call.startsWith('cpMetrics'));
    const ask = await onPort(await startTestServer({ upstream }));
    const { next } = await ask(
      `{ creator(id: "${id}") { id ... @defer(label: "slow") { prices { hasData } } ... @defer(label: "quick") { cpMetrics { hasData } } } }`,
      accept,
    );
    expect((await next())?.data).toEqual({ creator: { id } });
    expect(await next()).toMatchObject({ incremental: [{ label: 'quick' }], hasNext: true });
    upstream.release();
    expect(await next()).toMatchObject({ incremental: [{ label: 'slow' }], hasNext: false });
    expect(upstream.calls).toHaveLength(2);
  });

  it('cancels queued calls when the client disconnects, and finishes and stores calls that are sent', async () => {
    const upstream = await holdingUpstream(isPrices);
    const server = await startTestServer({ upstream, env: { UPSTREAM_CONCURRENCY: '1' } });
    const ask = await onPort(server);
    const stopped = vi.spyOn(globalThis, 'clearInterval');
    atEnd(async () => stopped.mockRestore());
    const { next, hangUp } = await ask(
      `{ creator(id: "${id}") { profile { name } ... @defer { prices { hasData } } ... @defer { cpMetrics { id } audienceTouch { id } } } }`,
      accept,
    );
    expect((await next())?.data.creator.profile.name).toBe('张');
    await upstream.arrived(2);
    hangUp();
    await next().catch(() => undefined);
    // Events have a heartbeat, which must end, too.
    if (accept === events) await expect.poll(() => stopped.mock.calls.length).toBeGreaterThan(0);
    await quiet();
    upstream.release();
    await quiet();
    expect(upstream.calls).toEqual([profile, prices]);

    const { data, extensions } = await server.ask(`{ creator(id: "${id}") { prices { hasData } } }`);
    expect(data.creator.prices).toEqual({ hasData: false });
    expect(extensions?.cost).toEqual(cost({ cachedCalls: 1 }));
    expect(upstream.calls).toHaveLength(2);
    expect(server.logs).toEqual([]);
  });
});

describe('a streamed list', () => {
  it('has its first items in the initial result and the others in order, with their deferred fragments', async () => {
    const list = JSON.stringify(ids);
    const upstream = await sandboxUpstream();
    const server = await startTestServer({ upstream });
    const parts = await partsFrom(
      server,
      `{ creators(ids: ${list}) @stream(initialCount: 1) { id ... @defer { profile { name tags { name } } } } }`,
    );
    expect(parts[0]?.data).toEqual({ creators: [{ id }] });
    expect(parts.map(({ hasNext }) => hasNext)).toEqual([...parts.slice(1).map(() => true), false]);
    const places = parts.flatMap(({ incremental = [] }) => incremental.map(({ path }) => path.join('.')));
    expect(places.toSorted()).toEqual(['creators.0', 'creators.1', 'creators.1', 'creators.2', 'creators.2']);

    const whole = await server.ask(`{ creators(ids: ${list}) { id profile { name tags { name } } } }`);
    expect(merged(parts).data).toEqual(whole.data);
    expect(merged(parts).extensions?.cost).toEqual(cost({ paidCalls: 3 }));
    expect(upstream.calls).toHaveLength(3);
  });

  it('is sent up to an item that is still loading', async () => {
    const upstream = await holdingUpstream((call) => call.includes(ids[1] ?? ''));
    const ask = await onPort(await startTestServer({ upstream }));
    const { next } = await ask(
      `{ creators(ids: ${JSON.stringify(ids)}) @stream(initialCount: 1) { profile { name } } }`,
      multipart,
    );
    expect((await next())?.data).toEqual({ creators: [{ profile: { name: '张' } }] });
    upstream.release();
    const rest = [await next(), await next()].flatMap((part) => part?.incremental ?? []);
    expect(rest.map(({ path }) => path.at(-1))).toEqual([1, 2]);
    expect(upstream.calls).toHaveLength(3);
  });

  it('has null and an error for a malformed id, and continues', async () => {
    const server = await startTestServer();
    const { data, errors } = merged(
      await partsFrom(server, `{ creators(ids: ["${id}", "12", "${id}"]) @stream { profile { name } } }`),
    );
    expect(data.creators).toEqual([{ profile: { name: '张大仙' } }, null, { profile: { name: '张大仙' } }]);
    expect(errors).toMatchObject([
      { path: ['creators', 1], extensions: { code: 'BAD_USER_INPUT', retryable: false } },
    ]);
    expect(server.calls).toEqual([profile]);
  });

  it.each([
    ['an initialCount below 0', 'creators(ids: $ids) @stream(initialCount: -1) { ...F }', {}, /initialCount/],
    ['the same in a variable', 'creators(ids: $ids) @stream(initialCount: $n) { ...F }', { n: -1 }, /got -1/],
    [
      'null as initialCount',
      'creators(ids: $ids) @stream(initialCount: $n) { ...F }',
      { n: null },
      /got null/,
    ],
    ['a field that is not a list', `creator(id: "${id}") @stream { ...F }`, {}, /non-list field "creator"/],
    [
      'a label used twice',
      'creators(ids: $ids) @stream(label: "a") { ... @defer(label: "a") { ...F } }',
      {},
      /unique/,
    ],
    ['a label in a variable', 'creators(ids: $ids) @stream(label: $label) { ...F }', {}, /static string/],
    [
      'a different stream for the same list',
      'creators(ids: $ids) @stream { ...F } ... { creators(ids: $ids) @stream(initialCount: 1) { id } }',
      {},
      /differing stream directives/,
    ],
    [
      'a stream and none for the same list, through fragments',
      'creators(ids: $ids) { ...F } ...More } fragment More on Query { creators(ids: $ids) @stream { id }',
      {},
      /differing stream directives/,
    ],
  ])('is refused: %s', async (_, selections, variables, message) => {
    const server = await startTestServer();
    const declared = ['$ids: [ID!]!', '$n: Int', '$label: String'].filter((one) =>
      selections.includes(one.split(':')[0] ?? ''),
    );
    const query = `query ${declared.length > 0 ? `(${declared.join(', ')})` : ''} { ${selections} } fragment F on Creator { profile { name } }`;
    const response = await server.fetch('/graphql', asked(query, { variables: { ids, ...variables } }));
    expect(response.status).toBe(400);
    const [part, ...more] = await allPartsOf(response);
    expect(part?.errors?.map((error) => error.message)).toEqual([expect.stringMatching(message)]);
    expect(more).toEqual([]);
    expect(server.calls).toEqual([]);
  });

  it('may differ from the same list in another operation of the document', async () => {
    const server = await startTestServer();
    const query = `query A { creators(ids: ["${id}"]) @stream { recommendedVideos { newest @stream(initialCount: 1) { id } } } }
      query B { creators(ids: ["${id}"]) { id } }`;
    const response = await server.fetch('/graphql', {
      ...asked(''),
      body: JSON.stringify({ query, operationName: 'A' }),
    });
    const { data, errors } = merged(await allPartsOf(response));
    expect(errors).toBeUndefined();
    expect(data.creators[0].recommendedVideos.newest.length).toBeGreaterThan(1);
    expect(server.calls).toEqual([`recommendedVideos ${id} SHORT_VIDEO`]);
  });
});

describe('a failure', () => {
  it('in a deferred section is in its own incremental result, and in no other', async () => {
    const upstream = await scriptedUpstream((call) =>
      call.startsWith('profile')
        ? success({ nick_name: '张' })
        : { body: { code: isPrices(call) ? 301 : 0, data: null } },
    );
    const server = await startTestServer({ upstream, env: { UPSTREAM_RETRIES: '0' } });
    const parts = await partsFrom(
      server,
      `{ creator(id: "${id}") { profile { name } ... @defer { prices { id } } ... @defer { cpMetrics { hasData } } } }`,
    );
    const incremental = parts.flatMap(({ incremental = [] }) => incremental);
    const failed = incremental.find(({ data }) => 'prices' in data);
    expect(failed).toMatchObject({
      path: ['creator'],
      data: { prices: null },
      errors: [
        {
          path: ['creator', 'prices'],
          extensions: { code: 'UPSTREAM_COLLECTION_FAILED', endpoint: 'prices', retryable: true },
        },
      ],
    });
    expect(incremental.filter((result) => result !== failed)).toEqual([
      { path: ['creator'], data: { cpMetrics: { hasData: false } } },
    ]);
    expect(parts[0]).toEqual({ data: { creator: { profile: { name: '张' } } }, hasNext: true });
    expect(parts.at(-1)?.extensions?.cost).toEqual(cost({ paidCalls: 2, failedCalls: 1, attempts: 3 }));
    expect(upstream.calls).toHaveLength(3);
  });

  it('that is a bug has a general message in every result, and is logged', async () => {
    const server = await startTestServer();
    const lookUp = vi
      .spyOn(server.client, 'lookUp')
      .mockImplementation((requests) => requests.map(() => Promise.reject(new TypeError('inner secret'))));
    atEnd(async () => lookUp.mockRestore());
    const parts = await partsFrom(server, profileThenPrices);
    const { errors } = merged(parts);
    expect(errors?.map(({ message, path, extensions }) => ({ message, path, extensions }))).toEqual(
      ['profile', 'prices'].map((section) => ({
        message: 'The server made a mistake. It has been logged.',
        path: ['creator', section],
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'test-request' },
      })),
    );
    expect(JSON.stringify(parts)).not.toContain('secret');
    expect(server.logs).toHaveLength(2);
    expect(server.calls).toEqual([]);
  });

  it('of an argument in a deferred fragment has a code like anywhere else', async () => {
    const server = await startTestServer();
    const query = `{ creator(id: "${id}") { id ... @defer { profile(maxAgeSeconds: -1) { id } prices { hasData } } } }`;
    const { data, errors } = merged(await partsFrom(server, query));
    expect(data.creator).toEqual({ id, profile: null, prices: { hasData: true } });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', retryable: false } }]);
    expect(server.calls).toEqual([prices]);
  });

  it('that makes a deferred fragment null refuses the operation before anything is called', async () => {
    const server = await startTestServer();
    const query = `query ($ids: [ID!] = []) {
      creator(id: "${id}") { id }
      ... @defer { creator(id: "${id}") { profile { name } } creators(ids: $ids) { id } }
    }`;
    const parts = await partsFrom(server, query, { variables: { ids: null } });
    expect(parts).toMatchObject([
      { data: null, errors: [{ path: ['creators'], extensions: { code: 'BAD_USER_INPUT' } }] },
    ]);
    expect(server.calls).toEqual([]);
  });

  it('to arrive in time is UPSTREAM_TIMEOUT in the last result', async () => {
    const upstream = await holdingUpstream(isPrices);
    const server = await startTestServer({ upstream, env: { QUERY_TIMEOUT_MS: '5000' } });
    const ask = await onPort(server);
    const { next } = await ask(profileThenPrices, multipart);
    expect((await next())?.data.creator.profile.name).toBe('张');
    await upstream.arrived(2);
    server.clock.advance(5);
    expect(await next()).toMatchObject({
      incremental: [
        {
          data: { prices: null },
          errors: [
            { path: ['creator', 'prices'], extensions: { code: 'UPSTREAM_TIMEOUT', retryable: true } },
          ],
        },
      ],
      hasNext: false,
    });
    upstream.release();
    expect(await next()).toBeUndefined();
    expect(upstream.calls).toHaveLength(2);
  });
});

describe('the cost is in the last result, and in no other, with', () => {
  const inside = `{ creator(id: "${id}") { profile { name ... @defer { followerCount } } } }`;
  const rows: readonly [says: string, query: string, costs: Partial<Cost>, calls: number][] = [
    ['a deferred section', profileThenPrices, { paidCalls: 2 }, 2],
    ['a deferred fragment inside a section, which makes no call', inside, { paidCalls: 1 }, 1],
    [
      'a section that is in a deferred fragment and outside',
      `{ creator(id: "${id}") { profile { name } ... @defer { again: profile { followerCount } } } }`,
      { paidCalls: 1 },
      1,
    ],
    [
      'a streamed list',
      `{ creators(ids: ${JSON.stringify(ids)}) @stream { profile { name } } }`,
      { paidCalls: 3 },
      3,
    ],
    [
      'deferred fragments inside deferred fragments',
      `{ ... @defer { creator(id: "${id}") { ... @defer { profile { name } ...More @defer } } } } fragment More on Creator { prices { id } }`,
      { paidCalls: 2 },
      2,
    ],
  ];

  it.each(rows)('%s', async (_, query, costs, calls) => {
    const server = await startTestServer();
    const costly = await partsFrom(server, query);
    const free = await partsFrom(server, query);
    for (const parts of [costly, free]) {
      expect(parts.length).toBeGreaterThan(1);
      expect(parts.slice(0, -1).filter(({ extensions }) => extensions?.cost)).toEqual([]);
    }
    expect(costly.at(-1)?.extensions?.cost).toEqual(cost(costs));
    expect(free.at(-1)?.extensions?.cost).toEqual(cost({ cachedCalls: calls }));
    expect(server.calls).toHaveLength(calls);
  });

  it('@defer(if: false), which gives a single result', async () => {
    const server = await startTestServer();
    const query = profileThenPrices.replace('@defer', '@defer(if: false)');
    for (const accept of [multipart, 'application/json']) {
      const [whole, ...more] = await partsFrom(server, query, { accept });
      expect(whole?.data.creator).toMatchObject({ profile: { name: '张大仙' }, prices: { hasData: true } });
      expect(whole?.extensions?.cost?.requestedCalls).toBe(2);
      expect(more).toEqual([]);
    }
    expect(server.calls).toHaveLength(2);
  });

  it('a sandbox as upstream, which every result names', async () => {
    const server = await startTestServer();
    await server.ask(`{ creator(id: "${id}") { cpMetrics { id } } }`);
    const parts = await partsFrom(server, profileThenPrices);
    expect(parts.map(({ extensions }) => extensions?.['sandbox'])).toEqual(parts.map(() => true));
    expect(server.calls).toHaveLength(3);
  });
});

describe('an operation that is not executed has one result, and calls nothing', () => {
  it.each([multipart, events, 'application/json'])('as %s: a dry run', async (accept) => {
    const server = await startTestServer();
    const parts = await partsFrom(server, profileThenPrices, { accept, headers: { 'x-dry-run': '1' } });
    expect(parts).toMatchObject([
      { data: null, errors: [{ extensions: { code: 'DRY_RUN' } }], extensions: { cost: { paidCalls: 2 } } },
    ]);
    expect(server.calls).toEqual([]);
  });

  it.each([multipart, events, 'application/json'])('as %s: one that is too expensive', async (accept) => {
    const server = await startTestServer({ env: { QUERY_MAX_CALLS: '1' } });
    const parts = await partsFrom(server, profileThenPrices, { accept });
    expect(parts).toMatchObject([{ errors: [{ extensions: { code: 'QUERY_TOO_EXPENSIVE' } }] }]);
    expect(server.calls).toEqual([]);
  });
});

describe('a request that cannot accept the response is refused before anything is called', () => {
  it.each([
    ['a deferred section', profileThenPrices],
    [
      'a deferred fragment inside a section',
      `{ creator(id: "${id}") { profile { id ... @defer { name } } } }`,
    ],
    ['a streamed list', `{ creators(ids: ["${id}"]) @stream { profile { name } } }`],
  ])('%s, if Accept allows only JSON', async (_, query) => {
    const server = await startTestServer();
    for (const accept of ['application/json', 'application/graphql-response+json, application/json;q=0.9']) {
      const response = await server.fetch('/graphql', asked(query, { accept }));
      expect(response.status).toBe(406);
      const { errors } = (await response.json()) as Answer;
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_REQUEST', retryable: false } }]);
      expect(errors?.[0]?.message).toContain('Send "Accept: multipart/mixed" or "Accept: text/event-stream"');
    }
    expect(server.calls).toEqual([]);
  });

  it('any operation, if Accept allows no type that the server has', async () => {
    const server = await startTestServer();
    for (const accept of ['application/xml', 'application/json; charset=utf-16', 'image/*']) {
      for (const query of [profileThenPrices, `{ creator(id: "${id}") { profile { name } } }`]) {
        const response = await server.fetch('/graphql', asked(query, { accept }));
        expect(response.status).toBe(406);
        const { errors } = (await response.json()) as Answer;
        expect(errors?.[0]?.message).toContain(`Accept is ${JSON.stringify(accept)}`);
      }
    }
    expect(server.calls).toEqual([]);
  });

  it('any operation, if Accept allows no type, also one that is refused for another reason', async () => {
    const server = await startTestServer({ env: { API_KEYS: 'dash:secret-key-1' } });
    for (const refused of [{ origin: 'https://evil.example' }, { authorization: 'Bearer wrong-key' }]) {
      const response = await server.fetch('/graphql', asked('{ __typename }', { ...refused, accept: 'x/y' }));
      expect(response.status).toBe(406);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    }
    expect(server.calls).toEqual([]);
  });

  it('a subscription, with an error in the type that Accept allows', async () => {
    const server = await startTestServer();
    const response = await server.fetch(
      '/graphql',
      asked('subscription { __typename }', { accept: 'multipart/mixed' }),
    );
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('"code":"GRAPHQL_VALIDATION_FAILED"');
    expect(server.calls).toEqual([]);
  });

  it.each(['*/*', 'multipart/*', 'text/*;q=0.1, application/json', 'Multipart/Mixed;deferSpec=20220824'])(
    'but not if Accept allows incremental delivery: %s',
    async (accept) => {
      const server = await startTestServer();
      expect((await partsFrom(server, profileThenPrices, { accept })).length).toBe(2);
      expect(server.calls).toHaveLength(2);
    },
  );
});
