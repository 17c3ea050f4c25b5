import { describe, expect, it } from 'vitest';
import { OwnRate } from '../../../../src/upstream/call/limiter/rate.js';

describe("a process' own rate", () => {
  it('without a limit lets every call start', () => {
    const rate = new OwnRate(null);
    for (let nth = 0; nth < 10_000; nth += 1) rate.reserve();
    rate.sent(0);
    expect(rate.freeAtMs(5)).toBe(5);
  });

  it('lets the next call start a second and a margin after the first of those it allows in a second', () => {
    const rate = new OwnRate(3);
    for (const atMs of [100, 200, 300]) {
      expect(rate.freeAtMs(atMs)).toBe(atMs);
      rate.reserve();
      rate.sent(atMs);
    }
    expect(rate.freeAtMs(300)).toBe(1_150);
    expect(rate.freeAtMs(1_149)).toBe(1_150);
    expect(rate.freeAtMs(1_150)).toBe(1_150);
    rate.reserve();
    expect(rate.freeAtMs(1_150)).toBe(1_250);
  });

  it('counts a call from when it is sent, however long its connection took', () => {
    const rate = new OwnRate(2);
    rate.reserve();
    rate.reserve();
    expect(rate.freeAtMs(5_000)).toBe(Number.POSITIVE_INFINITY);
    rate.sent(5_000);
    expect(rate.freeAtMs(5_000)).toBe(6_050);
    rate.sent(5_900);
    expect(rate.freeAtMs(6_050)).toBe(6_050);
  });

  it('has room again for a call that was never sent', () => {
    const rate = new OwnRate(1);
    rate.reserve();
    rate.release();
    expect(rate.freeAtMs(7)).toBe(7);
  });
});
