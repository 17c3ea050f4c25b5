import { describe, expect, it } from 'vitest';
import { SharedRate } from '../../../../src/upstream/call/limiter/sharedRate.js';
import type { Store } from '../../../../src/upstream/store/store.js';
import { type TestClock, testClock, testStore } from '../../../fixtures.js';

const most = 5;

/** A server that starts its calls as soon as the rate allows. */
function server(store: Store, clock: TestClock, { connectMs = 0, fingerprint = 'one' } = {}) {
  const rate = new SharedRate({ store, fingerprint, perSecond: most, after: clock.after });
  const sentAtMs: number[] = [];
  let waiting = 0;
  const startCalls = () => {
    while (waiting > 0 && rate.freeAtMs(clock.elapsed()) <= clock.elapsed()) {
      waiting -= 1;
      rate.reserve();
      clock.after(connectMs, () => {
        rate.sent(clock.elapsed());
        sentAtMs.push(clock.elapsed());
        startCalls();
      });
    }
    // The limiter does the same.
    const freeAtMs = waiting > 0 ? rate.freeAtMs(clock.elapsed()) : Number.POSITIVE_INFINITY;
    if (freeAtMs !== Number.POSITIVE_INFINITY) clock.after(freeAtMs - clock.elapsed(), startCalls);
  };
  rate.onAvailable(startCalls);
  return {
    rate,
    sentAtMs,
    request: (calls: number) => {
      waiting = calls;
      startCalls();
    },
  };
}

async function pass(clock: TestClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10) {
    await settled();
    clock.advance(0.01);
  }
  await settled();
}

/** Resolves when every promise that can go on has done so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** The most calls that were sent in any second. */
function mostInASecond(...sent: readonly number[][]): number {
  const all = sent.flat();
  return Math.max(
    ...all.map((fromMs) => all.filter((atMs) => atMs >= fromMs && atMs < fromMs + 1_000).length),
  );
}

describe('the rate that servers share', () => {
  it('is not exceeded in any second by all servers together, and is nearly used up', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [a, b] = [server(store, clock), server(store, clock)];
    a.request(1_000);
    await pass(clock, 300);
    b.request(1_000);
    await pass(clock, 9_700);
    expect(mostInASecond(a.sentAtMs, b.sentAtMs)).toBe(most);
    expect(a.sentAtMs.length + b.sentAtMs.length).toBeGreaterThanOrEqual(9 * most);
  });

  it('counts a call from when it is sent, however long its connection took', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [slow, quick] = [server(store, clock, { connectMs: 3_000 }), server(store, clock)];
    slow.request(3);
    await pass(clock, 100);
    quick.request(1_000);
    await pass(clock, 6_000);
    expect(slow.sentAtMs).toHaveLength(3);
    expect(mostInASecond(slow.sentAtMs, quick.sentAtMs)).toBe(most);
  });

  it('has room again, for any server, for a call that was never sent', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [a, b] = [server(store, clock, { connectMs: 60_000 }), server(store, clock)];
    a.request(most);
    await pass(clock, 10);
    b.request(1);
    await pass(clock, 1_000);
    expect(b.sentAtMs).toEqual([]);
    a.rate.release();
    await pass(clock, 60);
    expect(b.sentAtMs).toHaveLength(1);
  });

  it('reserves no place for a call that is not waiting any more', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [a, b] = [server(store, clock), server(store, clock)];
    a.request(1);
    a.request(0);
    await pass(clock, 10);
    b.request(most);
    await pass(clock, 10);
    expect(a.sentAtMs).toEqual([]);
    expect(b.sentAtMs).toHaveLength(most);
  });

  it('has room again for the calls of a server that died', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [dead, living] = [server(store, clock, { connectMs: 3_600_000 }), server(store, clock)];
    dead.request(most);
    await pass(clock, 10);
    living.request(most);
    await pass(clock, 14_900);
    expect(living.sentAtMs).toEqual([]);
    await pass(clock, 200);
    expect(living.sentAtMs).toHaveLength(most);
  });

  it('is separate for each token', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [a, b] = [server(store, clock), server(store, clock, { fingerprint: 'two' })];
    a.request(most);
    b.request(most);
    await pass(clock, 10);
    expect([a.sentAtMs.length, b.sentAtMs.length]).toEqual([most, most]);
  });
});
