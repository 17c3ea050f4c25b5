import { describe, expect, it } from 'vitest';
import type { Payer } from '../../../src/apiKeys.js';
import { Budgets } from '../../../src/upstream/call/budget.js';
import { openDriver } from '../../../src/upstream/store/open.js';
import type { Store } from '../../../src/upstream/store/store.js';
import {
  atEnd,
  recordingLogger,
  type TestClock,
  temporaryStore,
  testClock,
  testStore,
} from '../../fixtures.js';

/** Noon in China. */
const noonMs = Date.UTC(2026, 2, 1, 4);

const dashboard: Payer = { name: 'dash', dailyMaxCalls: 2, role: 'client' };
const unlimited: Payer = { name: 'free', dailyMaxCalls: null, role: 'client' };

function budgetOf(store: Store, clock: TestClock, { limit = 3 as number | null, fingerprint = 'one' } = {}) {
  const { logger, logs } = recordingLogger();
  const payers = [dashboard, unlimited];
  const budgets = new Budgets({ store, fingerprint, limit, payers, logger, now: clock.now });
  const budget = {
    reserve: () => budgets.reserve('profile', null),
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
  it('refuses the call beyond its limit and says when the next one is possible', async () => {
    const { budget } = setUp();
    for (let nth = 0; nth < 3; nth += 1) await budget.reserve();
    await expect(budget.reserve()).rejects.toMatchObject({
      ...exceeded,
      retryAfterSeconds: 12 * 3_600,
    });
    expect(await budget.spentToday()).toBe(3);
  });

  it('is shared by all servers, however many calls they reserve at once', async () => {
    const { clock, store, budget } = setUp(30);
    const { budget: other } = budgetOf(store, clock, { limit: 30 });
    const reserved = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, nth) => (nth % 2 ? budget : other).reserve()),
    );
    expect(reserved.filter(({ status }) => status === 'fulfilled')).toHaveLength(30);
    expect(await other.spentToday()).toBe(30);
  });

  it('has room again for a call that is released', async () => {
    const { budget } = setUp(1);
    const release = await budget.reserve();
    await expect(budget.reserve()).rejects.toMatchObject(exceeded);
    release();
    await budget.reserve();
    expect(await budget.spentToday()).toBe(1);
  });

  it('starts anew at midnight in China, and a call is released on the day it was reserved', async () => {
    const { clock, budget } = setUp(2);
    const release = await budget.reserve();
    await budget.reserve();
    clock.advance(12 * 3_600 - 1);
    await expect(budget.reserve()).rejects.toMatchObject({ retryAfterSeconds: 1 });
    clock.advance(1);
    expect(await budget.spentToday()).toBe(0);
    await budget.reserve();
    release();
    expect(await budget.spentToday()).toBe(1);
  });

  it('stays spent when the process restarts, in SQLite', async () => {
    const clock = testClock(Date.now());
    const config = { storeUrl: await temporaryStore(), cacheMaxBytes: 1_048_576 };
    const store = await openDriver(config, recordingLogger().logger);
    const { budget } = budgetOf(store, clock, { limit: 2 });
    await budget.reserve();
    await budget.reserve();
    await store.close();

    const reopened = await openDriver(config, recordingLogger().logger);
    atEnd(() => reopened.close());
    const { budget: next } = budgetOf(reopened, clock, { limit: 2 });
    expect(await next.spentToday()).toBe(2);
    await expect(next.reserve()).rejects.toMatchObject(exceeded);
  });

  it('is logged as spent once a day', async () => {
    const { clock, budget, logs } = setUp(1);
    const spend = () => Promise.allSettled([1, 2, 3].map(async () => budget.reserve()));
    const isSpent = 'budget of 1 paid calls (DAILY_MAX_CALLS) is spent';
    await spend();
    await spend();
    expect(logs.filter((line) => line.includes(isSpent))).toHaveLength(1);
    clock.advance(86_400);
    await spend();
    expect(logs.filter((line) => line.includes(isSpent))).toHaveLength(2);
  });

  it('counts without a limit too, and then reserves without waiting for the store', async () => {
    const { budget, logs } = setUp(null);
    const releases = Array.from({ length: 50 }, () => budget.reserve());
    for (const release of releases) expect(release).toBeTypeOf('function');
    await releases[0];
    expect(await budget.spentToday()).toBe(50);
    (await releases[0])?.();
    expect(await budget.spentToday()).toBe(49);
    expect(logs).toEqual([]);
  });

  it('is low from four fifths on, in its state and once a day in the log', async () => {
    const { clock, budgets, budget, logs } = setUp(10);
    for (let nth = 0; nth < 7; nth += 1) await budget.reserve();
    expect(logs).toEqual([]);
    expect((await budgets.states())[0]).toEqual({ name: 'server', limit: 10, spent: 7, isLow: false });
    for (let nth = 0; nth < 3; nth += 1) await budget.reserve();
    expect(logs).toHaveLength(1);
    expect(logs[0]).toContain("8 of the day's 10 paid calls");
    expect((await budgets.states())[0]).toEqual({ name: 'server', limit: 10, spent: 10, isLow: true });
    clock.advance(86_400);
    for (let nth = 0; nth < 8; nth += 1) await budget.reserve();
    expect(logs).toHaveLength(2);
  });

  it('of 0 is always spent and never low', async () => {
    const { budgets, budget, logs } = setUp(0);
    await expect(budget.reserve()).rejects.toMatchObject(exceeded);
    expect((await budgets.states())[0]).toEqual({ name: 'server', limit: 0, spent: 0, isLow: false });
    expect(logs).toHaveLength(1);
  });

  it('is separate for each token', async () => {
    const { clock, store, budget } = setUp(1);
    await budget.reserve();
    const { budget: other } = budgetOf(store, clock, { limit: 1, fingerprint: 'two' });
    await other.reserve();
    expect(await other.spentToday()).toBe(1);
  });
});

