import { describe, expect, it } from 'vitest';
import { Pace } from '../../../../src/upstream/call/limiter/adaptiveThrottle.js';

/** The pause between a call started now and the next. */
function gapOf(pace: Pace, nowMs: number): number {
  pace.started(nowMs);
  return Math.max(0, pace.freeAtMs - nowMs);
}

describe("an endpoint's pace", () => {
  it('is free until upstream says 302', () => {
    const pace = new Pace();
    expect(gapOf(pace, 1_000)).toBe(0);
    pace.answered(500);
    expect(gapOf(pace, 1_000)).toBe(0);
  });

  it('slows down twofold with each 302 to a call sent since the last, up to ten seconds', () => {
    const pace = new Pace();
    const gaps = [0, 1, 2, 3, 4, 5, 6, 7].map((nth) => {
      const nowMs = nth * 100_000;
      pace.limited(nowMs, 0, nowMs);
      return gapOf(pace, nowMs + 50_000);
    });
    expect(gaps).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  });

  it('takes the 302s of one burst for one', () => {
    const pace = new Pace();
    for (let nth = 0; nth < 50; nth += 1) pace.limited(1_000, 0, 1_050 + nth);
    expect(gapOf(pace, 10_000)).toBe(200);
  });

  it('waits as long as upstream asks', () => {
    const pace = new Pace();
    pace.limited(0, 7_000, 1_000);
    expect(pace.freeAtMs).toBe(8_000);
    pace.limited(0, 1_000, 2_000);
    expect(pace.freeAtMs).toBe(8_000);
  });

  it('learns nothing from answers to what was sent before', () => {
    const pace = new Pace();
    pace.limited(0, 0, 1_000);
    for (let nth = 0; nth < 50; nth += 1) pace.answered(999);
    expect(gapOf(pace, 10_000)).toBe(200);
  });

  it('tells how long a call waits if all goes well', () => {
    const pace = new Pace();
    expect(pace.waitMs(100, 0)).toBe(0);
    pace.limited(0, 5_000, 1_000);
    expect(pace.waitMs(0, 1_000)).toBe(5_000);
    expect(pace.waitMs(2, 1_000)).toBeCloseTo(5_360);
    expect(pace.waitMs(1_000, 3_000)).toBeCloseTo(4_000);
  });

  it('recovers with answers', () => {
    const pace = new Pace();
    pace.limited(0, 0, 0);
    const gaps = Array.from({ length: 12 }, (_, nth) => {
      pace.answered((nth + 1) * 10_000);
      return Math.round(gapOf(pace, (nth + 1) * 10_000));
    });
    expect(gaps).toEqual([160, 128, 102, 82, 66, 52, 42, 34, 27, 21, 0, 0]);
  });
});
