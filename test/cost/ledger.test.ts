import { describe, expect, it, vi } from 'vitest';
import { chinaDay } from '../../src/time.js';
import { fingerprintOf } from '../../src/upstream/call/circuit/stopStore.js';
import { Ledger, type StoredLedgerEntry } from '../../src/upstream/call/ledger.js';
import { recordingLogger, testClock, testStore, testToken } from '../fixtures.js';
import {
  cost,
  gatedUpstream,
  type Reply,
  scriptedUpstream,
  shortTimeout,
  startTestServer,
  success,
  type Upstream,
} from '../harness.js';

const id = '6629722295873044494';
const profileOf = (name: string) => `query ${name} { creator(id: "${id}") { profile { followerCount } } }`;

/** A server without retries, and the entries of its ledger today. */
async function setUp(upstream: Upstream, env: Record<string, string> = {}) {
  const clock = testClock();
  const store = testStore(clock);
  const server = await startTestServer({ upstream, clock, store, env: { UPSTREAM_RETRIES: '0', ...env } });
  const { logger } = recordingLogger();
  const ledger = new Ledger({ store, fingerprint: fingerprintOf(testToken, null), logger });
  const entries = async () => {
    await server.client.settled(0);
    const found: (StoredLedgerEntry | null)[] = [];
    for await (const entry of ledger.entriesOf(chinaDay(clock.now()))) found.push(entry);
    return found;
  };
  return { server, clock, store, entries };
}

const answering = (reply: Reply) => scriptedUpstream(() => reply);

