import { describe, expect, it, vi } from 'vitest';
import { Lookup } from '../../../src/upstream/cache/lookup.js';
import { Asker } from '../../../src/upstream/cache/operation.js';
import { SectionCache } from '../../../src/upstream/cache/sectionCache.js';
import type { Entry } from '../../../src/upstream/cache/storedAnswer.js';
import type { Flight } from '../../../src/upstream/call/inFlightCall.js';
import type { Section } from '../../../src/upstream/client.js';
import { profile } from '../../../src/upstream/endpoints/profile.js';
import { UpstreamError } from '../../../src/upstream/errors.js';
import { testClock } from '../../fixtures.js';

const maxAgeMs = 60_000;

const request = {
  endpoint: 'profile',
  creatorId: '6629722295873044494',
  platform: 'SHORT_VIDEO',
  maxAgeSeconds: 60,
  awaitedFromSeconds: 60,
} as const;

function setUp(maxBytes = 1_048_576) {
  const clock = testClock();
  const queue = { promote: () => {}, leave: () => false };
  const cache = new SectionCache({
    maxBytes,
    staleMs: 100_000,
    now: clock.now,
    queue,
    shared: null,
    isUsable: () => true,
  });
  const signal = new AbortController().signal;
  const get = async (key: string, call: (flight: Flight) => Promise<Entry>, wanted = maxAgeMs) => {
    const asker = new Asker({ ...clock, signal, payer: null, timeoutMs: 90_000 });
    const lookup = new Lookup(request, asker, clock.elapsed());
    const entry = await cache.get(
      {
        name: key,
        subject: { ...request, endpoint: profile },
        maxAgeMs: wanted,
        awaitedFromMs: wanted,
        freshMs: 60_000,
      },
      asker,
      lookup,
      call,
    );
    return { entry, outcome: lookup.outcome };
  };
  const calls: string[] = [];
  const call =
    (key: string, body = '{}') =>
    async (flight: Flight): Promise<Entry> => {
      calls.push(key);
      flight.sending();
      flight.billed = 'yes';
      return {
        body,
        section: {} as Section,
        fetchedAtMs: clock.now(),
        isSandbox: false,
        version: null,
        serial: 0,
      };
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

  it('joins a call under way whatever age it wants', async () => {
    const { get, calls, call } = setUp();
    await Promise.all([0, 1_000, 60_000].map((wanted) => get('a', call('a'), wanted)));
    expect(calls).toEqual(['a']);
  });

  it('pays no second time, however close to the end of a call it comes', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const { get, calls, call } = setUp();
      let land = () => {};
      const landing = new Promise<void>((resolve) => {
        land = resolve;
      });
      const first = get('a', async (flight) => {
        const entry = await call('a')(flight);
        await landing;
        return entry;
      });
      await vi.waitFor(() => expect(calls).toEqual(['a']));
      land();
      for (let turn = 0; turn < turns; turn += 1) await null;
      await Promise.all([first, get('a', call('a'))]);
      expect([turns, ...calls]).toEqual([turns, 'a']);
    }
  });

  it('that joined a failing call fails with it, and the next one calls again', async () => {
    const { get, calls, call } = setUp();
    const failing = () => Promise.reject(unbilled());
    const outcomes = await Promise.allSettled([get('a', failing), get('a', call('a'))]);
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

  it('stays within its bytes by dropping what was not asked for longest', async () => {
    const { get, calls, call } = setUp(100_000);
    const data = JSON.stringify('x'.repeat(9_000));
    for (const key of ['a', 'b']) await get(key, call(key, data));
    await get('a', call('a'));
    await get('c', call('c', data));
    await get('a', call('a'));
    await get('b', call('b'));
    expect(calls).toEqual(['a', 'b', 'c', 'b']);
  });
});

function unbilled(): UpstreamError {
  return new UpstreamError('UPSTREAM_COLLECTION_FAILED', 'Again', { endpoint: 'profile', billed: 'no' });
}
