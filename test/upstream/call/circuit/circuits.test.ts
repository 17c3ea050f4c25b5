import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../../src/errors.js';
import {
  Circuits,
  type Ending,
  type Reason,
  type Stops,
} from '../../../../src/upstream/call/circuit/circuits.js';
import { UpstreamError } from '../../../../src/upstream/errors.js';
import { recordingLogger, testClock } from '../../../fixtures.js';

function setUp() {
  const clock = testClock();
  const { logger, logs } = recordingLogger();
  const kept: [scope: string, stop: Reason | null][] = [];
  const probes: [scope: string, nextProbeAtMs: number][] = [];
  const opened: string[] = [];
  const circuits = new Circuits({
    now: clock.now,
    logger,
    onStopChange: (scope, stop) => kept.push([scope, stop]),
    onProbe: (scope, nextProbeAtMs) => probes.push([scope, nextProbeAtMs]),
    onOpen: (scope) => opened.push(scope),
  });

  /** Whether a call is let through, and if so ends it. */
  function call(endpoint: string, ending: Ending): 'let through' | UpstreamError {
    try {
      circuits.end(circuits.enter(endpoint), ending);
      return 'let through';
    } catch (error) {
      return error as UpstreamError;
    }
  }
  return { circuits, call, clock, kept, probes, opened, logs };
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
  ] as const)('after %d holds every endpoint, with the code that opened it', (upstreamCode, code) => {
    const { circuits, call, opened } = setUp();
    call('profile', failure(code, upstreamCode));
    for (const endpoint of ['profile', 'prices']) {
      expect(call(endpoint, 'answered')).toMatchObject({
        code,
        upstreamCode,
        billed: 'no',
        isHeldBack: true,
        endpoint,
      });
    }
    expect(circuits.stop).toMatchObject({ code, upstreamCode, isProbing: false });
    expect(opened).toEqual(['*']);
  });

  it('after 600 holds that endpoint only', () => {
    const { circuits, call, opened } = setUp();
    call('profile', forbidden);
    expect(call('profile', 'answered')).toMatchObject({ code: 'UPSTREAM_FORBIDDEN', retryAfterSeconds: 60 });
    expect(call('prices', 'answered')).toBe('let through');
    expect(circuits.stop).toBeNull();
    expect(opened).toEqual(['profile']);
  });

  it.each([201, 301, 302, 400, 500, 777])('does not follow %d', (upstreamCode) => {
    const { call } = setUp();
    call('profile', failure('UPSTREAM_REJECTED', upstreamCode));
    expect(call('profile', 'answered')).toBe('let through');
  });

  it('tells how long until the next try', () => {
    const { call, clock } = setUp();
    call('profile', noBalance);
    clock.advance(45);
    expect(call('prices', 'answered')).toMatchObject({ retryAfterSeconds: 15 });
  });

  it('lets one call a minute find out, during which the others still fail', () => {
    const { circuits, call, clock, kept, probes } = setUp();
    call('profile', noBalance);
    clock.advance(59);
    expect(call('profile', 'answered')).toBeInstanceOf(UpstreamError);
    clock.advance(1);
    const probe = circuits.enter('prices');
    expect(circuits.stop).toMatchObject({ isProbing: true });
    expect(call('profile', 'answered')).toMatchObject({
      code: 'UPSTREAM_BALANCE_EXHAUSTED',
      retryAfterSeconds: 5,
    });
    circuits.end(probe, noBalance);
    expect(call('profile', 'answered')).toMatchObject({ retryAfterSeconds: 60 });
    clock.advance(60);
    expect(call('profile', 'answered')).toBe('let through');
    expect(circuits.stop).toBeNull();
    expect(call('prices', 'answered')).toBe('let through');
    // A failing probe doesn't keep its stop anew: it would bring back what somebody has lifted meanwhile.
    expect(kept.map(([scope, stop]) => [scope, stop?.upstreamCode])).toEqual([
      ['*', 601],
      ['*', undefined],
    ]);
    // Other processes hear of each probe when it begins, and when it has failed.
    const minute = 60_000;
    const startMs = Date.UTC(2026, 2, 1, 4);
    expect(probes).toEqual([
      ['*', startMs + 2 * minute],
      ['*', startMs + 2 * minute],
      ['*', startMs + 3 * minute],
    ]);
  });

  it('is tried at once when the clock was set back', () => {
    const { call, clock } = setUp();
    call('profile', noBalance);
    clock.step(-3_600);
    expect(call('profile', 'answered')).toBe('let through');
  });

  it('gives the probe back when it was never sent', () => {
    const { circuits, call, clock } = setUp();
    call('profile', noBalance);
    clock.advance(60);
    circuits.end(circuits.enter('profile'), 'unsent');
    expect(call('profile', 'answered')).toBe('let through');
  });

  it('is over once a call got behind the gate, even if it failed there', () => {
    for (const ending of [notCollected, failure('UPSTREAM_REJECTED', 5, 'yes')]) {
      const { call, clock } = setUp();
      call('profile', noBalance);
      clock.advance(60);
      call('profile', ending);
      expect(call('profile', 'answered')).toBe('let through');
    }
  });

  it.each([unavailable, timeout, failure('UPSTREAM_RATE_LIMITED', 302), failure('BAD_USER_INPUT', 400)])(
    'goes on, with its own code, when the probe proves nothing: %s',
    (ending) => {
      const { call, clock } = setUp();
      call('profile', noBalance);
      clock.advance(60);
      call('profile', ending);
      expect(call('profile', 'answered')).toMatchObject({ upstreamCode: 601, retryAfterSeconds: 60 });
    },
  );

  it('takes the code of the probe when everything is stopped by another now', () => {
    const { circuits, call, clock, opened } = setUp();
    call('profile', noBalance);
    clock.advance(60);
    call('profile', badToken);
    expect(circuits.stop).toMatchObject({ upstreamCode: 100, sinceMs: clock.now() });
    expect(opened).toEqual(['*', '*']);
  });

  it('of everything is not replaced by the stop of one endpoint', () => {
    const { circuits, call, clock } = setUp();
    call('profile', noBalance);
    clock.advance(60);
    call('profile', forbidden);
    expect(circuits.stop).toMatchObject({ upstreamCode: 601 });
    clock.advance(60);
    expect(call('prices', 'answered')).toBe('let through');
    expect(circuits.stop).toBeNull();
    expect(circuits.of('profile')).toMatchObject({ upstreamCode: 600 });
  });

  it('after 303 lasts until midnight in China; a probe that only failed is repeated after a minute', () => {
    const { call, clock } = setUp();
    // Noon in China.
    call('profile', noQuota);
    clock.advance(12 * 3_600 - 1);
    expect(call('profile', 'answered')).toMatchObject({
      code: 'UPSTREAM_QUOTA_EXCEEDED',
      retryAfterSeconds: 1,
    });
    clock.advance(1);
    expect(call('profile', timeout)).toBe('let through');
    expect(call('profile', 'answered')).toMatchObject({ retryAfterSeconds: 60 });
    clock.advance(60);
    expect(call('profile', noQuota)).toBe('let through');
    // Perhaps yesterday's still.
    expect(call('profile', 'answered')).toMatchObject({ retryAfterSeconds: 60 });
    clock.advance(10 * 60);
    expect(call('profile', noQuota)).toBe('let through');
    expect(call('profile', 'answered')).toMatchObject({ retryAfterSeconds: 24 * 3_600 - 11 * 60 });
  });

  it('is told and kept once, whatever comes of the calls that were under way', () => {
    const { circuits, call, kept, logs, clock } = setUp();
    const underWay = [1, 2, 3].map(() => circuits.enter('profile'));
    call('profile', noBalance);
    const sinceMs = clock.now();
    clock.advance(3);
    for (const pass of underWay) circuits.end(pass, badToken);
    circuits.end({ endpoint: 'prices', moves: 0 }, 'answered');
    expect(circuits.stop).toMatchObject({ upstreamCode: 601, sinceMs });
    expect(logs.filter((line) => line.includes('"error"'))).toHaveLength(1);
    expect(kept).toEqual([['*', expect.objectContaining({ upstreamCode: 601, sinceMs })]]);
  });

  it('that is kept holds from the start, and one that is lifted does no more', () => {
    const first = setUp();
    first.call('profile', noBalance);
    const second = setUp();
    second.circuits.replaceStops(Object.fromEntries(first.kept) as Stops);
    expect(second.call('prices', 'answered')).toMatchObject({ upstreamCode: 601, retryAfterSeconds: 60 });
    second.circuits.replaceStops({});
    expect(second.call('prices', 'answered')).toBe('let through');
  });
});

