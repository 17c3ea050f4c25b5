import { describe, expect, it, vi } from 'vitest';
import { testClock } from '../fixtures.js';
import {
  type Answer,
  cost,
  gatedUpstream,
  sandboxUpstream,
  scriptedUpstream,
  sharedStore,
  startTestServer,
  success,
  type TestServer,
} from '../harness.js';

const env = {
  API_KEYS: 'dash:dashboard-key:2,crm:crm-key-12:2,ops:ops-key-123:admin',
  CACHE_TTL_SECONDS: '100',
};

const as = (key: string) => ({ authorization: `Bearer ${key}` });
const dash = as('dashboard-key');
const crm = as('crm-key-12');
const ops = as('ops-key-123');

const idOf = (nth: number) => `${6_700_000_000_000_000_000n + BigInt(nth)}`;
const of = (...numbers: number[]) =>
  `{ creators(ids: ${JSON.stringify(numbers.map(idOf))}) { profile { followerCount isStale } } }`;

const codesOf = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions['code']);

async function spendOf(server: TestServer, key: Record<string, string>) {
  return (await server.ask('{ upstream { callsToday callsTotal dailyLimit } }', {}, key)).data.upstream;
}

describe("an API key's budget", () => {
  it('is spent by its own calls; stored answers still serve it, and other keys go on', async () => {
    const server = await startTestServer({ env });
    expect(codesOf(await server.ask(of(1, 2), {}, dash))).toEqual([]);
    const answer = await server.ask(of(2, 3), {}, dash);
    expect(answer.data.creators.map(({ profile }: { profile: unknown }) => profile !== null)).toEqual([
      true,
      false,
    ]);
    expect(answer.errors).toMatchObject([
      {
        path: ['creators', 1, 'profile'],
        message: expect.stringContaining('2 paid calls (API_KEYS, dash)'),
        // The test clock starts at noon in China.
        extensions: { code: 'BUDGET_EXCEEDED', retryable: true, retryAfterSeconds: 12 * 3_600 },
      },
    ]);
    expect(answer.extensions?.cost).toEqual(cost({ cachedCalls: 1, failedCalls: 1 }));
    expect(codesOf(await server.ask(of(3), {}, crm))).toEqual([]);
    expect(codesOf(await server.ask(of(3), {}, dash))).toEqual([]);
    expect(server.calls).toHaveLength(3);
    server.clock.advance(12 * 3_600);
    expect(codesOf(await server.ask(of(4), {}, dash))).toEqual([]);
    expect(server.calls).toHaveLength(4);
  });

  it('is counted over all servers that share a store, and outlives them', async () => {
    const upstream = await sandboxUpstream();
    const clock = testClock();
    const store = sharedStore(clock);
    const start = () => startTestServer({ upstream, env, clock, store: store.open() });
    await (await start()).ask(of(1), {}, dash);
    await (await start()).ask(of(2), {}, dash);
    expect(codesOf(await (await start()).ask(of(3), {}, dash))).toEqual(['BUDGET_EXCEEDED']);
    expect(upstream.calls).toHaveLength(2);
  });

  it('fails only its own operation when another key waits for the same section', async () => {
    const upstream = await gatedUpstream((_, nth) => success({ follower: nth }));
    const server = await startTestServer({ upstream, env: { ...env, UPSTREAM_CONCURRENCY: '1' } });
    upstream.open();
    await server.ask(of(1, 2), {}, dash);
    upstream.shut();
    // The only slot is taken, so the next call waits in the queue, for both keys.
    const busy = server.ask(of(3), {}, ops);
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(3));
    const over = server.ask(of(4), {}, dash);
    await upstream.caughtUp();
    const joined = server.ask(of(4), {}, crm);
    await upstream.caughtUp();
    upstream.open();
    await busy;
    expect(codesOf(await over)).toEqual(['BUDGET_EXCEEDED']);
    expect((await over).extensions?.cost).toEqual(cost({ failedCalls: 1 }));
    expect(codesOf(await joined)).toEqual([]);
    expect((await joined).extensions?.cost).toEqual(cost({ paidCalls: 1 }));
    expect(upstream.calls).toHaveLength(4);
    expect(await spendOf(server, crm)).toMatchObject({ callsToday: 1 });
  });

  it('is charged for a call that its operation started, also when that disconnects while another key still waits', async () => {
    const upstream = await gatedUpstream(() => success({ follower: 1 }));
    const server = await startTestServer({ upstream, env: { ...env, UPSTREAM_CONCURRENCY: '1' } });
    const busy = server.ask(of(1), {}, ops);
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    const client = new AbortController();
    const disconnected = server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...dash },
      body: JSON.stringify({ query: of(2) }),
      signal: client.signal,
    });
    await upstream.caughtUp();
    const waiting = server.ask(of(2), {}, crm);
    await upstream.caughtUp();
    client.abort();
    await expect(disconnected).rejects.toThrow();
    upstream.open();
    await busy;
    expect((await waiting).extensions?.cost).toEqual(cost({ coalescedCalls: 1 }));
    expect(await spendOf(server, dash)).toMatchObject({ callsToday: 1, callsTotal: 1 });
    expect(await spendOf(server, crm)).toMatchObject({ callsToday: 0, callsTotal: 0 });
    expect(upstream.calls).toHaveLength(2);
  });

  it('is charged for the renewals that its operations start', async () => {
    const upstream = await scriptedUpstream((_, nth) => success({ follower: nth }));
    const server = await startTestServer({ upstream, env });
    await server.ask(of(1), {}, ops);
    server.clock.advance(101);
    const stale = await server.ask(of(1), {}, dash);
    expect(stale.data.creators[0].profile).toEqual({ followerCount: 1, isStale: true });
    await vi.waitFor(async () => expect((await spendOf(server, dash)).callsTotal).toBe(1));
    expect(upstream.calls).toHaveLength(2);
  });

  it('may be 0', async () => {
    const server = await startTestServer({ env: { API_KEYS: 'reader:reader-key:0,ops:ops-key-123' } });
    expect(codesOf(await server.ask(of(1), {}, as('reader-key')))).toEqual(['BUDGET_EXCEEDED']);
    expect(codesOf(await server.ask(of(1), {}, ops))).toEqual([]);
    expect(codesOf(await server.ask(of(1), {}, as('reader-key')))).toEqual([]);
    expect(server.calls).toHaveLength(1);
  });
});

describe('Query.upstream', () => {
  it('shows a key its own spend, an admin the spend of all, and both the state of upstream', async () => {
    const server = await startTestServer({ env: { ...env, DAILY_MAX_CALLS: '100' } });
    await server.ask(of(1, 2), {}, dash);
    await server.ask(of(3), {}, ops);
    expect(await spendOf(server, dash)).toEqual({ callsToday: 2, callsTotal: 2, dailyLimit: 2 });
    expect(await spendOf(server, crm)).toEqual({ callsToday: 0, callsTotal: 0, dailyLimit: 2 });
    expect(await spendOf(server, ops)).toEqual({ callsToday: 3, callsTotal: 3, dailyLimit: 100 });
    const { data } = await server.ask('{ upstream { isSandbox endpoints { attempts } } }', {}, crm);
    expect(data.upstream.isSandbox).toBe(true);
    expect(data.upstream.endpoints[0]).toEqual({ attempts: 3 });
    expect(server.calls).toHaveLength(3);
  });
});
