import { describe, expect, it, vi } from 'vitest';
import { encodeAnswer, namespaceOf, storeKey } from '../../../src/upstream/cache/storedAnswer.js';
import { callOf } from '../../../src/upstream/endpoints/call.js';
import { endpoints } from '../../../src/upstream/endpoints/table.js';
import type { Lease, LeaseOptions, Store } from '../../../src/upstream/store/store.js';
import { atEnd, type TestClock, testClock, testToken } from '../../fixtures.js';
import {
  cost,
  type Reply,
  type SeenCall,
  scriptedUpstream,
  sharedStore,
  startTestServer,
  success,
  type TestServer,
  type Upstream,
} from '../../harness.js';

const id = '6629722295873044494';
const call: SeenCall = `profile ${id} SHORT_VIDEO`;

/** The nth call answers that the creator has n followers, so that an answer tells which call it is from. */
const counting = (_: SeenCall, nth: number): Reply => success({ follower: nth });

/** An upstream that answers when it is told to. */
async function gated(script: (call: SeenCall, nth: number) => Reply = counting) {
  const waiting: (() => void)[] = [];
  const upstream = await scriptedUpstream((seen, nth) => (response) => {
    const reply = script(seen, nth);
    waiting.push(() => response.end(JSON.stringify('body' in reply ? reply.body : null)));
  });
  return {
    ...upstream,
    answer: async () => {
      await vi.waitFor(() => expect(waiting).not.toEqual([]));
      waiting.shift()?.();
    },
  };
}

/** Servers on one store, at one time. */
async function servers(upstream: Upstream, env: Record<string, string> = {}) {
  const clock = testClock();
  const store = sharedStore(clock);
  const views: Store[] = [];
  const start = async (other: { upstream?: Upstream; store?: Partial<Store>; clock?: TestClock } = {}) => {
    const view = Object.assign(store.open(), other.store);
    views.push(view);
    return startTestServer({
      upstream: other.upstream ?? upstream,
      clock: other.clock ?? clock,
      store: view,
      env: { ...once, ...env },
    });
  };
  return { clock, start, views, store: store.open(), a: await start(), b: await start() };
}

/** Without retries, which have tests of their own. */
const once = { UPSTREAM_RETRIES: '0', CACHE_TTL_SECONDS: '100', CACHE_STALE_SECONDS: '50' };

async function profile(server: TestServer, args = '') {
  const { data, errors, extensions } = await server.ask(
    `{ creator(id: "${id}") { profile${args} { followerCount fetchedAt isStale } } }`,
  );
  return {
    followers: data.creator.profile?.followerCount ?? null,
    fetchedAt: data.creator.profile?.fetchedAt,
    isStale: data.creator.profile?.isStale,
    code: errors?.[0]?.extensions['code'],
    retryAfterSeconds: errors?.[0]?.extensions['retryAfterSeconds'],
    extensions,
  };
}

const profileCall = callOf('profile', { creatorId: id, platform: 'SHORT_VIDEO' });
const namespace = namespaceOf({ token: testToken, baseUrl: null });
const answerKey = storeKey('answer', namespace, profileCall);
const leaseKey = storeKey('lease', namespace, profileCall);

