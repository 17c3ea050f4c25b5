import { Redis } from 'ioredis';
import { expect, it, vi } from 'vitest';
import {
  readStoreCommand,
  runStoreCommand,
  type StoreCommand,
} from '../../../../src/operator/storeCommand.js';
import { openDriver, openStore } from '../../../../src/upstream/store/open.js';
import { openRedisStore } from '../../../../src/upstream/store/redis/redis.js';
import { atEnd, get, realClock, recordingLogger, temporaryFolder, testClock } from '../../../fixtures.js';
import { scriptedUpstream, startTestServer, success, testConfig } from '../../../harness.js';
import { describeRedis, startRedis } from '../../../redis.js';

const within = { timeout: 20_000 };
const cacheMaxBytes = 1_048_576;
const longMs = 60_000;
const evicting = ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'];
const neededRights = [
  ...['~xingtu:*', '&xingtu:*', '+@read', '+@write', '+@scripting', '+@pubsub', '+@connection', '+time'],
];
const warning =
  "its Redis evicts when it is full (maxmemory-policy allkeys-lru), so paid answers, stops and the day's counts may be lost; set maxmemory-policy to noeviction";

async function clientOf(url: string): Promise<Redis> {
  const client = new Redis(url);
  // ioredis prints errors that have no listener.
  client.on('error', () => {});
  atEnd(async () => client.disconnect());
  return client;
}

/** How many SETNX commands it has done: each look at a Redis sends one, after its beat. */
async function looksAt(admin: Redis): Promise<number> {
  return Number(/^cmdstat_setnx:calls=(\d+)/m.exec(await admin.info('commandstats'))?.[1] ?? 0);
}

async function storeAt(storeUrl: string) {
  const { logger, logs } = recordingLogger();
  const store = await openStore({ storeUrl, cacheMaxBytes }, logger);
  atEnd(() => store.close());
  return { store, logs };
}

async function stats(storeUrl: string): Promise<string> {
  const command = readStoreCommand(['stats']) as StoreCommand;
  return runStoreCommand(command, testConfig({ STORE_URL: storeUrl }), recordingLogger().logger);
}

describeRedis('a Redis that may evict', () => {
  it('is warned of at the start, in /ready and in the stats', async () => {
    const { url } = await startRedis({ args: evicting });
    const { store, logs } = await storeAt(url);
    expect(store.warnings).toEqual([warning]);
    expect(logs).toHaveLength(1);
    expect(JSON.stringify(logs)).toContain(JSON.stringify(warning).slice(1, -1));
    await store.check();
    expect(logs).toHaveLength(1);
    const server = await startTestServer({ store });
    const ready = await server.fetch('/ready');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ ready: true, degraded: [`store: ${warning}`] });
    expect(server.calls).toEqual([]);
    expect(await stats(url)).toContain(`warning: ${warning}`);
  });

  it('is warned of again after a reconnect, and no longer when it does not', async () => {
    const { url } = await startRedis({ args: evicting });
    const { store, logs } = await storeAt(url);
    const admin = await clientOf(url);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await vi.waitFor(() => expect(logs).toHaveLength(2), within);
    expect(store.warnings).toEqual([warning]);
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await vi.waitFor(() => expect(store.warnings).toEqual([]), within);
    expect(logs).toHaveLength(2);
  });

  it.each([
    ['has no limit', ['--maxmemory-policy', 'allkeys-lru']],
    ['refuses writes when it is full', ['--maxmemory', '100mb', '--maxmemory-policy', 'noeviction']],
  ])('is no matter if it %s', async (_, args) => {
    const { url } = await startRedis({ args });
    const { store, logs } = await storeAt(url);
    expect([store.warnings, logs]).toEqual([[], []]);
    expect(await stats(url)).not.toContain('warning');
  });
});

