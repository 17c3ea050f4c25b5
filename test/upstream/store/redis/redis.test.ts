import dns from 'node:dns';
import { Redis } from 'ioredis';
import { expect, it, vi } from 'vitest';
import { ConfigError } from '../../../../src/config.js';
import { openDriver, openStore } from '../../../../src/upstream/store/open.js';
import { openRedisStore } from '../../../../src/upstream/store/redis/redis.js';
import type { Store } from '../../../../src/upstream/store/store.js';
import { atEnd, get, recordingLogger } from '../../../fixtures.js';
import { describeRedis, startRedis } from '../../../redis.js';

const within = { timeout: 20_000 };
const cacheMaxBytes = 1_048_576;
const password = 'pa55-9d1f0c';

async function clientOf(url: string): Promise<Redis> {
  const client = new Redis(url);
  atEnd(async () => client.disconnect());
  return client;
}

async function opened(opening: Promise<Store>): Promise<Store> {
  const store = await opening;
  atEnd(() => store.close());
  return store;
}

describeRedis('a Redis', () => {
  it.each([
    [
      'an earlier',
      '1',
      /STORE_URL: .*"1".* 2; an earlier version of this server wrote it: export it with that version/,
    ],
    ['a newer', '3', /STORE_URL: .*"3".* 2; a newer version of this server/],
  ])('that %s server has written to is refused', async (_, format, why) => {
    const { url } = await startRedis();
    const other = await opened(openDriver({ storeUrl: url, cacheMaxBytes }, recordingLogger().logger));
    await other.set('format', format);
    const opening = openDriver({ storeUrl: url, cacheMaxBytes }, recordingLogger().logger);
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(why);
    await expect(openStore({ storeUrl: url, cacheMaxBytes }, recordingLogger().logger)).rejects.toThrow(
      'format',
    );
  });

  it('has our keys under a prefix only, and what others have there is not changed', async () => {
    const { url } = await startRedis();
    const client = await clientOf(url);
    await client.set('answer:1', 'theirs');
    const store = await opened(openDriver({ storeUrl: url, cacheMaxBytes }, recordingLogger().logger));
    await store.set('answer:1', 'ours', { lifeMs: 60_000, version: 1 });
    await store.count('calls', { by: 1, lifeMs: 60_000 });
    await store.lease('lease:1', { forMs: 60_000 });
    await store.check();
    const keys = (await client.keys('*')).toSorted();
    expect(keys.filter((key) => !key.startsWith('xingtu:'))).toEqual(['answer:1']);
    expect(keys).toContain('xingtu:answer:1');
    await store.forget('answer:1');
    expect(await client.get('answer:1')).toBe('theirs');
    const listed: string[] = [];
    for await (const key of store.keys('')) listed.push(key);
    expect(listed.toSorted()).toEqual([expect.stringMatching(/^beat:/), 'calls', 'format', 'lease:1']);
  });

  it('removes by itself what has a life', async () => {
    const { url } = await startRedis();
    const client = await clientOf(url);
    const store = await opened(openRedisStore(url));
    await store.set('answer', '', { lifeMs: 60_000 });
    await store.set('for ever', '');
    await store.count('calls', { by: 1, lifeMs: 60_000 });
    const lease = await store.lease('lease', { forMs: 60_000 });
    for (const key of ['answer', 'calls', 'lease']) {
      const lifeMs = await client.pttl(`xingtu:${key}`);
      expect(lifeMs).toBeGreaterThan(50_000);
      // A lease's is rounded up to a whole millisecond.
      expect(lifeMs).toBeLessThanOrEqual(60_001);
    }
    expect(await client.pttl('xingtu:for ever')).toBe(-1);
    if (lease.isGranted) await lease.release();
    expect(await client.exists('xingtu:lease')).toBe(0);
  });

  it('has long Chinese text in less than half of its bytes', async () => {
    const { url } = await startRedis();
    const client = await clientOf(url);
    const store = await opened(openRedisStore(url));
    const text = '巨量星图达人'.repeat(1_000);
    await store.set('key', text);
    expect(await client.strlen('xingtu:key')).toBeLessThan(Buffer.byteLength(text) / 2);
  });

  it('that is not there is replaced by memory until it comes', async () => {
    const redis = await startRedis();
    await redis.stop();
    const { logger, logs } = recordingLogger();
    const store = await openStore({ storeUrl: redis.url, cacheMaxBytes }, logger);
    atEnd(() => store.close());
    expect(store.lostBecause).toContain('ECONNREFUSED');
    expect(await store.set('key', 'set meanwhile')).toBe(true);
    expect(await get(store, 'key')).toBe('set meanwhile');

    await redis.restart();
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
    const client = await clientOf(redis.url);
    await vi.waitFor(async () => expect(await client.exists('xingtu:key')).toBe(1), within);
    await vi.waitFor(() => expect(logs).toHaveLength(2), within);
  });

  it.each([
    ['is wrong', (port: number) => `redis://:${password}-wrong@127.0.0.1:${port}`, /WRONGPASS/],
    ['is missing', (port: number) => `redis://127.0.0.1:${port}`, /NOAUTH|Authentication/],
    ['is for an unknown user', (port: number) => `redis://eve:${password}@127.0.0.1:${port}`, /WRONGPASS/],
  ])('whose password %s is replaced by memory, and the password is shown nowhere', async (_, urlOf, why) => {
    const { port } = await startRedis({ args: ['--requirepass', password] });
    const { logger, logs } = recordingLogger();
    const store = await openStore({ storeUrl: urlOf(port), cacheMaxBytes }, logger);
    atEnd(() => store.close());
    expect(store.lostBecause).toMatch(why);
    expect(`${store.lostBecause} ${logs}`).not.toContain(password);
    expect(await store.set('key', 'value')).toBe(true);
    expect(await get(store, 'key')).toBe('value');
  });

  it('is used with the right password', async () => {
    const { port } = await startRedis({ args: ['--requirepass', password] });
    const url = `redis://:${password}@127.0.0.1:${port}`;
    const store = await openStore({ storeUrl: url, cacheMaxBytes }, recordingLogger().logger);
    atEnd(() => store.close());
    expect(store.lostBecause).toBeNull();
  });

  it('at a name with several addresses that all refuse is lost with a reason', async () => {
    const redis = await startRedis();
    await redis.stop();
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
    const lookup = vi
      .spyOn(dns, 'lookup')
      .mockImplementation(((...args: unknown[]) =>
        (args.at(-1) as (error: null, found: unknown) => void)(null, addresses)) as typeof dns.lookup);
    atEnd(async () => lookup.mockRestore());
    const url = `redis://redis.test:${redis.port}`;
    const store = await openStore({ storeUrl: url, cacheMaxBytes }, recordingLogger().logger);
    atEnd(() => store.close());
    expect(lookup).toHaveBeenCalled();
    expect(store.lostBecause).toContain('ECONNREFUSED');
  });

  it('that hangs does not prevent a server from starting', async () => {
    const redis = await startRedis();
    redis.pause();
    const store = await openStore({ storeUrl: redis.url, cacheMaxBytes }, recordingLogger().logger);
    atEnd(() => store.close());
    expect(store.lostBecause).toBe('there is no connection yet');
  });
});
