import { describe, expect, it } from 'vitest';
import { chinaDay, dayMs } from '../../../src/time.js';
import { Ledger, type LedgerEntry, type StoredLedgerEntry } from '../../../src/upstream/call/ledger.js';
import { callOf } from '../../../src/upstream/endpoints/call.js';
import type { Store } from '../../../src/upstream/store/store.js';
import { recordingLogger, testClock, testStore } from '../../fixtures.js';

const call = callOf('profile', { creatorId: '6629722295873044494', platform: 'SHORT_VIDEO' });

function setUp(more: (memory: Store) => Partial<Store> = () => ({})) {
  const clock = testClock();
  const { logger, logs } = recordingLogger();
  const memory = testStore(clock);
  const store = { ...memory, ...more(memory) };
  const ledger = new Ledger({ store, fingerprint: 'one', logger });
  const entry = (some: Partial<LedgerEntry> = {}): LedgerEntry => ({
    atMs: clock.now(),
    call,
    payer: 'dash',
    operationName: 'Compare',
    outcome: 'OK',
    billed: 'yes',
    attempts: 1,
    ms: 812.4,
    ...some,
  });
  const today = () => chinaDay(clock.now());
  const entries = (day = today()) => entriesOf(ledger, day);
  return { clock, logs, store, ledger, entry, entries, today };
}

async function entriesOf(ledger: Ledger, day: number): Promise<(StoredLedgerEntry | null)[]> {
  const entries: (StoredLedgerEntry | null)[] = [];
  for await (const entry of ledger.entriesOf(day)) entries.push(entry);
  return entries;
}

/** A value of the ledger's series, as the store has it. */
async function valuesIn(store: Store, day: number): Promise<string[]> {
  const values: string[] = [];
  for await (const { value } of store.series(`ledger:one:${day}`)) values.push(value);
  return values;
}

