import { describe, expect, it } from 'vitest';
import { Asker } from '../../../src/upstream/cache/operation.js';
import { Budgets } from '../../../src/upstream/call/budget.js';
import { StopKeeper } from '../../../src/upstream/call/circuit/stopStore.js';
import { Flight } from '../../../src/upstream/call/inFlightCall.js';
import { OwnRate } from '../../../src/upstream/call/limiter/rate.js';
import { createCaller } from '../../../src/upstream/call/pipeline.js';
import { HealthRecord } from '../../../src/upstream/call/route/health.js';
import { endpoints } from '../../../src/upstream/endpoints/table.js';
import { recordingLogger, testClock, testStore } from '../../fixtures.js';

const call = {
  endpoint: endpoints.profile,
  creatorId: '6629722295873044494',
  platform: 'SHORT_VIDEO',
} as const;

describe('a call', () => {
  it('that fails within this server closes no stop, for upstream has answered nothing', async () => {
    const { now, elapsed, after, advance } = testClock();
    const { logger } = recordingLogger();
    const store = testStore();
    let sent = 0;
    const send = async () => {
      sent += 1;
      if (sent > 1) throw new TypeError('a bug');
      return { status: 200, body: '{"code":601}', retryAfter: null, isSandbox: false };
    };
    const caller = createCaller({
      routes: [{ name: 'only', transport: { send, close: async () => {} } }],
      stops: new StopKeeper({ store, fingerprint: 'one', elapsed, logger }),
      budgets: new Budgets({ store, fingerprint: 'one', limit: null, payers: [], logger, now }),
      rate: new OwnRate(null),
      health: new HealthRecord(elapsed),
      config: { upstreamConcurrency: 1, upstreamQueueMax: 1, upstreamRetries: 0 },
      random: () => 0,
      ...{ logger, now, elapsed, after },
    });
    const { signal } = new AbortController();
    const asker = new Asker({ signal, payer: null, timeoutMs: 60_000, elapsed, after });
    const make = () =>
      new Flight(
        asker,
        (flight) => caller.call(call, flight) as never,
        () => {},
      ).landed;

    await expect(make()).rejects.toMatchObject({ code: 'UPSTREAM_BALANCE_EXHAUSTED' });
    expect(caller.stop()).toMatchObject({ upstreamCode: 601 });
    advance(61);
    await expect(make()).rejects.toThrow('a bug');
    expect(caller.stop()).toMatchObject({ upstreamCode: 601 });
    expect(sent).toBe(2);
  });
});
