import { describe, expect, it } from 'vitest';
import { callOf } from '../src/upstream/endpoints/call.js';
import { endpoints } from '../src/upstream/endpoints/table.js';
import { hasRedisServer } from './bench/redisServer.js';
import { differences, type Path } from './soak/differences.js';
import { judge } from './soak/memory.js';
import { Payments, reasons } from './soak/payments.js';
import { runSoak, type SoakOptions } from './soak/run.js';
import { requestOf } from './soak/traffic.js';

const short = { seconds: 6, seed: '1', processes: 2, workers: 1, clients: 4, eventEverySeconds: 1 } as const;

async function expectNothingBroken(store: SoakOptions['store']): Promise<void> {
  const report = await runSoak({ ...short, store, onlyEvents: '', onProgress: () => {} });
  expect(report.broken).toEqual([]);
  expect(report.sections).toBeGreaterThan(50);
  expect(report.payments.ideal).toBeGreaterThan(20);
  expect(report.events.size).toBeGreaterThan(0);
}

describe('servers that share a store, on a bad day (npm run soak is the long version)', () => {
  it('break no promise over an SQLite file', () => expectNothingBroken('sqlite'));
  it.skipIf(!hasRedisServer())('break no promise over Redis', () => expectNothingBroken('redis'));

  it('get the same requests from the same seed', () => {
    const requests = (seed: string) => Array.from({ length: 50 }, (_, n) => requestOf(seed, n, 400));
    expect(requests('1')).toEqual(requests('1'));
    expect(requests('1')).not.toEqual(requests('2'));
  });
});

describe('payments', () => {
  const args = { creatorId: '7000000000000000001', platform: 'SHORT_VIDEO' } as const;
  const { key } = callOf('profile', args);
  const query = `oAuthorId=${args.creatorId}&platform=${args.platform}`;
  const call = () => ({ ...args, path: endpoints.profile.path, query });

  function setUp() {
    let nowMs = 0;
    const options = { ttlMs: 10_000, rememberMs: 60_000, timeoutMs: 2_000, now: () => nowMs };
    const payments = new Payments(options);
    const at = (ms: number) => {
      nowMs = ms;
      return payments;
    };
    const pay = (ms: number) => at(ms).onBilled(call());
    const sums = () => ({
      ideal: payments.ideal,
      again: Object.fromEntries(payments.again),
      unexplained: payments.unexplained.length,
    });
    return { payments, at, pay, sums };
  }

  it('are ideal once for each time that an answer is fresh, and else need a reason', () => {
    const { payments, pay, sums } = setUp();
    pay(0);
    pay(10_000);
    pay(15_000);
    expect(sums()).toEqual({ ideal: 2, again: {}, unexplained: 1 });
    expect(payments.unexplained[0]).toBe(`${endpoints.profile.path}?${query}: again after 5.0 s`);
  });

  it('may be made once for each client that asks for a newer answer', () => {
    const { at, pay, sums } = setUp();
    pay(0);
    at(1_000).demand(key, 3);
    pay(2_000);
    expect(sums().unexplained).toBe(1);
    at(6_000).demand(key, 3);
    pay(6_000);
    pay(9_500);
    expect(sums()).toEqual({ ideal: 1, again: { [reasons.asked]: 2 }, unexplained: 1 });
  });

  it('may be made again after a kill, unless a client had received the answer', () => {
    const { at, pay, sums } = setUp();
    pay(0);
    at(100).noteKill();
    pay(1_000);
    expect(sums()).toEqual({ ideal: 1, again: { [reasons.killed]: 1 }, unexplained: 0 });
    at(1_010).received(key, 1_005);
    at(1_500).noteKill();
    pay(2_100);
    expect(sums().unexplained).toBe(1);
  });

  it('may be made again while the store is away, and after it has lost its data', () => {
    const { at, pay, sums } = setUp();
    pay(0);
    const isBack = at(5_000).storeAway();
    pay(6_000);
    at(7_000);
    isBack();
    pay(8_000);
    at(9_000).noteEmptied();
    pay(9_500);
    expect(sums()).toEqual({
      ideal: 1,
      again: { [reasons.away]: 1, [reasons.emptied]: 1 },
      unexplained: 1,
    });
  });

  it('are good until the oldest answer is stale that servers have paid for while the store was away', () => {
    const { at, pay, sums } = setUp();
    const isBack = at(0).storeAway();
    pay(1_000);
    pay(5_000);
    at(6_000);
    isBack();
    pay(11_000);
    pay(14_000);
    expect(sums()).toEqual({ ideal: 2, again: { [reasons.away]: 1 }, unexplained: 1 });
  });

  it('may not be made again within a minute of a failure that may have been billed', () => {
    const { payments, at, pay, sums } = setUp();
    at(0).onFault(call(), 'timeout');
    pay(61_000);
    expect(sums().unexplained).toBe(1);
    const broken = call();
    at(100_000);
    payments.onFault(broken, 'broken');
    payments.onBilled(broken);
    pay(120_000);
    expect(payments.useless).toBe(1);
    expect(sums().unexplained).toBe(2);
  });

  it('may be made again if upstream has reset a call that had just begun', () => {
    const { payments, at, pay, sums } = setUp();
    at(0).onFault(call(), 'timeout');
    at(400).noteReset();
    pay(25_000);
    expect(sums()).toEqual({ ideal: 1, again: {}, unexplained: 0 });
    at(100_000);
    payments.onFault(call(), 'timeout');
    at(101_900).noteReset();
    pay(161_000);
    expect(sums().unexplained).toBe(1);
  });

  it('are there for each answer that a client receives', () => {
    const { at, pay } = setUp();
    pay(1_000);
    expect(at(2_000).received(key, 1_002)).toBeNull();
    expect(at(2_000).received(key, 900)).toContain('nobody paid for');
  });
});

