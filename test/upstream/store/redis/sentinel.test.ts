import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { elapsed } from '../../../../src/time.js';
import { openStore } from '../../../../src/upstream/store/open.js';
import { atEnd, get, realClock, recordingLogger } from '../../../fixtures.js';
import { scriptedUpstream, startTestServer } from '../../../harness.js';
import { describeRedis } from '../../../redis.js';
import { type SentinelGroup, startSentinels } from '../../../redisGroups.js';

const within = { timeout: 20_000 };
const cacheMaxBytes = 1_048_576;
const longMs = 60_000;

/** How long an operation may wait: a second for the connection, and the timeout of the store. */
const mostWaitMs = 2_000;

async function groupOf(options?: Parameters<typeof startSentinels>[0]): Promise<SentinelGroup> {
  const group = await startSentinels(options);
  atEnd(() => group.end());
  return group;
}

async function storeAt({ url }: SentinelGroup) {
  const { logger, logs } = recordingLogger();
  const store = await openStore({ storeUrl: url, cacheMaxBytes }, logger);
  atEnd(() => store.close());
  return { store, logs };
}

/** Sets keys one after the other until it is stopped. Resolves with those that were acknowledged. */
function writeTo(store: Awaited<ReturnType<typeof storeAt>>['store']) {
  const acknowledged: string[] = [];
  let longestMs = 0;
  let isOver = false;
  const writing = (async () => {
    for (let nth = 0; !isOver; nth += 1) {
      const startedAtMs = elapsed();
      expect(await store.set(`key:${nth}`, String(nth))).toBe(true);
      longestMs = Math.max(longestMs, elapsed() - startedAtMs);
      acknowledged.push(`key:${nth}`);
      // Gives the failover a chance on a machine with few cores.
      await wait(1);
    }
  })();
  return {
    acknowledged,
    stop: async () => {
      isOver = true;
      await writing;
      return { longestMs };
    },
  };
}

describeRedis('a group of sentinels', () => {
  it('that promotes the replica under load loses nothing that was replicated', async () => {
    const group = await groupOf();
    const upstream = await scriptedUpstream(() => ({ body: { code: 0, data: { follower: 7 } } }));
    const [{ store, logs }, other] = [await storeAt(group), await storeAt(group)];
    const server = await startTestServer({ upstream, store, clock: realClock });
    const query = '{ creator(id: "6629722295873044494") { profile { followerCount } } }';
    expect((await server.ask(query)).data.creator.profile.followerCount).toBe(7);
    const replaced = vi.fn();
    for (const each of [store, other.store]) each.onReplaced(replaced);

    const load = writeTo(store);
    await vi.waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(50), within);
    const before = [...load.acknowledged];
    // A write of this client comes after all of those, so what the replica has of it covers them.
    await group.admins[0]?.set('last', '');
    expect(await group.admins[0]?.wait(1, 5_000)).toBe(1);
    await group.failOver();
    // What the old master acknowledged after the promotion is lost to all.
    await vi.waitFor(async () => {
      expect(await group.admins[1]?.exists(`xingtu:${load.acknowledged.at(-1)}`)).toBe(1);
    }, within);
    const written = load.acknowledged.length;
    await vi.waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(written + 50), within);
    const after = load.acknowledged.slice(written);
    expect((await load.stop()).longestMs).toBeLessThan(mostWaitMs);
    await vi.waitFor(
      () => expect([store.lostBecause, other.store.lostBecause]).toEqual([null, null]),
      within,
    );

    for (const key of [...before, ...after])
      expect([key, await get(other.store, key)]).toEqual([key, key.slice(4)]);
    expect(await group.admins[1]?.exists('xingtu:key:0')).toBe(1);
    const fresh = await startTestServer({ upstream, store: other.store, clock: realClock });
    expect((await fresh.ask(query)).extensions?.cost).toMatchObject({ paidCalls: 0, cachedCalls: 1 });
    expect(upstream.calls).toHaveLength(1);
    const heard = vi.fn();
    other.store.onChange(heard);
    await vi.waitFor(async () => {
      await store.set('told', '');
      expect(heard).toHaveBeenCalledWith('told');
    }, within);
    expect(replaced).not.toHaveBeenCalled();
    expect([logs, other.logs]).toEqual([[], []]);
  });

  it('whose master dies makes nothing reject, and gets what memory stored meanwhile', async () => {
    const group = await groupOf({ count: 3 });
    const { store } = await storeAt(group);
    const replaced = vi.fn();
    store.onReplaced(replaced);
    const load = writeTo(store);
    await vi.waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(50), within);
    const before = [...load.acknowledged];
    await group.admins[0]?.set('last', '');
    expect(await group.admins[0]?.wait(1, 5_000)).toBe(1);
    expect(await store.count('count', { by: 1, lifeMs: longMs })).toBe(1);
    await group.stop(0);
    const counts = await Promise.all(
      Array.from({ length: 5 }, () => store.count('later', { by: 1, lifeMs: longMs })),
    );
    expect(counts.toSorted()).toEqual([1, 2, 3, 4, 5]);
    await vi.waitFor(
      async () => expect(await group.masterPort()).toBe(group.admins[1]?.options.port),
      within,
    );
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
    const written = load.acknowledged.length;
    await vi.waitFor(() => expect(load.acknowledged.length).toBeGreaterThan(written + 10), within);
    expect((await load.stop()).longestMs).toBeLessThan(mostWaitMs);
    const after = load.acknowledged.slice(written);
    for (const key of [...before, ...after])
      expect([key, await get(store, key)]).toEqual([key, key.slice(4)]);
    await vi.waitFor(
      async () => expect(await store.count('later', { by: 0, lifeMs: longMs })).toBe(5),
      within,
    );
    expect(replaced).not.toHaveBeenCalled();
  });

  it('that does not know the master is lost with its reason', async () => {
    const group = await groupOf();
    const { store } = await storeAt({ ...group, url: group.url.replace('=main', '=other') });
    expect(store.lostBecause).not.toBeNull();
    await vi.waitFor(() => expect(store.lostBecause).toContain('All sentinels are unreachable'), within);
    expect(await store.set('key', 'value')).toBe(true);
    expect(await get(store, 'key')).toBe('value');
  });
});