describe('a call of a server', () => {
  it('is in the ledger with who paid for it, for what, and how it ended', async () => {
    const env = { API_KEYS: 'dash:dashboard-key,ops:ops-key-123' };
    const { server, clock, entries } = await setUp(await answering(success({ follower: 1 })), env);
    const query = `${profileOf('Compare')} query Other { upstream { isSandbox } }`;
    await server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer dashboard-key' },
      body: JSON.stringify({ query, operationName: 'Compare' }),
    });
    expect(await entries()).toEqual([
      {
        atMs: clock.now(),
        call: expect.objectContaining({ key: `profile{"creatorId":"${id}","platform":"SHORT_VIDEO"}` }),
        payer: 'dash',
        operationName: 'Compare',
        outcome: 'OK',
        billed: 'yes',
        attempts: 1,
        ms: 0,
      },
    ]);
    expect(server.calls).toHaveLength(1);
  });

  it.each<[string, Reply, Partial<StoredLedgerEntry>]>([
    ['upstream has no data', { body: { code: 201, data: null } }, { outcome: 'OK', billed: 'yes' }],
    [
      'the answer is useless',
      { body: { code: 0, data: 'x' } },
      { outcome: 'UPSTREAM_INVALID_RESPONSE', billed: 'yes' },
    ],
    ['a gateway times out', { status: 504, body: '' }, { outcome: 'UPSTREAM_TIMEOUT', billed: 'maybe' }],
    [
      'the code is unknown',
      { body: { code: 777, data: null } },
      { outcome: 'UPSTREAM_REJECTED', billed: 'maybe' },
    ],
  ])('is in the ledger, too, when %s', async (_, reply, expected) => {
    const { server, entries } = await setUp(await answering(reply));
    await server.ask(profileOf('Compare'));
    expect(await entries()).toEqual([
      expect.objectContaining({ ...expected, payer: null, operationName: 'Compare', attempts: 1 }),
    ]);
    expect(server.calls).toHaveLength(1);
  });

  it('is in the ledger as uncertain when no answer comes in time', async () => {
    const upstream = await answering(() => undefined);
    const { server, entries } = await setUp(upstream, shortTimeout);
    const answer = await server.ask('{ creator(id: "6629722295873044494") { profile { followerCount } } }');
    expect(answer.extensions?.cost).toEqual(cost({ failedCalls: 1, uncertainCalls: 1, attempts: 1 }));
    expect(await entries()).toEqual([
      expect.objectContaining({ outcome: 'UPSTREAM_TIMEOUT', billed: 'maybe', operationName: null }),
    ]);
    expect(server.calls).toHaveLength(1);
  });

  it('counts its retries as attempts of one call', async () => {
    const upstream = await scriptedUpstream((_, nth) =>
      nth < 3 ? { body: { code: 301, data: null } } : success({ follower: 1 }),
    );
    const { server, entries } = await setUp(upstream, { UPSTREAM_RETRIES: '3' });
    await server.ask(profileOf('Compare'));
    expect(await entries()).toEqual([expect.objectContaining({ outcome: 'OK', billed: 'yes', attempts: 3 })]);
    expect(upstream.calls).toHaveLength(3);
  });

  it.each<[string, Reply]>([
    ['upstream refuses', { body: { code: 301, data: null } }],
    ['the token is not accepted', { body: { code: 100, data: null } }],
    ['the gateway refuses', { status: 403, body: 'no' }],
  ])('is not in the ledger when it was not billed: %s', async (_, reply) => {
    const { server, entries } = await setUp(await answering(reply));
    expect((await server.ask(profileOf('Compare'))).errors).toHaveLength(1);
    expect(await entries()).toEqual([]);
    expect(server.calls).toHaveLength(1);
  });

  it('is not in the ledger when a budget or a circuit refuses it, or when the cache has the answer', async () => {
    const env = { API_KEYS: 'dash:dashboard-key:1' };
    const { server, entries } = await setUp(await answering(success({ follower: 1 })), env);
    const headers = { authorization: 'Bearer dashboard-key' };
    await server.ask(profileOf('First'), {}, headers);
    await server.ask(profileOf('Second'), {}, headers);
    const over = await server.ask(profileOf('Third').replace('4494', '4495'), {}, headers);
    expect(over.errors).toMatchObject([{ extensions: { code: 'BUDGET_EXCEEDED' } }]);
    expect(await entries()).toEqual([expect.objectContaining({ operationName: 'First' })]);
    expect(server.calls).toHaveLength(1);
  });

  it('has one entry, of the operation that started it, when others join', async () => {
    const upstream = await gatedUpstream(() => success({ follower: 1 }));
    const { server, entries } = await setUp(upstream);
    const first = server.ask(profileOf('First'));
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    const second = server.ask(profileOf('Second'));
    await server.ask('{ upstream { isSandbox } }');
    upstream.open();
    expect((await first).extensions?.cost).toEqual(cost({ paidCalls: 1 }));
    expect((await second).extensions?.cost).toEqual(cost({ coalescedCalls: 1 }));
    expect(await entries()).toEqual([expect.objectContaining({ operationName: 'First' })]);
    expect(upstream.calls).toHaveLength(1);
  });

  it('is in the ledger when it renews a stale answer', async () => {
    const upstream = await scriptedUpstream((_, nth) => success({ follower: nth }));
    const { server, clock, entries } = await setUp(upstream, { CACHE_TTL_PROFILE_SECONDS: '100' });
    await server.ask(profileOf('First'));
    clock.advance(101);
    expect((await server.ask(profileOf('Second'))).extensions?.cost).toMatchObject({ renewalCalls: 1 });
    await vi.waitFor(async () => expect(await entries()).toHaveLength(2));
    expect((await entries()).map((entry) => entry?.operationName)).toEqual(['First', 'Second']);
    expect(upstream.calls).toHaveLength(2);
  });

  it('is answered without waiting for the ledger, and a server that ends waits for it', async () => {
    const upstream = await answering(success({ follower: 1 }));
    const clock = testClock();
    const memory = testStore(clock);
    let write = () => {};
    const written = new Promise<void>((resolve) => {
      write = resolve;
    });
    const store = { ...memory, append: () => written.then(() => true) };
    const server = await startTestServer({ upstream, clock, store });
    expect((await server.ask(profileOf('Compare'))).data.creator.profile).toEqual({ followerCount: 1 });
    let hasSettled = false;
    const settled = server.client.settled(60_000).then(() => {
      hasSettled = true;
    });
    await server.ask('{ upstream { isSandbox } }');
    expect(hasSettled).toBe(false);
    write();
    await settled;
    expect(server.calls).toHaveLength(1);
  });

  it('is answered although the ledger can not be written, which is logged once', async () => {
    const upstream = await answering({ body: { code: 201, data: null } });
    const clock = testClock();
    const store = { ...testStore(clock), append: () => Promise.reject(new Error('disk full')) };
    const server = await startTestServer({ upstream, clock, store });
    const query = `{ creator(id: "${id}") { profile { hasData } prices { hasData } } }`;
    const answer = await server.ask(query);
    expect(answer.errors).toBeUndefined();
    expect(answer.extensions?.cost).toEqual(cost({ paidCalls: 2 }));
    expect(server.logs.filter((log) => log.includes('entered in the ledger'))).toHaveLength(1);
    expect(server.calls).toHaveLength(2);
  });

  it('leaves no token, URL or text of upstream in the ledger', async () => {
    const upstream = await answering({ body: { code: 777, message: 'secret-of-upstream', data: null } });
    const { server, store } = await setUp(upstream);
    await server.ask(profileOf('Compare'));
    const values: string[] = [];
    for await (const key of store.keys('ledger:')) {
      values.push(key);
      for await (const { value } of store.series(key)) values.push(value);
    }
    expect(values).toHaveLength(2);
    for (const hidden of [testToken, 'http', '127.0.0.1', 'secret-of-upstream', 'unknown']) {
      expect(values.join()).not.toContain(hidden);
    }
    expect(server.calls).toHaveLength(1);
  });
});