describe('an answer that one server paid for', () => {
  it('is served by the others, and by itself after a restart, with its true age', async () => {
    const upstream = await scriptedUpstream(counting);
    const { clock, start, a, b } = await servers(upstream);
    await profile(a);
    clock.advance(99);
    const kept = { followers: 1, fetchedAt: '2026-03-01T04:00:00.000Z', isStale: false };
    expect(await profile(b)).toMatchObject(kept);
    expect(await profile(await start())).toMatchObject(kept);
    clock.advance(1);
    expect(await profile(b)).toMatchObject({ ...kept, isStale: true });
    await vi.waitFor(async () => expect(await profile(a)).toMatchObject({ followers: 2, isStale: false }));
    expect(upstream.calls).toEqual([call, call]);
  });

  it('is one call for all that ask at the same moment', async () => {
    const upstream = await gated();
    const { a, b } = await servers(upstream);
    const asked = [a, b, a, b].map((server) => profile(server));
    await upstream.answer();
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ followers: 1 });
    expect(upstream.calls).toEqual([call]);
  });

  it('is one call, too, if the store loses the lease while it is in flight', async () => {
    const upstream = await gated();
    const { clock, start, store, b } = await servers(upstream);
    const leases: Lease[] = [];
    const lease = async (key: string, options: LeaseOptions) => {
      const leasing = await store.lease(key, options);
      if (leasing.isGranted && key === leaseKey) leases.push(leasing);
      return leasing;
    };
    const first = profile(await start({ store: { lease } }));
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    await leases[0]?.release();
    clock.advance(5);
    await vi.waitFor(() => expect(leases).toHaveLength(2));
    const second = profile(b);
    await upstream.answer();
    for (const answer of await Promise.all([first, second])) expect(answer).toMatchObject({ followers: 1 });
    await vi.waitFor(async () =>
      expect(await store.lease(leaseKey, { forMs: 1 })).toMatchObject({ isGranted: true }),
    );
    expect(upstream.calls).toEqual([call]);
  });

  it('is released in the store, too, if memory stood in for the store meanwhile', async () => {
    const upstream = await gated();
    const { clock, start, store } = await servers(upstream);
    const released: string[] = [];
    let leases = 0;
    const lease = async (key: string, options: LeaseOptions) => {
      if (key !== leaseKey) return store.lease(key, options);
      const name = leases === 0 ? 'store' : 'memory';
      leases += 1;
      return {
        isGranted: true,
        version: leases,
        extend: async () => name === 'memory',
        release: async () => void released.push(name),
      } as const;
    };
    const answered = profile(await start({ store: { lease } }));
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    clock.advance(5);
    await vi.waitFor(() => expect(leases).toBe(2));
    await upstream.answer();
    expect(await answered).toMatchObject({ followers: 1 });
    await vi.waitFor(() => expect(released).toEqual(['store', 'memory']));
    expect(upstream.calls).toEqual([call]);
  });

  it('stays in memory while the store has lost its data, but not once it was forgotten', async () => {
    const upstream = await scriptedUpstream(counting);
    const { start, store, views } = await servers(upstream);
    const listeners: ((key: string | null) => void)[] = [];
    let isEmpty = false;
    const server = await start({
      store: {
        onChange: (listener) => void listeners.push(listener),
        getMany: async (keys) => (isEmpty ? keys.map(() => null) : store.getMany(keys)),
      },
    });
    const view = views.at(-1) as { isIncomplete: boolean };
    await profile(server);
    const reconnect = () => {
      for (const listener of listeners) listener(null);
    };
    isEmpty = true;
    view.isIncomplete = true;
    reconnect();
    expect(await profile(server)).toMatchObject({ followers: 1 });
    expect(upstream.calls).toEqual([call]);
    view.isIncomplete = false;
    reconnect();
    expect(await profile(server)).toMatchObject({ followers: 2 });
    expect(upstream.calls).toEqual([call, call]);
  });

  it('is joined while it is in flight by operations that want the newest', async () => {
    const upstream = await gated();
    const { a, b } = await servers(upstream);
    const asked = [profile(a, '(maxAgeSeconds: 0)'), profile(b, '(maxAgeSeconds: 0)')];
    await upstream.answer();
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ followers: 1 });
    expect(upstream.calls).toEqual([call]);
  });

  it('replaces what others have in memory', async () => {
    const upstream = await scriptedUpstream(counting);
    const { a, b } = await servers(upstream);
    await profile(a);
    await profile(b);
    expect(await profile(a, '(maxAgeSeconds: 0)')).toMatchObject({ followers: 2 });
    expect(await profile(b)).toMatchObject({ followers: 2 });
    expect(upstream.calls).toHaveLength(2);
  });

  it('is read again from the store when changes may have been missed', async () => {
    const upstream = await scriptedUpstream(counting);
    const { start, store } = await servers(upstream);
    const hear: ((key: string | null) => void)[] = [];
    const deaf = await start({ store: { onChange: (listener) => void hear.push(listener) } });
    const other = await start();
    await profile(deaf);
    await store.forget(answerKey);
    expect(await profile(other)).toMatchObject({ followers: 2 });
    expect(await profile(deaf)).toMatchObject({ followers: 1 });
    for (const listener of hear) listener(null);
    expect(await profile(deaf)).toMatchObject({ followers: 2 });
    expect(upstream.calls).toHaveLength(2);
  });

  it.each([600, -600])(
    'is never taken for the newest by a server whose clock is %i s off',
    async (seconds) => {
      const upstream = await gated();
      const { clock, start } = await servers(upstream);
      const other = testClock(clock.now() + seconds * 1000);
      const [a, b] = [await start(), await start({ clock: other })];
      const paid = async (asked: Promise<unknown>) => {
        await upstream.answer();
        return asked;
      };
      await paid(profile(a));
      // In order, and at once with the other.
      expect(await paid(profile(b, '(maxAgeSeconds: 0)'))).toMatchObject({ followers: 2, isStale: false });
      expect(await paid(profile(a, '(maxAgeSeconds: 0)'))).toMatchObject({ followers: 3, isStale: false });
      const [one, two] = [profile(b, '(maxAgeSeconds: 0)'), profile(a, '(maxAgeSeconds: 0)')];
      await upstream.answer();
      expect(await Promise.all([one, two])).toMatchObject([{ followers: 4 }, { followers: 4 }]);
      expect(upstream.calls).toHaveLength(4);
    },
  );

  it('of a clock that is ahead gets old from when it was first seen', async () => {
    const upstream = await scriptedUpstream(counting);
    const { clock, start } = await servers(upstream);
    const ahead = await start({ clock: testClock(clock.now() + 600_000) });
    await profile(ahead);
    const late = await start();
    expect(await profile(late)).toMatchObject({ followers: 1, fetchedAt: '2026-03-01T04:00:00.000Z' });
    clock.advance(101);
    expect(await profile(late)).toMatchObject({ followers: 1, isStale: true });
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(2));
  });

  it('is renewed once, though all servers find it stale', async () => {
    const upstream = await gated();
    const { clock, a, b } = await servers(upstream);
    const first = profile(a);
    await upstream.answer();
    await first;
    clock.advance(120);
    for (const server of [a, b, a, b]) expect(await profile(server)).toMatchObject({ isStale: true });
    await upstream.answer();
    await vi.waitFor(async () => expect(await profile(b)).toMatchObject({ followers: 2, isStale: false }));
    expect(await profile(a)).toMatchObject({ followers: 2, isStale: false });
    expect(upstream.calls).toHaveLength(2);
  });

  it('stands in on all servers when its renewal fails', async () => {
    const upstream = await scriptedUpstream((_, nth) =>
      nth === 1 ? success({ follower: 1 }) : { body: { code: 301, data: null } },
    );
    const { clock, a, b } = await servers(upstream);
    await profile(a);
    clock.advance(120);
    expect(await profile(b, '(maxAgeSeconds: 10)')).toMatchObject({ followers: 1, isStale: true });
    clock.advance(30);
    expect(await profile(b)).toMatchObject({ followers: null, code: 'UPSTREAM_COLLECTION_FAILED' });
    expect(upstream.calls).toHaveLength(3);
  });

  it('is decoded when it is read, so that a better decoder mends earlier answers', async () => {
    const upstream = await scriptedUpstream(counting);
    const { start, a } = await servers(upstream);
    await profile(a);
    const { decode } = endpoints.profile;
    const better = vi
      .spyOn(endpoints.profile, 'decode')
      .mockImplementation((...args) => ({ ...decode(...args), followerCount: 42 }));
    atEnd(async () => better.mockRestore());
    expect(await profile(await start())).toMatchObject({ followers: 42 });
    expect(upstream.calls).toHaveLength(1);
  });

  it('leaves when it is stored, or after 300 ms', async () => {
    const upstream = await scriptedUpstream(counting);
    const { clock, start } = await servers(upstream);
    let isWriting = false;
    const server = await start({
      store: {
        set: () => {
          isWriting = true;
          return new Promise(() => {});
        },
      },
    });
    let hasLeft = false;
    const answer = profile(server).finally(() => {
      hasLeft = true;
    });
    await vi.waitFor(() => expect(isWriting).toBe(true));
    clock.advance(0.299);
    await upstream.caughtUp();
    expect(hasLeft).toBe(false);
    clock.advance(0.001);
    expect(await answer).toMatchObject({ followers: 1 });
    expect(upstream.calls).toHaveLength(1);
  });
});

