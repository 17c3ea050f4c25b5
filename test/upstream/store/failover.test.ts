import { Redis } from 'ioredis';
import { describe, expect, it, vi } from 'vitest';
import { type After, later } from '../../../src/time.js';
import { FailoverStore } from '../../../src/upstream/store/failover.js';
import { openMemoryStore } from '../../../src/upstream/store/memory.js';
import { openRedisStore } from '../../../src/upstream/store/redis/redis.js';
import type { Store } from '../../../src/upstream/store/store.js';
import { atEnd, get, recordingLogger, type TestClock, testClock } from '../../fixtures.js';
import { describeRedis, startRedis } from '../../redis.js';

const lifeMs = 3_600_000;
const maxBytes = 1_048_576;

/** What becomes of the operations of a store: they work, are refused, or wait until `goOn`. */
type State = 'works' | 'refuses' | 'refuses writes' | 'hangs' | 'hangs after it is done';

/** A store over memory that does what the test says. */
function scriptedStore(clock: TestClock) {
  const kept = openMemoryStore({ now: clock.now, maxBytes });
  const asked: string[] = [];
  const next = new Map<string, () => void>();
  const listeners: ((key: string | null) => void)[] = [];
  let state: State = 'works';
  let waiting: (() => void)[] = [];

  async function run<T>(operation: string, isWrite: boolean, work: () => Promise<T>): Promise<T> {
    asked.push(operation);
    next.get(operation)?.();
    next.delete(operation);
    if (state === 'refuses' || (state === 'refuses writes' && isWrite)) throw new Error('no space left');
    if (state === 'hangs') await new Promise<void>((resolve) => waiting.push(resolve));
    const result = await work();
    if (state === 'hangs after it is done') await new Promise<void>((resolve) => waiting.push(resolve));
    return result;
  }

  const store: Store = {
    ...kept,
    isShared: true,
    patienceMs: 300,
    tryAgainMs: 1_000,
    getMany: (keys) => run(`get ${keys.join(' ')}`, false, () => kept.getMany(keys)),
    set: (key, value, options) => run(`set ${key}`, true, () => kept.set(key, value, options)),
    forget: (key) => run(`forget ${key}`, true, () => kept.forget(key)),
    count: (key, options) =>
      run(`count ${key} ${options.by}`, options.by !== 0, () => kept.count(key, options)),
    lease: (key, options) =>
      run(`lease ${key}`, true, async () => {
        const leasing = await kept.lease(key, options);
        if (!leasing.isGranted) return leasing;
        return {
          ...leasing,
          extend: (forMs) => run(`extend ${key}`, true, () => leasing.extend(forMs)),
          release: () => run(`release ${key}`, true, () => leasing.release()),
        };
      }),
    check: () => run('check', true, async () => {}),
    onChange: (listener) => void listeners.push(listener),
  };
  return {
    store,
    /** What is really in it. */
    kept,
    asked,
    will: (nextState: State) => {
      state = nextState;
    },
    /** Runs something when the operation is asked for the next time, before it is done. */
    onNext: (operation: string, run: () => void) => void next.set(operation, run),
    tell: (key: string | null) => {
      for (const listener of listeners) listener(key);
    },
    /** Lets go on what waits, and all that comes after. */
    goOn: () => {
      state = 'works';
      for (const resolve of waiting.splice(0)) resolve();
      waiting = [];
    },
  };
}

function setUp() {
  const clock = testClock();
  const driver = scriptedStore(clock);
  const { logger, logs } = recordingLogger();
  const store = new FailoverStore({ store: driver.store, maxBytes, logger, ...clock });
  const lose = async () => {
    driver.will('refuses');
    await store.check();
    expect(store.lostBecause).toBe('no space left');
  };
  const comeBack = async () => {
    driver.goOn();
    clock.advance(1);
    await settled();
    expect(store.lostBecause).toBeNull();
  };
  return { store, driver, clock, logs, lose, comeBack };
}

