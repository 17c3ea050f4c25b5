import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../../src/time.js';
import { openMemoryStore } from '../../../src/upstream/store/memory.js';
import { openRedisStore } from '../../../src/upstream/store/redis/redis.js';
import { openSqliteStore } from '../../../src/upstream/store/sqlite/sqlite.js';
import type { Lease, LeaseOptions, Refusal, SeriesEntry, Store } from '../../../src/upstream/store/store.js';
import { atEnd, get, recordingLogger, temporaryFolder, testClock } from '../../fixtures.js';
import { describeRedis, startRedis } from '../../redis.js';
import { type RedisCluster, startCluster } from '../../redisGroups.js';

/** What the suite needs of a driver. */
interface Place {
  /** Another instance on the same place; for memory the same one, for no other can share it. */
  open(): Promise<Store>;
  /** Lets this much time pass for the store. */
  pass(ms: number): Promise<void>;
  /** The time by which the store tells the age of an entry. */
  readonly now: Clock;
}

async function memory(): Promise<Place> {
  const clock = testClock();
  const store = openMemoryStore({ now: clock.now, maxBytes: 16 * 1_048_576 });
  return { open: async () => store, pass: async (ms) => clock.advance(ms / 1000), now: clock.now };
}

async function sqlite(): Promise<Place> {
  const clock = testClock();
  const path = join(await temporaryFolder(), 'store.db');
  const { logger } = recordingLogger();
  const open = () => openSqliteStore(path, { now: clock.now, logger });
  return { open: closedAtEnd(open), pass: async (ms) => clock.advance(ms / 1000), now: clock.now };
}

/**
 * Makes everything in a Redis older: its clock is its own, so that no test can move it. The times of leases are in
 * microseconds, those of series in milliseconds. ARGV: ms.
 */
const ageScript = `
local ms = tonumber(ARGV[1])
for _, key in ipairs(redis.call('KEYS', '*')) do
  if redis.call('TYPE', key).ok == 'zset' then
    local members = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for at = 1, #members, 2 do
      redis.call('ZINCRBY', key, tonumber(members[at + 1]) > 1e14 and -1000 * ms or -ms, members[at])
    end
  end
  local left = redis.call('PTTL', key)
  if left >= 0 then redis.call('PEXPIRE', key, left - ms) end
end`;

async function redis(): Promise<Place> {
  const { url } = await startRedis();
  const client = new Redis(url);
  atEnd(async () => client.disconnect());
  return {
    open: closedAtEnd(() => openRedisStore(url)),
    pass: async (ms) => void (await client.eval(ageScript, 0, ms)),
    now: Date.now,
  };
}

/** One cluster for all tests, each with a prefix of its own. */
function clusterPlace(cluster: () => RedisCluster): () => Promise<Place> {
  let tests = 0;
  return async () => {
    const url = `${cluster().url}?prefix=test-${tests}`;
    tests += 1;
    return {
      open: closedAtEnd(() => openRedisStore(url)),
      pass: async (ms) => {
        await Promise.all(cluster().admins.map((admin) => admin.eval(ageScript, 0, ms)));
      },
      now: Date.now,
    };
  };
}

function closedAtEnd(open: () => Promise<Store>): () => Promise<Store> {
  return async () => {
    const store = await open();
    atEnd(() => store.close());
    return store;
  };
}

describe('the memory driver', () => {
  keepsTheContract(memory);
  keepsSeries(memory);
});
describe('the SQLite driver', () => {
  keepsTheContract(sqlite);
  keepsSeries(sqlite);
  tellsChanges(sqlite);
});
describeRedis('the Redis driver', () => {
  keepsTheContract(redis);
  keepsSeries(redis);
  tellsChanges(redis);
});
describeRedis('the Redis driver, on a cluster,', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.end());
  const place = clusterPlace(() => cluster);
  keepsTheContract(place);
  keepsSeries(place);
  tellsChanges(place);
});

const shortMs = 1_000;
const longMs = 60_000;
const within = { timeout: 20_000 };

async function granted(store: Store, key: string, options: LeaseOptions = { forMs: longMs }): Promise<Lease> {
  const leasing = await store.lease(key, options);
  if (!leasing.isGranted) throw new Error(`refused, held by ${leasing.heldBy}`);
  return leasing;
}

async function refused(
  store: Store,
  key: string,
  options: LeaseOptions = { forMs: longMs },
): Promise<Refusal> {
  const leasing = await store.lease(key, options);
  if (leasing.isGranted) throw new Error('granted');
  return leasing;
}