describe('a failure', () => {
  const inVain: Reply = { body: '<html>' };

  it('that was billed in vain is remembered for all servers, unless the newest is wanted', async () => {
    const upstream = await scriptedUpstream((_, nth) => (nth === 1 ? inVain : success({ follower: nth })));
    const { clock, start, a, b } = await servers(upstream);
    expect(await profile(a)).toMatchObject({ code: 'UPSTREAM_INVALID_RESPONSE', retryAfterSeconds: 60 });
    clock.advance(45);
    expect(await profile(b)).toMatchObject({ code: 'UPSTREAM_INVALID_RESPONSE', retryAfterSeconds: 15 });
    expect(await profile(await start())).toMatchObject({ retryAfterSeconds: 15 });
    expect(upstream.calls).toHaveLength(1);
    expect(await profile(b, '(maxAgeSeconds: 0)')).toMatchObject({ followers: 2 });
    // The success is later than the failure, whatever age is asked.
    clock.advance(10);
    expect(await profile(await start(), '(maxAgeSeconds: 5)')).toMatchObject({ followers: 3 });
    expect(upstream.calls).toHaveLength(3);
  });

  it('is over for all servers after a minute', async () => {
    const upstream = await scriptedUpstream((_, nth) => (nth === 1 ? inVain : success({ follower: nth })));
    const { clock, a, b } = await servers(upstream);
    await profile(a);
    await profile(b);
    clock.advance(60);
    expect(await profile(b)).toMatchObject({ followers: 2 });
    expect(upstream.calls).toHaveLength(2);
  });

  it('is shared with those that waited, and with nobody else if it was not billed', async () => {
    const upstream = await gated((_, nth) =>
      nth === 1 ? { body: { code: 301, data: null } } : success({ follower: nth }),
    );
    const { a, b } = await servers(upstream);
    const asked = [profile(a), profile(b)];
    await upstream.answer();
    for (const answer of await Promise.all(asked)) {
      expect(answer).toMatchObject({ code: 'UPSTREAM_COLLECTION_FAILED' });
    }
    const again = profile(b);
    await upstream.answer();
    expect(await again).toMatchObject({ followers: 2 });
    expect(upstream.calls).toHaveLength(2);
  });
});

