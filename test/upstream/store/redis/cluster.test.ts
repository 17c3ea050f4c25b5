import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ConfigError } from '../../../../src/config.js';
import { openDriver, openStore } from '../../../../src/upstream/store/open.js';
import { slotOf } from '../../../../src/upstream/store/redis/slot.js';
import type { Store } from '../../../../src/upstream/store/store.js';
import { atEnd, get, realClock, recordingLogger } from '../../../fixtures.js';
import { scriptedUpstream, startTestServer } from '../../../harness.js';
import { describeRedis, startRedis } from '../../../redis.js';
import { type RedisCluster, startCluster } from '../../../redisGroups.js';

const within = { timeout: 20_000 };
const cacheMaxBytes = 1_048_576;
const longMs = 60_000;

async function closedAtEnd(opening: Promise<Store>): Promise<Store> {
  const store = await opening;
  atEnd(() => store.close());
  return store;
}

async function keysOf(store: Store, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.keys(prefix)) keys.push(key);
  return keys.sort();
}

describeRedis('a Redis cluster', () => {
  let cluster: RedisCluster;
  let tests = 0;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.end());

  /** Each test has a prefix of its own. */
  function nextUrl(): string {
    tests += 1;
    return `${cluster.url}?prefix=test-${tests}`;
  }

  async function storeAt(storeUrl: string) {
    const { logger, logs } = recordingLogger();
    const store = await closedAtEnd(openStore({ storeUrl, cacheMaxBytes }, logger));
    return { store, logs };
  }

  it('whose nodes are asked as single ones is refused, with what to write instead', async () => {
    for (const port of cluster.ports) {
      const opening = openDriver(
        { storeUrl: `redis://127.0.0.1:${port}`, cacheMaxBytes },
        recordingLogger().logger,
      );
      await expect(opening).rejects.toThrow(ConfigError);
      await expect(opening).rejects.toThrow(/STORE_URL: .*one node of a cluster; list several of its hosts/);
    }
  });

  it('is refused so also for a user who may not ask what it is, whatever the prefix', async () => {
    for (const admin of cluster.admins) {
      await admin.acl('SETUSER', 'app', 'on', '>pa55word', '~*', '&*', '+@all', '-info', '-cluster');
    }
    // ioredis tells of it there.
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    atEnd(async () => warn.mockRestore());
    for (const prefix of ['a', 'b', 'c', 'd', 'e', 'f']) {
      for (const port of cluster.ports) {
        const storeUrl = `redis://app:pa55word@127.0.0.1:${port}?prefix=${prefix}`;
        const opening = openDriver({ storeUrl, cacheMaxBytes }, recordingLogger().logger);
        await expect(opening.then(() => storeUrl)).rejects.toThrow(/one node of a cluster/);
      }
    }
  });

  it('is found by any of its hosts', async () => {
    const [first] = cluster.ports;
    const silent = await startRedis();
    await silent.stop();
    const hosts = `127.0.0.1:${silent.port},127.0.0.1:${first}`;
    const { store, logs } = await storeAt(`redis://${hosts}?prefix=found`);
    expect(await store.set('key', 'value')).toBe(true);
    expect(await get(store, 'key')).toBe('value');
    expect([store.lostBecause, logs]).toEqual([null, []]);
  });

  it('has the slots that Redis says', async () => {
    for (const key of ['', 'key', '名:1', 'a{b}c', 'a{}b', 'a}b{c', 'x{{y}}', 'counted:{xingtu:calls}:1']) {
      expect([key, slotOf(key)]).toEqual([key, await cluster.admins[0]?.cluster('KEYSLOT', key)]);
    }
  });

  it('has keys and bytes on all of its nodes', async () => {
    const store = await closedAtEnd(
      openDriver({ storeUrl: nextUrl(), cacheMaxBytes }, recordingLogger().logger),
    );
    const keys = Array.from({ length: 300 }, (_, nth) => `key:${String(nth).padStart(3, '0')}`);
    await Promise.all(keys.map((key) => store.set(key, key)));
    expect(await keysOf(store, 'key:')).toEqual(keys);
    for (const admin of cluster.admins) expect(await admin.dbsize()).toBeGreaterThan(50);
    const used = await Promise.all(
      cluster.admins.map(async (admin) => Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1])),
    );
    const sum = used.reduce((a, b) => a + b, 0);
    expect(await store.bytes()).toBeGreaterThan(sum * 0.8);
    expect(await store.bytes()).toBeLessThan(sum * 1.2);
  });

  it('counts under keys with braces, too', async () => {
    const store = await closedAtEnd(
      openDriver({ storeUrl: nextUrl(), cacheMaxBytes }, recordingLogger().logger),
    );
    for (const key of ['calls', 'calls:{a}', 'calls:{"id":"1"}:{b}']) {
      expect(await store.count(key, { by: 2, lifeMs: longMs })).toBe(2);
      expect(await store.count(key, { by: 1, most: 2, lifeMs: longMs })).toBeNull();
    }
  });

  it('is asked by several servers for 100 sections each at once, which are paid for once', async () => {
    const storeUrl = nextUrl();
    const upstream = await scriptedUpstream(() => async (response) => {
      await wait(20);
      response.end(JSON.stringify({ code: 0, data: { follower: 7 } }));
    });
    const ids = Array.from({ length: 100 }, (_, nth) => String(6_600_000_000_000_000_000n + BigInt(nth)));
    const stores = await Promise.all(Array.from({ length: 4 }, () => storeAt(storeUrl)));
    const servers = await Promise.all(
      stores.map(({ store }) => startTestServer({ upstream, store, clock: realClock })),
    );
    const query = `{ creators(ids: ${JSON.stringify(ids)}) { profile { followerCount } } }`;
    const answers = await Promise.all(servers.map((server) => server.ask(query)));
    for (const { data, errors } of answers) {
      expect(errors).toBeUndefined();
      expect(data.creators).toEqual(ids.map(() => ({ profile: { followerCount: 7 } })));
    }
    expect(upstream.calls.toSorted()).toEqual(ids.map((id) => `profile ${id} SHORT_VIDEO`).toSorted());
    expect((await servers[0]?.ask('{ upstream { callsToday } }'))?.data.upstream.callsToday).toBe(100);

    // A fresh server finds all of them there.
    const fresh = await startTestServer({
      upstream,
      store: (await storeAt(storeUrl)).store,
      clock: realClock,
    });
    expect((await fresh.ask(query)).extensions?.cost).toMatchObject({ paidCalls: 0, cachedCalls: 100 });
    expect(upstream.calls).toHaveLength(100);
    for (const { store, logs } of stores) expect([store.lostBecause, logs]).toEqual([null, []]);
  });

  it('whose slots move while it is used loses nothing, and rejects nothing', async () => {
    const storeUrl = nextUrl();
    const [{ store, logs }, other] = [await storeAt(storeUrl), await storeAt(storeUrl)];
    const keys = Array.from({ length: 20 }, (_, nth) => `{moved}:${nth}`);
    const slot = slotOf('{moved}');
    const ownerOf = Math.floor((slot * 3) / 16_384);
    const [from, to] = [cluster.admins[ownerOf], cluster.admins[(ownerOf + 1) % 3]];
    if (!from || !to) throw new Error('no such node');
    const [fromId, toId] = [String(await from.cluster('MYID')), String(await to.cluster('MYID'))];
    await Promise.all(keys.map((key) => store.set(key, 'before')));

    let isOver = false;
    let total = 0;
    const using = (async () => {
      for (let nth = 0; !isOver; nth += 1) {
        total = Number(await store.count('{moved}:count', { by: 1, lifeMs: longMs }));
        expect(total).toBe(nth + 1);
        expect(await other.store.getMany(keys)).toEqual(keys.map(() => 'before'));
      }
    })();
    await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
    await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
    for (;;) {
      const found = (await from.call('CLUSTER', 'GETKEYSINSLOT', slot, 5)) as string[];
      if (found.length === 0) break;
      await from.call('MIGRATE', '127.0.0.1', to.options.port ?? 0, '', 0, 1_000, 'KEYS', ...found);
      await wait(5);
    }
    for (const admin of [to, from]) await admin.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
    const atMove = total;
    await vi.waitFor(() => expect(total).toBeGreaterThan(atMove + 5), within);
    isOver = true;
    await using;
    expect([store.lostBecause, other.store.lostBecause, logs, other.logs]).toEqual([null, null, [], []]);
  });

  it('one of whose nodes hangs is lost, rejects nothing, and is used again', async () => {
    const { store } = await storeAt(nextUrl());
    const replaced = vi.fn();
    store.onReplaced(replaced);
    const keys = Array.from({ length: 30 }, (_, nth) => `key:${nth}`);
    await Promise.all(keys.map((key) => store.set(key, 'before')));
    cluster.pause(1);
    atEnd(async () => cluster.resume(1));
    const written = await Promise.all(keys.map((key) => store.set(key, 'meanwhile')));
    expect(written).toEqual(keys.map(() => true));
    expect(store.lostBecause).not.toBeNull();
    expect(await store.getMany(keys)).toEqual(keys.map(() => 'meanwhile'));
    cluster.resume(1);
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
    await vi.waitFor(async () => {
      const fresh = await storeAt(`${cluster.url}?prefix=test-${tests}`);
      expect(await fresh.store.getMany(keys)).toEqual(keys.map(() => 'meanwhile'));
    }, within);
    expect(replaced).not.toHaveBeenCalled();
  });

  it('one of whose nodes starts again without data says so to every server, once', async () => {
    const storeUrl = nextUrl();
    const stores = [(await storeAt(storeUrl)).store, (await storeAt(storeUrl)).store];
    const replaced = stores.map((store) => {
      const listener = vi.fn();
      store.onReplaced(listener);
      return listener;
    });
    const keys = Array.from({ length: 60 }, (_, nth) => `key:${nth}`);
    const write = () => Promise.all(stores.flatMap((store) => keys.map((key) => store.set(key, 'value'))));
    await write();
    const heard = vi.fn();
    stores[1]?.onChange(heard);
    await cluster.restart(2);
    // Reads as a server does, which has to find out.
    await vi.waitFor(
      async () => {
        for (const store of stores) await store.getMany(keys);
        for (const listener of replaced) expect(listener).toHaveBeenCalledTimes(1);
        expect(stores.map(({ lostBecause }) => lostBecause)).toEqual([null, null]);
      },
      { timeout: 40_000, interval: 50 },
    );
    await write();
    for (const store of stores) expect(await store.getMany(keys)).toEqual(keys.map(() => 'value'));
    await vi.waitFor(async () => {
      await stores[0]?.set('told', '');
      expect(heard).toHaveBeenCalledWith('told');
    }, within);
    for (const listener of replaced) expect(listener).toHaveBeenCalledTimes(1);
  });
});

describeRedis('hosts that are no cluster', () => {
  it('are refused, with what to write instead', async () => {
    const redis = await startRedis();
    const storeUrl = `redis://127.0.0.1:${redis.port},127.0.0.1:${redis.port}`;
    const opening = openDriver({ storeUrl, cacheMaxBytes }, recordingLogger().logger);
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/its hosts are no cluster/);
  });

  it('and cannot be reached are replaced by memory until they come', async () => {
    const redis = await startRedis();
    await redis.stop();
    const storeUrl = `redis://me:pa55word@127.0.0.1:${redis.port},127.0.0.1:${redis.port}`;
    const { logger, logs } = recordingLogger();
    const store = await closedAtEnd(openStore({ storeUrl, cacheMaxBytes }, logger));
    expect(store.lostBecause).not.toBeNull();
    expect(`${store.lostBecause} ${JSON.stringify(logs)}`).not.toContain('pa55word');
    expect(await store.set('key', 'value')).toBe(true);
    expect(await get(store, 'key')).toBe('value');
  });
});