describeRedis('a user of Redis who may not send INFO', () => {
  it('can use it, and the stats say what they do not know', async () => {
    const { url, port } = await startRedis({ args: evicting });
    const admin = await clientOf(url);
    await admin.acl('SETUSER', 'app', 'on', '>pa55word', '~xingtu:*', '&xingtu:*', '+@all', '-@dangerous');
    // ioredis tells of it there.
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    atEnd(async () => warn.mockRestore());
    const appUrl = `redis://app:pa55word@127.0.0.1:${port}`;
    const { store, logs } = await storeAt(appUrl);
    expect([store.lostBecause, store.warnings, logs]).toEqual([null, [], []]);
    expect(await store.set('key', 'value')).toBe(true);
    expect(await get(store, 'key')).toBe('value');
    expect(await store.count('count', { by: 1, lifeMs: longMs })).toBe(1);
    expect(await store.bytes()).toBeNull();
    expect(await stats(appUrl)).toContain('size: unknown, and whether the store evicts');
  });

  it('can use it with nothing but what docs/operations.md names: a server pays once, and all is counted', async () => {
    const { url, port } = await startRedis();
    const admin = await clientOf(url);
    await admin.acl('SETUSER', 'app', 'on', '>pa55word', 'resetchannels', ...neededRights);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    atEnd(async () => warn.mockRestore());
    const appUrl = `redis://app:pa55word@127.0.0.1:${port}`;
    const upstream = await scriptedUpstream(() => success({ nick_name: '张' }));
    const env = {
      STORE_URL: appUrl,
      STORE_REQUIRED: '1',
      DAILY_MAX_CALLS: '5',
      UPSTREAM_CALLS_PER_SECOND: '5',
    };
    const query = '{ creator(id: "6629722295873044494") { profile { name history { fetchedAt } } } }';
    for (const paid of [1, 0]) {
      const { store, logs } = await storeAt(appUrl);
      const server = await startTestServer({ upstream, store, env, clock: realClock });
      const { data, extensions } = await server.ask(query);
      expect(data.creator.profile).toMatchObject({ name: '张' });
      expect(extensions?.cost?.paidCalls).toBe(paid);
      expect((await server.ask('{ upstream { callsToday } }')).data.upstream.callsToday).toBe(1);
      expect([store.lostBecause, logs]).toEqual([null, []]);
    }
    expect(await stats(appUrl)).toContain('size: unknown, and whether the store evicts');
    expect(upstream.calls).toEqual(['profile 6629722295873044494 SHORT_VIDEO']);
  });
});

describeRedis('a user of Redis with too few rights', () => {
  it.each(neededRights.filter((right) => right !== '+@connection'))(
    'is refused at the start, with what is needed: all but %s',
    async (missing) => {
      const { url, port } = await startRedis();
      const admin = await clientOf(url);
      const rights = neededRights.filter((right) => right !== missing);
      await admin.acl('SETUSER', 'app', 'on', '>pa55word', 'resetchannels', ...rights);
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      atEnd(async () => warn.mockRestore());
      const storeUrl = `redis://app:pa55word@127.0.0.1:${port}`;
      const opening = openDriver({ storeUrl, cacheMaxBytes }, recordingLogger().logger);
      await expect(opening).rejects.toThrow(/STORE_URL: .+its user has too few rights: .+; it needs \+@read/);
      await expect(opening).rejects.not.toThrow(/pa55word/);
    },
  );
});

