import { describe, expect, it } from 'vitest';
import { AdaptiveThrottle } from '../../../../src/upstream/call/limiter/adaptiveThrottle.js';

/** The gap between a call that starts now and the next. */
function gapOf(throttle: AdaptiveThrottle, nowMs: number): number {
  throttle.started(nowMs);
  return Math.max(0, throttle.freeAtMs - nowMs);
}

describe('the adaptive throttle of an endpoint', () => {
  it('leaves no gap until upstream says 302', () => {
    const throttle = new AdaptiveThrottle();
    expect(gapOf(throttle, 1_000)).toBe(0);
    throttle.answered(500);
    expect(gapOf(throttle, 1_000)).toBe(0);
  });

  it('doubles the gap with each 302 to a call that was sent since the last 302, up to ten seconds', () => {
    const throttle = new AdaptiveThrottle();
    const gaps = [0, 1, 2, 3, 4, 5, 6, 7].map((nth) => {
      const nowMs = nth * 100_000;
      throttle.limited(nowMs, 0, nowMs);
      return gapOf(throttle, nowMs + 50_000);
    });
    expect(gaps).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  });

  it('takes the 302s of one burst for a single one', () => {
    const throttle = new AdaptiveThrottle();
    for (let nth = 0; nth < 50; nth += 1) throttle.limited(1_000, 0, 1_050 + nth);
    expect(gapOf(throttle, 10_000)).toBe(200);
  });

  it('waits as long as upstream asks', () => {
    const throttle = new AdaptiveThrottle();
    throttle.limited(0, 7_000, 1_000);
    expect(throttle.freeAtMs).toBe(8_000);
    throttle.limited(0, 1_000, 2_000);
    expect(throttle.freeAtMs).toBe(8_000);
  });

  it('does not shorten the gap for answers to calls that were sent before the 302', () => {
    const throttle = new AdaptiveThrottle();
    throttle.limited(0, 0, 1_000);
    for (let nth = 0; nth < 50; nth += 1) throttle.answered(999);
    expect(gapOf(throttle, 10_000)).toBe(200);
  });

  it('says how long a call waits if upstream answers those before it', () => {
    const throttle = new AdaptiveThrottle();
    expect(throttle.waitMs(100, 0)).toBe(0);
    throttle.limited(0, 5_000, 1_000);
    expect(throttle.waitMs(0, 1_000)).toBe(5_000);
    expect(throttle.waitMs(2, 1_000)).toBeCloseTo(5_360);
    expect(throttle.waitMs(1_000, 3_000)).toBeCloseTo(4_000);
  });

  it('shortens the gap with each answer, until there is none', () => {
    const throttle = new AdaptiveThrottle();
    throttle.limited(0, 0, 0);
    const gaps = Array.from({ length: 12 }, (_, nth) => {
      throttle.answered((nth + 1) * 10_000);
      return Math.round(gapOf(throttle, (nth + 1) * 10_000));
    });
    expect(gaps).toEqual([160, 128, 102, 82, 66, 52, 42, 34, 27, 21, 0, 0]);
  });
});