describe('the ledger', () => {
  it('gives back what was entered, in the order in which the calls began', async () => {
    const { ledger, entry, entries, clock } = setUp();
    const later = entry({ atMs: clock.now() + 1, outcome: 'UPSTREAM_TIMEOUT', billed: 'maybe', attempts: 2 });
    ledger.note(later);
    ledger.note(entry({ payer: null, operationName: null }));
    await ledger.settled();
    expect(await entries()).toEqual([
      { ...entry({ payer: null, operationName: null }), ms: 812 },
      { ...later, ms: 812 },
    ]);
  });

  it("has a series for each of China's days, which begins at 16:00 UTC", async () => {
    const { ledger, entry, entries, today } = setUp();
    const midnightMs = Date.UTC(2026, 2, 1, 16);
    ledger.note(entry({ atMs: midnightMs - 1 }));
    ledger.note(entry({ atMs: midnightMs }));
    await ledger.settled();
    expect((await entries()).map((one) => one?.atMs)).toEqual([midnightMs - 1]);
    expect((await entries(today() + 1)).map((one) => one?.atMs)).toEqual([midnightMs]);
  });

  it('forgets an entry after 400 days', async () => {
    const { ledger, entry, entries, clock, today } = setUp();
    const first = today();
    ledger.note(entry());
    await ledger.settled();
    clock.advance((400 * dayMs) / 1000 - 1);
    expect(await entries(first)).toHaveLength(1);
    clock.advance(1);
    expect(await entries(first)).toEqual([]);
  });

  it('tells equal calls of one millisecond apart, and counts what was written twice once', async () => {
    const { ledger, entry, entries, store, today } = setUp();
    ledger.note(entry());
    ledger.note(entry());
    await ledger.settled();
    expect(await entries()).toHaveLength(2);
    const [value = ''] = await valuesIn(store, today());
    const again = { atMs: entry().atMs, value, digest: null };
    await store.append(`ledger:one:${today()}`, again, { lifeMs: dayMs });
    expect(await valuesIn(store, today())).toHaveLength(3);
    expect(await entries()).toHaveLength(2);
  });

  it('bounds the name that a client has chosen', async () => {
    const { ledger, entry, entries } = setUp();
    ledger.note(entry({ operationName: `\u0007a\u202e${'b'.repeat(200)}` }));
    await ledger.settled();
    expect((await entries())[0]?.operationName).toBe(`a${'b'.repeat(99)}`);
  });

  it.each([
    ['no JSON', '{"id":'],
    ['no entry', '[]'],
    [
      'an endpoint that is not known here',
      '{"id":"a","payer":null,"operation":null,"call":"gone{}","outcome":"OK","billed":"yes","attempts":1,"ms":1}',
    ],
    [
      'arguments that are none',
      '{"id":"a","payer":null,"operation":null,"call":"profile{}","outcome":"OK","billed":"yes","attempts":1,"ms":1}',
    ],
    [
      'an unbilled call',
      `{"id":"a","payer":null,"operation":null,"call":${JSON.stringify(call.key)},"outcome":"OK","billed":"no","attempts":1,"ms":1}`,
    ],
  ])('gives null for %s, and goes on', async (_, value) => {
    const { ledger, entry, entries, store, clock, today } = setUp();
    await store.append(
      `ledger:one:${today()}`,
      { atMs: clock.now() - 1, value, digest: null },
      { lifeMs: dayMs },
    );
    ledger.note(entry());
    await ledger.settled();
    expect(await entries()).toEqual([null, expect.objectContaining({ payer: 'dash' })]);
  });

  it('reads the outcome of a later version', async () => {
    const { ledger, entries, store, clock, today } = setUp();
    const value = JSON.stringify({
      id: 'a',
      payer: null,
      operation: null,
      call: call.key,
      outcome: 'NEW_CODE',
      billed: 'maybe',
      attempts: 1,
      ms: 1,
    });
    await store.append(
      `ledger:one:${today()}`,
      { atMs: clock.now(), value, digest: null },
      { lifeMs: dayMs },
    );
    await ledger.settled();
    expect(await entries()).toMatchObject([{ outcome: 'NEW_CODE' }]);
  });

  it('gives way to other work while it reads many entries', async () => {
    const { ledger, entry, entries } = setUp();
    for (let nth = 0; nth < 1_200; nth += 1) ledger.note(entry({ atMs: entry().atMs + nth }));
    await ledger.settled();
    let turns = 0;
    const count = () => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    expect(await entries()).toHaveLength(1_200);
    clearImmediate(counting);
    expect(turns).toBeGreaterThanOrEqual(2);
  });

  it('logs a failure of the store once until a write succeeds, and does not throw', async () => {
    let isFailing = true;
    const { ledger, entry, entries, logs } = setUp((memory) => ({
      append: (...args) => {
        if (isFailing) throw new Error('disk full');
        return memory.append(...args);
      },
    }));
    const noteAll = async () => {
      ledger.note(entry());
      ledger.note(entry());
      await ledger.settled();
    };
    await noteAll();
    expect(logs).toEqual([expect.stringContaining('A paid call could not be entered in the ledger')]);
    isFailing = false;
    await noteAll();
    isFailing = true;
    await noteAll();
    expect(logs).toHaveLength(2);
    isFailing = false;
    expect(await entries()).toHaveLength(2);
  });

  it('has settled when its writes have ended', async () => {
    let write = () => {};
    const { ledger, entry, entries } = setUp((memory) => ({
      append: async (...args) => {
        await new Promise<void>((resolve) => {
          write = resolve;
        });
        return memory.append(...args);
      },
    }));
    ledger.note(entry());
    const settled = ledger.settled().then(() => 'settled');
    expect(await Promise.race([settled, new Promise((resolve) => setImmediate(resolve, 'waits'))])).toBe(
      'waits',
    );
    write();
    expect(await settled).toBe('settled');
    expect(await entries()).toHaveLength(1);
  });
});
