import { describe, expect, it } from 'vitest';
import { drawLatency, type Latency, parseLatency } from '../../src/sandbox/latency.js';
import { randomFrom } from '../../src/sandbox/random.js';

/** In order of size. */
function manyDraws(latency: Latency): number[] {
  const { next } = randomFrom('latency');
  return Array.from({ length: 100_000 }, () => drawLatency(latency, next)).sort((a, b) => a - b);
}

/** To half a percent: 100,000 draws come that close. */
function shareBelow(draws: readonly number[], ms: number): number {
  return Math.round((draws.filter((draw) => draw < ms).length / draws.length) * 200) / 200;
}

describe('a drawn latency', () => {
  it('is always the same when it is constant', () => {
    expect(new Set(manyDraws({ kind: 'constant', ms: 200 }))).toEqual(new Set([200]));
  });

  it('is spread evenly between the least and the most', () => {
    const draws = manyDraws({ kind: 'uniform', minMs: 200, maxMs: 800 });
    expect(draws[0]).toBeGreaterThanOrEqual(200);
    expect(draws.at(-1)).toBeLessThanOrEqual(800);
    expect([350, 500, 770].map((ms) => shareBelow(draws, ms))).toEqual([0.25, 0.5, 0.95]);
  });

  it.each([
    [800, 5_000],
    [100, 20_000],
    [300, 400],
  ])('of median %i ms and 95th percentile %i ms has these, and a tail beyond', (p50Ms, p95Ms) => {
    const draws = manyDraws({ kind: 'lognormal', p50Ms, p95Ms });
    expect([p50Ms, p95Ms].map((ms) => shareBelow(draws, ms))).toEqual([0.5, 0.95]);
    expect(draws[0]).toBeGreaterThan(0);
    expect(draws.at(-1)).toBeGreaterThan(p95Ms);
  });

  it('is constant when the median is the 95th percentile', () => {
    expect(new Set(manyDraws({ kind: 'lognormal', p50Ms: 500, p95Ms: 500 }))).toEqual(new Set([500]));
  });

  it('is at most the longest delay of a timer', () => {
    const draws = manyDraws({ kind: 'lognormal', p50Ms: 1, p95Ms: 999_999 });
    expect(draws.at(-1)).toBe(2 ** 31 - 1);
    // The two ends of what a random number can be.
    expect(drawLatency({ kind: 'lognormal', p50Ms: 800, p95Ms: 5_000 }, () => 0)).toBe(800);
    const highest = drawLatency({ kind: 'lognormal', p50Ms: 800, p95Ms: 5_000 }, () => 1 - 2 ** -53);
    expect(highest).toBeLessThanOrEqual(2 ** 31 - 1);
  });
});

describe('a latency on the command line', () => {
  it.each<[string, Latency]>([
    ['0', { kind: 'constant', ms: 0 }],
    ['200', { kind: 'constant', ms: 200 }],
    ['200-800', { kind: 'uniform', minMs: 200, maxMs: 800 }],
    ['200-200', { kind: 'uniform', minMs: 200, maxMs: 200 }],
    ['0-5', { kind: 'uniform', minMs: 0, maxMs: 5 }],
    ['p50=800,p95=5000', { kind: 'lognormal', p50Ms: 800, p95Ms: 5_000 }],
    ['p50=1,p95=1', { kind: 'lognormal', p50Ms: 1, p95Ms: 1 }],
  ])('%s is understood', (text, expected) => {
    expect(parseLatency(text)).toEqual(expected);
  });

  it.each([
    '',
    '2s',
    '-1',
    '1.5',
    '1000000',
    '800-200',
    '200-',
    '200-300-400',
    'p50=800',
    'p95=5000,p50=800',
    'p50=5000,p95=800',
    'p50=0,p95=800',
    'p50=800,p95=5000,p99=9000',
  ])('"%s" is refused with what was expected and what came', (text) => {
    const expected = `Expected a latency in milliseconds such as 200, 200-800 or p50=800,p95=5000, but got "${text}".`;
    expect(() => parseLatency(text)).toThrow(new Error(expected));
  });
});
