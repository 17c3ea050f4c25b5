import { describe, expect, it, vi } from 'vitest';
import type { Payer } from '../../../src/apiKeys.js';
import { Budgets } from '../../../src/upstream/call/budget.js';
import { StopStore } from '../../../src/upstream/call/circuit/stopStore.js';
import { InFlightCall, type Waiter } from '../../../src/upstream/call/inFlightCall.js';
import { Ledger } from '../../../src/upstream/call/ledger.js';
import { OwnRate } from '../../../src/upstream/call/limiter/rate.js';
import { createPipeline, type PaidAnswer } from '../../../src/upstream/call/pipeline.js';
import { HealthRecord } from '../../../src/upstream/call/route/health.js';
import { type Call, callOf } from '../../../src/upstream/endpoints/call.js';
import { DriftRecord } from '../../../src/upstream/endpoints/drift.js';
import { endpoints } from '../../../src/upstream/endpoints/table.js';
import { type FailureFacts, UpstreamError } from '../../../src/upstream/errors.js';
import type { HttpAnswer } from '../../../src/upstream/http/envelope.js';
import { SandboxState } from '../../../src/upstream/sandboxState.js';
import type { Store } from '../../../src/upstream/store/store.js';
import { type DocumentedEndpoint, documentedEndpoints } from '../../documentedEndpoints.js';
import { atEnd, recordingLogger, testClock, testStore } from '../../fixtures.js';
import { cost, gatedUpstream, startTestServer } from '../../harness.js';
import { noObserver } from './noObserver.js';

const dashboard: Payer = { name: 'dash', dailyMaxCalls: 10, role: 'client' };
const batch: Payer = { name: 'batch', dailyMaxCalls: null, role: 'client' };

const creatorId = (nth: number) => String(6_600_000_000_000_000_000n + BigInt(nth));
const callTo = (name: DocumentedEndpoint, nth = 0): Call =>
  callOf(name, { creatorId: creatorId(nth), platform: 'SHORT_VIDEO' });

/** What upstream does with the nth request. */
type Script = (endpoint: string, nth: number) => HttpAnswer | Promise<HttpAnswer> | Error;

function answer(code: number, data: object | null = null, retryAfter: string | null = null): HttpAnswer {
  return { status: 200, body: JSON.stringify({ code, data }), retryAfter, isSandbox: false };
}

const success = answer(0, { follower: 7 });
const noBalance = answer(601);
const notCollected = answer(301);

function lost(facts: Partial<FailureFacts>): UpstreamError {
  return new UpstreamError('UPSTREAM_UNAVAILABLE', 'Lost', { endpoint: 'profile', billed: 'no', ...facts });
}

/** One pipeline, and all that it asks of its store and of upstream. */
function setUp(
  script: Script,
  options: {
    readonly concurrency?: number;
    readonly queueMax?: number;
    readonly retries?: number;
    readonly perSecond?: number;
    readonly dailyMaxCalls?: number | null;
    readonly random?: number;
    /** Other servers may have changed the stops, so that they are read before a call. */
    readonly isShared?: boolean;
    readonly isStoreMissing?: () => boolean;
  } = {},
) {
  const clock = testClock();
  const { now, elapsed, after } = clock;
  const { logger, logs } = recordingLogger();
  const steps: string[] = [];
  const sent: string[] = [];
  const memory = testStore(clock);
  const store: Store = {
    ...memory,
    isShared: options.isShared ?? false,
    count: (key, counted) => {
      if (counted.by !== 0) steps.push(counted.by > 0 ? 'reserve' : 'release');
      return memory.count(key, counted);
    },
    getMany: (keys) => {
      steps.push('read stops');
      return memory.getMany(keys);
    },
  };
  const budgets = new Budgets({
    store,
    fingerprint: 'one',
    limit: options.dailyMaxCalls ?? null,
    payers: [dashboard, batch],
    logger,
    now,
  });
  const pipeline = createPipeline({
    observer: noObserver,
    isStoreMissing: options.isStoreMissing ?? (() => false),
    routes: [
      {
        name: 'only',
        transport: {
          send: async ({ endpoint, args }, onSent) => {
            steps.push('send');
            const nth = sent.push(`${endpoint.name} ${endpoint.subject(args)}`);
            onSent();
            const reply = await script(endpoint.name, nth);
            if (reply instanceof Error) throw reply;
            return reply;
          },
          close: async () => {},
        },
      },
    ],
    stops: new StopStore({ store, fingerprint: 'one', elapsed, logger }),
    budgets,
    ledger: new Ledger({ store, fingerprint: 'one', logger }),
    rate: new OwnRate(options.perSecond ?? null),
    health: new HealthRecord(elapsed),
    drift: new DriftRecord(now, logger),
    sandbox: new SandboxState(false),
    config: {
      upstreamConcurrency: options.concurrency ?? 1,
      upstreamQueueMax: options.queueMax ?? 2_000,
      upstreamRetries: options.retries ?? 0,
    },
    random: () => options.random ?? 0,
    ...{ logger, now, elapsed, after },
  });
  /** An operation makes a call. */
  const start = (call: Call, operation: Waiter = { payer: null, operationName: null, requestId: 'test' }) => {
    const inFlight = new InFlightCall<PaidAnswer>(operation, (self) => pipeline.run(call, self));
    // A test may look at it later.
    inFlight.result.catch(() => {});
    return inFlight;
  };
  const run = (call: Call) => start(call).result;
  return { pipeline, budgets, clock, logs, steps, sent, start, run };
}

