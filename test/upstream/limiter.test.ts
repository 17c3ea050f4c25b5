import { describe, expect, it } from 'vitest';
import { later } from '../../src/time.js';
import { UpstreamError } from '../../src/upstream/errors.js';
import { type Flow, Limiter } from '../../src/upstream/limiter.js';
import { testClock } from '../harness.js';

function setUp(config: { concurrency?: number; queueMax?: number } = {}) {
  const clock = testClock();
  const limiter = new Limiter({
    config: {
      upstreamConcurrency: config.concurrency ?? 1,
      upstreamCallsPerSecond: null,
      upstreamQueueMax: config.queueMax ?? 2_000,
    },
    ...clock,
  });
  const started: string[] = [];
  const endings = new Map<string, (error?: Error) => void>();
  const waiting = new Map<string, object>();

  /** Asks for a turn; `end` ends the call once it has started. */
  function call(name: string, flow: Flow, endpoint = 'profile'): Promise<unknown> {
    const token = {};
    waiting.set(name, token);
    return limiter
      .run({ endpoint, flow, waiting: token }, () => {
        started.push(name);
        return new Promise<void>((resolve, reject) => {
          endings.set(name, (error) => (error ? reject(error) : resolve()));
        });
      })
      .catch((error: unknown) => error);
  }
  async function end(name: string, error?: Error): Promise<void> {
    endings.get(name)?.(error);
    await settled();
  }
  return { clock, limiter, call, end, started, waiting };
}

const newFlow = (): Flow => ({ lastTurn: 0 });

