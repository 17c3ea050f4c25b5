import { describe, expect, it } from 'vitest';
import { InFlightCall, type Waiter } from '../../../../src/upstream/call/inFlightCall.js';
import { Limiter, type Slot } from '../../../../src/upstream/call/limiter/limiter.js';
import { OwnRate } from '../../../../src/upstream/call/limiter/rate.js';
import { UpstreamError } from '../../../../src/upstream/errors.js';
import { testClock } from '../../../fixtures.js';

function setUp(config: { concurrency?: number; queueMax?: number; perSecond?: number } = {}) {
  const clock = testClock();
  const limiter = new Limiter({
    rate: new OwnRate(config.perSecond ?? null),
    config: {
      upstreamConcurrency: config.concurrency ?? 1,
      upstreamQueueMax: config.queueMax ?? 2_000,
    },
    ...clock,
  });
  const started: string[] = [];
  const calls = new Map<string, InFlightCall<unknown>>();
  const sending = new Map<string, { slot: Slot; end: (error?: Error) => void }>();

  const run = (name: string, endpoint: string, inFlight: InFlightCall<unknown>) =>
    limiter.run(endpoint, inFlight, (slot) => {
      started.push(name);
      return new Promise<void>((resolve, reject) => {
        sending.set(name, { slot, end: (error) => (error ? reject(error) : resolve()) });
      });
    });

  /** An operation makes a call; once that has started, `sent`, `free` and `end` go on with it. Resolves with its failure. */
  function call(name: string, operation: Waiter, endpoint = 'profile'): Promise<unknown> {
    const inFlight = new InFlightCall(operation, (self) => run(name, endpoint, self));
    calls.set(name, inFlight);
    return inFlight.result.catch((error: unknown) => error);
  }
  const inFlightCall = (name: string) => calls.get(name) as InFlightCall<unknown>;
  const retry = (name: string) => run(name, 'profile', inFlightCall(name));
  const join = (name: string, operation: Waiter) => inFlightCall(name).join(operation);
  const leave = (name: string, operation: Waiter) => inFlightCall(name).leave(operation);
  const sent = (name: string) => sending.get(name)?.slot.onSent();
  const free = (name: string) => sending.get(name)?.slot.free();
  async function end(name: string, error?: Error): Promise<void> {
    sending.get(name)?.end(error);
    await settled();
  }
  return { clock, limiter, call, retry, join, leave, sent, free, end, started };
}

const newOperation = (): Waiter => ({ payer: null, operationName: null, requestId: 'test' });

