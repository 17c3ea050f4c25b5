import { describe, expect, it } from 'vitest';
import type { Reason, Stops } from '../../../../src/upstream/call/circuit/circuits.js';
import { fingerprintOf, StopKeeper } from '../../../../src/upstream/call/circuit/stopStore.js';
import { openDriver } from '../../../../src/upstream/store/open.js';
import type { Store } from '../../../../src/upstream/store/store.js';
import {
  atEnd,
  recordingLogger,
  temporaryFolder,
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

function keeper(store: Store, fingerprint = 'one') {
  const clock = testClock();
  const { logger, logs } = recordingLogger();
  const stops = new StopKeeper({ store, fingerprint, elapsed: clock.elapsed, logger });
  const read = async () => {
    let kept: Stops | undefined;
    await stops.read((replaced) => {
      kept = replaced;
    });
    return kept;
  };
  return { stops, read, clock, logs };
}

/** Every promise that could go on has done so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the stops that are kept', () => {
  it('are there after a restart, in LMDB', async () => {
    const config = { storeUrl: `lmdb:${await temporaryFolder()}`, cacheMaxBytes: 1_048_576 };
    const store = await openDriver(config);
    const before = keeper(store);
    before.stops.save('*', noBalance);
    expect(await before.read()).toEqual({ '*': noBalance });
    await store.close();

    const reopened = await openDriver(config);
    atEnd(() => reopened.close());
    expect(await keeper(reopened).read()).toEqual({ '*': noBalance });
    expect(await keeper(reopened, 'two').read()).toEqual({});
  });

  it('can be lifted, once', async () => {
    const store = testStore();
    const { stops, read } = keeper(store);
    stops.save('*', noBalance);
    expect(await read()).toEqual({ '*': noBalance });
    const other = keeper(store);
    expect(await other.stops.lift()).toBe(true);
    expect(await other.stops.lift()).toBe(false);
    expect(await other.read()).toEqual({});
  });

  it('of several processes stand side by side', async () => {
    const store = testStore();
    const [a, b] = [keeper(store), keeper(store)];
    a.stops.save('*', noBalance);
    b.stops.save('prices', forbidden);
    expect(await a.read()).toEqual({ '*': noBalance, prices: forbidden });
    a.stops.save('*', null);
    a.clock.advance(1);
    expect(await a.read()).toEqual({ prices: forbidden });
  });

  it('are read once a second at most', async () => {
    const { read, clock } = keeper(testStore());
    expect(await read()).toEqual({});
    clock.advance(0.999);
    expect(await read()).toBeUndefined();
    clock.advance(0.001);
    expect(await read()).toEqual({});
  });

  it('are waited for by all who come while they are read', async () => {
    const memory = testStore();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    await memory.set('stop:one:*', JSON.stringify(noBalance));
    const { stops } = keeper({ ...memory, get: (key) => gate.then(() => memory.get(key)) });
    const log: string[] = [];
    const reads = Array.from({ length: 16 }, () =>
      stops.read(() => log.push('replaced')).then(() => log.push('read')),
    );
    await settled();
    expect(log).toEqual([]);
    open();
    await Promise.all(reads);
    expect(log).toEqual(['replaced', ...Array(16).fill('read')]);
  });

  it('are not taken from the store while what changed here is on its way into it', async () => {
    const memory = testStore();
    const { stops, read } = keeper({
      ...memory,
      get: async (key) => {
        const before = await memory.get(key);
        stops.save('*', noBalance);
        return before;
      },
    });
    expect(await read()).toBeUndefined();
  });

  it.each(['no JSON', '[]', '{"code":"NONSENSE"}'])(
    'that can not be read hold nothing up, and are told: %s',
    async (text) => {
      const store = testStore();
      await store.set('stop:one:*', text);
      const { read, logs } = keeper(store);
      expect(await read()).toBeUndefined();
      expect(logs).toHaveLength(1);
    },
  );

  it('that can not be written are told, and the next are written all the same', async () => {
    const memory = testStore();
    let isFull = true;
    const { stops, read, logs } = keeper({
      ...memory,
      set: (key, value) => (isFull ? Promise.reject(new Error('disk full')) : memory.set(key, value)),
    });
    stops.save('*', noBalance);
    expect(await read()).toEqual({});
    expect(logs).toHaveLength(1);
    isFull = false;
    stops.save('*', noBalance);
    await settled();
    expect(await keeper(memory).read()).toEqual({ '*': noBalance });
  });
});

describe('a fingerprint', () => {
  it('tells tokens and upstreams apart, and tells nothing of the token', () => {
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