describe('a server that waits for the call of another one', () => {
  it('waits as long as that takes', async () => {
    const upstream = await gated();
    const { clock, a, b } = await servers(upstream);
    const asked = [profile(a), profile(b)];
    for (let second = 0; second < 60; second += 1) {
      clock.advance(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await upstream.answer();
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ followers: 1 });
    expect(upstream.calls).toEqual([call]);
  });

  it('calls when that server is gone, ten seconds later', async () => {
    const upstream = await scriptedUpstream(counting);
    const { clock, store, b } = await servers(upstream);
    await store.lease(leaseKey, { forMs: 10_000 });
    const asked = profile(b);
    for (let second = 0; second < 10; second += 1) {
      await upstream.caughtUp();
      expect(upstream.calls).toEqual([]);
      clock.advance(1);
    }
    expect(await asked).toMatchObject({ followers: 1 });
    expect(upstream.calls).toEqual([call]);
  });

  it('calls when that server gives up before it has called', async () => {
    const upstream = await scriptedUpstream(counting);
    const { store, b } = await servers(upstream);
    const lease = await store.lease(leaseKey, { forMs: 10_000 });
    const asked = profile(b);
    await upstream.caughtUp();
    if (lease.isGranted) await lease.release();
    expect(await asked).toMatchObject({ followers: 1 });
    expect(upstream.calls).toEqual([call]);
  });

  it('looks by itself when no message comes', async () => {
    const upstream = await gated();
    const { clock, start, a } = await servers(upstream);
    const deaf = await start({ store: { onChange: () => {} } });
    const first = profile(a);
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    const asked = profile(deaf);
    await upstream.caughtUp();
    await upstream.answer();
    await first;
    clock.advance(1);
    expect(await asked).toMatchObject({ followers: 1 });
    expect(upstream.calls).toEqual([call]);
  });

  it('answers in time, though that call goes on', async () => {
    const upstream = await gated();
    const { clock, a, b } = await servers(upstream, { QUERY_TIMEOUT_MS: '3000' });
    const asked = [profile(a), profile(b)];
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    await upstream.caughtUp();
    clock.advance(3);
    for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    await upstream.answer();
    await vi.waitFor(async () => expect(await profile(b)).toMatchObject({ followers: 1 }));
    expect(upstream.calls).toEqual([call]);
  });

  it('takes the answer when its own turn comes just after it was stored', async () => {
    const upstream = await scriptedUpstream(counting);
    const { start, store } = await servers(upstream);
    const fetchedAtMs = Date.UTC(2026, 2, 1, 4);
    const answer = { body: '{"code":0,"data":{"follower":7}}', fetchedAtMs, isSandbox: false, version: 1 };
    const late = await start({
      store: {
        lease: async (key, options) => {
          await store.set(answerKey, encodeAnswer(profileCall, answer), { version: 1 });
          return store.lease(key, options);
        },
      },
    });
    expect(await profile(late)).toMatchObject({ followers: 7 });
    expect(upstream.calls).toEqual([]);
  });

  it('calls itself when no operation there wants that call any more', async () => {
    const upstream = await gated();
    const { a, b } = await servers(upstream, { UPSTREAM_CONCURRENCY: '1' });
    const before = a.ask('{ creator(id: "6712345678901234502") { profile { name } } }');
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    const gone = new AbortController();
    const query = `{ creator(id: "${id}") { profile { name } } }`;
    const queued = a
      .fetch(`/graphql?query=${encodeURIComponent(query)}`, { signal: gone.signal })
      .catch(() => {});
    await upstream.caughtUp();
    const asked = profile(b);
    await upstream.caughtUp();
    gone.abort();
    await queued;
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(2));
    await upstream.answer();
    await upstream.answer();
    expect(await asked).toMatchObject({ followers: 2, code: undefined });
    await before;
    expect(upstream.calls).toHaveLength(2);
  });

  it('is not overtaken by a server that was taken for dead', async () => {
    const upstream = await gated();
    const { store, a, b } = await servers(upstream);
    const asked = profile(a);
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    // Another has called meanwhile, under a later lease.
    const version = Date.UTC(2026, 2, 2) * 1_000;
    const newer = { body: '{"code":0,"data":{"follower":7}}', fetchedAtMs: 0, isSandbox: false, version };
    const fetchedAtMs = Date.UTC(2026, 2, 1, 4, 0, 1);
    const text = encodeAnswer(profileCall, { ...newer, fetchedAtMs });
    await store.set(answerKey, text, { version });
    await upstream.answer();
    expect(await asked).toMatchObject({ followers: 7 });
    expect(await profile(b)).toMatchObject({ followers: 7 });
    expect(upstream.calls).toEqual([call]);
  });
});