/** Every promise that could go on has done so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function rateLimited(retryAfterSeconds?: number): UpstreamError {
  return new UpstreamError('UPSTREAM_RATE_LIMITED', 'Slower', {
    endpoint: 'profile',
    billed: 'no',
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

describe('the limiter', () => {
  it('lets no more than the concurrency be in flight', async () => {
    const { call, end, started } = setUp({ concurrency: 2 });
    const flow = newFlow();
    for (const name of ['a', 'b', 'c', 'd']) call(name, flow);
    expect(started).toEqual(['a', 'b']);
    await end('a');
    expect(started).toEqual(['a', 'b', 'c']);
    await end('c');
    await end('b');
    expect(started).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives operations turns: a dashboard is not behind a batch', async () => {
    const { call, end, started } = setUp();
    const batch = newFlow();
    for (let nth = 1; nth <= 500; nth += 1) call(`batch ${nth}`, batch);
    for (let nth = 1; nth <= 20; nth += 1) await end(`batch ${nth}`);
    call('dashboard', newFlow());
    await end('batch 21');
    await end('batch 22');
    expect(started.slice(20)).toEqual(['batch 21', 'batch 22', 'dashboard']);
  });

  it('gives two batches every other turn', async () => {
    const { call, end, started } = setUp();
    const [first, second] = [newFlow(), newFlow()];
    for (let nth = 1; nth <= 4; nth += 1) call(`first ${nth}`, first);
    for (let nth = 1; nth <= 4; nth += 1) call(`second ${nth}`, second);
    for (let nth = 0; nth < 7; nth += 1) await end(started[nth] ?? '');
    expect(started).toEqual([
      // Alone when it came.
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

  it('does not starve a batch behind ever new dashboards', async () => {
    const { call, end, started } = setUp();
    const batch = newFlow();
    for (let nth = 1; nth <= 5; nth += 1) call(`batch ${nth}`, batch);
    for (let nth = 0; started.length < 10; nth += 1) {
      // Two more for every one that ends.
      call(`dashboard ${2 * nth}`, newFlow());
      call(`dashboard ${2 * nth + 1}`, newFlow());
      await end(started[nth] ?? '');
    }
    expect(started.filter((name) => name.startsWith('batch')).length).toBeGreaterThanOrEqual(3);
  });

  it('moves a call up that somebody joins whose turn is sooner', async () => {
    const { call, end, limiter, started, waiting } = setUp();
    const batch = newFlow();
    for (let nth = 1; nth <= 100; nth += 1) call(`batch ${nth}`, batch);
    limiter.promote(waiting.get('batch 90') ?? {}, newFlow());
    await end('batch 1');
    await end('batch 2');
    expect(started).toEqual(['batch 1', 'batch 2', 'batch 90']);
    limiter.promote(waiting.get('batch 3') ?? {}, { lastTurn: 400 });
    await end('batch 90');
    expect(started.at(-1)).toBe('batch 3');
  });

  it('refuses what the queue has no room for, as unavailable and to be retried', async () => {
    const { call, end, started } = setUp({ queueMax: 2 });
    const flow = newFlow();
    for (const name of ['a', 'b', 'c']) call(name, flow);
    const refused = await call('d', flow);
    expect(refused).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', billed: 'no', retryAfterSeconds: 5 });
    await end('a');
    call('e', flow);
    await end('b');
    await end('c');
    expect(started).toEqual(['a', 'b', 'c', 'e']);
  });

  it('drops what nobody wants while it waits, and only then', async () => {
    const { call, end, limiter, started, waiting } = setUp();
    const flow = newFlow();
    call('a', flow);
    const dropped = call('b', flow);
    call('c', flow);
    expect(limiter.leave(waiting.get('a') ?? {})).toBe(false);
    expect(limiter.leave(waiting.get('b') ?? {})).toBe(true);
    expect(await dropped).toMatchObject({ isHeldBack: true });
    await end('a');
    expect(started).toEqual(['a', 'c']);
  });

  it('fails what waits for an endpoint that must not be called any more', async () => {
    const { call, end, limiter, started } = setUp();
    const flow = newFlow();
    call('a', flow);
    const b = call('b', flow, 'prices');
    call('c', flow, 'profile');
    const error = rateLimited();
    limiter.refuse((endpoint) => (endpoint === 'prices' ? error : null));
    expect(await b).toBe(error);
    await end('a');
    expect(started).toEqual(['a', 'c']);
  });
});

describe('after a 302', () => {
  it('everybody waits as long as upstream asks, for that endpoint only', async () => {
    const { call, clock, end, started } = setUp({ concurrency: 5 });
    call('a', newFlow());
    await end('a', rateLimited(3));
    call('b', newFlow());
    call('c', newFlow(), 'prices');
    expect(started).toEqual(['a', 'c']);
    clock.advance(2.9);
    expect(started).toEqual(['a', 'c']);
    clock.advance(0.2);
    expect(started).toEqual(['a', 'c', 'b']);
  });

  it('calls follow one another with a gap, which answers make shorter', async () => {
    const { call, clock, end, started } = setUp({ concurrency: 50 });
    const flow = newFlow();
    call('a', flow);
    await end('a', rateLimited());
    for (let nth = 1; nth <= 40; nth += 1) call(`${nth}`, flow);
    const startedAfter = (ms: number) => {
      clock.advance(ms / 1000);
      return started.length - 1;
    };
    expect([startedAfter(199), startedAfter(1), startedAfter(199), startedAfter(1)]).toEqual([0, 1, 1, 2]);
    for (let nth = 1; nth <= 2; nth += 1) await end(`${nth}`);
    // From now on a gap of 128 ms.
    expect([startedAfter(200), startedAfter(127), startedAfter(1)]).toEqual([3, 3, 4]);
    for (let nth = 0; nth < 12; nth += 1) {
      clock.advance(1);
      await end(started.at(-1) ?? '');
    }
    expect(startedAfter(200)).toBe(40);
  });

  it('with a pause that nobody would wait for, calls fail at once and say how long', async () => {
    const { call, end, started } = setUp();
    call('a', newFlow());
    await end('a', rateLimited(600));
    expect(await call('b', newFlow())).toMatchObject({
      code: 'UPSTREAM_RATE_LIMITED',
      isHeldBack: true,
      retryAfterSeconds: 600,
    });
    expect(started).toEqual(['a']);
  });
});

describe('UPSTREAM_CALLS_PER_SECOND', () => {
  it('holds for any second, not only for those of a clock', async () => {
    const limiter = new Limiter({
      config: { upstreamConcurrency: 100, upstreamCallsPerSecond: 20, upstreamQueueMax: 2_000 },
      now: Date.now,
      after: later,
    });
    const startedAt: number[] = [];
    const flow = newFlow();
    const call = () =>
      limiter.run({ endpoint: 'profile', flow, waiting: {} }, async () => {
        startedAt.push(performance.now());
      });
    await Promise.all(Array.from({ length: 50 }, call));
    const busiest = Math.max(
      ...startedAt.map((from) => startedAt.filter((at) => at >= from && at < from + 1_000).length),
    );
    expect(busiest).toBe(20);
  });
});
