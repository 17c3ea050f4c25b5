import { describe, expect, it, vi } from 'vitest';
import { KnownAnswers } from '../../../src/upstream/cache/knownAnswers.js';
import { Operation } from '../../../src/upstream/cache/operation.js';
import { SectionCache } from '../../../src/upstream/cache/sectionCache.js';
import type { CallResult } from '../../../src/upstream/cache/singleFlight.js';
import type { InFlightCall } from '../../../src/upstream/call/inFlightCall.js';
import type { PaidAnswer } from '../../../src/upstream/call/pipeline.js';
import { callOf } from '../../../src/upstream/endpoints/call.js';
import { UpstreamError } from '../../../src/upstream/errors.js';
import { SandboxState } from '../../../src/upstream/sandboxState.js';
import { testClock } from '../../fixtures.js';

type MakeCall = (inFlight: InFlightCall<CallResult>) => Promise<PaidAnswer>;

/** Creators `a`, `b` and `c`. */
const ids = { a: '6629722295873044491', b: '6629722295873044492', c: '6629722295873044493' } as const;

function setUp(maxBytes = 1_048_576) {
  const clock = testClock();
  const sandbox = new SandboxState(false);
  const known = new KnownAnswers({ maxBytes, store: null, sandbox, now: clock.now });
  const calls: string[] = [];
  let makeCall: MakeCall = () => Promise.reject(new Error('no call was expected'));
  const cache = new SectionCache({
    known,
    shared: null,
    makeCall: (_, inFlight) => makeCall(inFlight),
    ttlSecondsOf: () => 60,
    staleMs: 100_000,
    now: clock.now,
    elapsed: clock.elapsed,
  });
  const { signal } = new AbortController();
  const get = async (of: keyof typeof ids, make: MakeCall, maxAgeSeconds = 60) => {
    makeCall = make;
    const operation = new Operation({
      ...clock,
      signal,
      payer: null,
      operationName: null,
      requestId: 'test',
      timeoutMs: 90_000,
    });
    const call = callOf('profile', { creatorId: ids[of], platform: 'SHORT_VIDEO' });
    const request = { call, maxAgeSeconds, awaitedFromSeconds: maxAgeSeconds };
    const [found] = cache.lookUp([request], operation);
    const { entry } = (await found) ?? {};
    return { entry, outcome: operation.lookups[0]?.outcome };
  };
  const call =
    (of: keyof typeof ids, body = '{"data":{}}'): MakeCall =>
    async (inFlight) => {
      calls.push(of);
      inFlight.noteSent();
      inFlight.noteBilled('yes');
      return { body, fetchedAtMs: clock.now(), isSandbox: false, value: {} };
    };
  return { clock, get, calls, call };
}

describe('a look-up', () => {
  it('says how it came by its answer', async () => {
    const { clock, get, calls, call } = setUp();
    const first = get('a', call('a'));
    const second = get('a', call('a'));
    expect((await first).outcome).toBe('paid');
    expect((await second).outcome).toBe('coalesced');
    expect((await get('a', call('a'))).outcome).toBe('cached');
    clock.advance(61);
    const failing = () => Promise.reject(unbilled());
    expect((await get('a', failing)).outcome).toBe('stale');
    expect(calls).toEqual(['a']);
  });

  it('joins a call in flight whatever age it accepts', async () => {
    const { get, calls, call } = setUp();
    await Promise.all([0, 1, 60].map((maxAgeSeconds) => get('a', call('a'), maxAgeSeconds)));
    expect(calls).toEqual(['a']);
  });

  it('pays no second time, however close to the end of a call it comes', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const { get, calls, call } = setUp();
      let end = () => {};
      const ending = new Promise<void>((resolve) => {
        end = resolve;
      });
      const first = get('a', async (inFlight) => {
        const answer = await call('a')(inFlight);
        await ending;
        return answer;
      });
      await vi.waitFor(() => expect(calls).toEqual(['a']));
      end();
      for (let turn = 0; turn < turns; turn += 1) await null;
      await Promise.all([first, get('a', call('a'))]);
      expect([turns, ...calls]).toEqual([turns, 'a']);
    }
  });

  it('that joined a failing call fails with it, and the next one calls again', async () => {
    const { get, calls, call } = setUp();
    const failing = () => Promise.reject(unbilled());
    const outcomes = await Promise.allSettled([get('a', failing), get('a', failing)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await get('a', call('a'))).outcome).toBe('paid');
    expect(calls).toEqual(['a']);
  });
});

describe('the memory level', () => {
  it('keeps even an answer that is larger than the whole', async () => {
    const { get, calls, call } = setUp(100_000);
    for (let nth = 0; nth < 3; nth += 1) await get('a', call('a', 'x'.repeat(300_000)));
    expect(calls).toEqual(['a']);
  });

  it('pays for an age of 0 even when the clock has stepped back', async () => {
    const { clock, get, calls, call } = setUp();
    await get('a', call('a'));
    clock.advance(-5);
    await get('a', call('a'), 0);
    expect(calls).toEqual(['a', 'a']);
  });

  it('stays within its bytes by dropping what was asked for longest ago', async () => {
    const { get, calls, call } = setUp(100_000);
    const body = JSON.stringify('x'.repeat(9_000));
    for (const of of ['a', 'b'] as const) await get(of, call(of, body));
    await get('a', call('a'));
    await get('c', call('c', body));
    await get('a', call('a'));
    await get('b', call('b'));
    expect(calls).toEqual(['a', 'b', 'c', 'b']);
  });
});

function unbilled(): UpstreamError {
  return new UpstreamError('UPSTREAM_COLLECTION_FAILED', 'Again', { endpoint: 'profile', billed: 'no' });
}
