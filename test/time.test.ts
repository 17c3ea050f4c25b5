import { describe, expect, it } from 'vitest';
import { chinaDay, later, Stopwatch, untilChinaMidnight } from '../src/time.js';

const midnightInChina = Date.parse('2026-03-01T00:00:00+08:00');
const dayMs = 24 * 3_600_000;

describe('chinaDay', () => {
  it('begins at midnight in China, which is 16:00 UTC', () => {
    expect(chinaDay(midnightInChina) - chinaDay(midnightInChina - 1)).toBe(1);
  });

  it('does not begin at midnight UTC', () => {
    const midnightUtc = Date.parse('2026-03-01T00:00:00Z');
    expect(chinaDay(midnightUtc)).toBe(chinaDay(midnightUtc - 1));
  });

  it('lasts 24 hours', () => {
    expect(chinaDay(midnightInChina + dayMs - 1)).toBe(chinaDay(midnightInChina));
    expect(chinaDay(midnightInChina + dayMs)).toBe(chinaDay(midnightInChina) + 1);
  });
});

describe('untilChinaMidnight', () => {
  it.each([
    ['2026-02-28T23:59:59.999+08:00', 1],
    ['2026-02-28T12:00:00+08:00', dayMs / 2],
    ['2026-02-28T15:59:00Z', 60_000],
    ['2026-03-01T00:00:00+08:00', dayMs],
  ])('at %s is %i ms', (now, expected) => {
    expect(untilChinaMidnight(Date.parse(now))).toBe(expected);
  });
});

describe('later', () => {
  it('does not run a far timer at once, and can cancel it', async () => {
    let fired = 0;
    const fire = () => {
      fired += 1;
    };
    later(2 ** 40, fire)();
    const stop = later(2 ** 40, fire);
    await new Promise<void>((resolve) => later(5, resolve));
    stop();
    expect(fired).toBe(0);
  });

  it('accepts a time in the past without a warning', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    await new Promise<void>((resolve) => later(-0.01, resolve));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});

describe('a stopwatch', () => {
  it('runs until it is stopped', () => {
    let nowMs = 5;
    const stopwatch = new Stopwatch(() => nowMs);
    nowMs = 25;
    expect(stopwatch.ms).toBe(20);
    stopwatch.stop();
    nowMs = 125;
    expect(stopwatch.ms).toBe(20);
  });
});
