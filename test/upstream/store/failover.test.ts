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

/** What becomes of the operations of a store: they work, are refused, or wait until `recover`. */
type State = 'works' | 'refuses' | 'refuses writes' | 'hangs' | 'hangs after it is done';

/** A store in memory that fails as the test says. */
function scriptedStore(clock: TestClock) {
  const memory = openMemoryStore({ now: clock.now, maxBytes });
  const asked: string[] = [];
  const next = new Map<string, () => void>();
  const listeners: ((key: string | null) => void)[] = [];
  const replacedListeners: (() => void | Promise<void>)[] = [];
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
    ...memory,
    isShared: true,
    timeoutMs: 300,
    recheckEveryMs: 1_000,
    getMany: (keys) => run(`get ${keys.join(' ')}`, false, () => memory.getMany(keys)),
    set: (key, value, options) => run(`set ${key}`, true, () => memory.set(key, value, options)),
    forget: (key) => run(`forget ${key}`, true, () => memory.forget(key)),
    append: (key, entry, options) => run(`append ${key}`, true, () => memory.append(key, entry, options)),
    count: (key, options) =>
      run(`count ${key} ${options.by}`, options.by !== 0, () => memory.count(key, options)),
    lease: (key, options) =>
      run(`lease ${key}`, true, async () => {
        const leasing = await memory.lease(key, options);
        if (!leasing.isGranted) return leasing;
        return {
          ...leasing,
          extend: (forMs) => run(`extend ${key}`, true, () => leasing.extend(forMs)),
          release: () => run(`release ${key}`, true, () => leasing.release()),
        };
      }),
    check: () => run('check', true, async () => {}),
    onChange: (listener) => void listeners.push(listener),
    onReplaced: (listener) => void replacedListeners.push(listener),
  };
  return {
    store,
    /** What is in it. */
    memory,
    asked,
    will: (nextState: State) => {
      state = nextState;
    },
    /** Runs something when the operation is asked for the next time, before it is carried out. */
    onNext: (operation: string, run: () => void) => void next.set(operation, run),
    replaced: () => {
      for (const listener of replacedListeners) void listener();
    },
    tell: (key: string | null) => {
      for (const listener of listeners) listener(key);
    },
    /** What waits goes on, and everything works from now on. */
    recover: () => {
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
    driver.recover();
    clock.advance(1);
    await settled();
    expect(store.lostBecause).toBeNull();
  };
  return { store, driver, clock, logs, lose, comeBack };
}

/** Resolves when every promise that can go on has done so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** The result so far. */
async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  await settled();
  return Promise.race([promise, Promise.resolve('pending')]);
}

const total = (store: Store, key = 'count') => store.count(key, { by: 0, lifeMs });

