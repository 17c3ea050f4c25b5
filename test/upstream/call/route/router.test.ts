import { describe, expect, it } from 'vitest';
import { Stopwatch } from '../../../../src/time.js';
import { Router } from '../../../../src/upstream/call/route/router.js';
import { UpstreamError } from '../../../../src/upstream/errors.js';
import type { Transport } from '../../../../src/upstream/http/transport.js';
import { recordingLogger, testClock } from '../../../fixtures.js';

const unused: Transport = {
  send: () => Promise.reject(new Error('unused')),
  close: async () => {},
};

type Outcome = { readonly tookMs: number } | UpstreamError;

function setUp(names = ['prod-global', 'prod-cn']) {
  const clock = testClock();
  const { logger, logs } = recordingLogger();
  let draw = 0.5;
  let subject = 0;
  const nextSubject = () => {
    subject += 1;
    return String(subject);
  };
  let lastError: unknown;
  const routes = names.map((name) => ({ name, transport: { ...unused } }));
  const router = new Router({ routes, elapsed: clock.elapsed, random: () => draw, logger });

  /** Where one call went; each environment answers as given. */
  async function call(
    outcomes: Readonly<Record<string, Outcome>>,
    isCompared = false,
    subject = nextSubject(),
  ): Promise<string> {
    draw = isCompared ? 0.049 : 0.05;
    let went = '';
    await router
      .run(subject, new Stopwatch(clock.elapsed), async (transport) => {
        went = routes.find((route) => route.transport === transport)?.name ?? '';
        const outcome = outcomes[went];
        if (outcome instanceof Error) throw outcome;
        clock.advance((outcome?.tookMs ?? 0) / 1000);
      })
      .catch((error: unknown) => {
        lastError = error;
      });
    return went;
  }
  return { router, call, clock, logs, lastError: () => lastError };
}

const down = new UpstreamError('UPSTREAM_UNAVAILABLE', 'No', { endpoint: 'profile', billed: 'no' });
const timeout = new UpstreamError('UPSTREAM_TIMEOUT', 'No', { endpoint: 'profile', billed: 'maybe' });
const notCollected = new UpstreamError('UPSTREAM_COLLECTION_FAILED', 'No', {
  endpoint: 'profile',
  billed: 'no',
  upstreamCode: 301,
});