describe("a key's budget", () => {
  it("counts in the server's budget too", async () => {
    const { budgets } = setUp(3);
    await budgets.reserve('profile', dashboard);
    await budgets.reserve('profile', dashboard);
    await expect(budgets.reserve('profile', dashboard)).rejects.toMatchObject({
      ...exceeded,
      message: expect.stringContaining('2 paid calls (API_KEYS, dash)'),
    });
    expect(await budgets.spentToday(null)).toBe(2);
    await budgets.reserve('profile', unlimited);
    await expect(budgets.reserve('profile', unlimited)).rejects.toMatchObject({
      ...exceeded,
      message: expect.stringContaining('DAILY_MAX_CALLS'),
    });
    expect((await budgets.states()).map(({ name, spent, limit }) => [name, spent, limit])).toEqual([
      ['server', 3, 3],
      ['key dash', 2, 2],
      ['key free', 1, null],
    ]);
  });

  it("has room again for a call that the server's budget refused, and for one that is released", async () => {
    const { budgets } = setUp(1);
    const release = await budgets.reserve('profile', null);
    await expect(budgets.reserve('profile', dashboard)).rejects.toMatchObject(exceeded);
    expect(await budgets.spentToday(dashboard)).toBe(0);
    release();
    (await budgets.reserve('profile', dashboard))();
    expect(await budgets.spentToday(dashboard)).toBe(0);
    expect(await budgets.spentToday(null)).toBe(0);
  });

  it('leaves as many calls as the narrower of both budgets', async () => {
    const { budgets } = setUp(3);
    expect(await budgets.leftToday(null)).toBe(3);
    expect(await budgets.leftToday(dashboard)).toBe(2);
    for (let nth = 0; nth < 2; nth += 1) await budgets.reserve('profile', null);
    expect(await budgets.leftToday(dashboard)).toBe(1);
    expect(await budgets.leftToday(unlimited)).toBe(1);
    expect(await setUp(null).budgets.leftToday(unlimited)).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts without a limit too, and then reserves without waiting for the store', async () => {
    const { budgets } = setUp(null);
    const release = budgets.reserve('profile', unlimited);
    expect(release).toBeTypeOf('function');
    expect(await budgets.spentToday(unlimited)).toBe(1);
    (await release)();
    expect(await budgets.spentToday(unlimited)).toBe(0);
  });
});