describe('a stored answer', () => {
  it.each([
    ['of another version of the endpoint', '"endpointVersion":"v1"', '"endpointVersion":"v0"', 0],
    ['that is cut off', '"isSandbox":false', '"isSand', 1],
    ['whose body is none', '{"code":0', '{"code', 1],
  ])('%s is not served, but paid for anew', async (_, good, bad, warnings) => {
    const upstream = await scriptedUpstream(counting);
    const { start, store, a } = await servers(upstream);
    await profile(a);
    const text = (await store.getMany([answerKey]))[0] ?? '';
    expect(text).toContain(good);
    await store.set(answerKey, text.replace(good, bad));
    const server = await start();
    expect(await profile(server)).toMatchObject({ followers: 2, isStale: false });
    expect(server.logs.filter((line) => line.includes('can not be read')).length > 0).toBe(warnings > 0);
    expect(await profile(await start())).toMatchObject({ followers: 2 });
    expect(upstream.calls).toHaveLength(2);
  });

  it('is replaced by a newly paid one, though by another clock it is of a later time', async () => {
    const upstream = await scriptedUpstream(counting);
    const { start, store, a } = await servers(upstream);
    const version = Date.UTC(2026, 2, 1, 4, 2) * 1_000;
    const fetchedAtMs = Date.UTC(2026, 2, 1, 3, 59);
    const old = { body: '{"code":0,"data":{"follower":7}}', fetchedAtMs, isSandbox: false, version };
    await store.set(answerKey, encodeAnswer(profileCall, old), { version });
    expect(await profile(a)).toMatchObject({ followers: 7 });
    expect(await profile(a, '(maxAgeSeconds: 0)')).toMatchObject({ followers: 1 });
    expect(await profile(await start())).toMatchObject({ followers: 1 });
    expect(upstream.calls).toEqual([call]);
  });

  it('stands beside that of another version of the endpoint', () => {
    const path = endpoints.profile.path.replace(/v1$/, 'v2');
    const ofVersion2 = { ...profileCall, endpoint: { ...endpoints.profile, path } };
    expect(storeKey('answer', namespace, ofVersion2)).not.toBe(answerKey);
  });

  it('is gone when it may not be served any more', async () => {
    const upstream = await scriptedUpstream(counting);
    const { clock, store, a } = await servers(upstream);
    await profile(a);
    clock.advance(149);
    expect(await store.getMany([answerKey])).not.toEqual([null]);
    clock.advance(1);
    expect(await store.getMany([answerKey])).toEqual([null]);
    expect(upstream.calls).toHaveLength(1);
  });

  it('from a sandbox is marked, and not served once upstream is known to be none', async () => {
    const headers = { 'x-justoneapi-sandbox': '1' };
    const madeUp = await scriptedUpstream(() => ({ body: { code: 0, data: { follower: 1 } }, headers }));
    const real = await scriptedUpstream((_, nth) => success({ follower: 100 * nth }));
    const { start, a } = await servers(madeUp);
    expect(await profile(a)).toMatchObject({ followers: 1, extensions: { sandbox: true } });

    // Under the same address there is another upstream now, of which nothing is known yet.
    const next = await start({ upstream: real });
    expect(await profile(next)).toMatchObject({ followers: 1, extensions: { sandbox: true } });
    await next.ask('{ creator(id: "6712345678901234502") { profile { name } } }');
    expect(await profile(next)).toMatchObject({
      followers: 200,
      extensions: { cost: cost({ paidCalls: 1 }) },
    });
    expect([madeUp.calls.length, real.calls.length]).toEqual([1, 2]);
  });
});