async function keysOf(store: Store, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.keys(prefix)) keys.push(key);
  return keys.sort();
}

function keepsTheContract(place: () => Promise<Place>): void {
  describe('keeps', () => {
    it('several values at once, each under its key', async () => {
      const { open, pass } = await place();
      const [a, b] = [await open(), await open()];
      const long = '巨量星图达人'.repeat(10_000);
      await a.set('first', '1', { version: 7 });
      await a.set('empty', '');
      await a.set('long', long);
      await a.set('short', 'gone', { lifeMs: shortMs });
      await a.set('forgotten', 'gone');
      await a.forget('forgotten');
      await a.count('count', { by: 3, lifeMs: longMs });
      await pass(shortMs);
      const keys = ['long', 'missing', 'first', 'short', 'empty', 'forgotten', 'first', 'first:'];
      for (const store of [a, b]) {
        expect(await store.getMany(keys)).toEqual([long, null, '1', null, '', null, '1', null]);
        expect(await store.getMany(keys.toReversed())).toEqual([null, '1', null, '', null, '1', null, long]);
        expect(await store.getMany(['missing'])).toEqual([null]);
        expect(await store.getMany([])).toEqual([]);
      }
    });

    it('what was set, until it is forgotten', async () => {
      const { open } = await place();
      const [a, b] = [await open(), await open()];
      expect(await get(a, 'key')).toBeNull();
      expect(await a.set('key', 'first')).toBe(true);
      expect(await a.set('key', 'second')).toBe(true);
      expect(await get(b, 'key')).toBe('second');
      expect(await b.forget('key')).toBe(true);
      expect(await b.forget('key')).toBe(false);
      expect(await get(a, 'key')).toBeNull();
    });

    it('the value with the highest version, or the last one without a version', async () => {
      const store = await (await place()).open();
      const newMicros = 1_772_337_600_000_001;
      const set = (value: string, version?: number) =>
        store.set('key', value, version === undefined ? {} : { version });
      expect(await set('new', newMicros)).toBe(true);
      expect(await set('old', newMicros - 1)).toBe(false);
      expect(await set('small', 999)).toBe(false);
      expect(await get(store, 'key')).toBe('new');
      expect(await set('same', newMicros)).toBe(true);
      expect(await set('newer', newMicros + 1)).toBe(true);
      expect(await set('any')).toBe(true);
      expect(await set('small', 999)).toBe(true);
      expect(await get(store, 'key')).toBe('small');
    });

    it('a value for as long as its life, and its version no longer', async () => {
      const { open, pass } = await place();
      const store = await open();
      await store.set('short', 'a', { lifeMs: shortMs, version: 2 });
      await store.set('long', 'a', { lifeMs: longMs });
      await store.set('renewed', 'a', { lifeMs: shortMs });
      await store.set('renewed', 'b');
      expect(await get(store, 'short')).toBe('a');
      await pass(shortMs);
      expect(await get(store, 'short')).toBeNull();
      expect(await store.forget('short')).toBe(false);
      expect(await store.set('short', 'b', { version: 1 })).toBe(true);
      expect([await get(store, 'long'), await get(store, 'renewed')]).toEqual(['a', 'b']);
    });

    it('any text as it was', async () => {
      const store = await (await place()).open();
      const texts = [
        '',
        ' two  spaces ',
        'd',
        '\u0000\n"',
        '巨量星图达人 🎬',
        '巨量星图达人'.repeat(50_000),
        Array.from({ length: 20_000 }, (_, nth) =>
          String.fromCodePoint(0x4e00 + ((nth * 7_919) % 20_000)),
        ).join(''),
      ];
      for (const [nth, text] of texts.entries()) await store.set(`text:${nth}`, text, { version: nth });
      for (const [nth, text] of texts.entries())
        expect((await get(store, `text:${nth}`)) === text).toBe(true);
    });

    it('keys, which it lists by what they begin with', async () => {
      const { open, pass } = await place();
      const store = await open();
      for (const key of ['a:1', 'a:2', 'a*:1', 'a?:1', 'a[b]:1', 'a\\:1', 'b:1', '名:1'])
        await store.set(key, '');
      await store.set('a:gone', '', { lifeMs: shortMs });
      await store.set('a:forgotten', '');
      await store.forget('a:forgotten');
      await pass(shortMs);
      expect(await keysOf(store, 'a:')).toEqual(['a:1', 'a:2']);
      for (const prefix of ['a*:', 'a?:', 'a[b]:', 'a\\:', '名:']) {
        expect(await keysOf(store, prefix)).toEqual([`${prefix}1`]);
      }
      expect(await keysOf(store, 'z')).toEqual([]);
    });

    it('and says how many bytes it takes', async () => {
      const store = await (await place()).open();
      await store.check();
      await store.set('key', 'value');
      expect(await store.bytes()).toBeGreaterThan(0);
    });
  });

  describe('leases', () => {
    it('to one holder, and tells the others which lease that is and how long it lasts', async () => {
      const { open } = await place();
      const [a, b] = [await open(), await open()];
      const lease = await granted(a, 'key');
      const { heldBy, freeInMs } = await refused(b, 'key');
      expect(heldBy).toBe(lease.version);
      expect(freeInMs).toBeGreaterThan(longMs - 5_000);
      expect(freeInMs).toBeLessThanOrEqual(longMs);
      await refused(a, 'key');
      expect((await granted(b, 'other')).isGranted).toBe(true);
    });

    it('to one of many that ask at once', async () => {
      const { open } = await place();
      const stores = [await open(), await open()];
      const asked = Array.from({ length: 50 }, (_, nth) =>
        (stores[nth % 2] as Store).lease('key', { forMs: longMs }),
      );
      const leasings = await Promise.all(asked);
      const holders = leasings.filter(({ isGranted }) => isGranted);
      expect(holders).toHaveLength(1);
      expect(new Set(leasings.flatMap((each) => (each.isGranted ? [] : [each.heldBy]))).size).toBe(1);
    });

    it('with versions that only rise', async () => {
      const { open } = await place();
      const stores = [await open(), await open()];
      const versions: number[] = [];
      for (let nth = 0; nth < 50; nth += 1) {
        const lease = await granted(stores[nth % 2] as Store, 'key');
        versions.push(lease.version);
        await lease.release();
      }
      const many = await Promise.all(
        Array.from({ length: 20 }, () => granted(stores[0] as Store, 'key', { most: 20, forMs: longMs })),
      );
      versions.push(...many.map(({ version }) => version));
      expect(new Set(versions).size).toBe(70);
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    });

    it('until its time is over, whatever becomes of the holder', async () => {
      const { open, pass } = await place();
      const [a, b] = [await open(), await open()];
      const lost = await granted(a, 'key', { forMs: shortMs });
      await pass(shortMs);
      const lease = await granted(b, 'key');
      expect(lease.version).toBeGreaterThan(lost.version);
      expect(await lost.extend(longMs)).toBe(false);
      await lost.release();
      expect((await refused(a, 'key')).heldBy).toBe(lease.version);
    });

    it('for as long as it is extended', async () => {
      const { open, pass } = await place();
      const [a, b] = [await open(), await open()];
      const lease = await granted(a, 'key', { forMs: shortMs });
      expect(await lease.extend(longMs)).toBe(true);
      await pass(shortMs);
      expect((await refused(b, 'key')).heldBy).toBe(lease.version);
      expect(await lease.extend(1)).toBe(true);
      await pass(1);
      await granted(b, 'key');
      expect(await lease.extend(longMs)).toBe(false);
    });

    it('for its own time, not for that of the next one that asks', async () => {
      const { open } = await place();
      const [a, b] = [await open(), await open()];
      const lease = await granted(a, 'key', { forMs: longMs });
      expect((await refused(b, 'key', { forMs: shortMs })).heldBy).toBe(lease.version);
      expect(await lease.extend(2 * longMs)).toBe(true);
      expect((await refused(b, 'key', { forMs: longMs })).heldBy).toBe(lease.version);
    });

    it('to as many holders as it may have, and to the next as soon as one releases it', async () => {
      const { open, pass } = await place();
      const [a, b] = [await open(), await open()];
      const options = { most: 3, forMs: longMs };
      const first = await granted(a, 'key', options);
      const second = await granted(b, 'key', { ...options, forMs: shortMs });
      const third = await granted(a, 'key', options);
      expect((await refused(b, 'key', options)).heldBy).toBe(second.version);

      await third.release();
      await third.release();
      const fourth = await granted(b, 'key', options);
      await refused(a, 'key', options);
      await pass(shortMs);
      await granted(a, 'key', options);
      expect((await refused(b, 'key', options)).heldBy).toBe(first.version);
      expect(await fourth.extend(longMs)).toBe(true);
    });
  });

  describe('counts', () => {
    it('exactly, however many count at once', async () => {
      const { open } = await place();
      const stores = [await open(), await open()];
      const totals = await Promise.all(
        Array.from({ length: 500 }, (_, nth) =>
          (stores[nth % 2] as Store).count('key', { by: 1, lifeMs: longMs }),
        ),
      );
      expect(totals.toSorted((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: 500 }, (_, nth) => nth + 1),
      );
      expect(await stores[0]?.count('key', { by: 0, lifeMs: longMs })).toBe(500);
    });

    it('up to its limit', async () => {
      const { open } = await place();
      const stores = [await open(), await open()];
      const totals = await Promise.all(
        Array.from({ length: 100 }, (_, nth) =>
          (stores[nth % 2] as Store).count('key', { by: 1, most: 30, lifeMs: longMs }),
        ),
      );
      expect(totals.filter((total) => total !== null)).toHaveLength(30);
      expect(Math.max(...totals.map(Number))).toBe(30);
      expect(await stores[0]?.count('key', { by: 2, most: 31, lifeMs: longMs })).toBeNull();
      expect(await stores[1]?.count('key', { by: 0, lifeMs: longMs })).toBe(30);
    });

    it('down too, also while it is over its limit', async () => {
      const store = await (await place()).open();
      const count = (by: number) => store.count('key', { by, most: 2, lifeMs: longMs });
      expect(await store.count('key', { by: 4, lifeMs: longMs })).toBe(4);
      expect(await count(-1)).toBe(3);
      expect(await count(1)).toBeNull();
      expect(await count(-2)).toBe(1);
      expect(await count(1)).toBe(2);
      expect(await count(0)).toBe(2);
    });

    it('from at least a total that is known from elsewhere, which its limit holds for', async () => {
      const { open, pass } = await place();
      const [a, b] = [await open(), await open()];
      const count = (store: Store, by: number, atLeast: number, most?: number) =>
        store.count('key', { by, atLeast, lifeMs: shortMs, ...(most !== undefined && { most }) });
      expect(await count(a, 1, 10)).toBe(11);
      expect(await count(b, 1, 5)).toBe(12);
      expect(await count(a, 0, 20)).toBe(20);
      expect(await count(b, 1, 30, 30)).toBeNull();
      expect(await count(b, 0, 0)).toBe(20);
      expect(await count(a, -1, 25)).toBe(24);
      await pass(shortMs);
      expect(await count(a, 1, 0)).toBe(1);
    });

    it('from 0 when its life is over, which begins with the first count only', async () => {
      const { open, pass } = await place();
      const store = await open();
      await store.count('key', { by: 5, lifeMs: shortMs });
      await pass(shortMs / 2);
      await store.count('key', { by: 1, lifeMs: shortMs });
      await pass(shortMs / 2);
      expect(await store.count('key', { by: 1, lifeMs: shortMs })).toBe(1);
    });
  });
}