describe('differences', () => {
  const isFailed = (path: Path) => String(path) === 'creator,prices';

  it('are found in values, in lists and in names, but not in what is checked elsewhere', () => {
    const expected = { creator: { id: '1', prices: { items: [1, 2] }, profile: { name: 'a' } } };
    const found = (creator: object) => [...differences({ creator }, expected, isFailed)];
    expect(found(expected.creator)).toEqual([]);
    expect(found({ ...expected.creator, prices: null })).toEqual([]);
    expect(found({ ...expected.creator, profile: null })).toEqual([
      'creator.profile: null instead of {"name":"a"}',
    ]);
    expect(found({ ...expected.creator, prices: { items: [2, 1] } })).toHaveLength(2);
    expect(found({ ...expected.creator, prices: { items: [1] } })).toEqual([
      'creator.prices.items has 0 instead of 0,1',
    ]);
    expect(found({ id: '1', profile: { name: 'a' }, prices: { items: [1, 2] } })).toHaveLength(1);
  });
});

describe('memory', () => {
  const readings = (mbAt: (seconds: number) => number) =>
    Array.from({ length: 120 }, (_, nth) => ({ seconds: 5 * nth, mb: mbAt(5 * nth) }));

  it('grows if its trend says so, and not because it has peaks', () => {
    const name = 'server 1';
    const steady = readings((seconds) => 200 + (seconds % 20) * 5);
    expect(judge({ name, readings: steady }, 600).isGrowing).toBe(false);
    const leaking = readings((seconds) => 200 + seconds / 10 + (seconds % 20));
    expect(judge({ name, readings: leaking }, 600)).toMatchObject({ isGrowing: true });
    const warmed = readings((seconds) => 100 + Math.min(seconds, 150));
    expect(judge({ name, readings: warmed }, 600).isGrowing).toBe(false);
    expect(judge({ name, readings: leaking.slice(5) }, 600).mbPerMinute).toBeNull();
    expect(judge({ name, readings: leaking.slice(0, 36) }, 180).mbPerMinute).toBeNull();
  });
});
