import { describe, expect, it } from 'vitest';
import { createRetry, retryDelayMs, retryRuleFor } from '../../../src/upstream/call/retry.js';
import { type FailureFacts, UpstreamError } from '../../../src/upstream/errors.js';
import { testClock } from '../../fixtures.js';

const failure = (facts: Partial<FailureFacts>) =>
  new UpstreamError('UPSTREAM_UNAVAILABLE', 'No', { endpoint: 'profile', billed: 'no', ...facts });
const code = (upstreamCode: number, billed: FailureFacts['billed'] = 'no') =>
  failure({ upstreamCode, billed });

describe('a call is made again', () => {
  it.each([
    [300, Number.POSITIVE_INFINITY],
    [301, Number.POSITIVE_INFINITY],
    [302, Number.POSITIVE_INFINITY],
    [500, 2],
    [503, 2],
  ])('after code %d, at most %d times', (upstreamCode, most) => {
    expect(retryRuleFor(code(upstreamCode))?.maxRetries).toBe(most);
  });

  it('after a connection that failed before upstream can have taken the request', () => {
    expect(retryRuleFor(failure({ isUnprocessed: true }))).not.toBeNull();
  });
});

describe('a call is not made again', () => {
  it.each([100, 101, 201, 303, 400, 404, 600, 601, 602, 777])('after code %d', (upstreamCode) => {
    expect(retryRuleFor(code(upstreamCode))).toBeNull();
  });

  it.each([
    ['a timeout or a connection lost half-way', failure({ billed: 'maybe' })],
    ['an answer that was billed', failure({ billed: 'yes' })],
    ['a code of a call that may have been billed', code(301, 'maybe')],
    ["a gateway's refusal that no rule names", failure({})],
    ['a circuit that is open', failure({ isHeldBack: true, upstreamCode: 500 })],
    ['a mistake of our own', new TypeError('x is not a function')],
  ])('after %s', (_, error) => {
    expect(retryRuleFor(error)).toBeNull();
  });
});

describe('the delay before the next attempt', () => {
  const rule = { maxRetries: 9, firstDelayMs: 300 };

  it('is random, up to a bound that doubles', () => {
    const longest = [0, 1, 2, 3].map((soFar) => retryDelayMs(rule, soFar, () => 0.999_999));
    expect(longest).toEqual([299, 599, 1_199, 2_399]);
    expect(retryDelayMs(rule, 3, () => 0)).toBe(0);
    expect(retryDelayMs(rule, 1, () => 0.5)).toBe(300);
  });

  it('is never longer than ten seconds', () => {
    expect(retryDelayMs(rule, 40, () => 0.999_999)).toBe(9_999);
  });
});

describe('a retry', () => {
  /** Attempts that fail as scripted, then succeed. */
  async function run(script: readonly unknown[], { retries = 3, isWanted = true } = {}) {
    let attempts = 0;
    const retry = createRetry({ retries, random: () => 0, after: testClock().after });
    const outcome = await retry({ isWanted }, async () => {
      attempts += 1;
      if (attempts <= script.length) throw script[attempts - 1];
      return 'answered';
    }).catch((error: unknown) => error);
    return { outcome, attempts };
  }

  it('goes on until it succeeds', async () => {
    expect(await run([code(301), code(500), code(302)])).toEqual({ outcome: 'answered', attempts: 4 });
  });

  it('waits before each attempt, longer each time', async () => {
    const clock = testClock();
    const startedAtMs: number[] = [];
    const waitsMs: number[] = [];
    const retry = createRetry({
      retries: 3,
      random: () => 0.5,
      after: (delayMs, run) => {
        const cancel = clock.after(delayMs, run);
        waitsMs.push(delayMs);
        clock.advance(delayMs / 1000);
        return cancel;
      },
    });
    await retry({ isWanted: true }, async () => {
      startedAtMs.push(clock.elapsed());
      if (startedAtMs.length <= 3) throw code(301);
    });
    const [first = 0, ...rest] = startedAtMs;
    expect(waitsMs).toEqual([150, 300, 600]);
    expect(rest.map((atMs) => atMs - first)).toEqual([150, 450, 1_050]);
  });

  it('gives up after UPSTREAM_RETRIES, with the last failure', async () => {
    const last = code(302);
    expect(await run([code(301), last, code(301)], { retries: 1 })).toEqual({ outcome: last, attempts: 2 });
    expect(await run([last], { retries: 0 })).toEqual({ outcome: last, attempts: 1 });
  });

  it('tries at most twice more once upstream has internal errors', async () => {
    expect((await run([code(500), code(500), code(500)])).attempts).toBe(3);
    expect((await run([code(301), code(301), code(503)])).attempts).toBe(3);
  });

  it('stops at the first failure that may have been billed', async () => {
    const timeout = failure({ billed: 'maybe' });
    expect(await run([code(301), timeout])).toEqual({ outcome: timeout, attempts: 2 });
  });

  it('stops when no operation waits for the call any more', async () => {
    expect((await run([code(301), code(301)], { isWanted: false })).attempts).toBe(1);
  });
});
