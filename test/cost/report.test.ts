import { describe, expect, it, vi } from 'vitest';
import type { Cost } from '../../src/cost/report.js';
import { testClock } from '../fixtures.js';
import {
  type Answer,
  cost,
  gatedUpstream,
  type Reply,
  type SeenCall,
  sandboxUpstream,
  scriptedUpstream,
  sharedStore,
  startTestServer,
  success,
  type TestServer,
} from '../harness.js';

const id = '6629722295873044494';
const other = '6712345678901234502';
const profile = `{ creator(id: "${id}") { profile { name isStale } } }`;
const call: SeenCall = `profile ${id} SHORT_VIDEO`;

const costOf = ({ extensions }: Answer) => extensions?.cost;

/** An upstream that gives these replies in turn, then successes. */
const replying = (...replies: readonly Reply[]) =>
  scriptedUpstream((_, nth) => replies[nth - 1] ?? success({ nick_name: '张' }));

const body = (code: number): Reply => ({ body: { code, data: null } });

describe('the cost of an operation', () => {
  it('counts paid calls, and then cached ones', async () => {
    const server = await startTestServer();
    const query = `query ($ids: [ID!]!) { creators(ids: $ids) { profile { name } prices { id } again: prices { hasData } } }`;
    const ids = [id, other, id];
    expect(costOf(await server.ask(query, { ids }))).toEqual(cost({ paidCalls: 4 }));
    expect(costOf(await server.ask(query, { ids }))).toEqual(cost({ cachedCalls: 4 }));
    expect(costOf(await server.ask(query, { ids: [...ids, '6712345678901234503'] }))).toEqual(
      cost({ cachedCalls: 4, paidCalls: 2 }),
    );
    expect(server.calls).toHaveLength(6);
  });

  it.each<[says: string, replies: Reply[], expected: Partial<Cost>]>([
    ['"no data" is paid', [body(202)], { paidCalls: 1 }],
    ['two failed attempts are counted', [body(301), body(301)], { paidCalls: 1, attempts: 3 }],
    ['an unbilled call has failed', Array(4).fill(body(301)), { failedCalls: 1, attempts: 4 }],
    ['a billed answer that can not be used is paid', [{ body: { code: 0, data: [] } }], { paidCalls: 1 }],
    ['an unknown code may have been billed', [body(777)], { failedCalls: 1, uncertainCalls: 1, attempts: 1 }],
    ['HTML may have been billed', [{ body: '<html>' }], { failedCalls: 1, uncertainCalls: 1, attempts: 1 }],
    ['a refused id has failed', [body(400)], { failedCalls: 1, attempts: 1 }],
  ])('tells money apart: %s', async (_, replies, expected) => {
    const upstream = await replying(...replies);
    const server = await startTestServer({ upstream });
    expect(costOf(await server.ask(profile))).toEqual(cost(expected));
    expect(upstream.calls).toHaveLength(expected.attempts ?? 1);
  });

  it('counts a failure from the negative cache as cached', async () => {
    const upstream = await replying(body(777));
    const server = await startTestServer({ upstream });
    await server.ask(profile);
    const again = await server.ask(profile);
    expect(again.errors?.[0]?.extensions['code']).toBe('UPSTREAM_REJECTED');
    expect(costOf(again)).toEqual(cost({ cachedCalls: 1 }));
    expect(upstream.calls).toEqual([call]);
  });

  it('tells sections that fail from those that do not', async () => {
    const upstream = await scriptedUpstream((seen) =>
      seen.startsWith('prices') ? body(600) : success({ nick_name: '张' }),
    );
    const server = await startTestServer({ upstream });
    const answer = await server.ask(`{ creator(id: "${id}") { profile { name } prices { id } } }`);
    expect(answer.data.creator).toEqual({ profile: { name: '张' }, prices: null });
    expect(costOf(answer)).toEqual(cost({ paidCalls: 1, failedCalls: 1, attempts: 2 }));
    expect(upstream.calls).toHaveLength(2);
  });

  it('counts a renewal that it started beside the stale answer that it got', async () => {
    const upstream = await gatedUpstream((_, nth) => success({ nick_name: `${nth}` }));
    const server = await startTestServer({ upstream, env: { CACHE_TTL_PROFILE_SECONDS: '100' } });
    upstream.open();
    await server.ask(profile);
    server.clock.advance(101);
    upstream.shut();
    const [first, second] = await Promise.all([server.ask(profile), server.ask(profile)]);
    expect(first?.data.creator.profile).toEqual({ name: '1', isStale: true });
    const costs = [costOf(first as Answer), costOf(second as Answer)];
    expect(costs).toContainEqual(cost({ cachedCalls: 1, renewalCalls: 1 }));
    expect(costs).toContainEqual(cost({ cachedCalls: 1 }));
    // An operation that does not accept the stale answer joins the renewal.
    const joining = server.ask(profile.replace('profile', 'profile(maxAgeSeconds: 50)'));
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(2));
    upstream.open();
    expect(costOf(await joining)).toEqual(cost({ coalescedCalls: 1 }));
    expect(upstream.calls).toEqual([call, call]);
  });

  it.each<[why: string, env: Record<string, string>, counted: number]>([
    ["the day's budget", { DAILY_MAX_CALLS: '3' }, 1],
    ['a stop', {}, 0],
  ])('counts no renewal that %s refuses, as a dry run does', async (why, limits, renewalCalls) => {
    const upstream = await scriptedUpstream((seen) =>
      seen.startsWith('prices') && why === 'a stop' ? body(601) : success({ nick_name: '张' }),
    );
    const clock = testClock();
    const env = { CACHE_TTL_PROFILE_SECONDS: '100', ...limits };
    // A renewal asks a shared store for a lease first, so the answer leaves before the renewal is refused.
    const server = await startTestServer({ upstream, env, clock, store: sharedStore(clock).open() });
    const both = `{ creators(ids: ["${id}", "${other}"]) { profile { name isStale } } }`;
    await server.ask(both);
    server.clock.advance(101);
    if (why === 'a stop') await server.ask(`{ creator(id: "${id}") { prices { id } } }`);
    const foretold = await server.ask(both, {}, { 'x-dry-run': '1' });
    expect(costOf(foretold)).toMatchObject({ cachedCalls: 2, renewalCalls });
    expect(costOf(await server.ask(both))).toEqual(cost({ cachedCalls: 2, renewalCalls }));
    await vi.waitFor(() => haveEnded(server, 3));
    expect(upstream.calls).toHaveLength(3);
  });

  it('reports what a failed renewal behind a stale answer has cost', async () => {
    const upstream = await replying(success({ nick_name: '张' }), body(600), body(777), body(201));
    const server = await startTestServer({ upstream, env: { CACHE_TTL_PROFILE_SECONDS: '100' } });
    const insist = async () => {
      const answer = await server.ask(profile.replace('profile', 'profile(maxAgeSeconds: 50)'));
      return { answer, cost: costOf(answer) };
    };
    await server.ask(profile);
    server.clock.advance(60);
    const unbilled = await insist();
    expect(unbilled.answer.data.creator.profile).toEqual({ name: '张', isStale: true });
    expect(unbilled.cost).toEqual(cost({ cachedCalls: 1, attempts: 1 }));
    server.clock.advance(60);
    const maybe = await insist();
    expect(maybe.answer.data.creator.profile.isStale).toBe(true);
    expect(maybe.cost).toEqual(cost({ failedCalls: 1, uncertainCalls: 1, attempts: 1 }));
    server.clock.advance(61);
    expect((await insist()).cost).toEqual(cost({ paidCalls: 1 }));
    expect(upstream.calls).toHaveLength(4);
  });

  it('counts a call in flight when its time is up as uncertain, and as coalesced for the next operation', async () => {
    const upstream = await gatedUpstream(() => success({ nick_name: '张' }));
    const server = await startTestServer({ upstream, env: { QUERY_TIMEOUT_MS: '1000' } });
    const late = server.ask(profile);
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    server.clock.advance(1);
    expect(costOf(await late)).toEqual(cost({ failedCalls: 1, uncertainCalls: 1, attempts: 1 }));
    const next = server.ask(profile);
    // A later operation has been answered, so this one has looked its section up.
    await server.ask('{ upstream { isSandbox } }');
    upstream.open();
    expect(costOf(await next)).toEqual(cost({ coalescedCalls: 1 }));
    expect(upstream.calls).toEqual([call]);
  });

  it('is that of the operation alone, also when another asks at the same moment', async () => {
    const upstream = await gatedUpstream(() => success({ nick_name: '张' }));
    const server = await startTestServer({ upstream });
    const both = [server.ask(profile), server.ask(profile)];
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    upstream.open();
    const costs = (await Promise.all(both)).map(costOf);
    expect(costs).toContainEqual(cost({ paidCalls: 1 }));
    expect(costs).toContainEqual(cost({ coalescedCalls: 1 }));
    expect(upstream.calls).toEqual([call]);
  });

  it.each([
    ['an empty list', '{ creators(ids: []) { profile { name } } }', true],
    ['a malformed id', '{ creator(id: "x") { profile { name } } }', true],
    ['a skipped section', `{ creator(id: "${id}") { id profile @skip(if: true) { name } } }`, true],
    ['a fragment', `{ creators(ids: []) { ...F } } fragment F on Creator { ... { prices { id } } }`, true],
    ['no section', `{ creator(id: "${id}") { id } upstream { callsToday } }`, false],
    ['introspection', '{ __schema { types { name fields { name type { name } } } } }', false],
    [
      "another operation's",
      `query A { creators(ids: []) { id } } query B { creator(id: "${id}") { profile { id } } }`,
      false,
    ],
  ])('is reported when an operation names a section, also of no creator: %s', async (_, query, isThere) => {
    const server = await startTestServer();
    const response = await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, operationName: query.includes('query A') ? 'A' : undefined }),
    });
    expect(costOf((await response.json()) as Answer)).toEqual(isThere ? cost() : undefined);
    expect(server.calls).toEqual([]);
  });

  it.each([
    ['0.05', 3, '0.15'],
    ['0.055', 3, '0.165'],
    ['2', 3, '6.00'],
    ['0.05', 0, '0.00'],
  ])('is an exact amount: %s x %i', async (callPrice, paidCalls, amount) => {
    const server = await startTestServer({ env: { CALL_PRICE: callPrice } });
    const sections = ['profile', 'prices', 'cpMetrics'].slice(0, paidCalls).map((name) => `${name} { id }`);
    const answer = await server.ask(
      `{ creator(id: "${id}") { id ${sections.join(' ')} } creators(ids: []) { profile { id } } }`,
    );
    expect(costOf(answer)).toEqual({
      ...cost({ paidCalls }),
      estimatedSpend: { amount, currencyCode: 'CNY' },
    });
    expect(server.calls).toHaveLength(paidCalls);
  });

  it('lists each section for x-cost-debug: outcome, time and age', async () => {
    const upstream = await replying(success({ nick_name: '张' }), body(777));
    const server = await startTestServer({ upstream });
    await server.ask(profile);
    server.clock.advance(61);
    const query = `{ a: creator(id: "${id}") { profile { name } } b: creator(id: "${other}") { profile(platform: PICTURE_TEXT) { name } } }`;
    const answer = await server.ask(query, undefined, { 'x-cost-debug': '1' });
    expect(costOf(answer)).toEqual({
      ...cost({ cachedCalls: 1, failedCalls: 1, uncertainCalls: 1, attempts: 1 }),
      calls: [
        {
          endpoint: 'profile',
          args: { creatorId: id, platform: 'SHORT_VIDEO' },
          outcome: 'cached',
          renewal: false,
          ms: 0,
          ageSeconds: 61,
        },
        {
          endpoint: 'profile',
          args: { creatorId: other, platform: 'PICTURE_TEXT' },
          outcome: 'failed',
          renewal: false,
          ms: 0,
          ageSeconds: null,
        },
      ],
    });
    expect(costOf(await server.ask(query, undefined, { 'x-cost-debug': '0' }))).not.toHaveProperty('calls');
    expect(upstream.calls).toHaveLength(2);
  });
});