function keepsSeries(place: () => Promise<Place>): void {
  describe('series', () => {
    const options = { lifeMs: longMs };

    async function all(store: Store, key: string): Promise<SeriesEntry[]> {
      const entries: SeriesEntry[] = [];
      for await (const entry of store.series(key)) entries.push(entry);
      return entries;
    }

    const valuesOf = (entries: readonly SeriesEntry[]) => entries.map(({ value }) => value);

    it('have each entry as it was, by its time, the newest or the oldest first', async () => {
      const { open, now } = await place();
      const [a, b] = [await open(), await open()];
      const atMs = now() - 1_000;
      const third = { atMs: atMs + 3, value: '巨量星图达人'.repeat(1_000), digest: 'cccccccccccccccc' };
      const first = { atMs: atMs + 1, value: '', digest: null };
      const second = { atMs: atMs + 2, value: 'b\u0000\n', digest: 'bbbbbbbbbbbbbbbb' };
      for (const entry of [third, first, second]) expect(await a.append('key', entry, options)).toBe(true);
      for (const store of [a, b]) {
        expect(await all(store, 'key')).toEqual([first, second, third]);
        expect(await store.latest('key', { most: 10 })).toEqual([third, second, first]);
        expect(await store.latest('key', { most: 2 })).toEqual([third, second]);
        expect(await store.latest('key', { most: 10, beforeMs: third.atMs })).toEqual([second, first]);
        expect(await store.latest('key', { most: 1, beforeMs: third.atMs })).toEqual([second]);
        expect(await store.latest('key', { most: 1, beforeMs: first.atMs })).toEqual([]);
        expect(await store.latest('other', { most: 1 })).toEqual([]);
        expect(await all(store, 'other')).toEqual([]);
      }
    });

    it('do not get an entry whose digest is that of the newest one', async () => {
      const { open, now } = await place();
      const [a, b] = [await open(), await open()];
      let atMs = now() - 1_000;
      const append = (store: Store, value: string, digest: string | null) => {
        atMs += 1;
        return store.append('key', { atMs, value, digest }, options);
      };
      const [x, y] = ['x'.repeat(16), 'y'.repeat(16)];
      expect(await append(a, '1', x)).toBe(true);
      expect(await append(b, '2', x)).toBe(false);
      expect(await append(a, '3', y)).toBe(true);
      expect(await append(b, '4', x)).toBe(true);
      expect(await append(a, '5', null)).toBe(true);
      expect(await append(b, '5', null)).toBe(true);
      expect(valuesOf(await all(a, 'key'))).toEqual(['1', '3', '4', '5', '5']);
    });

    it('get all entries that are appended at once, and have more than one page of them', async () => {
      const { open, now } = await place();
      const stores = [await open(), await open()];
      const atMs = now() - 10_000;
      const values = Array.from({ length: 2_000 }, (_, nth) => `${nth}`);
      await Promise.all(
        values.map((value, nth) =>
          (stores[nth % 2] as Store).append('key', { atMs: atMs + nth, value, digest: null }, options),
        ),
      );
      expect(valuesOf(await all(stores[0] as Store, 'key'))).toEqual(values);
      const latest = await (stores[1] as Store).latest('key', { most: 3 });
      expect(valuesOf(latest)).toEqual(['1999', '1998', '1997']);
    });

    it('lose the oldest entries beyond their number, and those that are too old', async () => {
      const { open, pass, now } = await place();
      const store = await open();
      const append = (value: string, most?: number) =>
        store.append(
          'key',
          { atMs: now(), value, digest: null },
          { lifeMs: longMs, ...(most !== undefined && { most }) },
        );
      for (const value of ['1', '2', '3']) {
        await append(value);
        await pass(10);
      }
      await append('4', 3);
      expect(valuesOf(await all(store, 'key'))).toEqual(['2', '3', '4']);
      await pass(longMs / 2);
      await append('5');
      await pass(longMs / 2);
      await append('6');
      expect(valuesOf(await all(store, 'key'))).toEqual(['5', '6']);
      await pass(longMs);
      expect(await all(store, 'key')).toEqual([]);
      expect(await store.latest('key', { most: 1 })).toEqual([]);
      expect(await keysOf(store, 'key')).toEqual([]);
    });

    it('are listed, and forgotten as a whole', async () => {
      const { open, now } = await place();
      const [a, b] = [await open(), await open()];
      const append = () => a.append('s:1', { atMs: now(), value: '', digest: 'd'.repeat(16) }, options);
      await append();
      await a.append('s:2', { atMs: now(), value: '', digest: null }, options);
      await a.set('s:3', '');
      expect(await keysOf(b, 's:')).toEqual(['s:1', 's:2', 's:3']);
      expect(await b.forget('s:1')).toBe(true);
      expect(await b.forget('s:1')).toBe(false);
      expect(await keysOf(a, 's:')).toEqual(['s:2', 's:3']);
      expect(await all(a, 's:1')).toEqual([]);
      expect(await append()).toBe(true);
    });
  });
}

function tellsChanges(place: () => Promise<Place>): void {
  describe('tells the others', () => {
    it('what was set, forgotten and released, and no process its own changes', async () => {
      const { open } = await place();
      const [a, b] = [await open(), await open()];
      const heard = { a: [] as (string | null)[], b: [] as (string | null)[] };
      a.onChange((key) => heard.a.push(key));
      b.onChange((key) => heard.b.push(key));
      await vi.waitFor(async () => {
        await a.set('are you there', '');
        expect(heard.b).toContain('are you there');
      }, within);

      await a.set('set it', '');
      await a.set('set it', '');
      await a.forget('set it');
      await a.forget('not there');
      await a.count('count', { by: 1, lifeMs: longMs });
      await (await granted(a, 'lease it: ')).release();
      await b.set('by b', '');
      await vi.waitFor(() => {
        expect(heard.b).toContain('lease it: ');
        expect(heard.a).toContain('by b');
      }, within);
      const told = heard.b.filter((key) => key !== null && key !== 'are you there');
      expect(told).toEqual(['set it', 'set it', 'set it', 'lease it: ']);
      expect(heard.a.filter((key) => key !== null)).toEqual(['by b']);
    });
  });
}
