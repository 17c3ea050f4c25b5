import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import type { Cost } from '../../src/cost/report.js';
import {
  type Answer,
  answerOf,
  cost,
  gatedUpstream,
  type Reply,
  sandboxUpstream,
  scriptedUpstream,
  startTestServer,
  success,
} from '../harness.js';

const id = '6629722295873044494';
const other = '6712345678901234502';
const profileOf = (creator: string, args = '') =>
  `{ creator(id: "${creator}") { profile${args} { name followerCount } } }`;
const dry = { 'x-dry-run': '1' };

const everySection = `query ($ids: [ID!]!) { creators(ids: $ids) {
  profile { id } prices { id } cpMetrics { id } recommendedVideos { id } audienceTouch { id }
} }`;
const hundred = Array.from({ length: 100 }, (_, nth) => `${6_700_000_000_000_000_000n + BigInt(nth)}`);

/** The cost that a dry run reports: no attempt was made. */
const dryCost = (some: Partial<Cost>) => ({ dryRun: true, ...cost({ attempts: 0, ...some }) });

const expectDryRun = (answer: Answer, some: Partial<Cost>, message?: string) => {
  expect(answer.data).toBeNull();
  expect(answer.errors).toEqual([
    {
      message: message ?? expect.stringMatching(/^Dry run: .* nothing was executed\.$/),
      extensions: { code: 'DRY_RUN', retryable: false },
    },
  ]);
  expect(answer.extensions?.cost).toEqual(dryCost(some));
};

describe('an operation of too many calls', () => {
  it('is refused at the default limit with the number of its calls, and nothing is called', async () => {
    const server = await startTestServer();
    const answer = await server.ask(everySection, { ids: hundred });
    expect(answer).toEqual({
      errors: [
        {
          message:
            'This operation asks for 500 calls, and one operation may ask for 200 (QUERY_MAX_CALLS). Nothing was called. Ask for fewer creators or sections, in several operations.',
          extensions: { code: 'QUERY_TOO_EXPENSIVE', plannedCalls: 500, maxCalls: 200, retryable: false },
        },
      ],
      extensions: { cost: cost({ failedCalls: 500 }) },
    });
    expectDryRun(
      await server.ask(everySection, { ids: hundred }, dry),
      { paidCalls: 500 },
      'Dry run: 500 paid calls; nothing was executed.',
    );
    expect(server.calls).toEqual([]);
  });

  it('is refused also when all of it is stored', async () => {
    const server = await startTestServer({ env: { QUERY_MAX_CALLS: '2' } });
    const ids = [id, other];
    const query = 'query ($ids: [ID!]!) { creators(ids: $ids) { profile { id } } }';
    expect((await server.ask(query, { ids })).extensions?.cost).toEqual(cost({ paidCalls: 2, maxCalls: 2 }));
    const third = [...ids, '6712345678901234503'];
    const { errors } = await server.ask(query, { ids: third });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'QUERY_TOO_EXPENSIVE',
      plannedCalls: 3,
      maxCalls: 2,
    });
    // A repeated id counts once.
    expect((await server.ask(query, { ids: [...ids, ...ids] })).errors).toBeUndefined();
    expect(server.calls).toHaveLength(2);
  });

  it('is refused like a query that is not valid', async () => {
    const server = await startTestServer();
    const statusFor = async (accept: string) => {
      const response = await server.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query: everySection, variables: { ids: hundred } }),
      });
      return response.status;
    };
    expect(await statusFor('application/graphql-response+json')).toBe(400);
    expect(await statusFor('application/json')).toBe(200);
    expect(server.calls).toEqual([]);
  });
});

