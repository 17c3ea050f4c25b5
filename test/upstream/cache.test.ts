import { describe, expect, it } from 'vitest';
import { type Entry, SectionCache } from '../../src/upstream/cache.js';
import { UpstreamError } from '../../src/upstream/errors.js';
import { testClock } from '../harness.js';

const ages = { maxAgeMs: 60_000, freshMs: 60_000 };

function setUp(maxBytes = 1_048_576) {
  const clock = testClock();
  const cache = new SectionCache({ maxBytes, staleMs: 100_000, now: clock.now });
  const calls: string[] = [];
  const call =
    (key: string, data = '{}') =>
    async (): Promise<Entry> => {
      calls.push(key);
      return { data, value: {}, fetchedAtMs: clock.now() };
    };
  return { clock, cache, calls, call };
}

describe('a look-up', () => {
  it('says how it came by its answer', async () => {
    const { clock, cache, calls, call } = setUp();
    const first = cache.get('a', ages, call('a'));
    const second = cache.get('a', ages, call('a'));
    expect((await first).status).toBe('paid');
    expect((await second).status).toBe('joined');
    expect((await cache.get('a', ages, call('a'))).status).toBe('hit');
    clock.advance(61);
    const failing = () => Promise.reject(unbilled());
    expect((await cache.get('a', ages, failing)).status).toBe('stale');
    expect(calls).toEqual(['a']);
  });

  it('joins a call under way whatever age it wants', async () => {
    const { cache, calls, call } = setUp();
    await Promise.all([0, 1_000, 60_000].map((maxAgeMs) => cache.get('a', { ...ages, maxAgeMs }, call('a'))));
    expect(calls).toEqual(['a']);
  });

  it('that joined a failing call fails with it, and the next one calls again', async () => {
    const { cache, calls, call } = setUp();
    const failing = () => Promise.reject(unbilled());
    const outcomes = await Promise.allSettled([
      cache.get('a', ages, failing),
      cache.get('a', ages, call('a')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await cache.get('a', ages, call('a'))).status).toBe('paid');
    expect(calls).toEqual(['a']);
  });
});

describe('the memory level', () => {
  it('keeps even an answer that is larger than the whole', async () => {
    const { cache, calls, call } = setUp(100_000);
    for (let nth = 0; nth < 3; nth += 1) await cache.get('a', ages, call('a', 'x'.repeat(300_000)));
    expect(calls).toEqual(['a']);
  });

  it('pays for an age of 0 even when the clock has stepped back', async () => {
    const { clock, cache, calls, call } = setUp();
    await cache.get('a', ages, call('a'));
    clock.advance(-5);
    await cache.get('a', { ...ages, maxAgeMs: 0 }, call('a'));
    expect(calls).toEqual(['a', 'a']);
  });

  it('stays within its bytes by dropping what was not asked for longest', async () => {
    const { cache, calls, call } = setUp(100_000);
    const data = JSON.stringify('x'.repeat(9_000));
    for (const key of ['a', 'b']) await cache.get(key, ages, call(key, data));
    await cache.get('a', ages, call('a'));
    await cache.get('c', ages, call('c', data));
    await cache.get('a', ages, call('a'));
    await cache.get('b', ages, call('b'));
    expect(calls).toEqual(['a', 'b', 'c', 'b']);
  });
});

function unbilled(): UpstreamError {
  return new UpstreamError('UPSTREAM_COLLECTION_FAILED', 'Again', { endpoint: 'profile', billed: 'no' });
}