describe('fifty operations at once', () => {
  it('that share sections, some of them stale, report together exactly what was billed', async () => {
    const upstream = await sandboxUpstream({ latency: { kind: 'uniform', minMs: 1, maxMs: 20 } });
    const server = await startTestServer({
      upstream,
      env: { CACHE_TTL_SECONDS: '100', CACHE_TTL_PRICES_SECONDS: '10000' },
    });
    const ids = Array.from({ length: 20 }, (_, nth) => `${6_700_000_000_000_000_000n + BigInt(nth)}`);
    const ask = (nth: number, some: readonly string[], headers?: Record<string, string>) =>
      server.ask(
        `query Q${nth}($ids: [ID!]!) { creators(ids: $ids) {
          profile { id } cpMetrics${nth % 7 === 0 ? '(maxAgeSeconds: 50)' : ''} { id } prices { id } ${nth % 3 === 0 ? 'audienceTouch { id }' : ''}
        } }`,
        { ids: some },
        headers,
      );
    const costs = [await ask(0, ids.slice(0, 8))].map(costOf) as Cost[];
    server.clock.advance(101);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, nth) => ask(nth, ids.slice(nth % 12, (nth % 12) + 8))),
    );
    costs.push(...(answers.map(costOf) as Cost[]));
    for (const one of costs) {
      const { requestedCalls, paidCalls, cachedCalls, coalescedCalls, failedCalls } = one;
      expect(paidCalls + cachedCalls + coalescedCalls + failedCalls).toBe(requestedCalls);
      expect(failedCalls).toBe(0);
    }
    const sum = (of: (one: Cost) => number) => costs.reduce((total, one) => total + of(one), 0);
    await vi.waitFor(() => haveEnded(server, upstream.calls.length));
    expect(sum(({ paidCalls, renewalCalls }) => paidCalls + renewalCalls)).toBe(upstream.billed.length);
    expect(new Set(upstream.calls).size).toBeLessThan(upstream.calls.length);
    expect(sum(({ renewalCalls }) => renewalCalls)).toBeGreaterThan(0);
    expect(sum(({ coalescedCalls }) => coalescedCalls)).toBeGreaterThan(0);
    expect(sum(({ cachedCalls }) => cachedCalls)).toBeGreaterThan(0);
  });
});

/** So many attempts have ended, also those of renewals, for which no answer waits. */
async function haveEnded(server: TestServer, calls: number): Promise<void> {
  const { endpoints } = await server.client.status();
  expect(endpoints.reduce((total, { attempts }) => total + attempts, 0)).toBe(calls);
}
