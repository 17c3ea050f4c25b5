import { describe, expect, it } from 'vitest';
import type { Reason, Stops } from '../../../../src/upstream/call/circuit/openCircuit.js';
import { fingerprintOf, StopStore } from '../../../../src/upstream/call/circuit/stopStore.js';
import { openDriver } from '../../../../src/upstream/store/open.js';
import type { Store } from '../../../../src/upstream/store/store.js';
import {
  atEnd,
  recordingLogger,
  temporaryStore,
  testClock,
  testStore,
  testToken,
} from '../../../fixtures.js';

const noBalance: Reason = {
  code: 'UPSTREAM_BALANCE_EXHAUSTED',
  upstreamCode: 601,
  message: 'No balance.',
  sinceMs: 1,
  nextProbeAtMs: 2,
};
const forbidden: Reason = { ...noBalance, code: 'UPSTREAM_FORBIDDEN', upstreamCode: 600 };

function setUp(store: Store, fingerprint = 'one') {
  const clock = testClock();
  const { logger, logs } = recordingLogger();
  const stops = new StopStore({ store, fingerprint, elapsed: clock.elapsed, logger });
  /** The stops that are read. Undefined: none were, since the last reading is too recent or failed. */
  const read = async () => {
    let stored: Stops | undefined;
    await stops.read((replacing) => {
      stored = replacing;
    });
    return stored;
  };
  return { stops, read, clock, logs };
}