describe('a lost store', () => {
  const lose = (view: Store | undefined) =>
    Object.assign(view ?? {}, {
      lostBecause: 'gone',
      getMany: async (keys: readonly string[]) => keys.map(() => null),
    });

  it('takes nothing out of memory, even after another server renewed it', async () => {
    const upstream = await scriptedUpstream(counting);
    const { a, b, views } = await servers(upstream);
    await profile(a);
    await profile(b);
    await profile(a, '(maxAgeSeconds: 0)');
    lose(views[1]);
    expect(await profile(b)).toMatchObject({ followers: 1, isStale: false });
    expect(upstream.calls).toHaveLength(2);
  });

  it('is read again after a read that failed', async () => {
    const upstream = await scriptedUpstream(counting);
    const { b, views } = await servers(upstream);
    const view = views[1] as Store;
    const { getMany } = view;
    view.getMany = () => Promise.reject(new Error('connection lost'));
    expect(await profile(b)).toMatchObject({ followers: null, code: 'INTERNAL_SERVER_ERROR' });
    expect(upstream.calls).toEqual([]);
    view.getMany = getMany;
    expect(await profile(b)).toMatchObject({ followers: 1 });
    expect(upstream.calls).toEqual([call]);
  });

  it('lifts no stop', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 601, data: null } }));
    const { clock, a, b, views } = await servers(upstream);
    await profile(a);
    expect(await profile(b)).toMatchObject({ code: 'UPSTREAM_BALANCE_EXHAUSTED' });
    lose(views[1]);
    clock.advance(2);
    expect(await profile(b)).toMatchObject({ code: 'UPSTREAM_BALANCE_EXHAUSTED' });
    expect(upstream.calls).toHaveLength(1);
  });
});

