import { describe, expect, it } from 'vitest';
import { MemoryCounts } from '../../../src/upstream/store/memoryCounts.js';

const lifeMs = 86_400_000;

function highestAfter(
  ...results: readonly (readonly [by: number, total: number | null])[]
): number | undefined {
  const counts = new MemoryCounts();
  for (const [by, total] of results) counts.noteResult('calls', { by, most: 100, lifeMs }, total);
  const [[, known] = []] = counts.totals();
  return known?.highest;
}

describe('what a store gets that has lost its counts', () => {
  it('is the highest total that was known, also if the store was asked again before it was noticed', () => {
    expect(highestAfter([1, 95], [0, 95])).toBe(95);
    expect(highestAfter([1, 95], [0, 0], [1, 1])).toBe(95);
    expect(highestAfter([1, 40], [1, 97], [5, null])).toBe(97);
  });

  it('is less what was given back here', () => {
    expect(highestAfter([1, 95], [-1, 94], [-1, 93])).toBe(93);
    expect(highestAfter([1, 95], [-1, 0])).toBe(94);
  });
});
