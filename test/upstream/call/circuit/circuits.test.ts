import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../../src/errors.js';
import { Circuits } from '../../../../src/upstream/call/circuit/circuits.js';
import type { Reason, Stops } from '../../../../src/upstream/call/circuit/openCircuit.js';
import { UpstreamError } from '../../../../src/upstream/errors.js';
import { recordingLogger, testClock } from '../../../fixtures.js';

type Ending = 'answered' | Error;

function setUp() {
  const clock = testClock();
  const { logger, logs } = recordingLogger();
  const saved: [scope: string, stop: Reason | null][] = [];
  const probes: [scope: string, nextProbeAtMs: number][] = [];
  const opened: string[] = [];
  let failovers = 0;
  const circuits = new Circuits({
    now: clock.now,
    logger,
    failovers: () => failovers,
    onStopChange: (scope, stop) => saved.push([scope, stop]),
    onProbe: (scope, nextProbeAtMs) => probes.push([scope, nextProbeAtMs]),
    onOpen: (scope) => opened.push(scope),
  });

  /** Sends an attempt. Throws when a circuit is open. */
  function start(endpoint: string, permit = circuits.enter(endpoint)) {
    let settle: (ending: Ending) => void = () => {};
    const attempt = new Promise<void>((resolve, reject) => {
      settle = (ending) => (ending === 'answered' ? resolve() : reject(ending));
    });
    const over = circuits.watch(permit, () => attempt).catch(() => {});
    return {
      end: (ending: Ending): Promise<void> => {
        settle(ending);
        return over;
      },
    };
  }

  /** What a call fails with at once; else it is sent, and ends so. */
  async function call(endpoint: string, ending: Ending): Promise<'let through' | UpstreamError> {
    try {
      await start(endpoint).end(ending);
      return 'let through';
    } catch (error) {
      return error as UpstreamError;
    }
  }
  const failOver = () => {
    failovers += 1;
  };
  return { circuits, start, call, failOver, clock, saved, probes, opened, logs };
}

function failure(code: ErrorCode, upstreamCode?: number, billed: 'no' | 'maybe' | 'yes' = 'no') {
  return new UpstreamError(code, `It was ${code}.`, {
    endpoint: 'profile',
    billed,
    ...(upstreamCode === undefined ? {} : { upstreamCode }),
  });
}

const unavailable = failure('UPSTREAM_UNAVAILABLE', 503);
const timeout = failure('UPSTREAM_TIMEOUT', undefined, 'maybe');
const noBalance = failure('UPSTREAM_BALANCE_EXHAUSTED', 601);
const noQuota = failure('UPSTREAM_QUOTA_EXCEEDED', 303);
const forbidden = failure('UPSTREAM_FORBIDDEN', 600);
const badToken = failure('UPSTREAM_UNAUTHENTICATED', 100);
const notCollected = failure('UPSTREAM_COLLECTION_FAILED', 301);

