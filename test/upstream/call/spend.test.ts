import { describe, expect, it } from 'vitest';
import { chinaDay } from '../../../src/time.js';
import type { StoredLedgerEntry } from '../../../src/upstream/call/ledger.js';
import { maxNames, maxRows, type Spend, SpendTotals } from '../../../src/upstream/call/spend.js';
import { callOf } from '../../../src/upstream/endpoints/call.js';
import type { EndpointName } from '../../../src/upstream/endpoints/table.js';
import { recordingLogger, testClock } from '../../fixtures.js';

const args = { creatorId: '6629722295873044494', platform: 'SHORT_VIDEO' } as const;

/** A ledger in memory, which notes the days that are read. */
function setUp(startMs?: number) {
  const clock = testClock(startMs);
  const { logger, logs } = recordingLogger();
  const days = new Map<number, (StoredLedgerEntry | null)[]>();
  /** How many days ago. */
  const reads: number[] = [];
  const state = { fails: false, readSeconds: 0 };
  const today = () => chinaDay(clock.now());
  const totals = new SpendTotals({
    ledger: {
      async *entriesOf(day) {
        reads.push(today() - day);
        clock.advance(state.readSeconds);
        if (state.fails) throw new Error('the store is away');
        yield* days.get(day) ?? [];
      },
    },
    logger,
    now: clock.now,
    elapsed: clock.elapsed,
  });
  const add = (
    daysAgo: number,
    payer: string | null,
    name: EndpointName,
    operationName: string | null,
    count = 1,
    billed: 'yes' | 'maybe' = 'yes',
  ) => {
    const day = today() - daysAgo;
    const entries = days.get(day) ?? [];
    days.set(day, entries);
    const facts = { atMs: clock.now(), payer, operationName, outcome: 'OK', billed, attempts: 1, ms: 1 };
    for (let nth = 0; nth < count; nth += 1) entries.push({ ...facts, call: callOf(name, args) });
  };
  const addUnreadable = () => days.set(today(), [...(days.get(today()) ?? []), null]);
  const takeReads = () => reads.splice(0);
  return { clock, logs, state, totals, add, addUnreadable, takeReads };
}

function line({ day, payer, endpoint, operationName, calls }: Spend): string {
  return [day, payer, endpoint, operationName, calls].join(' ');
}

const sumOf = (rows: readonly Spend[]) => rows.reduce((sum, { calls }) => sum + calls, 0);

describe('totals of spend', () => {
  it('are by day, payer, endpoint and name: the newest day first, then the most calls first', async () => {
    const { totals, add } = setUp();
    add(1, 'dash', 'profile', 'Old', 9);
    add(0, 'dash', 'profile', 'Compare', 2);
    add(0, 'dash', 'prices', 'Compare', 3);
    add(0, 'dash', 'profile', 'Compare', 2, 'maybe');
    add(0, 'batch', 'profile', null);
    add(0, null, 'profile', null);
    expect((await totals.of(7, null)).map(line)).toEqual([
      '2026-03-01 dash profile Compare 4',
      '2026-03-01 dash prices Compare 3',
      '2026-03-01 batch profile  1',
      '2026-03-01  profile  1',
      '2026-02-28 dash profile Old 9',
    ]);
    expect((await totals.of(1, 'batch')).map(line)).toEqual(['2026-03-01 batch profile  1']);
    expect(await totals.of(400, 'nobody')).toEqual([]);
  });

  it('read today at most once a second, and for several at once only once', async () => {
    const { totals, add, clock, takeReads } = setUp();
    await Promise.all([totals.of(1, null), totals.of(1, 'dash')]);
    expect(takeReads()).toEqual([0]);
    add(0, 'dash', 'profile', null);
    clock.advance(0.9);
    expect(await totals.of(1, null)).toEqual([]);
    clock.advance(0.1);
    expect(await totals.of(1, null)).toHaveLength(1);
    expect(takeReads()).toEqual([0]);
  });

  it('read a day that takes long more seldom', async () => {
    const { totals, clock, state, takeReads } = setUp();
    state.readSeconds = 2;
    await totals.of(1, null);
    clock.advance(19);
    await totals.of(1, null);
    expect(takeReads()).toEqual([0]);
    clock.advance(1);
    await totals.of(1, null);
    expect(takeReads()).toEqual([0]);
  });

  it('remember days that have ended for an hour, but the last one only after its calls have ended, too', async () => {
    // A minute after midnight in China.
    const { totals, clock, takeReads } = setUp(Date.UTC(2026, 2, 1, 16, 1));
    await totals.of(3, null);
    expect(takeReads()).toEqual([0, 1, 2]);
    clock.advance(1);
    await totals.of(3, null);
    expect(takeReads()).toEqual([0, 1]);
    clock.advance(15 * 60);
    await totals.of(3, null);
    expect(takeReads()).toEqual([0, 1]);
    clock.advance(60);
    await totals.of(3, null);
    expect(takeReads()).toEqual([0]);
    clock.advance(3_600);
    await totals.of(3, null);
    expect(takeReads()).toEqual([0, 1, 2]);
  });

  it("count further names as none when a payer's operations have too many, without losing a call", async () => {
    const { totals, add } = setUp();
    for (let nth = 0; nth < maxNames + 20; nth += 1) add(0, 'dash', 'profile', `Op${nth}`);
    add(0, 'dash', 'prices', 'Op0');
    add(0, 'batch', 'profile', 'Mine');
    const rows = await totals.of(1, null);
    expect(line(rows[0] as Spend)).toBe('2026-03-01 dash profile  20');
    expect(rows).toHaveLength(maxNames + 3);
    expect(sumOf(rows)).toBe(maxNames + 22);
    expect(rows.map(line)).toContain('2026-03-01 dash prices Op0 1');
    expect(rows.map(line)).toContain('2026-03-01 batch profile Mine 1');
  });

  it('refuse more rows than a response should have', async () => {
    const { totals, add } = setUp();
    for (let daysAgo = 0; daysAgo < 11; daysAgo += 1) {
      for (let nth = 0; nth < maxNames; nth += 1) add(daysAgo, 'dash', 'profile', `Op${nth}`);
    }
    expect(await totals.of(10, null)).toHaveLength(maxRows);
    expect(await totals.of(400, 'batch')).toEqual([]);
    await expect(totals.of(11, null)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: '11 days have more than 5000 rows of spend. Ask for fewer days.',
    });
  });

  it('say that the store is away, and read again when it is back', async () => {
    const { totals, add, state } = setUp();
    add(0, 'dash', 'profile', null);
    state.fails = true;
    await expect(totals.of(1, null)).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      extensions: { retryable: true },
    });
    state.fails = false;
    expect(await totals.of(1, null)).toHaveLength(1);
  });

  it('skip entries that can not be read, and log their number once', async () => {
    const { totals, add, addUnreadable, clock, logs } = setUp();
    add(0, 'dash', 'profile', null);
    addUnreadable();
    addUnreadable();
    expect(sumOf(await totals.of(1, null))).toBe(1);
    clock.advance(1);
    await totals.of(1, null);
    expect(logs).toEqual([expect.stringMatching(/"unreadable":2.*could not be read, and are skipped/)]);
  });
});