describe('a stop', () => {
  const other = '{ creator(id: "6712345678901234502") { profile { name } } }';
  const codeOf = (answer: Awaited<ReturnType<TestServer['ask']>>) => answer.errors?.[0]?.extensions['code'];

  it('on one server stops calls on all, and one probe a minute finds out for all', async () => {
    const balance = { isUsedUp: true };
    const upstream = await scriptedUpstream(() =>
      balance.isUsedUp ? { body: { code: 601, data: null } } : success({ follower: 1 }),
    );
    const { clock, a, b } = await servers(upstream);
    expect(await profile(a)).toMatchObject({ code: 'UPSTREAM_BALANCE_EXHAUSTED' });
    expect(codeOf(await b.ask(other))).toBe('UPSTREAM_BALANCE_EXHAUSTED');
    expect(upstream.calls).toHaveLength(1);

    clock.advance(60);
    expect(codeOf(await b.ask(other))).toBe('UPSTREAM_BALANCE_EXHAUSTED');
    expect(upstream.calls).toHaveLength(2);
    expect(await profile(a)).toMatchObject({ code: 'UPSTREAM_BALANCE_EXHAUSTED' });
    expect(upstream.calls).toHaveLength(2);

    balance.isUsedUp = false;
    clock.advance(60);
    expect(await profile(a)).toMatchObject({ followers: 1 });
    expect(codeOf(await b.ask(other))).toBeUndefined();
    expect(upstream.calls).toHaveLength(4);
  });
});

describe('a queued call', () => {
  it('fails as soon as its server learns that another was stopped', async () => {
    const held: (() => void)[] = [];
    const upstream = await scriptedUpstream((seen) =>
      seen === call
        ? { body: { code: 601, data: null } }
        : (response) => held.push(() => response.end('{"code":0,"data":{"follower":1}}')),
    );
    const { a, b } = await servers(upstream, { UPSTREAM_CONCURRENCY: '1' });
    const other = (nth: number) =>
      b.ask(`{ creator(id: "${6_600_000_000_000_000_000n + BigInt(nth)}") { profile { name } } }`);
    const underWay = other(1);
    await vi.waitFor(() => expect(held).toHaveLength(1));
    const waiting = other(2);
    await upstream.caughtUp();
    await profile(a);
    for (const answer of [await other(3), await waiting]) {
      expect(answer.errors?.[0]?.extensions['code']).toBe('UPSTREAM_BALANCE_EXHAUSTED');
    }
    held[0]?.();
    expect((await underWay).errors).toBeUndefined();
    expect(upstream.calls).toHaveLength(2);
  });
});