/** Answers when the test says so. */
function gate(reply: HttpAnswer) {
  let open = () => {};
  const opened = new Promise<HttpAnswer>((resolve) => {
    open = () => resolve(reply);
  });
  return { answer: opened, open: () => open() };
}

/** Resolves when every promise that can go on has done so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a call', () => {
  it('reserves its budget, asks the circuits, is sent, and is decoded', async () => {
    const { run, steps, clock } = setUp(() => success, { dailyMaxCalls: 5, isShared: true });
    expect(await run(callTo('profile'))).toEqual({
      body: success.body,
      fetchedAtMs: clock.now(),
      isSandbox: false,
      value: expect.objectContaining({ followerCount: 7 }),
    });
    expect(steps).toEqual(['reserve', 'read stops', 'send']);
  });

  it('asks nothing of the circuits when the budget is spent', async () => {
    const { run, pipeline, budgets, clock, steps, sent } = setUp(() => noBalance, { dailyMaxCalls: 1 });
    await expect(run(callTo('profile'))).rejects.toMatchObject({ code: 'UPSTREAM_BALANCE_EXHAUSTED' });
    await budgets.reserve('profile', null);
    clock.advance(60);
    steps.length = 0;
    await expect(run(callTo('profile'))).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED', billed: 'no' });
    expect(steps).toEqual(['reserve']);
    // The probe of the stop is left to a call that can be paid for.
    expect(pipeline.dueProbes('profile')).toEqual(['*']);
    expect(sent).toHaveLength(1);
  });

  it('returns its permit when the limiter refuses it, so that the next call may probe', async () => {
    let isBalanceUsedUp = true;
    const { run, pipeline, clock, sent } = setUp((endpoint) => {
      if (endpoint === 'profile') return answer(302, null, '600');
      return isBalanceUsedUp ? noBalance : success;
    });
    await expect(run(callTo('profile'))).rejects.toMatchObject({ code: 'UPSTREAM_RATE_LIMITED' });
    await expect(run(callTo('prices'))).rejects.toMatchObject({ code: 'UPSTREAM_BALANCE_EXHAUSTED' });
    clock.advance(60);
    // It would have to wait too long for its endpoint.
    await expect(run(callTo('profile'))).rejects.toMatchObject({
      code: 'UPSTREAM_RATE_LIMITED',
      isHeldBack: true,
    });
    expect(sent).toHaveLength(2);
    expect(pipeline.stop()).toMatchObject({ upstreamCode: 601, nextProbeAt: expect.any(Date) });
    isBalanceUsedUp = false;
    await expect(run(callTo('audienceTouch'))).rejects.toMatchObject({ billed: 'yes' });
    expect(pipeline.stop()).toBeNull();
    expect(sent).toHaveLength(3);
  });

  it('asks the circuits anew before each attempt', async () => {
    const { run, clock, sent } = setUp((endpoint) => (endpoint === 'profile' ? notCollected : noBalance), {
      retries: 3,
      random: 0.5,
    });
    const retried = run(callTo('profile'));
    await settled();
    await expect(run(callTo('prices'))).rejects.toMatchObject({ isHeldBack: false });
    clock.advance(0.15);
    await expect(retried).rejects.toMatchObject({ code: 'UPSTREAM_BALANCE_EXHAUSTED', isHeldBack: true });
    expect(sent).toEqual([`profile ${creatorId(0)}`, `prices ${creatorId(0)}`]);
  });

  it('counts each attempt against UPSTREAM_CALLS_PER_SECOND', async () => {
    const { run, clock, sent } = setUp((_, nth) => (nth === 1 ? notCollected : success), {
      retries: 1,
      perSecond: 1,
    });
    const retried = run(callTo('profile'));
    await settled();
    clock.advance(1);
    await settled();
    expect(sent).toHaveLength(1);
    clock.advance(0.05);
    await retried;
    expect(sent).toHaveLength(2);
  });

  it('is not sent when the operations that wait for it hang up while it is queued', async () => {
    const first = gate(success);
    const { start, budgets, sent } = setUp(() => first.answer, { dailyMaxCalls: 5 });
    const [one, other]: Waiter[] = [
      { payer: null, operationName: null, requestId: 'test' },
      { payer: null, operationName: null, requestId: 'test' },
    ];
    const running = start(callTo('profile', 1), one);
    const queued = start(callTo('profile', 2), one);
    queued.join(other as Waiter);
    await settled();
    for (const operation of [one, other]) queued.leave(operation as Waiter);
    await expect(queued.result).rejects.toMatchObject({ billed: 'no', isHeldBack: true });
    first.open();
    await running.result;
    expect(sent).toEqual([`profile ${creatorId(1)}`]);
    expect(await budgets.spentToday(null)).toBe(1);
  });

  it('is not sent again when the operations that wait for it hang up between two attempts', async () => {
    const { start, clock, sent } = setUp(() => notCollected, { retries: 3, random: 0.5 });
    const operation = { payer: null, operationName: null, requestId: 'test' };
    const call = start(callTo('profile'), operation);
    await settled();
    call.leave(operation);
    clock.advance(10);
    await expect(call.result).rejects.toMatchObject({ isHeldBack: true });
    expect(call.isAbandoned).toBe(true);
    expect(sent).toHaveLength(1);
  });

  it('is charged to the operation that started it, also when that hangs up and another waits', async () => {
    const first = gate(success);
    const { pipeline, start, budgets } = setUp((_, nth) => (nth === 1 ? first.answer : success));
    const running = start(callTo('profile', 1));
    const starter = { payer: dashboard, operationName: null, requestId: 'test' };
    const queued = start(callTo('profile', 2), starter);
    // This one waits for other servers before it begins.
    const waiting = new InFlightCall<PaidAnswer>(starter, async (self) => {
      await first.answer;
      return pipeline.run(callTo('profile', 3), self);
    });
    for (const call of [queued, waiting]) {
      call.join({ payer: batch, operationName: null, requestId: 'test' });
      call.leave(starter);
    }
    first.open();
    await Promise.all([running.result, queued.result, waiting.result]);
    expect([await budgets.spentToday(dashboard), budgets.paidTotal(dashboard)]).toEqual([2, 2]);
    expect([await budgets.spentToday(batch), budgets.paidTotal(batch)]).toEqual([0, 0]);
    expect([await budgets.spentToday(null), budgets.paidTotal(null)]).toEqual([3, 3]);
  });

  it('that fails is logged with the id that it is about, and a hash of its arguments', async () => {
    const { run, logs } = setUp(() => answer(777));
    await expect(run(callTo('profile', 3))).rejects.toMatchObject({ code: 'UPSTREAM_REJECTED' });
    expect(logs.map((line) => JSON.parse(line))).toEqual([
      [
        'warn',
        {
          requestId: 'test',
          endpoint: 'profile',
          subject: creatorId(3),
          callKey: '98183ce1e35fde50',
          code: 'UPSTREAM_REJECTED',
          upstreamCode: 777,
          billed: 'maybe',
          attempts: 1,
          ms: 0,
          bytes: 24,
          error: expect.stringContaining('unknown code 777'),
        },
        'call',
      ],
    ]);
  });

  it('that fails within this server closes no stop, for upstream has answered nothing', async () => {
    const { run, pipeline, clock, sent } = setUp((_, nth) =>
      nth === 1 ? noBalance : new TypeError('a bug'),
    );
    await expect(run(callTo('profile'))).rejects.toMatchObject({ code: 'UPSTREAM_BALANCE_EXHAUSTED' });
    expect(pipeline.stop()).toMatchObject({ upstreamCode: 601 });
    clock.advance(61);
    await expect(run(callTo('profile'))).rejects.toThrow('a bug');
    expect(pipeline.stop()).toMatchObject({ upstreamCode: 601, nextProbeAt: expect.any(Date) });
    expect(sent).toHaveLength(2);
  });

  it('is not sent once the pipeline is closed, and those in the queue fail', async () => {
    const first = gate(success);
    const { start, run, pipeline, budgets, sent } = setUp(() => first.answer, { dailyMaxCalls: 5 });
    const running = start(callTo('profile', 1));
    const queued = start(callTo('profile', 2));
    await settled();
    pipeline.close();
    await expect(queued.result).rejects.toMatchObject({ isHeldBack: true });
    await expect(run(callTo('profile', 3))).rejects.toMatchObject({ isHeldBack: true });
    first.open();
    await running.result;
    expect(sent).toHaveLength(1);
    expect(await budgets.spentToday(null)).toBe(1);
  });
});

describe('a reserved budget', () => {
  const [none, all]: [string[], string[]] = [['reserve', 'release'], ['reserve']];
  const timedOut = lost({ billed: 'maybe' });
  const refused = lost({ isUnprocessed: true });
  const cases: readonly [says: string, replies: readonly (HttpAnswer | Error)[], counted: string[]][] = [
    ['kept for a success', [success], all],
    ['kept for an answer without data', [answer(201)], all],
    ['kept for a useless answer that was billed', [answer(0, { unknown: 1 })], all],
    ['kept for a call that was maybe billed', [timedOut], all],
    ['kept for an unknown code', [answer(777)], all],
    ['kept for a failure within this server, of which nobody knows', [new TypeError('a bug')], all],
    ['released for a failure that is not billed', [answer(400)], none],
    ['released once for a call that failed in each of its attempts', Array(4).fill(notCollected), none],
    ['released once for a call that found no connection in any attempt', Array(4).fill(refused), none],
    ['kept for a call that succeeded in a later attempt', [notCollected, refused, success], all],
    ['kept for a call that was maybe billed in a later attempt', [notCollected, timedOut], all],
    ['released for a call that met a stop in a later attempt', [notCollected, noBalance], none],
  ];

  it.each(cases)('is %s', async (_, replies, counted) => {
    const { run, budgets, steps, sent } = setUp((_, nth) => replies[nth - 1] ?? success, {
      retries: 3,
      dailyMaxCalls: 10,
    });
    // So that more than is reserved could be released.
    for (let nth = 0; nth < 5; nth += 1) await budgets.reserve('profile', null);
    steps.length = 0;
    await run(callTo('profile')).catch(() => {});
    expect(sent).toHaveLength(replies.length);
    expect(steps.filter((step) => step === 'reserve' || step === 'release')).toEqual(counted);
    expect(await budgets.spentToday(null)).toBe(counted.includes('release') ? 5 : 6);
  });

  it('is kept when a decoder throws, for the answer was billed', async () => {
    const decode = vi.spyOn(endpoints.profile, 'decode').mockImplementation(() => {
      throw new TypeError('a bug');
    });
    atEnd(async () => decode.mockRestore());
    const { run, budgets } = setUp(() => success, { dailyMaxCalls: 10 });
    await expect(run(callTo('profile'))).rejects.toMatchObject({
      code: 'UPSTREAM_INVALID_RESPONSE',
      billed: 'yes',
    });
    expect(await budgets.spentToday(null)).toBe(1);
    expect(budgets.paidTotal(null)).toBe(1);
  });
});

describe('a store that STORE_REQUIRED needs', () => {
  it('fails calls while it is lost, also one that waits in the queue, and releases their budget', async () => {
    const first = gate(success);
    let isLost = false;
    const { run, start, budgets, sent } = setUp(() => first.answer, {
      concurrency: 1,
      dailyMaxCalls: 10,
      isStoreMissing: () => isLost,
    });
    const [running, queued] = [start(callTo('profile')), start(callTo('profile', 1))];
    await settled();
    expect(await budgets.spentToday(null)).toBe(2);
    isLost = true;
    const error = { code: 'UPSTREAM_UNAVAILABLE', billed: 'no', retryable: true, retryAfterSeconds: 5 };
    await expect(run(callTo('profile', 2))).rejects.toMatchObject(error);
    first.open();
    await running.result;
    await expect(queued.result).rejects.toMatchObject(error);
    expect(await budgets.spentToday(null)).toBe(1);
    isLost = false;
    await run(callTo('profile', 1));
    expect(sent).toEqual([`profile ${creatorId(0)}`, `profile ${creatorId(1)}`]);
    expect(await budgets.spentToday(null)).toBe(2);
  });
});

describe('a 601', () => {
  it('fails the calls queued behind it unsent, and releases their budget', async () => {
    const first = gate(noBalance);
    const { start, budgets, sent, logs } = setUp(() => first.answer, { dailyMaxCalls: 1_000 });
    const met = start(callTo('profile'));
    await settled();
    const queued = Array.from({ length: 480 }, (_, nth) =>
      start(callTo(documentedEndpoints[nth % documentedEndpoints.length] as DocumentedEndpoint, nth + 1)),
    );
    await settled();
    expect(await budgets.spentToday(null)).toBe(481);
    first.open();
    const held = { code: 'UPSTREAM_BALANCE_EXHAUSTED', billed: 'no', isHeldBack: true };
    await expect(met.result).rejects.toMatchObject({ ...held, isHeldBack: false });
    for (const { result } of queued) await expect(result).rejects.toMatchObject(held);
    expect(queued.map(({ attempts }) => attempts)).toEqual(Array(480).fill(0));
    expect(sent).toEqual([`profile ${creatorId(0)}`]);
    expect(await budgets.spentToday(null)).toBe(0);
    // The stop itself and the call that met it; what it holds back is no news.
    expect(logs).toHaveLength(2);
  });

  it('lets no call through, however close to its arrival that call comes', async () => {
    for (let turns = 0; turns < 30; turns += 1) {
      const first = gate(noBalance);
      const { start, sent } = setUp(() => first.answer, { dailyMaxCalls: 10, isShared: true });
      const met = start(callTo('profile'));
      await settled();
      first.open();
      for (let turn = 0; turn < turns; turn += 1) await null;
      const next = start(callTo('prices'));
      await expect(met.result).rejects.toMatchObject({ upstreamCode: 601 });
      await expect(next.result).rejects.toMatchObject({ upstreamCode: 601, isHeldBack: true });
      expect([turns, ...sent]).toEqual([turns, `profile ${creatorId(0)}`]);
    }
  });

  it('lets upstream get no request for any call queued behind it', async () => {
    const upstream = await gatedUpstream(() => ({ body: { code: 601, data: null } }));
    const server = await startTestServer({
      upstream,
      env: { UPSTREAM_CONCURRENCY: '20', QUERY_MAX_CALLS: '500', UPSTREAM_RETRIES: '3' },
    });
    const ids = Array.from({ length: 100 }, (_, nth) => creatorId(nth));
    const selection = documentedEndpoints.map((name) => `${name} { hasData }`).join(' ');
    const asking = server.ask(`query ($ids: [ID!]!) { creators(ids: $ids) { ${selection} } }`, { ids });
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(20), { timeout: 5_000 });
    upstream.open();
    const { errors = [], extensions } = await asking;
    expect(errors).toHaveLength(500);
    expect(new Set(errors.map(({ extensions: { code } }) => code))).toEqual(
      new Set(['UPSTREAM_BALANCE_EXHAUSTED']),
    );
    expect(extensions?.cost).toEqual(cost({ failedCalls: 500, attempts: 20, maxCalls: 500 }));
    expect(upstream.calls).toHaveLength(20);
  });
});