describe('an operation that can have no data', () => {
  it('pays for nothing, and the cost says so', async () => {
    const server = await startTestServer();
    const query = `query ($ids: [ID!]!) { creator(id: "${id}") { profile { name } } creators(ids: $ids) { id } }`;
    for (const headers of [{}, dry]) {
      const { data, errors, extensions } = await server.ask(query, { ids: [...hundred, id] }, headers);
      expect(data).toBeNull();
      expect(errors).toMatchObject([{ path: ['creators'], extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(extensions?.cost).toEqual(headers === dry ? dryCost({}) : cost());
    }
    expect(server.calls).toEqual([]);
  });
});

describe('a dry run', () => {
  it('reports what the operation would cost, and exactly that is paid afterwards', async () => {
    const server = await startTestServer();
    await server.ask(profileOf(id));
    const query = `{
      a: creator(id: "${id}") { profile { name } prices { id } }
      b: creators(ids: ["${id}", "${other}", "x"]) { profile(maxAgeSeconds: 60) { name } }
    }`;
    expectDryRun(await server.ask(query, {}, dry), { paidCalls: 2, cachedCalls: 1 });
    expect(server.calls).toHaveLength(1);
    expect((await server.ask(query)).extensions?.cost).toEqual(cost({ paidCalls: 2, cachedCalls: 1 }));
    expect(server.calls).toHaveLength(3);
    expectDryRun(
      await server.ask(query, {}, dry),
      { cachedCalls: 3 },
      'Dry run: 0 paid calls; nothing was executed.',
    );
    expect(server.calls).toHaveLength(3);
  });

  it('considers stale answers, the age that is asked, and a renewal in flight', async () => {
    const upstream = await gatedUpstream((_, nth) => success({ follower: nth }));
    const server = await startTestServer({
      upstream,
      env: { CACHE_TTL_SECONDS: '100', CACHE_STALE_SECONDS: '50' },
    });
    upstream.open();
    await server.ask(profileOf(id));
    upstream.shut();
    server.clock.advance(99);
    const costs = async (args = '') => (await server.ask(profileOf(id, args), {}, dry)).extensions?.cost;
    expect(await costs()).toEqual(dryCost({ cachedCalls: 1 }));
    expect(await costs('(maxAgeSeconds: 10)')).toEqual(dryCost({ paidCalls: 1 }));
    expect(await costs('(maxAgeSeconds: 0)')).toEqual(dryCost({ paidCalls: 1 }));
    server.clock.advance(2);
    const answer = await server.ask(profileOf(id), {}, dry);
    expectDryRun(
      answer,
      { cachedCalls: 1, renewalCalls: 1 },
      'Dry run: 0 paid calls and 1 to renew stale answers; nothing was executed.',
    );
    expect(upstream.calls).toHaveLength(1);
    expect((await server.ask(profileOf(id))).extensions?.cost).toEqual(
      cost({ cachedCalls: 1, renewalCalls: 1 }),
    );
    // The renewal is in flight now.
    expect(await costs()).toEqual(dryCost({ cachedCalls: 1 }));
    expect(await costs('(maxAgeSeconds: 10)')).toEqual(dryCost({ coalescedCalls: 1 }));
    server.clock.advance(50);
    expect(await costs()).toEqual(dryCost({ coalescedCalls: 1 }));
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(2));
  });

  it('considers the negative cache', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 777, data: null } }));
    const server = await startTestServer({ upstream });
    await server.ask(profileOf(id));
    expectDryRun(await server.ask(profileOf(id), {}, dry), { cachedCalls: 1 });
    expectDryRun(await server.ask(profileOf(id, '(maxAgeSeconds: 0)'), {}, dry), { paidCalls: 1 });
    server.clock.advance(61);
    expectDryRun(await server.ask(profileOf(id), {}, dry), { paidCalls: 1 });
    expect(upstream.calls).toHaveLength(1);
  });

  it('considers what is left of the budget', async () => {
    const server = await startTestServer({ env: { DAILY_MAX_CALLS: '3', CACHE_TTL_PROFILE_SECONDS: '100' } });
    await server.ask(profileOf(id));
    server.clock.advance(101);
    const query = 'query ($ids: [ID!]!) { creators(ids: $ids) { profile { id } } }';
    const ids = [id, other, '6712345678901234503', '6712345678901234504'];
    expectDryRun(await server.ask(query, { ids }, dry), {
      cachedCalls: 1,
      renewalCalls: 1,
      paidCalls: 1,
      failedCalls: 2,
    });
    expect(server.calls).toHaveLength(1);
    const paid = (await server.ask(query, { ids })).extensions?.cost;
    // The renewal and the calls race for the rest of the budget.
    expect([
      cost({ cachedCalls: 1, renewalCalls: 1, paidCalls: 1, failedCalls: 2 }),
      cost({ cachedCalls: 1, paidCalls: 2, failedCalls: 1 }),
    ]).toContainEqual(paid);
    await vi.waitFor(() => expect(server.calls).toHaveLength(3));
    expectDryRun(await server.ask(query, { ids: ['6712345678901234505'] }, dry), { failedCalls: 1 });
  });

  it('considers that calls are stopped', async () => {
    const upstream = await scriptedUpstream(
      (seen): Reply =>
        seen.includes(other) ? { body: { code: 601, data: null } } : success({ follower: 1 }),
    );
    const server = await startTestServer({ upstream, env: { CACHE_TTL_PROFILE_SECONDS: '100' } });
    await server.ask(profileOf(id));
    await server.ask(profileOf(other));
    server.clock.advance(30);
    expectDryRun(await server.ask(profileOf(other), {}, dry), { failedCalls: 1 });
    expectDryRun(await server.ask(profileOf(id, '(maxAgeSeconds: 10)'), {}, dry), { cachedCalls: 1 });
    // One probe is due, and no more than one.
    server.clock.advance(31);
    expectDryRun(await server.ask(profileOf(other), {}, dry), { paidCalls: 1 });
    const four = `{ creators(ids: ["6712345678901234503", "6712345678901234504"]) { profile { id } prices { id } } }`;
    expectDryRun(await server.ask(four, {}, dry), { paidCalls: 1, failedCalls: 3 });
    expect(upstream.calls).toHaveLength(2);
    expect((await server.ask(four)).extensions?.cost).toEqual(cost({ paidCalls: 1, failedCalls: 3 }));
    expect(upstream.calls).toHaveLength(3);
  });

  it('of any size leaves the server time for other work', async () => {
    const server = await startTestServer();
    const lists = Array.from(
      { length: 20 },
      (_, nth) => `l${nth}: creators(ids: $l${nth}) { profile { id } }`,
    );
    const names = lists.map((_, nth) => `$l${nth}: [ID!]!`);
    const idsOf = (nth: number) => hundred.map((id) => `${BigInt(id) + BigInt(nth * 100)}`);
    const variables = Object.fromEntries(lists.map((_, nth) => [`l${nth}`, idsOf(nth)]));
    let turns = 0;
    let isOver = false;
    const takeTurn = () => {
      turns += 1;
      if (!isOver) setImmediate(takeTurn);
    };
    setImmediate(takeTurn);
    const answer = await server.ask(`query (${names}) { ${lists.join(' ')} }`, variables, dry);
    isOver = true;
    expectDryRun(answer, { paidCalls: 2_000 });
    expect(turns).toBeGreaterThanOrEqual(3);
    expect(server.calls).toEqual([]);
  });

  it('has a price, and lists each section for x-cost-debug', async () => {
    const server = await startTestServer({ env: { CALL_PRICE: '0.05' } });
    await server.ask(profileOf(id));
    server.clock.advance(5);
    const query = `{ creator(id: "${id}") { profile { name } prices { id } } }`;
    const { extensions } = await server.ask(query, {}, { ...dry, 'x-cost-debug': '1' });
    const args = { creatorId: id, platform: 'SHORT_VIDEO' };
    const about = { args, renewal: false, ms: null };
    expect(extensions?.cost).toEqual({
      ...dryCost({ paidCalls: 1, cachedCalls: 1 }),
      estimatedSpend: { amount: '0.05', currencyCode: 'CNY' },
      calls: [
        { ...about, endpoint: 'profile', outcome: 'cached', ageSeconds: 5 },
        { ...about, endpoint: 'prices', outcome: 'paid', ageSeconds: null },
      ],
    });
    expect(server.calls).toHaveLength(1);
  });

  it.each([
    ['1', true],
    ['true', true],
    ['yes', true],
    ['0', false],
    ['False', false],
    ['', false],
  ])('is asked for by any value but a no: %j', async (word, isDry) => {
    const upstream = await sandboxUpstream();
    const server = await startTestServer({ upstream });
    const { data } = await server.ask(profileOf(id), {}, { 'x-dry-run': word });
    expect(data === null).toBe(isDry);
    expect(upstream.calls).toHaveLength(isDry ? 0 : 1);
  });

  it.each(['application/json', 'application/graphql-response+json'])(
    'is a successful request, as %s',
    async (accept) => {
      const server = await startTestServer();
      const query = new URLSearchParams({ query: profileOf(id) });
      const response = await server.fetch(`/graphql?${query}`, { headers: { accept, ...dry } });
      expect(response.status).toBe(200);
      expectDryRun(await answerOf(response), { paidCalls: 1 });
      expect(server.calls).toEqual([]);
    },
  );

  it('answers introspection, and reports mistakes as usual', async () => {
    const server = await startTestServer();
    expect((await server.ask(getIntrospectionQuery(), {}, dry)).data.__schema).toBeTruthy();
    expect((await server.ask('{ nonsense }', {}, dry)).errors?.[0]?.extensions['code']).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
    const wrong = await server.ask(
      'query ($ids: [ID!]!) { creators(ids: $ids) { profile { id } } }',
      {},
      dry,
    );
    expect(wrong.errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    expectDryRun(await server.ask('{ upstream { callsToday } }', {}, dry), {});
    expect(server.calls).toEqual([]);
  });
});