describeRedis('a Redis under a server', () => {
  it('that starts again without data says so to every server, once', async () => {
    const redis = await startRedis();
    const stores = [(await storeAt(redis.url)).store, (await storeAt(redis.url)).store];
    const replaced = stores.map((store) => {
      const listener = vi.fn();
      store.onReplaced(listener);
      return listener;
    });
    await redis.restart();
    await vi.waitFor(() => {
      for (const listener of replaced) expect(listener).toHaveBeenCalledTimes(1);
    }, within);
    await vi.waitFor(async () => {
      for (const store of stores) {
        expect(await store.set('key', 'value')).toBe(true);
        expect(store.lostBecause).toBeNull();
      }
    }, within);
    for (const listener of replaced) expect(listener).toHaveBeenCalledTimes(1);
    await redis.restart();
    await vi.waitFor(() => {
      for (const listener of replaced) expect(listener).toHaveBeenCalledTimes(2);
    }, within);
  });

  it('that is away for long and comes back without data says so, too', async () => {
    const redis = await startRedis();
    const { store } = await storeAt(redis.url);
    const replaced = vi.fn();
    store.onReplaced(replaced);
    await redis.stop();
    expect(await get(store, 'key')).toBeNull();
    expect(store.lostBecause).toContain('ECONNREFUSED');
    expect(replaced).not.toHaveBeenCalled();
    await redis.restart();
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
    expect(replaced).toHaveBeenCalledTimes(1);
  });

  it('that is emptied while it runs says so to every server, once', async () => {
    const { url } = await startRedis();
    const clock = testClock();
    const open = async () => {
      const store = await openRedisStore(url, { after: clock.after });
      atEnd(() => store.close());
      await store.check();
      const replaced = vi.fn();
      store.onReplaced(replaced);
      return replaced;
    };
    const replaced = [await open(), await open()];
    const admin = await clientOf(url);
    const looked = async () => {
      const before = await looksAt(admin);
      clock.advance(10);
      await vi.waitFor(async () => expect(await looksAt(admin)).toBe(before + replaced.length), within);
    };
    await looked();
    for (const listener of replaced) expect(listener).not.toHaveBeenCalled();
    await admin.flushall();
    clock.advance(10);
    await vi.waitFor(() => {
      for (const listener of replaced) expect(listener).toHaveBeenCalledTimes(1);
    }, within);
    await vi.waitFor(
      async () =>
        expect((await admin.keys('*')).toSorted()).toEqual([
          expect.stringMatching(/^xingtu:beat:/),
          expect.stringMatching(/^xingtu:beat:/),
          'xingtu:format',
        ]),
      within,
    );
    await looked();
    for (const listener of replaced) expect(listener).toHaveBeenCalledTimes(1);
  });

  it('that starts again from an older snapshot gets back what it has lost', async () => {
    const folder = await temporaryFolder();
    const redis = await startRedis({ args: ['--dir', folder] });
    const { store, logs } = await storeAt(redis.url);
    const replaced = vi.fn();
    store.onReplaced(replaced);
    const count = (by: number) => store.count('count', { by, lifeMs: longMs });
    await count(1);
    const admin = await clientOf(redis.url);
    await admin.save();
    await count(2);
    for (let nth = 0; nth < 5; nth += 1) await store.check();
    await redis.restart();
    await vi.waitFor(() => expect(replaced).toHaveBeenCalledTimes(1), within);
    await vi.waitFor(() => expect(store.isIncomplete).toBe(false), within);
    expect(await count(0)).toBe(3);
    expect(logs.filter((line) => line.includes('has lost its data'))).toHaveLength(1);
  });

  it('whose connections are cut, or which keeps its data, says nothing', async () => {
    const { url } = await startRedis();
    const { store } = await storeAt(url);
    const replaced = vi.fn();
    store.onReplaced(replaced);
    const resumed = vi.fn();
    const admin = await clientOf(url);
    store.onChange(resumed);
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await vi.waitFor(() => expect(resumed).toHaveBeenCalledWith(null), within);
    await store.check();
    expect(replaced).not.toHaveBeenCalled();
    expect(store.lostBecause).toBeNull();
  });

  it('has all keys under the prefix of STORE_URL, and shares nothing with another prefix', async () => {
    const { url } = await startRedis();
    const open = (prefix: string) =>
      openDriver({ storeUrl: `${url}?prefix=${prefix}`, cacheMaxBytes }, recordingLogger().logger);
    const [one, other] = [await open('team-a'), await open('team-b')];
    for (const store of [one, other]) atEnd(() => store.close());
    const heard = vi.fn();
    other.onChange((key) => key !== null && heard(key));
    await one.set('key', 'value');
    await one.count('count', { by: 1, lifeMs: longMs });
    expect(await get(other, 'key')).toBeNull();
    const listed: string[] = [];
    for await (const key of one.keys('')) listed.push(key);
    expect(listed.toSorted()).toEqual([expect.stringMatching(/^beat:/), 'count', 'format', 'key']);
    const admin = await clientOf(url);
    expect((await admin.keys('*')).filter((key) => !/^team-[ab]:/.test(key))).toEqual([]);
    await other.set('own', '');
    expect(heard).not.toHaveBeenCalled();
  });
});
