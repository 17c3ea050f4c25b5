import { describe, expect, it } from 'vitest';
import { runChaos } from './bench/chaos/run.js';
import { builtServer } from './bench/program.js';

const seed = '1';

describe('the server under a bad upstream', () => {
  it(`keeps its promises to many clients at once (seed ${seed}; npm run chaos is the long version)`, async () => {
    const { checks, ledger, tookMs } = await runChaos({
      seed,
      operations: 600,
      creators: 5,
      callsPerSecond: 500,
      server: builtServer,
    });
    expect(checks.filter(({ broken }) => broken.length > 0)).toEqual([]);
    expect(tookMs.length).toBeGreaterThan(500);
    expect(ledger.calls).toBeGreaterThan(ledger.billed);
  });
});
