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
    operationName: null,
    requestId: 'test',
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
  let disconnected = 0;
  const waitFor = (call: Promise<unknown>) =>
    operation
      .waitFor(call, 'profile', () => {
        disconnected += 1;
      })
      .catch((error: unknown) => error);
  return { operation, client, clock, waitFor, timers: () => timers, disconnected: () => disconnected };
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
    const { waitFor, clock, disconnected } = setUp();
    clock.advance(4);
    const outcome = waitFor(never);
    clock.advance(5.9);
    expect(await Promise.race([outcome, Promise.resolve('still waits')])).toBe('still waits');
    clock.advance(0.1);
    expect(await outcome).toMatchObject({ code: 'UPSTREAM_TIMEOUT', billed: 'no', retryAfterSeconds: 5 });
    expect(disconnected()).toBe(0);
  });

  it('notifies every call when its client disconnects', async () => {
    const { waitFor, client, disconnected, timers } = setUp();
    const outcomes = [waitFor(never), waitFor(never)];
    client.abort();
    expect(await Promise.all(outcomes)).toEqual(Array(2).fill(expect.objectContaining({ isHeldBack: true })));
    expect(disconnected()).toBe(2);
    expect(timers()).toBe(0);
  });

  it('starts nothing once it has timed out or its client has disconnected', () => {
    const late = setUp();
    late.operation.throwIfOver('profile');
    late.clock.advance(10);
    expect(() => late.operation.throwIfOver('profile')).toThrowError(/No call was made/);
    const left = setUp();
    left.client.abort();
    expect(() => left.operation.throwIfOver('profile')).toThrowError(/No operation waits/);
  });
});
