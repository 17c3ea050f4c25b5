import { describe, expect, it } from 'vitest';
import { toLease } from '../../../src/upstream/store/records.js';

const forMs = 10_000;
const grantedAtMs = 1_000_000;

/** Asked for so much later than it was granted, by a clock that may not be the same. */
function asked(laterMs: number): boolean {
  const { to } = toLease(null, { forMs }, grantedAtMs);
  return toLease(to ?? null, { forMs }, grantedAtMs + laterMs).result.isGranted;
}

describe('a lease', () => {
  it.each([-5_000, -1, 0, 9_999])('that was granted is held, asked for %d ms later', (laterMs) => {
    expect(asked(laterMs)).toBe(false);
  });

  it('is over at its end', () => {
    expect(asked(forMs)).toBe(true);
  });

  it('is over when the clock has been set back so far that it would end much later', () => {
    expect(asked(-3_600_000)).toBe(true);
  });
});