describe('a stop', () => {
  it.each([
    [100, 'UPSTREAM_UNAUTHENTICATED'],
    [101, 'UPSTREAM_UNAUTHENTICATED'],
    [303, 'UPSTREAM_QUOTA_EXCEEDED'],
    [601, 'UPSTREAM_BALANCE_EXHAUSTED'],
    [602, 'UPSTREAM_BALANCE_EXHAUSTED'],
  ] as const)(
    'after %d fails calls to every endpoint, with the code that opened it',
    async (upstreamCode, code) => {
      const { circuits, call, opened } = setUp();
      await call('profile', failure(code, upstreamCode));
      for (const endpoint of ['profile', 'prices']) {
        expect(await call(endpoint, 'answered')).toMatchObject({
          code,
          upstreamCode,
          billed: 'no',
          isHeldBack: true,
          endpoint,
        });
      }
      expect(circuits.stop).toMatchObject({ code, upstreamCode, isProbing: false });
      expect(opened).toEqual(['*']);
    },
  );

  it('after 600 fails calls to that endpoint only', async () => {
    const { circuits, call, opened } = setUp();
    await call('profile', forbidden);
    expect(await call('profile', 'answered')).toMatchObject({
      code: 'UPSTREAM_FORBIDDEN',
      retryAfterSeconds: 60,
    });
    expect(await call('prices', 'answered')).toBe('let through');
    expect(circuits.stop).toBeNull();
    expect(opened).toEqual(['profile']);
  });

  it.each([201, 301, 302, 400, 500, 777])('does not follow %d', async (upstreamCode) => {
    const { call } = setUp();
    await call('profile', failure('UPSTREAM_REJECTED', upstreamCode));
    expect(await call('profile', 'answered')).toBe('let through');
  });

  it('says how long it is until the next probe', async () => {
    const { call, clock } = setUp();
    await call('profile', noBalance);
    clock.advance(45);
    expect(await call('prices', 'answered')).toMatchObject({ retryAfterSeconds: 15 });
  });

  it('lets one call a minute through as a probe, during which the others still fail', async () => {
    const { circuits, start, call, clock, saved, probes } = setUp();
    await call('profile', noBalance);
    clock.advance(59);
    expect(await call('profile', 'answered')).toBeInstanceOf(UpstreamError);
    clock.advance(1);
    const probe = start('prices');
    expect(circuits.stop).toMatchObject({ isProbing: true });
    expect(await call('profile', 'answered')).toMatchObject({
      code: 'UPSTREAM_BALANCE_EXHAUSTED',
      retryAfterSeconds: 5,
    });
    await probe.end(noBalance);
    expect(await call('profile', 'answered')).toMatchObject({ retryAfterSeconds: 60 });
    clock.advance(60);
    expect(await call('profile', 'answered')).toBe('let through');
    expect(circuits.stop).toBeNull();
    expect(await call('prices', 'answered')).toBe('let through');
    // A failing probe does not save its stop again: that would bring back a stop that somebody has lifted meanwhile.
    expect(saved.map(([scope, stop]) => [scope, stop?.upstreamCode])).toEqual([
      ['*', 601],
      ['*', undefined],
    ]);
    // Other processes learn of each probe when it begins, and when it has failed.
    const minute = 60_000;
    const startMs = Date.UTC(2026, 2, 1, 4);
    expect(probes).toEqual([
      ['*', startMs + 2 * minute],
      ['*', startMs + 2 * minute],
      ['*', startMs + 3 * minute],
    ]);
  });

  it('is probed at once when the clock was set back', async () => {
    const { call, clock } = setUp();
    await call('profile', noBalance);
    clock.step(-3_600);
    expect(await call('profile', 'answered')).toBe('let through');
  });

  it('lets another call probe when the permit of the first was released unsent', async () => {
    const { circuits, call, clock, probes } = setUp();
    await call('profile', noBalance);
    clock.advance(60);
    const dueAtMs = clock.now();
    const permit = circuits.enter('profile');
    expect(circuits.dueProbes('profile')).toBeNull();
    circuits.release(permit);
    expect(circuits.dueProbes('profile')).toEqual(['*']);
    // Other processes learn that it is due again.
    expect(probes.at(-1)).toEqual(['*', dueAtMs]);
    expect(await call('profile', 'answered')).toBe('let through');
  });

  it('does not take a released permit for the probe that another call makes', async () => {
    const { circuits, start, clock } = setUp();
    await start('profile').end(noBalance);
    clock.advance(60);
    const permit = circuits.enter('profile');
    circuits.release(permit);
    const probe = start('prices');
    circuits.release(permit);
    expect(circuits.stop).toMatchObject({ isProbing: true });
    await probe.end('answered');
    expect(circuits.stop).toBeNull();
  });

  it('says nothing of a probe that failed within this server until its permit is released', async () => {
    const { circuits, start, clock } = setUp();
    await start('profile').end(noBalance);
    clock.advance(60);
    const permit = circuits.enter('profile');
    await start('profile', permit).end(new TypeError('a bug'));
    expect(circuits.stop).toMatchObject({ upstreamCode: 601, isProbing: true });
    circuits.release(permit);
    expect(circuits.stop).toMatchObject({ upstreamCode: 601, isProbing: false });
    expect(circuits.dueProbes('profile')).toEqual(['*']);
  });

  it.each([notCollected, failure('UPSTREAM_REJECTED', 5, 'yes')])(
    'is over once upstream has accepted the account, even if the call failed then: %s',
    async (ending) => {
      const { call, clock } = setUp();
      await call('profile', noBalance);
      clock.advance(60);
      await call('profile', ending);
      expect(await call('profile', 'answered')).toBe('let through');
    },
  );

  it.each([unavailable, timeout, failure('UPSTREAM_RATE_LIMITED', 302), failure('BAD_USER_INPUT', 400)])(
    'goes on, with its own code, when the probe proves nothing: %s',
    async (ending) => {
      const { call, clock } = setUp();
      await call('profile', noBalance);
      clock.advance(60);
      await call('profile', ending);
      expect(await call('profile', 'answered')).toMatchObject({ upstreamCode: 601, retryAfterSeconds: 60 });
    },
  );

  it('takes the code of the probe when everything is stopped for another reason now', async () => {
    const { circuits, call, clock, opened } = setUp();
    await call('profile', noBalance);
    clock.advance(60);
    await call('profile', badToken);
    expect(circuits.stop).toMatchObject({ upstreamCode: 100, sinceMs: clock.now() });
    expect(opened).toEqual(['*', '*']);
  });

  it('of everything is not replaced by the stop of one endpoint', async () => {
    const { circuits, call, clock } = setUp();
    await call('profile', noBalance);
    clock.advance(60);
    await call('profile', forbidden);
    expect(circuits.stop).toMatchObject({ upstreamCode: 601 });
    clock.advance(60);
    expect(await call('prices', 'answered')).toBe('let through');
    expect(circuits.stop).toBeNull();
    expect(circuits.of('profile')).toMatchObject({ upstreamCode: 600 });
  });

  it('after 303 lasts until midnight in China, and is probed a minute after a probe that only failed', async () => {
    const { call, clock } = setUp();
    // Noon in China.
    await call('profile', noQuota);
    clock.advance(12 * 3_600 - 1);
    expect(await call('profile', 'answered')).toMatchObject({
      code: 'UPSTREAM_QUOTA_EXCEEDED',
      retryAfterSeconds: 1,
    });
    clock.advance(1);
    expect(await call('profile', timeout)).toBe('let through');
    expect(await call('profile', 'answered')).toMatchObject({ retryAfterSeconds: 60 });
    clock.advance(60);
    expect(await call('profile', noQuota)).toBe('let through');
    // It may still be the quota of the day before.
    expect(await call('profile', 'answered')).toMatchObject({ retryAfterSeconds: 60 });
    clock.advance(10 * 60);
    expect(await call('profile', noQuota)).toBe('let through');
    expect(await call('profile', 'answered')).toMatchObject({ retryAfterSeconds: 24 * 3_600 - 11 * 60 });
  });

  it('is logged and saved once, whatever comes of the calls that were in flight', async () => {
    const { circuits, start, call, saved, logs, clock } = setUp();
    const inFlight = [1, 2, 3].map(() => start('profile'));
    const other = start('prices');
    await call('profile', noBalance);
    const sinceMs = clock.now();
    clock.advance(3);
    for (const attempt of inFlight) await attempt.end(badToken);
    await other.end('answered');
    expect(circuits.stop).toMatchObject({ upstreamCode: 601, sinceMs });
    expect(logs.filter((line) => line.includes('"error"'))).toHaveLength(1);
    expect(saved).toEqual([['*', expect.objectContaining({ upstreamCode: 601, sinceMs })]]);
  });

  it('that was saved is obeyed from the start, and one that was lifted is no longer', async () => {
    const first = setUp();
    await first.call('profile', noBalance);
    const second = setUp();
    second.circuits.replaceStops(Object.fromEntries(first.saved) as Stops);
    expect(await second.call('prices', 'answered')).toMatchObject({
      upstreamCode: 601,
      retryAfterSeconds: 60,
    });
    expect(second.opened).toEqual(['*']);
    second.circuits.replaceStops({});
    expect(await second.call('prices', 'answered')).toBe('let through');
  });
});