/** Resolves when every promise that can go on has done so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function rateLimited(retryAfterSeconds?: number): UpstreamError {
  return new UpstreamError('UPSTREAM_RATE_LIMITED', 'Slower', {
    endpoint: 'profile',
    billed: 'no',
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

describe('the limiter', () => {
  it('has no more calls in flight than the concurrency allows', async () => {
    const { call, end, started } = setUp({ concurrency: 2 });
    const operation = newOperation();
    for (const name of ['a', 'b', 'c', 'd']) call(name, operation);
    expect(started).toEqual(['a', 'b']);
    await end('a');
    expect(started).toEqual(['a', 'b', 'c']);
    await end('c');
    await end('b');
    expect(started).toEqual(['a', 'b', 'c', 'd']);
  });

  it('starts the next call, once, when a call frees its slot before it is over', async () => {
    const { call, free, end, started } = setUp({ concurrency: 1 });
    const operation = newOperation();
    for (const name of ['a', 'b', 'c']) call(name, operation);
    free('a');
    expect(started).toEqual(['a', 'b']);
    await end('a');
    expect(started).toEqual(['a', 'b']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('lets operations take turns, so that a dashboard does not wait for a whole batch', async () => {
    const { call, end, started } = setUp();
    const batch = newOperation();
    for (let nth = 1; nth <= 500; nth += 1) call(`batch ${nth}`, batch);
    for (let nth = 1; nth <= 20; nth += 1) await end(`batch ${nth}`);
    call('dashboard', newOperation());
    await end('batch 21');
    await end('batch 22');
    expect(started.slice(20)).toEqual(['batch 21', 'batch 22', 'dashboard']);
  });

  it('lets two batches alternate', async () => {
    const { call, end, started } = setUp();
    const [first, second] = [newOperation(), newOperation()];
    for (let nth = 1; nth <= 4; nth += 1) call(`first ${nth}`, first);
    for (let nth = 1; nth <= 4; nth += 1) call(`second ${nth}`, second);
    for (let nth = 0; nth < 7; nth += 1) await end(started[nth] ?? '');
    expect(started).toEqual([
      // The other batch was not there yet.
      'first 1',
      'first 2',
      'second 1',
      'first 3',
      'second 2',
      'first 4',
      'second 3',
      'second 4',
    ]);
  });

  it('does not starve a batch when new dashboards keep coming', async () => {
    const { call, end, started } = setUp();
    const batch = newOperation();
    for (let nth = 1; nth <= 5; nth += 1) call(`batch ${nth}`, batch);
    for (let nth = 0; started.length < 10; nth += 1) {
      // Two more for every one that ends.
      call(`dashboard ${2 * nth}`, newOperation());
      call(`dashboard ${2 * nth + 1}`, newOperation());
      await end(started[nth] ?? '');
    }
    expect(started.filter((name) => name.startsWith('batch')).length).toBeGreaterThanOrEqual(3);
  });

  it('moves a call, and a retry of it, forward when an operation joins whose turn is sooner', async () => {
    const { call, retry, end, join, started } = setUp();
    const batch = newOperation();
    for (let nth = 1; nth <= 100; nth += 1) call(`batch ${nth}`, batch);
    join('batch 90', newOperation());
    await end('batch 1');
    await end('batch 2');
    expect(started).toEqual(['batch 1', 'batch 2', 'batch 90']);
    void retry('batch 90');
    await end('batch 90');
    await end('batch 3');
    expect(started.slice(3)).toEqual(['batch 3', 'batch 90']);
  });

  it('does not move a call when an operation joins whose turn is later', async () => {
    const { call, end, join, started } = setUp();
    const [first, second] = [newOperation(), newOperation()];
    call('running', newOperation());
    for (let nth = 1; nth <= 3; nth += 1) call(`first ${nth}`, first);
    for (let nth = 1; nth <= 3; nth += 1) call(`second ${nth}`, second);
    join('first 1', second);
    for (let nth = 0; nth < 4; nth += 1) await end(started[nth] ?? '');
    expect(started).toEqual(['running', 'first 1', 'second 1', 'first 2', 'second 2']);
  });

  it('lets endpoints take turns, so that no other endpoint waits for a long queue', async () => {
    const { call, end, started } = setUp();
    const batch = newOperation();
    for (let nth = 1; nth <= 50; nth += 1) call(`profile ${nth}`, batch, 'profile');
    for (let nth = 1; nth <= 50; nth += 1) call(`prices ${nth}`, batch, 'prices');
    for (let nth = 0; nth < 20; nth += 1) await end(started[nth] ?? '');
    call('dashboard', newOperation(), 'profile');
    for (let nth = 20; nth < 25; nth += 1) await end(started[nth] ?? '');
    expect(started.slice(20)).toContain('dashboard');
    expect(started.slice(0, 5)).toEqual(['profile 1', 'profile 2', 'prices 1', 'profile 3', 'prices 2']);
  });

  it('gives a new operation its turn at an endpoint that was slowed down, however many turns others have had elsewhere', async () => {
    const { call, clock, end, started } = setUp({ concurrency: 10 });
    const batch = newOperation();
    call('profile 0', batch);
    await end('profile 0', rateLimited(20));
    for (let nth = 1; nth <= 50; nth += 1) call(`profile ${nth}`, batch, 'profile');
    for (let nth = 1; nth <= 50; nth += 1) call(`prices ${nth}`, batch, 'prices');
    for (let nth = 1; nth <= 50; nth += 1) await end(`prices ${nth}`);
    call('dashboard', newOperation(), 'profile');
    clock.advance(21);
    expect(started.filter((name) => !name.startsWith('prices')).slice(0, 3)).toContain('dashboard');
  });

  it('refuses a call that the queue has no room for as unavailable, to be asked again soon', async () => {
    const { call, end, started } = setUp({ queueMax: 2 });
    const operation = newOperation();
    for (const name of ['a', 'b', 'c']) call(name, operation);
    const refused = await call('d', operation);
    expect(refused).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', billed: 'no', retryAfterSeconds: 5 });
    await end('a');
    call('e', operation);
    await end('b');
    await end('c');
    expect(started).toEqual(['a', 'b', 'c', 'e']);
  });

  it('drops a queued call that no operation waits for any more, and no call that has started', async () => {
    const { call, end, join, leave, started } = setUp();
    const [one, other] = [newOperation(), newOperation()];
    call('a', one);
    const dropped = call('b', one);
    call('c', one);
    join('c', other);
    for (const name of ['a', 'b', 'c']) leave(name, one);
    expect(await dropped).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', billed: 'no', isHeldBack: true });
    await end('a');
    expect(started).toEqual(['a', 'c']);
  });

  it('starts nothing because a call is dropped or refused', async () => {
    for (const drop of ['leave', 'refuse', 'close'] as const) {
      const { call, clock, leave, limiter, started, end } = setUp({ concurrency: 9 });
      const operation = newOperation();
      call('a', operation);
      await end('a', rateLimited(1));
      const outcomes = ['b', 'c', 'd'].map((name) => call(name, operation));
      // The pause is over, but the timer is late.
      if (drop === 'leave') for (const name of ['b', 'c', 'd']) leave(name, operation);
      if (drop === 'refuse') limiter.refuse(() => rateLimited());
      if (drop === 'close') limiter.close();
      clock.advance(60);
      expect(await Promise.all(outcomes)).toEqual(Array(3).fill(expect.any(UpstreamError)));
      expect(started).toEqual(['a']);
    }
  });

  it('starts nothing any more once it is closed, and fails what waits', async () => {
    const { call, limiter, end, started } = setUp();
    call('a', newOperation());
    const waiting = call('b', newOperation());
    limiter.close();
    const ending = { code: 'UPSTREAM_UNAVAILABLE', isHeldBack: true, retryAfterSeconds: 5 };
    expect(await waiting).toMatchObject(ending);
    expect(await call('c', newOperation())).toMatchObject(ending);
    await end('a');
    expect(started).toEqual(['a']);
  });

  it('fails the calls that wait for an endpoint which must not be called any more', async () => {
    const { call, end, limiter, started } = setUp();
    const operation = newOperation();
    call('a', operation);
    const b = call('b', operation, 'prices');
    call('c', operation, 'profile');
    const error = rateLimited();
    limiter.refuse((endpoint) => (endpoint === 'prices' ? error : null));
    expect(await b).toBe(error);
    await end('a');
    expect(started).toEqual(['a', 'c']);
  });
});

describe('after a 302', () => {
  it('every call to that endpoint waits as long as upstream asks, and no other call does', async () => {
    const { call, clock, end, started } = setUp({ concurrency: 5 });
    call('a', newOperation());
    await end('a', rateLimited(3));
    call('b', newOperation());
    call('c', newOperation(), 'prices');
    expect(started).toEqual(['a', 'c']);
    clock.advance(2.9);
    expect(started).toEqual(['a', 'c']);
    clock.advance(0.2);
    expect(started).toEqual(['a', 'c', 'b']);
  });

  it('calls start with a gap between them, which answers shorten', async () => {
    const { call, clock, end, started } = setUp({ concurrency: 50 });
    const operation = newOperation();
    call('a', operation);
    await end('a', rateLimited());
    for (let nth = 1; nth <= 40; nth += 1) call(`${nth}`, operation);
    const startedAfter = (ms: number) => {
      clock.advance(ms / 1000);
      return started.length - 1;
    };
    expect([startedAfter(199), startedAfter(1), startedAfter(199), startedAfter(1)]).toEqual([0, 1, 1, 2]);
    for (let nth = 1; nth <= 2; nth += 1) await end(`${nth}`);
    // From now on the gap is 128 ms.
    expect([startedAfter(200), startedAfter(127), startedAfter(1)]).toEqual([3, 3, 4]);
    for (let nth = 0; nth < 12; nth += 1) {
      clock.advance(1);
      await end(started.at(-1) ?? '');
    }
    expect(startedAfter(200)).toBe(40);
  });

  it('calls that would wait too long fail at once and say how long, those in the queue too', async () => {
    const { call, clock, end, started } = setUp({ concurrency: 2 });
    call('a', newOperation());
    call('b', newOperation());
    const waiting = call('c', newOperation());
    await end('a', rateLimited(600));
    const tooLong = { code: 'UPSTREAM_RATE_LIMITED', isHeldBack: true, retryAfterSeconds: 600 };
    expect(await waiting).toMatchObject(tooLong);
    expect(await call('d', newOperation())).toMatchObject(tooLong);
    clock.advance(601);
    expect(started).toEqual(['a', 'b']);
  });

  it('and more of them, calls too far back in the queue fail at once too', async () => {
    const { call, clock, end, started } = setUp({ concurrency: 50 });
    for (let nth = 1; nth <= 6; nth += 1) {
      call(`${nth}`, newOperation());
      clock.advance(15);
      await end(`${nth}`, rateLimited());
    }
    const queued = Array.from({ length: 10 }, (_, nth) => call(`queued ${nth}`, newOperation()));
    // The first would wait 6.4 s; each further one a gap as long, which shrinks with each answer.
    const refused = await Promise.race([Promise.all(queued.slice(7)), settled()]);
    expect(refused).toEqual(Array(3).fill(expect.objectContaining({ code: 'UPSTREAM_RATE_LIMITED' })));
    expect(started).toHaveLength(6);
  });
});

describe('UPSTREAM_CALLS_PER_SECOND', () => {
  it('is not exceeded in any second, however the calls come', () => {
    const { call, clock, sent, started } = setUp({ concurrency: 1_000, perSecond: 20 });
    const sentAtMs: number[] = [];
    const operation = newOperation();
    for (let step = 0; step < 1_000; step += 1) {
      if (step % 9 === 0) for (const nth of [1, 2, 3]) call(`${step}.${nth}`, operation);
      clock.advance(0.01);
      for (const name of started.slice(sentAtMs.length)) {
        sent(name);
        sentAtMs.push(clock.elapsed());
      }
    }
    const inSecondFrom = (fromMs: number) =>
      sentAtMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + 1_000).length;
    expect(Math.max(...sentAtMs.map(inSecondFrom))).toBe(20);
    expect(sentAtMs.length).toBeGreaterThan(180);
  });

  it('counts a call from when it is sent, not from when its connection is begun', () => {
    const { call, clock, sent, started } = setUp({ concurrency: 100, perSecond: 2 });
    for (const name of ['a', 'b', 'c', 'd']) call(name, newOperation());
    clock.advance(2);
    expect(started).toEqual(['a', 'b']);
    sent('a');
    clock.advance(1);
    expect(started).toEqual(['a', 'b']);
    clock.advance(0.05);
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('does not count a call that was never sent', async () => {
    const { call, end, started } = setUp({ concurrency: 100, perSecond: 1 });
    call('a', newOperation());
    call('b', newOperation());
    await end('a', new Error('refused'));
    expect(started).toEqual(['a', 'b']);
  });

  it('is not affected by steps of the wall clock', () => {
    const { call, clock, sent, started } = setUp({ concurrency: 100, perSecond: 1 });
    call('a', newOperation());
    sent('a');
    call('b', newOperation());
    clock.step(-3_600);
    clock.advance(1.05);
    expect(started).toEqual(['a', 'b']);
  });
});