describe('while the store works', () => {
  it('everything is done there', async () => {
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

  it('its changes are passed on', async () => {
    const { store, driver } = setUp();
    const heard: (string | null)[] = [];
    store.onChange((key) => heard.push(key));
    driver.tell('key');
    expect(heard).toEqual(['key']);
  });
});

describe('when the store is lost', () => {
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

  it.each(operations)('%s waits as long as the store may take, but only once', async (_, operate, result) => {
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

  it('one read still waits for it after a write has, and no further one', async () => {
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

  it('memory replaces it', async () => {
    const { store, lose } = setUp();
    await store.set('stored there', 'a');
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

  it('it is still read if it can be, except for what has changed since', async () => {
    const { store, driver } = setUp();
    for (const key of ['unchanged', 'replaced', 'forgotten']) await store.set(key, 'there');
    driver.will('refuses writes');
    await store.set('replaced', 'here');
    await store.forget('forgotten');
    const read = () => store.getMany(['unchanged', 'replaced', 'forgotten']);
    expect(await read()).toEqual(['there', 'here', null]);
    driver.will('refuses');
    expect(await read()).toEqual([null, 'here', null]);
    driver.will('works');
    expect(await get(store, 'unchanged')).toBeNull();
  });

  it('the holder of a lease learns in time that the lease is lost', async () => {
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

  it('counts stay within their limits, as far as totals were known before', async () => {
    const { store, driver, lose } = setUp();
    const take = (by = 1) => store.count('count', { by, most: 5, lifeMs });
    await take(2);
    await driver.memory.count('count', { by: 1, lifeMs });
    expect(await take()).toBe(4);
    await lose();
    expect([await take(), await take()]).toEqual([5, null]);
    expect([await take(-1), await take()]).toEqual([4, 5]);
  });

  it('counts that had reached their limits stay there', async () => {
    const { store, driver, lose } = setUp();
    const take = (by = 1) => store.count('count', { by, most: 5, lifeMs });
    await take();
    await driver.memory.count('count', { by: 4, lifeMs });
    expect(await take()).toBeNull();
    await lose();
    expect(await take()).toBeNull();
  });

  it('that is logged once, and once more when it is back', async () => {
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
    expect(logs[1]).toMatch(/^\["info",\{"values":0\},"The store is back/);
  });

  it('the reason is the current one', async () => {
    const { store, driver, clock, lose } = setUp();
    await lose();
    driver.will('hangs');
    clock.advance(1);
    clock.advance(0.3);
    await settled();
    expect(store.lostBecause).toBe('it did not answer within 300 ms');
  });

  it('it is not tried again after this was closed', async () => {
    const { store, driver, clock, lose } = setUp();
    await lose();
    await store.close();
    const asked = driver.asked.length;
    clock.advance(10);
    await settled();
    expect(driver.asked).toHaveLength(asked);
  });
});

describe('when it is closed while the store is lost', () => {
  const changes: Readonly<Record<string, (store: Store, atMs: number) => Promise<unknown>>> = {
    'a value': (store) => store.set('key', 'value'),
    'a count': (store) => store.count('key', { by: 1, lifeMs }),
    'a forgotten key': (store) => store.forget('key'),
    'an entry of a series': (store, atMs) =>
      store.append('key', { atMs, value: 'value', digest: null }, { lifeMs }),
  };

  for (const [what, change] of Object.entries(changes)) {
    it(`waits until the store has ${what}`, async () => {
      const { store, driver, clock, logs, lose, comeBack } = setUp();
      await lose();
      await change(store, clock.now());
      const closing = store.close(5_000);
      expect(await stateOf(closing)).toBe('pending');
      expect(logs.at(-1)).toMatch(
        /^\["warn",\{"why":"no space left","withinMs":5000\},"The end waits until the store has/,
      );
      driver.asked.length = 0;
      await comeBack();
      await closing;
      expect(driver.asked.filter((operation) => operation.includes(' key'))).toHaveLength(1);
    });
  }

  it('waits for the last of the values, also when it was about to get them', async () => {
    const { store, driver, clock, lose } = setUp();
    await lose();
    await store.set('first', 'a');
    await store.set('second', 'b');
    driver.will('works');
    driver.onNext('set first', () => driver.will('hangs'));
    clock.advance(1);
    await settled();
    expect(store.lostBecause).toBeNull();
    const closing = store.close(5_000);
    expect(await stateOf(closing)).toBe('pending');
    driver.recover();
    await closing;
    expect(await driver.memory.getMany(['first', 'second'])).toEqual(['a', 'b']);
  });

  it('waits on when the store is lost again before it has everything', async () => {
    const { store, driver, clock, lose, comeBack } = setUp();
    await lose();
    await store.set('first', 'a');
    await store.set('second', 'b');
    const closing = store.close(5_000);
    driver.will('works');
    driver.onNext('set second', () => driver.will('refuses'));
    clock.advance(1);
    expect(await stateOf(closing)).toBe('pending');
    expect(await get(driver.memory, 'second')).toBeNull();
    await comeBack();
    await closing;
    expect(await driver.memory.getMany(['first', 'second'])).toEqual(['a', 'b']);
  });

  it('waits for an operation that the store has not answered, and for the store if that fails', async () => {
    const { store, driver, clock, logs, comeBack } = setUp();
    driver.will('hangs');
    const isSet = store.set('key', 'value');
    const closing = store.close(5_000);
    expect(await stateOf(closing)).toBe('pending');
    expect(logs).toEqual([]);
    clock.advance(0.3);
    expect(await isSet).toBe(true);
    expect(await stateOf(closing)).toBe('pending');
    expect(store.lostBecause).not.toBeNull();
    driver.will('works');
    await comeBack();
    await closing;
    expect(await get(driver.memory, 'key')).toBe('value');
  });

  it('says nothing when the store answers what was in flight', async () => {
    const { store, driver, logs } = setUp();
    driver.will('hangs');
    const isSet = store.set('key', 'value');
    const closing = store.close(5_000);
    await settled();
    driver.recover();
    await Promise.all([isSet, closing]);
    expect(logs).toEqual([]);
  });

  it('waits no longer than it may, and says what is lost', async () => {
    const { store, clock, logs, lose } = setUp();
    await lose();
    await store.set('first', 'a');
    await store.set('second', 'b');
    const closing = store.close(5_000);
    clock.advance(4.9);
    expect(await stateOf(closing)).toBe('pending');
    clock.advance(0.1);
    await closing;
    expect(logs.at(-1)).toMatch(/^\["error",\{"why":"[^"]+","values":2\},"What memory stored is lost/);
  });

  it('gives it nothing more after that, and does not say that it has everything', async () => {
    const { store, driver, clock, logs, lose } = setUp();
    await lose();
    for (let nth = 0; nth < 200; nth += 1) await store.set(`key ${nth}`, 'value');
    driver.will('works');
    driver.onNext('set key 60', () => driver.will('hangs'));
    clock.advance(1);
    await settled();
    const closing = store.close(200);
    clock.advance(0.2);
    await closing;
    expect(logs.at(-1)).toMatch(/"there was no time left","values":\d+\},"What memory stored is lost/);
    const asked = driver.asked.length;
    driver.recover();
    await settled();
    expect(driver.asked).toHaveLength(asked);
    expect(logs.join()).not.toContain('The store is back');
  });

  it('does not wait when memory has nothing that the store has not', async () => {
    const { store, driver, logs, lose } = setUp();
    await store.set('key', 'value');
    await lose();
    driver.will('refuses');
    await store.close(5_000);
    expect(logs).toHaveLength(1);
  });
});

describe('when the store has lost its data', () => {
  function losing() {
    const set = setUp();
    const restored: (() => void)[] = [];
    set.store.onReplaced(() => new Promise<void>((resolve) => void restored.push(resolve)));
    return { ...set, restored };
  }

  it('and loses it again meanwhile, others give it what they know once more', async () => {
    const { store, driver, restored } = losing();
    driver.replaced();
    await settled();
    driver.replaced();
    await settled();
    expect(restored).toHaveLength(1);
    restored[0]?.();
    await settled();
    expect(restored).toHaveLength(2);
    expect(store.isIncomplete).toBe(true);
    restored[1]?.();
    await settled();
    expect(store.isIncomplete).toBe(false);
  });

  it('and is lost before it has it back, it is incomplete until it has', async () => {
    const { store, driver, clock, logs, restored, lose } = losing();
    driver.replaced();
    await settled();
    await lose();
    restored[0]?.();
    await settled();
    expect(store.isIncomplete).toBe(true);
    driver.recover();
    clock.advance(1);
    await settled();
    expect(logs.join()).not.toContain('The store is back');
    restored[1]?.();
    await settled();
    expect(store.isIncomplete).toBe(false);
    expect(logs.at(-1)).toContain('The store is back');
  });

  it('and one that knows something fails, that is logged, and an end does not wait for it', async () => {
    const { store, driver, logs } = setUp();
    store.onReplaced(() => Promise.reject(new Error('of the test')));
    driver.replaced();
    await settled();
    expect(logs.at(-1)).toContain('The store could not be given what is known here');
    expect(store.isIncomplete).toBe(true);
    await store.close(5_000);
  });
});

describe('reading several keys at once', () => {
  /** A store that can be read, without what it could not be given: one key was forgotten since, one set, one replaced. */
  async function halfLost() {
    const lost = setUp();
    const { store, driver } = lost;
    for (const key of ['a', 'forgotten', 'b', 'replaced']) await store.set(key, `${key} there`);
    driver.will('refuses writes');
    await store.forget('forgotten');
    await store.set('set', 'set here');
    await store.set('replaced', 'replaced here');
    expect(store.lostBecause).toBe('no space left');
    driver.asked.length = 0;
    return lost;
  }
  const keys = ['set', 'forgotten', 'a', 'nowhere', 'replaced', 'b'];

  it('asks the store once, for the keys that memory does not know, and gives values in the order asked', async () => {
    const { store, driver } = await halfLost();
    expect(await store.getMany(keys)).toEqual([
      'set here',
      null,
      'a there',
      null,
      'replaced here',
      'b there',
    ]);
    expect(driver.asked).toEqual(['get a nowhere b']);
  });

  it('does not ask the store when memory knows all keys', async () => {
    const { store, driver } = await halfLost();
    expect(await store.getMany(['forgotten', 'replaced'])).toEqual([null, 'replaced here']);
    expect(await store.getMany([])).toEqual([]);
    expect(driver.asked).toEqual([]);
  });

  it('gives what memory knows, and null for the rest, when the store can no longer be read', async () => {
    const { store, driver } = await halfLost();
    driver.will('refuses');
    for (let nth = 0; nth < 2; nth += 1) {
      expect(await store.getMany(keys)).toEqual(['set here', null, null, null, 'replaced here', null]);
    }
    // It is lost for reading, too, so that the second time nobody asks it.
    expect(driver.asked).toEqual(['get a nowhere b']);
  });

  it('gives what memory knows, and null for the rest, when the store does not answer in time', async () => {
    const { store, driver, clock } = await halfLost();
    driver.will('hangs');
    const reading = store.getMany(keys);
    expect(await stateOf(reading)).toBe('pending');
    clock.advance(0.3);
    expect(await reading).toEqual(['set here', null, null, null, 'replaced here', null]);
  });

  it('gives every key its own value when another key is forgotten while the store is read', async () => {
    const { store, driver } = await halfLost();
    driver.onNext('get a nowhere b', () => void store.forget('nowhere'));
    expect(await store.getMany(keys)).toEqual([
      'set here',
      null,
      'a there',
      null,
      'replaced here',
      'b there',
    ]);
  });

  it('gives every key its own value when the store comes back while it is read', async () => {
    const { store, driver, clock } = await halfLost();
    clock.advance(0.9);
    driver.will('hangs');
    const reading = store.getMany(keys);
    await settled();
    driver.will('works');
    clock.advance(0.1);
    await settled();
    expect(store.lostBecause).toBeNull();
    driver.recover();
    expect(await reading).toEqual(['set here', null, 'a there', null, 'replaced here', 'b there']);
    expect(await driver.memory.getMany(keys)).toEqual(await reading);
  });

  it('asks the store for all keys once it is back and has what it missed', async () => {
    const { store, driver, comeBack } = await halfLost();
    await comeBack();
    driver.asked.length = 0;
    expect(await store.getMany(keys)).toEqual([
      'set here',
      null,
      'a there',
      null,
      'replaced here',
      'b there',
    ]);
    expect(driver.asked).toEqual([`get ${keys.join(' ')}`]);
  });
});

describe('a store that can be read, and whose total of a count is not known yet', () => {
  it('is asked for it, so that a restart on a full disk does not spend a budget twice', async () => {
    const { store, driver } = setUp();
    await driver.memory.count('count', { by: 3, lifeMs });
    driver.will('refuses writes');
    await store.check();
    expect(await store.count('count', { by: 1, most: 3, lifeMs })).toBeNull();
    expect(await store.count('count', { by: 1, most: 4, lifeMs })).toBe(4);
  });
});

describe('a store that is busy', () => {
  it('is not lost while it answers other operations', async () => {
    const { store, driver, clock } = setUp();
    driver.will('hangs');
    const slow = get(store, 'slow');
    driver.will('works');
    for (let nth = 0; nth < 5; nth += 1) {
      clock.advance(0.2);
      await get(store, `quick ${nth}`);
    }
    expect(await stateOf(slow)).toBe('pending');
    expect(store.lostBecause).toBeNull();
    clock.advance(0.35);
    expect(await slow).toBeNull();
    expect(store.lostBecause).toBe('it did not answer within 300 ms');
  });

  it('is lost when it does not answer one operation for long, since one node of a cluster may hang alone', async () => {
    const { store, driver, clock } = setUp();
    driver.will('hangs');
    const slow = get(store, 'slow');
    driver.will('works');
    for (let nth = 0; nth < 7; nth += 1) {
      clock.advance(0.2);
      await get(store, `quick ${nth}`);
    }
    expect(await stateOf(slow)).toBe('pending');
    clock.advance(0.1);
    expect(await slow).toBeNull();
    expect(store.lostBecause).toBe('it did not answer within 1500 ms');
  });
});

describe('when the store is back', () => {
  it('it gets what was set, forgotten and counted meanwhile', async () => {
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
    await driver.memory.count('count', { by: 5, lifeMs });

    await comeBack();
    const keys = ['set', 'expired', 'set and forgotten', 'forgotten', 'forgotten and set'];
    expect(await Promise.all(keys.map((key) => get(driver.memory, key)))).toEqual([
      'a',
      null,
      null,
      null,
      'b',
    ]);
    expect(await driver.memory.set('set', 'older', { version: 2 })).toBe(false);
    expect(await total(driver.memory)).toBe(17);
    expect(await total(store)).toBe(17);
    clock.advance(9);
    expect(await get(driver.memory, 'set')).toBeNull();
  });

  it('a newer value there is not replaced', async () => {
    const { store, driver, lose, comeBack } = setUp();
    await lose();
    await store.set('key', 'set here', { version: 1 });
    await driver.memory.set('key', 'newer', { version: 2 });
    await comeBack();
    expect(await get(driver.memory, 'key')).toBe('newer');
    expect(await get(store, 'key')).toBe('newer');
  });

  it('what changes while it gets the rest is not replaced', async () => {
    const { store, driver, clock, lose } = setUp();
    await lose();
    const versions = {
      'set again': undefined,
      'set newer': 5,
      'set older': 5,
      forgotten: undefined,
    } as const;
    for (const [key, version] of Object.entries({ ...versions, first: 1 })) {
      await store.set(key, 'set here', version === undefined ? {} : { version });
    }
    driver.recover();
    driver.onNext('set first', () => {
      void store.set('set again', 'new');
      void store.set('set newer', 'new', { version: 6 });
      void store.set('set older', 'old', { version: 4 });
      void store.forget('forgotten');
    });
    clock.advance(1);
    await settled();
    const keys = ['first', 'set again', 'set newer', 'set older', 'forgotten'];
    for (const each of [driver.memory, store]) {
      expect(await Promise.all(keys.map((key) => get(each, key)))).toEqual([
        'set here',
        'new',
        'new',
        'set here',
        null,
      ]);
    }
  });

  it('what was counted meanwhile is counted there before anything else', async () => {
    const { store, driver, clock, lose } = setUp();
    const take = (by: number) => store.count('count', { by, most: 10, lifeMs });
    await take(5);
    await lose();
    await store.forget('one');
    await store.forget('two');
    expect(await take(5)).toBe(10);
    driver.recover();
    let next: Promise<number | null> | undefined;
    driver.onNext('forget one', () => {
      next = take(1);
    });
    clock.advance(1);
    await settled();
    expect(await next).toBeNull();
    expect(await total(driver.memory)).toBe(10);
  });

  it('what was counted meanwhile is counted there before what is asked for in the same turn', async () => {
    const { store, driver, clock, lose } = setUp();
    const take = (by: number) => store.count('count', { by, most: 10, lifeMs });
    await take(5);
    await lose();
    expect(await take(5)).toBe(10);
    driver.recover();
    clock.advance(1);
    // At the first moment at which it is back.
    for (let turn = 0; store.lostBecause !== null && turn < 1_000; turn += 1) await null;
    expect(store.lostBecause).toBeNull();
    expect(await take(1)).toBeNull();
    await settled();
    expect(await total(driver.memory)).toBe(10);
  });

  it('and is lost again, it gets the rest the next time', async () => {
    const { store, driver, clock, logs, lose, comeBack } = setUp();
    await lose();
    for (const key of ['first', 'second', 'third']) await store.set(key, key);
    await store.count('count', { by: 2, lifeMs });
    driver.recover();
    driver.onNext('set second', () => driver.will('refuses'));
    clock.advance(1);
    await settled();
    expect(store.lostBecause).toBe('no space left');
    await store.count('count', { by: 1, lifeMs });
    expect(await get(store, 'second')).toBe('second');
    expect(logs.filter((line) => line.includes('The store is back'))).toEqual([]);

    await comeBack();
    for (const key of ['first', 'second', 'third']) expect(await get(driver.memory, key)).toBe(key);
    expect(await total(driver.memory)).toBe(3);
  });

  it('and is lost again before it has the counts, nothing is counted twice', async () => {
    const { store, driver, clock, lose, comeBack } = setUp();
    await store.count('count', { by: 1, lifeMs });
    await lose();
    expect(await store.count('count', { by: 2, lifeMs })).toBe(3);
    driver.recover();
    driver.onNext('count count 2', () => driver.will('refuses'));
    clock.advance(1);
    await settled();
    expect(await store.count('count', { by: 1, lifeMs })).toBe(4);
    await comeBack();
    expect(await total(driver.memory)).toBe(4);
  });

  it('listeners learn that they may have missed changes', async () => {
    const { store, lose, comeBack } = setUp();
    const heard: (string | null)[] = [];
    store.onChange((key) => heard.push(key));
    await lose();
    await comeBack();
    expect(heard).toEqual([null]);
  });
});

describe('what the store does too late', () => {
  it('is undone when it is a lease', async () => {
    const { store, driver, clock } = setUp();
    driver.will('hangs after it is done');
    const lease = store.lease('lease', { forMs: 60_000 });
    await settled();
    expect((await driver.memory.lease('lease', { forMs: 60_000 })).isGranted).toBe(false);
    clock.advance(0.3);
    expect(await stateOf(lease)).toMatchObject({ isGranted: true });
    driver.recover();
    await settled();
    expect((await driver.memory.lease('lease', { forMs: 60_000 })).isGranted).toBe(true);
  });

  it('is undone when it is a count, which was counted in memory', async () => {
    const { store, driver, clock, comeBack } = setUp();
    driver.will('hangs after it is done');
    const count = store.count('count', { by: 2, lifeMs });
    clock.advance(0.3);
    expect(await stateOf(count)).toBe(2);
    await comeBack();
    expect(await total(driver.memory)).toBe(2);
  });
});

describe('a count that is lowered while the store is getting lost', () => {
  it.each([
    ['it may have been lowered there', 'hangs after it is done', 4],
    ['it may not have been', 'hangs', 4],
    ['it was not, so that it stays too high', 'refuses', 5],
  ] as const)('is not lowered twice: %s', async (_, state, expected) => {
    const { store, driver, clock, comeBack } = setUp();
    await store.count('count', { by: 5, lifeMs });
    driver.will(state);
    const lowered = store.count('count', { by: -1, lifeMs });
    clock.advance(0.3);
    expect(await stateOf(lowered)).toBe(4);
    expect(store.lostBecause).not.toBeNull();
    await comeBack();
    expect(await total(driver.memory)).toBe(expected);
    expect(await total(store)).toBe(expected);
  });

  it('is lowered when the store is back, if it was lost before', async () => {
    const { store, driver, clock, lose, comeBack } = setUp();
    await store.count('count', { by: 5, lifeMs });
    await lose();
    expect(await store.count('count', { by: -2, lifeMs })).toBe(3);
    // It fails once more when it gets that.
    driver.onNext('count count -2', () => driver.will('hangs after it is done'));
    driver.will('works');
    clock.advance(1);
    clock.advance(0.3);
    await settled();
    await comeBack();
    expect(await total(driver.memory)).toBe(3);
  });
});

describeRedis('over Redis', () => {
  /** Real time, but a lost store is tried again sooner. */
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

  it('that is stopped in the middle of work and started again, nothing rejects and nothing is missing in the end', async () => {
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
    expect(logs).toHaveLength(3);
  });

  it('that hangs for a while, what it does too late is neither lost nor done twice', async () => {
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

  it('that is full, reads go on', async () => {
    const { redis, driver, store, isBack } = await over(['--maxmemory-policy', 'noeviction']);
    const client = new Redis(redis.url);
    atEnd(async () => client.disconnect());
    await store.set('stored', 'there');
    await client.config('SET', 'maxmemory', '1');
    expect(await store.set('key', 'value')).toBe(true);
    expect(store.lostBecause).toMatch(/^OOM/);
    expect([await get(store, 'stored'), await get(store, 'key')]).toEqual(['there', 'value']);

    await client.config('SET', 'maxmemory', '0');
    await isBack();
    expect(await get(driver, 'key')).toBe('value');
  });
});
