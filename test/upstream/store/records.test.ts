import { describe, expect, it } from 'vitest';
import { applyLease } from '../../../src/upstream/store/records.js';

const forMs = 10_000;
const grantedAtMs = 1_000_000;

/** Whether a lease is granted that is asked for this much later than another was granted, by a clock that may differ. */
function isGranted(laterMs: number): boolean {
  const { to } = applyLease(null, { forMs }, grantedAtMs);
  return applyLease(to ?? null, { forMs }, grantedAtMs + laterMs).result.isGranted;
}

describe('a lease', () => {
  it.each([-5_000, -1, 0, 9_999])('is not granted again %d ms after it was granted', (laterMs) => {
    expect(isGranted(laterMs)).toBe(false);
  });

  it('is granted again when its time is over', () => {
    expect(isGranted(forMs)).toBe(true);
  });

  it('is granted again when the clock was set back so far that its time would end much later', () => {
    expect(isGranted(-3_600_000)).toBe(true);
  });
});
