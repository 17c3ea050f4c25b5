import { describe, expect, it } from 'vitest';
import type { Payer } from '../../../src/apiKeys.js';
import { Budgets } from '../../../src/upstream/call/budget.js';
import { openDriver } from '../../../src/upstream/store/open.js';
import type { Store } from '../../../src/upstream/store/store.js';
import {
  atEnd,
  recordingLogger,
  type TestClock,
  temporaryFolder,
  testClock,
  testStore,
} from '../../fixtures.js';

/** Noon in China. */
const noonMs = Date.UTC(2026, 2, 1, 4);

const dashboard: Payer = { name: 'dash', dailyMaxCalls: 2, isAdmin: false };
const unlimited: Payer = { name: 'free', dailyMaxCalls: null, isAdmin: false };

function budgetOf(store: Store, clock: TestClock, { limit = 3 as number | null, fingerprint = 'one' } = {}) {
  const { logger, logs } = recordingLogger();
  const payers = [dashboard, unlimited];
  const budgets = new Budgets({ store, fingerprint, limit, payers, logger, now: clock.now });
  const budget = {
    take: (endpoint: string) => budgets.take(endpoint, null),
    spentToday: () => budgets.spentToday(null),
  };
  return { budgets, budget, logs };
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
    const isSpent = 'budget of 1 paid calls (DAILY_MAX_CALLS) is spent';
    await spend();
    await spend();
    expect(logs.filter((line) => line.includes(isSpent))).toHaveLength(1);
    clock.advance(86_400);
    await spend();
    expect(logs.filter((line) => line.includes(isSpent))).toHaveLength(2);
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

  it('is told once a day to be four fifths spent, in the log and in its state', async () => {
    const { clock, budgets, budget, logs } = setUp(10);
    for (let nth = 0; nth < 7; nth += 1) await budget.take('profile');
    expect(logs).toEqual([]);
    expect((await budgets.states())[0]).toEqual({ name: 'server', limit: 10, spent: 7, isLow: false });
    for (let nth = 0; nth < 3; nth += 1) await budget.take('profile');
    expect(logs).toHaveLength(1);
    expect(logs[0]).toContain('8 of the 10 paid calls');
    expect((await budgets.states())[0]).toEqual({ name: 'server', limit: 10, spent: 10, isLow: true });
    clock.advance(86_400);
    for (let nth = 0; nth < 8; nth += 1) await budget.take('profile');
    expect(logs).toHaveLength(2);
  });

  it('of 0 is spent, and never low', async () => {
    const { budgets, budget, logs } = setUp(0);
    await expect(budget.take('profile')).rejects.toMatchObject(exceeded);
    expect((await budgets.states())[0]).toEqual({ name: 'server', limit: 0, spent: 0, isLow: false });
    expect(logs).toHaveLength(1);
  });

  it('is each token its own', async () => {
    const { clock, store, budget } = setUp(1);
    await budget.take('profile');
    const { budget: other } = budgetOf(store, clock, { limit: 1, fingerprint: 'two' });
    await other.take('profile');
    expect(await other.spentToday()).toBe(1);
  });
});

describe("a key's budget", () => {
  it("is its own, and counts against the server's as well", async () => {
    const { budgets } = setUp(3);
    await budgets.take('profile', dashboard);
    await budgets.take('profile', dashboard);
    await expect(budgets.take('profile', dashboard)).rejects.toMatchObject({
      ...exceeded,
      message: expect.stringContaining('2 paid calls (API_KEYS, dash)'),
    });
    expect(await budgets.spentToday(null)).toBe(2);
    await budgets.take('profile', unlimited);
    await expect(budgets.take('profile', unlimited)).rejects.toMatchObject({
      ...exceeded,
      message: expect.stringContaining('DAILY_MAX_CALLS'),
    });
    expect((await budgets.states()).map(({ name, spent, limit }) => [name, spent, limit])).toEqual([
      ['server', 3, 3],
      ['key dash', 2, 2],
      ['key free', 1, null],
    ]);
  });

  it("has back what the server's refused, and what was not billed", async () => {
    const { budgets } = setUp(1);
    const giveBack = await budgets.take('profile', null);
    await expect(budgets.take('profile', dashboard)).rejects.toMatchObject(exceeded);
    expect(await budgets.spentToday(dashboard)).toBe(0);
    giveBack();
    (await budgets.take('profile', dashboard))();
    expect(await budgets.spentToday(dashboard)).toBe(0);
    expect(await budgets.spentToday(null)).toBe(0);
  });

  it('leaves as many calls as the narrower of the two', async () => {
    const { budgets } = setUp(3);
    expect(await budgets.leftToday(null)).toBe(3);
    expect(await budgets.leftToday(dashboard)).toBe(2);
    for (let nth = 0; nth < 2; nth += 1) await budgets.take('profile', null);
    expect(await budgets.leftToday(dashboard)).toBe(1);
    expect(await budgets.leftToday(unlimited)).toBe(1);
    expect(await setUp(null).budgets.leftToday(unlimited)).toBe(Number.POSITIVE_INFINITY);
  });

  it('without a limit counts all the same, and nobody waits for it', async () => {
    const { budgets } = setUp(null);
    const giveBack = budgets.take('profile', unlimited);
    expect(giveBack).toBeTypeOf('function');
    expect(await budgets.spentToday(unlimited)).toBe(1);
    (await giveBack)();
    expect(await budgets.spentToday(unlimited)).toBe(0);
  });
});