describe('DAILY_MAX_CALLS', () => {
  const env = { DAILY_MAX_CALLS: '2' };
  const of = (nth: number) =>
    `{ creator(id: "${6_600_000_000_000_000_000n + BigInt(nth)}") { profile { name } } }`;
  const codeOf = (answer: Awaited<ReturnType<TestServer['ask']>>) => answer.errors?.[0]?.extensions['code'];

  it('is one for all servers, outlives them, and starts anew at midnight in China', async () => {
    const upstream = await scriptedUpstream(counting);
    const { clock, start, a, b } = await servers(upstream, { ...env, CACHE_TTL_SECONDS: '86400' });
    expect(codeOf(await a.ask(of(1)))).toBeUndefined();
    expect(codeOf(await b.ask(of(2)))).toBeUndefined();
    for (const server of [a, b, await start()]) {
      const { errors } = await server.ask(of(3));
      // The test clock stands at noon in China.
      expect(errors?.[0]?.extensions).toEqual({
        code: 'BUDGET_EXCEEDED',
        endpoint: 'profile',
        retryable: true,
        retryAfterSeconds: 12 * 3_600,
      });
    }
    expect(codeOf(await b.ask(of(1)))).toBeUndefined();
    expect(upstream.calls).toHaveLength(2);
    expect((await b.ask('{ upstream { callsToday dailyLimit } }')).data.upstream).toEqual({
      callsToday: 2,
      dailyLimit: 2,
    });
    expect(b.logs.filter((line) => line.includes('is spent'))).toHaveLength(1);
    clock.advance(12 * 3_600);
    expect(codeOf(await b.ask(of(3)))).toBeUndefined();
    expect(upstream.calls).toHaveLength(3);
  });

  it('releases what was not billed, and counts what may have been', async () => {
    const replies: Reply[] = [
      { body: { code: 301, data: null } },
      { body: { code: 777, data: null } },
      success({ follower: 1 }),
    ];
    const upstream = await scriptedUpstream((_, nth) => replies[nth - 1] ?? success({ follower: nth }));
    const { a } = await servers(upstream, env);
    for (const code of ['UPSTREAM_COLLECTION_FAILED', 'UPSTREAM_REJECTED', undefined, 'BUDGET_EXCEEDED']) {
      expect(codeOf(await a.ask(of(upstream.calls.length)))).toBe(code);
    }
    expect(upstream.calls).toHaveLength(3);
  });

  it('is not exceeded by calls at the same time, and older answers stand in', async () => {
    const upstream = await scriptedUpstream(counting);
    const { clock, a, b } = await servers(upstream, env);
    const fresh = await profile(a);
    expect(fresh).toMatchObject({ followers: 1 });
    clock.advance(120);
    const answers = await Promise.all([1, 2, 3, 4].flatMap((nth) => [a.ask(of(nth)), b.ask(of(nth + 10))]));
    expect(answers.map(codeOf).filter((code) => code === undefined)).toHaveLength(1);
    expect(await profile(b, '(maxAgeSeconds: 10)')).toMatchObject({ followers: 1, isStale: true });
    expect(upstream.calls).toHaveLength(2);
  });

  it('of 0 pays for nothing', async () => {
    const upstream = await scriptedUpstream(counting);
    const { a } = await servers(upstream, { DAILY_MAX_CALLS: '0' });
    expect(await profile(a)).toMatchObject({ code: 'BUDGET_EXCEEDED' });
    expect(upstream.calls).toEqual([]);
  });
});
