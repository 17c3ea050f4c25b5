import { describe, expect, it } from 'vitest';
import { Operation } from '../../../src/upstream/cache/operation.js';
import { testClock } from '../../fixtures.js';

function setUp() {
  const clock = testClock();
  const client = new AbortController();
  let timers = 0;
  const operation = new Operation({
    signal: client.signal,
    payer: null,
    timeoutMs: 10_000,
    elapsed: clock.elapsed,
    after: (delayMs, run) => {
      timers += 1;
      const stop = clock.after(delayMs, run);
      return () => {
        timers -= 1;
        stop();
      };
    },
  });
  let gone = 0;
  const waitFor = (call: Promise<unknown>) =>
    operation
      .waitFor(call, 'profile', () => {
        gone += 1;
      })
      .catch((error: unknown) => error);
  return { operation, client, clock, waitFor, timers: () => timers, gone: () => gone };
}

const never = new Promise<never>(() => {});

describe('an operation that waits', () => {
  it('gets what the call gives, and leaves no timer behind', async () => {
    const { waitFor, timers } = setUp();
    const failure = new Error('no');
    const both = Promise.all([waitFor(Promise.resolve('answer')), waitFor(Promise.reject(failure))]);
    expect(timers()).toBe(1);
    expect(await both).toEqual(['answer', failure]);
    await Promise.resolve();
    expect(timers()).toBe(0);
  });

  it('gives up when its time is up, counted from its start', async () => {
    const { waitFor, clock, gone } = setUp();
    clock.advance(4);
    const outcome = waitFor(never);
    clock.advance(5.9);
    expect(await Promise.race([outcome, Promise.resolve('still waits')])).toBe('still waits');
    clock.advance(0.1);
    expect(await outcome).toMatchObject({ code: 'UPSTREAM_TIMEOUT', billed: 'no', retryAfterSeconds: 5 });
    expect(gone()).toBe(0);
  });

  it('tells every call when its client hangs up', async () => {
    const { waitFor, client, gone, timers } = setUp();
    const outcomes = [waitFor(never), waitFor(never)];
    client.abort();
    expect(await Promise.all(outcomes)).toEqual(Array(2).fill(expect.objectContaining({ isHeldBack: true })));
    expect(gone()).toBe(2);
    expect(timers()).toBe(0);
  });

  it('starts nothing once its time is up or its client has gone', () => {
    const late = setUp();
    late.operation.throwIfOver('profile');
    late.clock.advance(10);
    expect(() => late.operation.throwIfOver('profile')).toThrowError(/no call was made/);
    const left = setUp();
    left.client.abort();
    expect(() => left.operation.throwIfOver('profile')).toThrowError(/No operation waits/);
  });
});