describe('stored stops', () => {
  it('outlive a restart, in SQLite', async () => {
    const config = { storeUrl: await temporaryStore(), cacheMaxBytes: 1_048_576 };
    const store = await openDriver(config, recordingLogger().logger);
    const before = setUp(store);
    before.stops.save('*', noBalance);
    expect(await before.read()).toEqual({ '*': noBalance });
    await store.close();

    const reopened = await openDriver(config, recordingLogger().logger);
    atEnd(() => reopened.close());
    expect(await setUp(reopened).read()).toEqual({ '*': noBalance });
    expect(await setUp(reopened, 'two').read()).toEqual({});
  });

  it('can be lifted, once', async () => {
    const store = testStore();
    const { stops, read } = setUp(store);
    stops.save('*', noBalance);
    expect(await read()).toEqual({ '*': noBalance });
    const other = setUp(store);
    expect(await other.stops.lift()).toBe(true);
    expect(await other.stops.lift()).toBe(false);
    expect(await other.read()).toEqual({});
  });

  it('of several processes do not replace one another', async () => {
    const store = testStore();
    const [a, b] = [setUp(store), setUp(store)];
    a.stops.save('*', noBalance);
    b.stops.save('prices', forbidden);
    expect(await a.read()).toEqual({ '*': noBalance, prices: forbidden });
    a.stops.save('*', null);
    a.clock.advance(1);
    expect(await a.read()).toEqual({ prices: forbidden });
  });

  it('say when another process probes next, until they begin anew', async () => {
    const store = testStore();
    const [a, b] = [setUp(store), setUp(store)];
    a.stops.save('*', noBalance);
    a.stops.saveProbe('*', 60_000);
    await a.read();
    expect(await b.read()).toEqual({ '*': { ...noBalance, nextProbeAtMs: 60_000 } });
    a.stops.save('*', noBalance);
    a.clock.advance(1);
    expect(await a.read()).toEqual({ '*': noBalance });
  });

  it('are read once a second at most, with one read of the store', async () => {
    const memory = testStore();
    let reads = 0;
    const { read, clock } = setUp({
      ...memory,
      getMany: (keys) => {
        reads += 1;
        return memory.getMany(keys);
      },
    });
    expect(await read()).toEqual({});
    clock.advance(0.999);
    expect(await read()).toBeUndefined();
    clock.advance(0.001);
    expect(await read()).toEqual({});
    expect(reads).toBe(2);
  });

  it('are read again at once when another process has changed one', async () => {
    const memory = testStore();
    const listeners: ((key: string | null) => void)[] = [];
    const store: Store = { ...memory, onChange: (listener) => void listeners.push(listener) };
    const { stops, read } = setUp(store);
    let changes = 0;
    stops.watch(() => {
      changes += 1;
    });
    const tell = (key: string | null) => {
      for (const listener of listeners) listener(key);
    };
    expect(await read()).toEqual({});
    await memory.set('stop:one:*', JSON.stringify(noBalance));
    tell('stop:two:*');
    expect([changes, await read()]).toEqual([0, undefined]);
    tell('stop:one:*');
    expect([changes, await read()]).toEqual([1, { '*': noBalance }]);
    tell(null);
    expect([changes, await read()]).toEqual([2, { '*': noBalance }]);
  });

  it('are replaced before any of the calls goes on that came while they were read', async () => {
    const memory = testStore();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    await memory.set('stop:one:*', JSON.stringify(noBalance));
    const { stops } = setUp({ ...memory, getMany: (keys) => gate.then(() => memory.getMany(keys)) });
    const log: string[] = [];
    const reads = Array.from({ length: 16 }, () =>
      stops.read(() => log.push('replaced')).then(() => log.push('read')),
    );
    open();
    await Promise.all(reads);
    expect(log).toEqual(['replaced', ...Array(16).fill('read')]);
  });

  it('are not replaced by what was read before a change that is still being written', async () => {
    const memory = testStore();
    const { stops, read } = setUp({
      ...memory,
      getMany: async (keys) => {
        const before = await memory.getMany(keys);
        stops.save('*', noBalance);
        return before;
      },
    });
    expect(await read()).toBeUndefined();
  });

  it('are written again to a store that has lost its data', async () => {
    const memory = testStore();
    const listeners: (() => void | Promise<void>)[] = [];
    const { stops, read, clock } = setUp({
      ...memory,
      onReplaced: (listener) => void listeners.push(listener),
    });
    stops.save('*', noBalance);
    expect(await read()).toEqual({ '*': noBalance });
    await memory.forget('stop:one:*');
    for (const listener of listeners) await listener();
    clock.advance(1);
    expect(await read()).toEqual({ '*': noBalance });
    expect(await memory.getMany(['stop:one:*'])).not.toEqual([null]);
  });

  it('are not lifted because a store does not have them that has lost its data, as a check finds out', async () => {
    const memory = testStore();
    const store = {
      ...memory,
      check: async () => {
        store.isIncomplete = true;
      },
    };
    const { stops, read, clock } = setUp(store);
    stops.save('*', noBalance);
    expect(await read()).toEqual({ '*': noBalance });
    await memory.forget('stop:one:*');
    clock.advance(1);
    expect(await read()).toBeUndefined();
    // Now it has all that was known, and the stop was lifted by the operator.
    store.isIncomplete = false;
    store.check = async () => {};
    clock.advance(1);
    expect(await read()).toEqual({});
  });

  it('are not lifted because a lost store does not have them', async () => {
    const store = { ...testStore(), lostBecause: 'gone' };
    const { read } = setUp(store);
    expect(await read()).toBeUndefined();
  });

  it.each(['no JSON', '[]', '{"code":"NONSENSE"}'])(
    'that cannot be parsed are ignored and logged, and the others are in force: %s',
    async (text) => {
      const store = testStore();
      await store.set('stop:one:*', text);
      await store.set('stop:one:prices', JSON.stringify(forbidden));
      const { read, logs } = setUp(store);
      expect(await read()).toEqual({ prices: forbidden });
      expect(logs).toEqual([expect.stringMatching('"scope":"\\*"')]);
    },
  );

  it('are as they were when the store fails, which is logged', async () => {
    const { read, logs } = setUp({
      ...testStore(),
      getMany: () => Promise.reject(new Error('disk failure')),
    });
    expect(await read()).toBeUndefined();
    expect(logs).toHaveLength(1);
  });

  it('that cannot be written are logged, and the next are written all the same', async () => {
    const memory = testStore();
    let isFull = true;
    const { stops, read, clock, logs } = setUp({
      ...memory,
      set: (key, value) => (isFull ? Promise.reject(new Error('disk full')) : memory.set(key, value)),
    });
    stops.save('*', noBalance);
    expect(await read()).toEqual({});
    expect(logs).toHaveLength(1);
    isFull = false;
    stops.save('*', noBalance);
    clock.advance(1);
    expect(await read()).toEqual({ '*': noBalance });
    expect(await setUp(memory).read()).toEqual({ '*': noBalance });
  });
});

describe('a fingerprint', () => {
  it('differs between tokens and between upstreams, and shows nothing of the token', () => {
    const prints = [
      fingerprintOf(testToken, null),
      fingerprintOf(`${testToken}2`, null),
      fingerprintOf(testToken, 'http://127.0.0.1:4010'),
    ];
    expect(new Set(prints).size).toBe(3);
    for (const print of prints) expect(print).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprintOf(testToken, null)).toBe(prints[0]);
  });
});
