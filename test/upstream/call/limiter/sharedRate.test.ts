import { describe, expect, it } from 'vitest';
import { SharedRate } from '../../../../src/upstream/call/limiter/sharedRate.js';
import type { Store } from '../../../../src/upstream/store/store.js';
import { type TestClock, testClock, testStore } from '../../../fixtures.js';

const most = 5;

/** A server that calls as soon as it may. */
function server(store: Store, clock: TestClock, { connectMs = 0, fingerprint = 'one' } = {}) {
  const rate = new SharedRate({ store, fingerprint, most, after: clock.after });
  const sentAtMs: number[] = [];
  let wanted = 0;
  const callOn = () => {
    while (wanted > 0 && rate.freeAtMs(clock.elapsed()) <= clock.elapsed()) {
      wanted -= 1;
      rate.handedOver();
      clock.after(connectMs, () => {
        rate.sent(clock.elapsed());
        sentAtMs.push(clock.elapsed());
        callOn();
      });
    }
    // As the limiter does.
    const freeAtMs = wanted > 0 ? rate.freeAtMs(clock.elapsed()) : Number.POSITIVE_INFINITY;
    if (freeAtMs !== Number.POSITIVE_INFINITY) clock.after(freeAtMs - clock.elapsed(), callOn);
  };
  rate.onFree(callOn);
  return {
    rate,
    sentAtMs,
    want: (calls: number) => {
      wanted = calls;
      callOn();
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

/** Every promise that could go on has done so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** The most that went out in any second. */
function mostInASecond(...sent: readonly number[][]): number {
  const all = sent.flat();
  return Math.max(
    ...all.map((fromMs) => all.filter((atMs) => atMs >= fromMs && atMs < fromMs + 1_000).length),
  );
}

describe('the rate that servers share', () => {
  it('lets no more out in any second than there may be, over all of them, and hardly fewer', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [a, b] = [server(store, clock), server(store, clock)];
    a.want(1_000);
    await pass(clock, 300);
    b.want(1_000);
    await pass(clock, 9_700);
    expect(mostInASecond(a.sentAtMs, b.sentAtMs)).toBe(most);
    expect(a.sentAtMs.length + b.sentAtMs.length).toBeGreaterThanOrEqual(9 * most);
  });

  it('counts from when a call goes out, however long its connection took', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [slow, quick] = [server(store, clock, { connectMs: 3_000 }), server(store, clock)];
    slow.want(3);
    await pass(clock, 100);
    quick.want(1_000);
    await pass(clock, 6_000);
    expect(slow.sentAtMs).toHaveLength(3);
    expect(mostInASecond(slow.sentAtMs, quick.sentAtMs)).toBe(most);
  });

  it('gives a place to another when its call never went out', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [a, b] = [server(store, clock, { connectMs: 60_000 }), server(store, clock)];
    a.want(most);
    await pass(clock, 10);
    b.want(1);
    await pass(clock, 1_000);
    expect(b.sentAtMs).toEqual([]);
    a.rate.givenBack();
    await pass(clock, 60);
    expect(b.sentAtMs).toHaveLength(1);
  });

  it('holds no place for a caller who has gone', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [a, b] = [server(store, clock), server(store, clock)];
    a.want(1);
    a.want(0);
    await pass(clock, 10);
    b.want(most);
    await pass(clock, 10);
    expect(a.sentAtMs).toEqual([]);
    expect(b.sentAtMs).toHaveLength(most);
  });

  it('gets the places of a server that died back', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [dead, living] = [server(store, clock, { connectMs: 3_600_000 }), server(store, clock)];
    dead.want(most);
    await pass(clock, 10);
    living.want(most);
    await pass(clock, 14_900);
    expect(living.sentAtMs).toEqual([]);
    await pass(clock, 200);
    expect(living.sentAtMs).toHaveLength(most);
  });

  it('is not shared between tokens', async () => {
    const clock = testClock();
    const store = testStore(clock);
    const [a, b] = [server(store, clock), server(store, clock, { fingerprint: 'two' })];
    a.want(most);
    b.want(most);
    await pass(clock, 10);
    expect([a.sentAtMs.length, b.sentAtMs.length]).toEqual([most, most]);
  });
});