describe('the choice of environment', () => {
  it('is always the same where there is only one', async () => {
    const { call, router } = setUp(['custom']);
    for (let nth = 0; nth < 10; nth += 1) expect(await call({ custom: down }, true)).toBe('custom');
    expect(router.current).toBe('custom');
  });

  it('sends one call in twenty to the other environment, to compare', async () => {
    const { call } = setUp();
    const same = { 'prod-global': { tookMs: 100 }, 'prod-cn': { tookMs: 100 } };
    expect(await call(same)).toBe('prod-global');
    expect(await call(same, true)).toBe('prod-cn');
  });

  it('moves to the other one when ten answers of each show that its median is clearly faster', async () => {
    const { call, router, logs } = setUp();
    const outcomes = { 'prod-global': { tookMs: 100 }, 'prod-cn': { tookMs: 79 } };
    for (let nth = 0; nth < 30; nth += 1) await call(outcomes);
    for (let nth = 0; nth < 9; nth += 1) await call(outcomes, true);
    expect(router.current).toBe('prod-global');
    await call(outcomes, true);
    expect(router.current).toBe('prod-cn');
    expect(logs).toHaveLength(1);
    expect(router.failovers).toBe(0);
  });

  it('does not move for a small difference, or for single slow calls', async () => {
    const { call, router } = setUp();
    const similar = { 'prod-global': { tookMs: 100 }, 'prod-cn': { tookMs: 81 } };
    for (let nth = 0; nth < 30; nth += 1) await call(similar, nth % 2 === 0);
    for (let nth = 0; nth < 10; nth += 1) await call({ 'prod-global': { tookMs: 60_000 } });
    expect(router.current).toBe('prod-global');
  });

  it('moves back when the first one becomes faster', async () => {
    const { call, router } = setUp();
    const before = { 'prod-global': { tookMs: 100 }, 'prod-cn': { tookMs: 50 } };
    for (let nth = 0; nth < 20; nth += 1) await call(before, nth % 2 === 0);
    expect(router.current).toBe('prod-cn');
    const later = { 'prod-global': { tookMs: 20 }, 'prod-cn': { tookMs: 50 } };
    for (let nth = 0; nth < 40; nth += 1) await call(later, nth % 2 === 0);
    expect(router.current).toBe('prod-global');
  });

  it('fails over after three failures in a row', async () => {
    const { call, router } = setUp();
    const outcomes = { 'prod-global': down, 'prod-cn': { tookMs: 900 } };
    expect([await call(outcomes), await call(outcomes), await call(outcomes)]).toEqual([
      'prod-global',
      'prod-global',
      'prod-global',
    ]);
    expect(router.current).toBe('prod-cn');
    expect(router.failovers).toBe(1);
    expect(await call(outcomes)).toBe('prod-cn');
  });

  it('does not fail over while upstream answers at times, whatever it says', async () => {
    const { call, router } = setUp();
    for (let nth = 0; nth < 10; nth += 1) {
      await call({ 'prod-global': down });
      await call({ 'prod-global': down });
      await call({ 'prod-global': notCollected });
    }
    expect(router.current).toBe('prod-global');
  });

  it('tries an environment that is down once a minute at most', async () => {
    const { call, clock } = setUp();
    const outcomes = { 'prod-global': { tookMs: 0 }, 'prod-cn': down };
    expect(await call(outcomes, true)).toBe('prod-cn');
    expect(await call(outcomes, true)).toBe('prod-global');
    clock.advance(60);
    expect(await call(outcomes, true)).toBe('prod-cn');
    expect(await call(outcomes, true)).toBe('prod-global');
  });

  it('finds the environment that is back first when both were down', async () => {
    const { call, router, clock } = setUp();
    for (let nth = 0; nth < 6; nth += 1) await call({ 'prod-global': down, 'prod-cn': down });
    const current = router.current;
    const other = current === 'prod-cn' ? 'prod-global' : 'prod-cn';
    clock.advance(60);
    expect(await call({ [current]: down, [other]: { tookMs: 5 } })).toBe(other);
    expect(router.current).toBe(other);
  });

  it('does not fail over for a single subject that upstream fails on', async () => {
    const { call, router } = setUp();
    const outcomes = { 'prod-global': timeout, 'prod-cn': { tookMs: 5 } };
    for (let nth = 0; nth < 5; nth += 1) await call(outcomes, false, 'the same');
    expect(router.current).toBe('prod-global');
    await call(outcomes, false, 'another');
    expect(router.current).toBe('prod-cn');
  });

  it('does not move to an environment that fails every other call, however fast it answers the rest', async () => {
    const { call, router } = setUp();
    for (let nth = 0; nth < 60; nth += 1) {
      const outcomes = {
        'prod-global': { tookMs: 100 },
        'prod-cn': nth % 4 === 0 ? timeout : { tookMs: 10 },
      };
      await call(outcomes, nth % 2 === 0);
    }
    expect(router.current).toBe('prod-global');
  });

  it('does not move back and forth between two environments that are down', async () => {
    const { call, logs } = setUp();
    for (let nth = 0; nth < 60; nth += 1) await call({ 'prod-global': down, 'prod-cn': down });
    expect(logs).toHaveLength(1);
  });

  it('does not take it for the state of the account when only the other environment refuses it', async () => {
    const { call, clock, router, lastError } = setUp();
    const badToken = new UpstreamError('UPSTREAM_UNAUTHENTICATED', 'No', {
      endpoint: 'profile',
      billed: 'no',
      upstreamCode: 100,
    });
    const outcomes = { 'prod-global': { tookMs: 100 }, 'prod-cn': badToken };
    expect(await call(outcomes, true)).toBe('prod-cn');
    expect(lastError()).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', billed: 'no', isUnprocessed: true });
    expect(await call(outcomes, true)).toBe('prod-global');
    clock.advance(60);
    expect(await call(outcomes, true)).toBe('prod-cn');
    expect(router.current).toBe('prod-global');

    await call({ 'prod-global': badToken });
    expect(lastError()).toBe(badToken);
  });
});