describe('trouble', () => {
  it('opens an endpoint at half of twenty attempts within a minute, not before, and no other', () => {
    const { circuits, call, opened } = setUp();
    for (let nth = 0; nth < 10; nth += 1) call('profile', 'answered');
    for (let nth = 0; nth < 9; nth += 1) call('profile', nth % 2 === 0 ? unavailable : timeout);
    expect(circuits.of('profile')).toBeNull();
    call('profile', timeout);
    expect(call('profile', 'answered')).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      billed: 'no',
      isHeldBack: true,
      retryAfterSeconds: 60,
    });
    expect(call('prices', 'answered')).toBe('let through');
    expect(circuits.stop).toBeNull();
    expect(opened).toEqual(['profile']);
  });

  it('is not made of fewer than twenty attempts', () => {
    const { call } = setUp();
    for (let nth = 0; nth < 19; nth += 1) expect(call('profile', unavailable)).toBe('let through');
    expect(call('profile', unavailable)).toBe('let through');
    expect(call('profile', unavailable)).toBeInstanceOf(UpstreamError);
  });

  it('is not made of failures that upstream answers with', () => {
    const { call } = setUp();
    for (let nth = 0; nth < 100; nth += 1) expect(call('profile', notCollected)).toBe('let through');
  });

  it('is not made of failures that are over a minute old', () => {
    const { call, clock } = setUp();
    for (let nth = 0; nth < 19; nth += 1) call('profile', unavailable);
    clock.advance(61);
    for (let nth = 0; nth < 19; nth += 1) expect(call('profile', unavailable)).toBe('let through');
  });

  it('ends with a probe that upstream answers, whatever it says', () => {
    const { circuits, call, clock } = setUp();
    for (let nth = 0; nth < 20; nth += 1) call('profile', unavailable);
    clock.advance(60);
    const probe = circuits.enter('profile');
    expect(circuits.of('profile')).toMatchObject({ isProbing: true });
    expect(call('profile', 'answered')).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryAfterSeconds: 5 });
    circuits.end(probe, unavailable);
    expect(call('profile', 'answered')).toMatchObject({ retryAfterSeconds: 60 });
    clock.advance(60);
    expect(call('profile', notCollected)).toBe('let through');
    // What failed before doesn't count any more.
    expect(call('profile', unavailable)).toBe('let through');
    expect(call('profile', 'answered')).toBe('let through');
  });

  it('of an environment that was left is forgotten, with what was still under way there', () => {
    const { circuits, call, clock } = setUp();
    for (let nth = 0; nth < 20; nth += 1) call('profile', unavailable);
    const underWay = Array.from({ length: 30 }, () => ({ endpoint: 'profile', moves: 0 }));
    clock.advance(1);
    circuits.forgetTrouble();
    for (const pass of underWay) circuits.end(pass, unavailable);
    expect(call('profile', unavailable)).toBe('let through');
    expect(call('profile', 'answered')).toBe('let through');
  });
});
