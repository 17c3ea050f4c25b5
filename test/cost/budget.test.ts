import { describe, expect, it } from 'vitest';
import { DayBudget } from '../../src/cost/budget.js';
import { openDriver } from '../../src/upstream/store/open.js';
import type { Store } from '../../src/upstream/store/store.js';
import {
  atEnd,
  recordingLogger,
  type TestClock,
  temporaryFolder,
  testClock,
  testStore,
} from '../fixtures.js';

/** Noon in China. */
const noonMs = Date.UTC(2026, 2, 1, 4);

function budgetOf(store: Store, clock: TestClock, { limit = 3 as number | null, fingerprint = 'one' } = {}) {
  const { logger, logs } = recordingLogger();
  return { budget: new DayBudget({ store, fingerprint, limit, logger, now: clock.now }), logs };
}

function setUp(limit: number | null = 3) {
  const clock = testClock(noonMs);
  const store = testStore(clock);
  return { clock, store, ...budgetOf(store, clock, { limit }) };
}

const exceeded = { code: 'BUDGET_EXCEEDED', endpoint: 'profile', billed: 'no', isHeldBack: true };

describe('the budget of a day', () => {
  it('lets so many calls be paid, and tells when the next may be', async () => {
    const { budget } = setUp();
    for (let nth = 0; nth < 3; nth += 1) await budget.take('profile');
    await expect(budget.take('profile')).rejects.toMatchObject({
      ...exceeded,
      retryAfterSeconds: 12 * 3_600,
    });
    expect(await budget.spentToday()).toBe(3);
  });

  it('is one for all servers, however many ask at once', async () => {
    const { clock, store, budget } = setUp(30);
    const { budget: other } = budgetOf(store, clock, { limit: 30 });
    const taken = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, nth) => (nth % 2 ? budget : other).take('profile')),
    );
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(30);
    expect(await other.spentToday()).toBe(30);
  });

  it('has a call back that was not billed', async () => {
    const { budget } = setUp(1);
    const giveBack = await budget.take('profile');
    await expect(budget.take('profile')).rejects.toMatchObject(exceeded);
    giveBack();
    await budget.take('profile');
    expect(await budget.spentToday()).toBe(1);
  });

  it('begins anew at midnight in China, and a call is given back to the day it was taken on', async () => {
    const { clock, budget } = setUp(2);
    const giveBack = await budget.take('profile');
    await budget.take('profile');
    clock.advance(12 * 3_600 - 1);
    await expect(budget.take('profile')).rejects.toMatchObject({ retryAfterSeconds: 1 });
    clock.advance(1);
    expect(await budget.spentToday()).toBe(0);
    await budget.take('profile');
    giveBack();
    expect(await budget.spentToday()).toBe(1);
  });

  it('is spent for the next process, too, in LMDB', async () => {
    const clock = testClock(Date.now());
    const config = { storeUrl: `lmdb:${await temporaryFolder()}`, cacheMaxBytes: 1_048_576 };
    const store = await openDriver(config);
    const { budget } = budgetOf(store, clock, { limit: 2 });
    await budget.take('profile');
    await budget.take('profile');
    await store.close();

    const reopened = await openDriver(config);
    atEnd(() => reopened.close());
    const { budget: next } = budgetOf(reopened, clock, { limit: 2 });
    expect(await next.spentToday()).toBe(2);
    await expect(next.take('profile')).rejects.toMatchObject(exceeded);
  });

  it('is told to be spent once a day', async () => {
    const { clock, budget, logs } = setUp(1);
    const spend = () => Promise.allSettled([1, 2, 3].map(async () => budget.take('profile')));
    await spend();
    await spend();
    expect(logs).toHaveLength(1);
    expect(logs[0]).toContain('budget of 1 paid calls (DAILY_MAX_CALLS) is spent');
    clock.advance(86_400);
    await spend();
    expect(logs).toHaveLength(2);
  });

  it('without a limit counts all the same, and nobody waits for it', async () => {
    const { budget, logs } = setUp(null);
    const giveBacks = Array.from({ length: 50 }, () => budget.take('profile'));
    for (const giveBack of giveBacks) expect(giveBack).toBeTypeOf('function');
    await giveBacks[0];
    expect(await budget.spentToday()).toBe(50);
    (await giveBacks[0])?.();
    expect(await budget.spentToday()).toBe(49);
    expect(logs).toEqual([]);
  });

  it('is each token its own', async () => {
    const { clock, store, budget } = setUp(1);
    await budget.take('profile');
    const { budget: other } = budgetOf(store, clock, { limit: 1, fingerprint: 'two' });
    await other.take('profile');
    expect(await other.spentToday()).toBe(1);
  });
});