describe("an endpoint's circuit", () => {
  it('opens when half of twenty attempts fail within a minute, not before, and no other opens', async () => {
    const { circuits, call, opened } = setUp();
    for (let nth = 0; nth < 10; nth += 1) await call('profile', 'answered');
    for (let nth = 0; nth < 9; nth += 1) await call('profile', nth % 2 === 0 ? unavailable : timeout);
    expect(circuits.of('profile')).toBeNull();
    await call('profile', timeout);
    expect(await call('profile', 'answered')).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      billed: 'no',
      isHeldBack: true,
      retryAfterSeconds: 60,
    });
    expect(await call('prices', 'answered')).toBe('let through');
    expect(circuits.stop).toBeNull();
    expect(opened).toEqual(['profile']);
  });

  it('does not open for fewer than twenty attempts', async () => {
    const { call } = setUp();
    for (let nth = 0; nth < 20; nth += 1) expect(await call('profile', unavailable)).toBe('let through');
    expect(await call('profile', unavailable)).toBeInstanceOf(UpstreamError);
  });

  it('does not open for failures that upstream answers with', async () => {
    const { call } = setUp();
    for (let nth = 0; nth < 100; nth += 1) expect(await call('profile', notCollected)).toBe('let through');
  });

  it('does not open for failures that are over a minute old', async () => {
    const { call, clock } = setUp();
    for (let nth = 0; nth < 19; nth += 1) await call('profile', unavailable);
    clock.advance(61);
    for (let nth = 0; nth < 19; nth += 1) expect(await call('profile', unavailable)).toBe('let through');
  });

  it('closes after a probe that upstream answers, whatever it says', async () => {
    const { circuits, start, call, clock } = setUp();
    for (let nth = 0; nth < 20; nth += 1) await call('profile', unavailable);
    clock.advance(60);
    const probe = start('profile');
    expect(circuits.of('profile')).toMatchObject({ isProbing: true });
    expect(await call('profile', 'answered')).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      retryAfterSeconds: 5,
    });
    await probe.end(unavailable);
    expect(await call('profile', 'answered')).toMatchObject({ retryAfterSeconds: 60 });
    clock.advance(60);
    expect(await call('profile', notCollected)).toBe('let through');
    // What failed before does not count any more.
    expect(await call('profile', unavailable)).toBe('let through');
    expect(await call('profile', 'answered')).toBe('let through');
  });

  it('closes when calls fail over to another environment, whatever comes of those in flight in the old one', async () => {
    const { circuits, start, call, failOver } = setUp();
    const inFlight = Array.from({ length: 30 }, () => start('profile'));
    for (let nth = 0; nth < 20; nth += 1) await call('profile', unavailable);
    expect(circuits.of('profile')).not.toBeNull();
    failOver();
    expect(circuits.of('profile')).toBeNull();
    for (const attempt of inFlight) await attempt.end(unavailable);
    expect(await call('profile', unavailable)).toBe('let through');
    expect(await call('profile', 'answered')).toBe('let through');
  });

  it('counts an attempt that waited during a failover, for it was sent to the new environment', async () => {
    const { circuits, start, failOver } = setUp();
    const permits = Array.from({ length: 20 }, () => circuits.enter('profile'));
    failOver();
    for (const permit of permits) await start('profile', permit).end(unavailable);
    expect(circuits.of('profile')).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });
});