/** Every promise that could go on has done so. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** What it has come to by now. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  await settled();
  return Promise.race([promise, Promise.resolve('pending')]);
}

const total = (store: Store, key = 'count') => store.count(key, { by: 0, lifeMs });

describe('while its store works', () => {
  it('all is done there', async () => {
    const { store, driver, logs } = setUp();
    expect(await store.set('key', 'value')).toBe(true);
    expect(await get(store, 'key')).toBe('value');
    expect(await store.count('count', { by: 2, lifeMs })).toBe(2);
    expect(await store.forget('key')).toBe(true);
    const lease = await store.lease('lease', { forMs: 1_000 });
    if (lease.isGranted) {
      expect(await lease.extend(2_000)).toBe(true);
      await lease.release();
    }
    expect(driver.asked).toEqual([
      'set key',
      'get key',
      'count count 2',
      'forget key',
      'lease lease',
      'extend lease',
      'release lease',
    ]);
    expect(store.lostBecause).toBeNull();
    expect(logs).toEqual([]);
  });

  it('its changes are told', async () => {
    const { store, driver } = setUp();
    const heard: (string | null)[] = [];
    store.onChange((key) => heard.push(key));
    driver.tell('key');
    expect(heard).toEqual(['key']);
  });
});

describe('when its store is lost', () => {
  const operations: [name: string, operate: (store: Store) => Promise<unknown>, result: unknown][] = [
    ['get', (store) => get(store, 'key'), null],
    ['set', (store) => store.set('key', 'value'), true],
    ['forget', (store) => store.forget('key'), false],
    ['lease', async (store) => (await store.lease('key', { forMs: 1_000 })).isGranted, true],
    ['count', (store) => store.count('key', { by: 3, lifeMs }), 3],
    ['check', (store) => store.check(), undefined],
  ];

  it.each(operations)('%s does not reject', async (_, operate, result) => {
    const { store, driver } = setUp();
    driver.will('refuses');
    expect(await operate(store)).toEqual(result);
    expect(store.lostBecause).toBe('no space left');
    await operate(store);
  });

  it.each(operations)('%s waits for it so long, once', async (_, operate, result) => {
    const { store, driver, clock } = setUp();
    driver.will('hangs');
    const first = operate(store);
    clock.advance(0.299);
    expect(await stateOf(first)).toBe('pending');
    clock.advance(0.001);
    expect(await stateOf(first)).toEqual(result);
    expect(store.lostBecause).toBe('it did not answer within 300 ms');
    expect(await stateOf(operate(store))).not.toBe('pending');
  });

  it('one more reading is waited for when a write was, and no other', async () => {
    const { store, driver, clock } = setUp();
    driver.will('hangs');
    const write = store.set('key', 'value');
    clock.advance(0.3);
    expect(await stateOf(write)).toBe(true);
    const read = get(store, 'other');
    expect(await stateOf(read)).toBe('pending');
    clock.advance(0.3);
    expect(await stateOf(read)).toBeNull();
    expect(await stateOf(get(store, 'other'))).toBeNull();
  });

  it('memory stands in for it', async () => {
    const { store, lose } = setUp();
    await store.set('kept there', 'a');
    await lose();
    expect(await store.set('key', 'new', { version: 2 })).toBe(true);
    expect(await store.set('key', 'old', { version: 1 })).toBe(false);
    expect(await get(store, 'key')).toBe('new');
    expect(await store.forget('key')).toBe(true);
    expect(await get(store, 'key')).toBeNull();
    expect(await store.count('count', { by: 1, lifeMs })).toBe(1);
    expect(await store.count('count', { by: 1, most: 1, lifeMs })).toBeNull();
    const lease = await store.lease('lease', { forMs: 1_000 });
    expect((await store.lease('lease', { forMs: 1_000 })).isGranted).toBe(false);
    if (lease.isGranted) await lease.release();
    expect((await store.lease('lease', { forMs: 1_000 })).isGranted).toBe(true);
  });

  it('what can still be read is read, but for what was changed since', async () => {
    const { store, driver } = setUp();
    for (const key of ['kept', 'replaced', 'forgotten']) await store.set(key, 'there');
    driver.will('refuses writes');
    await store.set('replaced', 'here');
    await store.forget('forgotten');
    const read = () => Promise.all(['kept', 'replaced', 'forgotten'].map((key) => get(store, key)));
    expect(await read()).toEqual(['there', 'here', null]);
    driver.will('refuses');
    expect(await read()).toEqual([null, 'here', null]);
    driver.will('works');
    expect(await get(store, 'kept')).toBeNull();
  });

  it('the holder of a lease hears that it is lost, in time', async () => {
    const { store, driver, clock } = setUp();
    const lease = await store.lease('lease', { forMs: 1_000 });
    if (!lease.isGranted) throw new Error('refused');
    driver.will('refuses');
    expect(await lease.extend(1_000)).toBe(false);
    await lease.release();
    driver.will('hangs');
    const over = Promise.all([lease.extend(1_000), lease.release()]);
    clock.advance(0.3);
    expect(await stateOf(over)).toEqual([false, undefined]);
  });

  it('counts go no further than they may, by what was heard before', async () => {
    const { store, driver, lose } = setUp();
    const take = (by = 1) => store.count('count', { by, most: 5, lifeMs });
    await take(2);
    await driver.kept.count('count', { by: 1, lifeMs });
    expect(await take()).toBe(4);
    await lose();
    expect([await take(), await take()]).toEqual([5, null]);
    expect([await take(-1), await take()]).toEqual([4, 5]);
  });

  it('counts that were at their end stay there', async () => {
    const { store, driver, lose } = setUp();
    const take = (by = 1) => store.count('count', { by, most: 5, lifeMs });
    await take();
    await driver.kept.count('count', { by: 4, lifeMs });
    expect(await take()).toBeNull();
    await lose();
    expect(await take()).toBeNull();
  });

  it('it is said once, and once when it is back', async () => {
    const { store, driver, clock, logs, comeBack } = setUp();
    driver.will('refuses');
    await Promise.all(operations.map(([, operate]) => operate(store)));
    for (let second = 0; second < 3; second += 1) {
      clock.advance(1);
      await settled();
    }
    expect(logs).toHaveLength(1);
    expect(logs[0]).toMatch(/^\["error",\{"why":"no space left"\},"The store is lost/);
    await comeBack();
    expect(logs).toHaveLength(2);
    expect(logs[1]).toMatch(/^\["info",\{"kept":0\},"The store is back/);
  });

  it('why is said as it is now', async () => {
    const { store, driver, clock, lose } = setUp();
    await lose();
    driver.will('hangs');
    clock.advance(1);
    clock.advance(0.3);
    await settled();
    expect(store.lostBecause).toBe('it did not answer within 300 ms');
  });

  it('it is not tried any more once this is closed', async () => {
    const { store, driver, clock, lose } = setUp();
    await lose();
    await store.close();
    const asked = driver.asked.length;
    clock.advance(10);
    await settled();
    expect(driver.asked).toHaveLength(asked);
  });
});

describe('a store that can be read, but was never heard of a count', () => {
  it('is asked for it, so that a restart on a full disk spends no budget twice', async () => {
    const { store, driver } = setUp();
    await driver.kept.count('count', { by: 3, lifeMs });
    driver.will('refuses writes');
    await store.check();
    expect(await store.count('count', { by: 1, most: 3, lifeMs })).toBeNull();
    expect(await store.count('count', { by: 1, most: 4, lifeMs })).toBe(4);
  });
});

describe('a store that is busy', () => {
  it('is not lost while it answers others', async () => {
    const { store, driver, clock } = setUp();
    driver.will('hangs');
    const slow = get(store, 'slow');
    driver.will('works');
    for (let nth = 0; nth < 20; nth += 1) {
      clock.advance(0.2);
      await get(store, `quick ${nth}`);
    }
    expect(await stateOf(slow)).toBe('pending');
    expect(store.lostBecause).toBeNull();
    clock.advance(0.35);
    expect(await slow).toBeNull();
    expect(store.lostBecause).toBe('it did not answer within 300 ms');
  });
});

describe('when its store is back', () => {
  it('it is given what was set, forgotten and counted meanwhile', async () => {
    const { store, driver, clock, lose, comeBack } = setUp();
    await store.set('forgotten', 'a');
    await store.set('forgotten and set', 'a');
    await store.count('count', { by: 10, lifeMs });
    await lose();
    await store.set('set', 'a', { lifeMs: 10_000, version: 3 });
    await store.set('expired', 'a', { lifeMs: 500 });
    await store.set('set and forgotten', 'a');
    await store.forget('set and forgotten');
    await store.forget('forgotten');
    await store.forget('forgotten and set');
    await store.set('forgotten and set', 'b');
    await store.count('count', { by: 3, lifeMs });
    await store.count('count', { by: -1, lifeMs });
    await driver.kept.count('count', { by: 5, lifeMs });

    await comeBack();
    const keys = ['set', 'expired', 'set and forgotten', 'forgotten', 'forgotten and set'];
    expect(await Promise.all(keys.map((key) => get(driver.kept, key)))).toEqual(['a', null, null, null, 'b']);
    expect(await driver.kept.set('set', 'older', { version: 2 })).toBe(false);
    expect(await total(driver.kept)).toBe(17);
    expect(await total(store)).toBe(17);
    clock.advance(9);
    expect(await get(driver.kept, 'set')).toBeNull();
  });

  it('nothing newer is replaced', async () => {
    const { store, driver, lose, comeBack } = setUp();
    await lose();
    await store.set('key', 'kept here', { version: 1 });
    await driver.kept.set('key', 'newer', { version: 2 });
    await comeBack();
    expect(await get(driver.kept, 'key')).toBe('newer');
    expect(await get(store, 'key')).toBe('newer');
  });

  it('nothing is replaced that was changed while it is given the rest', async () => {
    const { store, driver, clock, lose } = setUp();
    await lose();
    const versions = {
      'set again': undefined,
      'set newer': 5,
      'set older': 5,
      forgotten: undefined,
    } as const;
    for (const [key, version] of Object.entries({ ...versions, first: 1 })) {
      await store.set(key, 'kept here', version === undefined ? {} : { version });
    }
    driver.goOn();
    driver.onNext('set first', () => {
      void store.set('set again', 'new');
      void store.set('set newer', 'new', { version: 6 });
      void store.set('set older', 'old', { version: 4 });
      void store.forget('forgotten');
    });
    clock.advance(1);
    await settled();
    const keys = ['first', 'set again', 'set newer', 'set older', 'forgotten'];
    for (const each of [driver.kept, store]) {
      expect(await Promise.all(keys.map((key) => get(each, key)))).toEqual([
        'kept here',
        'new',
        'new',
        'kept here',
        null,
      ]);
    }
  });

  it('what is counted next comes after what was counted meanwhile', async () => {
    const { store, driver, clock, lose } = setUp();
    const take = (by: number) => store.count('count', { by, most: 10, lifeMs });
    await take(5);
    await lose();
    await store.forget('one');
    await store.forget('two');
    expect(await take(5)).toBe(10);
    driver.goOn();
    let next: Promise<number | null> | undefined;
    driver.onNext('forget one', () => {
      next = take(1);
    });
    clock.advance(1);
    await settled();
    expect(await next).toBeNull();
    expect(await total(driver.kept)).toBe(10);
  });

  it('and lost again, it gets the rest the next time', async () => {
    const { store, driver, clock, logs, lose, comeBack } = setUp();
    await lose();
    for (const key of ['first', 'second', 'third']) await store.set(key, key);
    await store.count('count', { by: 2, lifeMs });
    driver.goOn();
    driver.onNext('set second', () => driver.will('refuses'));
    clock.advance(1);
    await settled();
    expect(store.lostBecause).toBe('no space left');
    await store.count('count', { by: 1, lifeMs });
    expect(await get(store, 'second')).toBe('second');
    expect(logs.filter((line) => line.includes('The store is back'))).toEqual([]);

    await comeBack();
    for (const key of ['first', 'second', 'third']) expect(await get(driver.kept, key)).toBe(key);
    expect(await total(driver.kept)).toBe(3);
  });

  it('and lost before it has the counts, nothing is counted twice', async () => {
    const { store, driver, clock, lose, comeBack } = setUp();
    await store.count('count', { by: 1, lifeMs });
    await lose();
    expect(await store.count('count', { by: 2, lifeMs })).toBe(3);
    driver.goOn();
    driver.onNext('count count 2', () => driver.will('refuses'));
    clock.advance(1);
    await settled();
    expect(await store.count('count', { by: 1, lifeMs })).toBe(4);
    await comeBack();
    expect(await total(driver.kept)).toBe(4);
  });

  it('whoever listens hears that something may have been missed', async () => {
    const { store, lose, comeBack } = setUp();
    const heard: (string | null)[] = [];
    store.onChange((key) => heard.push(key));
    await lose();
    await comeBack();
    expect(heard).toEqual([null]);
  });
});

describe('what its store does too late', () => {
  it('is taken back when it is a lease', async () => {
    const { store, driver, clock } = setUp();
    driver.will('hangs after it is done');
    const lease = store.lease('lease', { forMs: 60_000 });
    await settled();
    expect((await driver.kept.lease('lease', { forMs: 60_000 })).isGranted).toBe(false);
    clock.advance(0.3);
    expect(await stateOf(lease)).toMatchObject({ isGranted: true });
    driver.goOn();
    await settled();
    expect((await driver.kept.lease('lease', { forMs: 60_000 })).isGranted).toBe(true);
  });

  it('is taken back when it is a count, which is counted here', async () => {
    const { store, driver, clock, comeBack } = setUp();
    driver.will('hangs after it is done');
    const count = store.count('count', { by: 2, lifeMs });
    clock.advance(0.3);
    expect(await stateOf(count)).toBe(2);
    await comeBack();
    expect(await total(driver.kept)).toBe(2);
  });
});

describeRedis('over Redis', () => {
  /** Like the real one, but that a lost store is tried again sooner. */
  const soon: After = (delayMs, run) => later(Math.min(delayMs, 300), run);

  async function over(args: readonly string[] = []) {
    const redis = await startRedis({ args });
    const driver = await openRedisStore(redis.url);
    const { logger, logs } = recordingLogger();
    const store = new FailoverStore({ store: driver, maxBytes, logger, now: Date.now, after: soon });
    atEnd(() => store.close());
    await store.check();
    expect(store.lostBecause).toBeNull();
    const isBack = () =>
      vi.waitFor(() => expect(logs.at(-1)).toContain('The store is back'), { timeout: 5_000 });
    return { redis, driver, store, logs, isBack };
  }

  it('that is stopped in the middle of it and started again, nothing rejects and all is there', async () => {
    const { redis, driver, store, logs, isBack } = await over();
    const work = async (nth: number) => [
      await store.set(`key:${nth}`, 'value'),
      await get(store, `key:${nth}`),
      await store.count('count', { by: 1, lifeMs }),
    ];
    const before = Promise.all(Array.from({ length: 100 }, (_, nth) => work(nth)));
    await Promise.all([redis.stop(), before]);
    const after = await Promise.all(Array.from({ length: 100 }, (_, nth) => work(100 + nth)));
    expect(after.map(([isSet, value]) => [isSet, value])).toEqual(Array(100).fill([true, 'value']));
    expect(store.lostBecause).not.toBeNull();

    await redis.restart();
    await isBack();
    expect(store.lostBecause).toBeNull();
    for (let nth = 100; nth < 200; nth += 1) expect(await get(driver, `key:${nth}`)).toBe('value');
    expect(await total(driver)).toBeGreaterThanOrEqual(100);
    expect(logs).toHaveLength(2);
  });

  it('that hangs for a while, what it did too late is neither lost nor done twice', async () => {
    const { redis, driver, store, isBack } = await over();
    expect(await store.count('count', { by: 1, lifeMs })).toBe(1);
    redis.pause();
    const [isSet, count, lease] = await Promise.all([
      store.set('key', 'value'),
      store.count('count', { by: 2, lifeMs }),
      store.lease('lease', { forMs: 60_000 }),
    ]);
    expect([isSet, count, lease.isGranted]).toEqual([true, 3, true]);
    expect(await get(store, 'key')).toBe('value');
    redis.resume();
    await isBack();
    expect(await get(driver, 'key')).toBe('value');
    expect(await total(driver)).toBe(3);
    expect((await driver.lease('lease', { forMs: 60_000 })).isGranted).toBe(true);
  });

  it('that is full, reading goes on', async () => {
    const { redis, driver, store, isBack } = await over(['--maxmemory-policy', 'noeviction']);
    const client = new Redis(redis.url);
    atEnd(async () => client.disconnect());
    await store.set('kept', 'there');
    await client.config('SET', 'maxmemory', '1');
    expect(await store.set('key', 'value')).toBe(true);
    expect(store.lostBecause).toMatch(/^OOM/);
    expect([await get(store, 'kept'), await get(store, 'key')]).toEqual(['there', 'value']);

    await client.config('SET', 'maxmemory', '0');
    await isBack();
    expect(await get(driver, 'key')).toBe('value');
  });
});
