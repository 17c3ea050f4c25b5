import { describe, expect, it } from 'vitest';
import { Limiter, type Place } from '../../../../src/upstream/call/limiter/limiter.js';
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
  const unsent: string[] = [];
  const waiting = new Map<string, { flows: object[] }>();
  const steps = new Map<string, { place: Place; end: (error?: Error) => void }>();

  /** Asks for a turn; `sent`, `free` and `end` go on with the call once it has started. */
  function call(name: string, flow: object, endpoint = 'profile'): Promise<unknown> {
    const wanted = waiting.get(name) ?? { flows: [flow] };
    waiting.set(name, wanted);
    return limiter
      .run(
        endpoint,
        wanted,
        (place) => {
          started.push(name);
          return new Promise<void>((resolve, reject) => {
            steps.set(name, { place, end: (error) => (error ? reject(error) : resolve()) });
          });
        },
        () => unsent.push(name),
      )
      .catch((error: unknown) => error);
  }
  async function end(name: string, error?: Error): Promise<void> {
    steps.get(name)?.end(error);
    await settled();
  }
  const sent = (name: string) => steps.get(name)?.place.onSent();
  const free = (name: string) => steps.get(name)?.place.free();
  /** Another operation wants it. */
  function join(name: string, flow: object): void {
    const wanted = waiting.get(name);
    wanted?.flows.push(flow);
    if (wanted) limiter.promote(wanted);
  }
  const leave = (name: string) => limiter.leave(waiting.get(name) ?? { flows: [] });
  return { clock, limiter, call, sent, free, end, join, leave, started, unsent };
}

