import { describe, expect, it } from 'vitest';
import { Stopwatch } from '../../../../src/time.js';
import { HealthRecord } from '../../../../src/upstream/call/route/health.js';
import { testClock } from '../../../fixtures.js';

describe("the record of upstream's health", () => {
  it('covers the last thousand attempts of an endpoint at most', async () => {
    const clock = testClock();
    const health = new HealthRecord(clock.elapsed);
    for (let nth = 0; nth < 1_001; nth += 1) {
      await health.watch('profile', new Stopwatch(clock.elapsed), async () => nth);
    }
    expect(health.of('profile').attempts).toBe(1_000);
    expect(health.of('prices').attempts).toBe(0);
  });
});