const newFlow = () => ({});

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

  it('lets the next in once when a call frees its place before it is over', async () => {
    const { call, free, end, started } = setUp({ concurrency: 1 });
    const flow = newFlow();
    for (const name of ['a', 'b', 'c']) call(name, flow);
    free('a');
    expect(started).toEqual(['a', 'b']);
    await end('a');
    expect(started).toEqual(['a', 'b']);
    await end('b');
    expect(started).toEqual(['a', 'b', 'c']);
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

  it('moves a call up that somebody joins whose turn is sooner, and a retry of it, too', async () => {
    const { call, end, join, started } = setUp();
    const batch = newFlow();
    for (let nth = 1; nth <= 100; nth += 1) call(`batch ${nth}`, batch);
    join('batch 90', newFlow());
    await end('batch 1');
    await end('batch 2');
    expect(started).toEqual(['batch 1', 'batch 2', 'batch 90']);
    call('batch 90', batch);
    await end('batch 90');
    await end('batch 3');
    expect(started.slice(3)).toEqual(['batch 3', 'batch 90']);
  });

  it('leaves a call where it is that somebody joins whose turn is later', async () => {
    const { call, end, join, started } = setUp();
    const [first, second] = [newFlow(), newFlow()];
    call('running', newFlow());
    for (let nth = 1; nth <= 3; nth += 1) call(`first ${nth}`, first);
    for (let nth = 1; nth <= 3; nth += 1) call(`second ${nth}`, second);
    join('first 1', second);
    for (let nth = 0; nth < 4; nth += 1) await end(started[nth] ?? '');
    expect(started).toEqual(['running', 'first 1', 'second 1', 'first 2', 'second 2']);
  });

  it('gives endpoints turns, so that one’s long line holds nobody else up', async () => {
    const { call, end, started } = setUp();
    const batch = newFlow();
    for (let nth = 1; nth <= 50; nth += 1) call(`profile ${nth}`, batch, 'profile');
    for (let nth = 1; nth <= 50; nth += 1) call(`prices ${nth}`, batch, 'prices');
    for (let nth = 0; nth < 20; nth += 1) await end(started[nth] ?? '');
    call('dashboard', newFlow(), 'profile');
    for (let nth = 20; nth < 25; nth += 1) await end(started[nth] ?? '');
    expect(started.slice(20)).toContain('dashboard');
    expect(started.slice(0, 5)).toEqual(['profile 1', 'profile 2', 'prices 1', 'profile 3', 'prices 2']);
  });

  it('serves a newcomer of a slowed endpoint in turn, however far the others have gone', async () => {
    const { call, clock, end, started } = setUp({ concurrency: 10 });
    const batch = newFlow();
    call('profile 0', batch);
    await end('profile 0', rateLimited(20));
    for (let nth = 1; nth <= 50; nth += 1) call(`profile ${nth}`, batch, 'profile');
    for (let nth = 1; nth <= 50; nth += 1) call(`prices ${nth}`, batch, 'prices');
    for (let nth = 1; nth <= 50; nth += 1) await end(`prices ${nth}`);
    call('dashboard', newFlow(), 'profile');
    clock.advance(21);
    expect(started.filter((name) => !name.startsWith('prices')).slice(0, 3)).toContain('dashboard');
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
    const { call, end, leave, started, unsent } = setUp();
    const flow = newFlow();
    call('a', flow);
    const dropped = call('b', flow);
    call('c', flow);
    expect(leave('a')).toBe(false);
    expect(leave('b')).toBe(true);
    expect(await dropped).toMatchObject({ isHeldBack: true });
    await end('a');
    expect(started).toEqual(['a', 'c']);
    expect(unsent).toEqual(['b']);
  });

  it('starts nothing because something is dropped or refused', async () => {
    for (const drop of ['leave', 'refuse', 'close'] as const) {
      const { call, clock, leave, limiter, started, end } = setUp({ concurrency: 9 });
      call('a', newFlow());
      await end('a', rateLimited(1));
      const outcomes = ['b', 'c', 'd'].map((name) => call(name, newFlow()));
      // The pause is over, but the timer is late.
      if (drop === 'leave') for (const name of ['b', 'c', 'd']) leave(name);
      if (drop === 'refuse') limiter.refuse(() => rateLimited());
      if (drop === 'close') limiter.close();
      clock.advance(60);
      expect(await Promise.all(outcomes)).toEqual(Array(3).fill(expect.any(UpstreamError)));
      expect(started).toEqual(['a']);
    }
  });

  it('starts nothing any more once it is closed', async () => {
    const { call, limiter, started, unsent } = setUp();
    limiter.close();
    expect(await call('a', newFlow())).toMatchObject({ isHeldBack: true });
    expect(started).toEqual([]);
    expect(unsent).toEqual(['a']);
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

  it('calls that would wait too long fail at once and say how long, also those that wait already', async () => {
    const { call, clock, end, started } = setUp({ concurrency: 2 });
    call('a', newFlow());
    call('b', newFlow());
    const waiting = call('c', newFlow());
    await end('a', rateLimited(600));
    const tooLong = { code: 'UPSTREAM_RATE_LIMITED', isHeldBack: true, retryAfterSeconds: 600 };
    expect(await waiting).toMatchObject(tooLong);
    expect(await call('d', newFlow())).toMatchObject(tooLong);
    clock.advance(601);
    expect(started).toEqual(['a', 'b']);
  });

  it('one after the other, whoever stands too far back in the line does not wait either', async () => {
    const { call, clock, end, started } = setUp({ concurrency: 50 });
    for (let nth = 1; nth <= 6; nth += 1) {
      call(`${nth}`, newFlow());
      clock.advance(15);
      await end(`${nth}`, rateLimited());
    }
    const line = Array.from({ length: 10 }, (_, nth) => call(`line ${nth}`, newFlow()));
    // 6.4 s, then a gap of that which would shrink with each answer.
    const refused = await Promise.race([Promise.all(line.slice(7)), settled()]);
    expect(refused).toEqual(Array(3).fill(expect.objectContaining({ code: 'UPSTREAM_RATE_LIMITED' })));
    expect(started).toHaveLength(6);
  });
});

describe('UPSTREAM_CALLS_PER_SECOND', () => {
  it('holds for any second, however the calls come', () => {
    const { call, clock, sent, started } = setUp({ concurrency: 1_000, perSecond: 20 });
    const sentAtMs: number[] = [];
    const flow = newFlow();
    for (let step = 0; step < 1_000; step += 1) {
      if (step % 9 === 0) for (const nth of [1, 2, 3]) call(`${step}.${nth}`, flow);
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

  it('counts a call from when it goes out, not from when its connection is begun', () => {
    const { call, clock, sent, started } = setUp({ concurrency: 100, perSecond: 2 });
    for (const name of ['a', 'b', 'c', 'd']) call(name, newFlow());
    clock.advance(2);
    expect(started).toEqual(['a', 'b']);
    sent('a');
    clock.advance(1);
    expect(started).toEqual(['a', 'b']);
    clock.advance(0.05);
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('does not count what never went out', async () => {
    const { call, end, started } = setUp({ concurrency: 100, perSecond: 1 });
    call('a', newFlow());
    call('b', newFlow());
    await end('a', new Error('refused'));
    expect(started).toEqual(['a', 'b']);
  });

  it('does not care for steps of the wall clock', () => {
    const { call, clock, sent, started } = setUp({ concurrency: 100, perSecond: 1 });
    call('a', newFlow());
    sent('a');
    call('b', newFlow());
    clock.step(-3_600);
    clock.advance(1.05);
    expect(started).toEqual(['a', 'b']);
  });
});
