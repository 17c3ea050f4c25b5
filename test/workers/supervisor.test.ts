import { describe, expect, it } from 'vitest';
import { StartError, type Worker, Workers } from '../../src/workers/supervisor.js';
import { recordingLogger, testClock } from '../fixtures.js';

/** A process that does what the test says. */
function fakeWorker(pid: number) {
  const told: string[] = [];
  let listen = (_: string) => {};
  let fail = (_: Error) => {};
  let die = (_: string) => {};
  const listening = new Promise<string>((resolve, reject) => {
    listen = resolve;
    fail = reject;
  });
  const ended = new Promise<string>((resolve) => {
    die = resolve;
  });
  ended.then((how) => fail(new StartError(`ended: ${how}`)));
  listening.catch(() => {});
  const tell = (what: string) => () => void told.push(what);
  const orders = { retire: tell('retire'), end: tell('end'), kill: tell('kill') };
  return { pid, listening, ended, ...orders, told, listen, fail, die };
}

function workersOf(count: number) {
  const clock = testClock();
  const { logger, logs } = recordingLogger();
  const forked: ReturnType<typeof fakeWorker>[] = [];
  const workers = new Workers<Worker>({
    count,
    fork: () => {
      const worker = fakeWorker(100 + forked.length);
      forked.push(worker);
      return worker;
    },
    logger,
    elapsed: clock.elapsed,
    after: clock.after,
  });
  const at = (nth: number) => forked[nth] as ReturnType<typeof fakeWorker>;
  return { workers, forked, at, clock, logs };
}

/** All that is due without time going on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function started(count: number) {
  const all = workersOf(count);
  const starting = all.workers.start();
  for (const worker of all.forked) worker.listen('here');
  expect(await starting).toBe('here');
  return all;
}

describe('the start', () => {
  it('is over when all workers listen', async () => {
    const { workers, at, forked } = workersOf(3);
    let line: string | null = null;
    const starting = workers.start().then((said) => {
      line = said;
    });
    expect(forked).toHaveLength(3);
    at(0).listen('here');
    at(1).listen('here');
    await settled();
    expect(line).toBeNull();
    at(2).listen('here');
    await starting;
    expect(line).toBe('here');
  });

  it('fails with the first reason, once no worker is left', async () => {
    const { workers, at, clock, forked } = workersOf(3);
    const starting = workers.start();
    at(0).listen('here');
    at(1).fail(new StartError('The port is taken.'));
    at(2).fail(new StartError('The port is taken again.'));
    at(1).die('exit code 1');
    at(2).die('exit code 1');
    await settled();
    expect(at(0).told).toEqual(['end']);
    at(0).die('exit code 0');
    await expect(starting).rejects.toThrow('The port is taken.');
    clock.advance(60);
    expect(forked).toHaveLength(3);
    expect(workers.alive.size).toBe(0);
  });

  it('says nothing when the end comes first', async () => {
    const { workers, at, logs } = workersOf(2);
    const starting = workers.start();
    const ending = workers.end();
    expect(at(0).told).toEqual(['end']);
    at(0).listen('here');
    at(0).die('exit code 0');
    at(1).die('exit code 0');
    await ending;
    expect(await starting).toBeNull();
    expect(logs).toEqual([]);
  });
});

describe('a worker that ends by itself', () => {
  it('is replaced, and one line says so', async () => {
    const { at, clock, forked, logs } = await started(2);
    at(1).die('SIGKILL');
    await settled();
    expect(forked).toHaveLength(2);
    clock.advance(0.1);
    expect(forked).toHaveLength(3);
    expect(logs).toEqual([
      '["error",{"pid":101},"A worker ended by itself (SIGKILL). Another starts in 0.1 s."]',
    ]);
  });

  it('is waited for twice as long each time it dies young, up to half a minute, until one lives for a minute', async () => {
    const { at, clock, forked } = await started(1);
    const waits: number[] = [];
    async function dieAndWait() {
      const before = forked.length;
      at(before - 1).die('SIGSEGV');
      await settled();
      let waited = 0;
      for (; forked.length === before; waited += 0.1) clock.advance(0.1);
      waits.push(Math.round(waited * 10) / 10);
      at(before).listen('here');
      await settled();
    }
    for (let nth = 0; nth < 11; nth += 1) await dieAndWait();
    expect(waits).toEqual([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30]);
    clock.advance(60);
    await dieAndWait();
    expect(waits.at(-1)).toBe(0.1);
  });

  it('is tried again, later each time, when the next can not start', async () => {
    const { at, clock, forked, logs } = await started(1);
    at(0).die('SIGKILL');
    await settled();
    clock.advance(0.1);
    at(1).fail(new StartError('No memory.'));
    await settled();
    expect(logs.at(-1)).toContain('A worker could not start. The next try is in 0.2 s. No memory.');
    clock.advance(0.1);
    expect(forked).toHaveLength(2);
    clock.advance(0.1);
    expect(forked).toHaveLength(3);
  });
});

describe('a reload', () => {
  it('retires each worker once its successor listens, one after the other', async () => {
    const { workers, at, forked, logs, clock } = await started(2);
    const reloading = workers.reload();
    await settled();
    expect(forked).toHaveLength(3);
    expect(at(0).told).toEqual([]);
    at(2).listen('here');
    await settled();
    expect(at(0).told).toEqual(['retire']);
    expect(at(1).told).toEqual([]);
    expect(forked).toHaveLength(4);
    at(3).listen('here');
    await reloading;
    expect(at(1).told).toEqual(['retire']);
    at(0).die('exit code 0');
    at(1).die('exit code 0');
    await settled();
    clock.advance(60);
    expect(forked).toHaveLength(4);
    expect(logs).toEqual(['["info","Reloaded: 2 new workers"]']);
  });

  it('leaves the old ones where they are when a new one can not start, and says why', async () => {
    const { workers, at, forked, logs } = await started(2);
    const reloading = workers.reload();
    await settled();
    at(2).fail(new StartError('Cannot find module.'));
    await reloading;
    expect([...at(0).told, ...at(1).told]).toEqual([]);
    expect(forked).toHaveLength(3);
    expect(logs.join()).toContain('so the reload ends, and the others stay. Cannot find module.');
  });

  it('fills the place of one that dies meanwhile once, not twice', async () => {
    const { workers, at, clock, forked } = await started(1);
    const reloading = workers.reload();
    await settled();
    at(0).die('SIGKILL');
    await settled();
    clock.advance(0.1);
    expect(forked).toHaveLength(3);
    at(1).listen('here');
    await reloading;
    at(2).listen('here');
    await settled();
    expect(at(1).told).toEqual([]);
    expect(at(2).told).toEqual(['retire']);
  });

  it('waits for the one before it, and for the start', async () => {
    const { workers, at, forked } = workersOf(1);
    const starting = workers.start();
    workers.reload();
    const second = workers.reload();
    await settled();
    expect(forked).toHaveLength(1);
    at(0).listen('here');
    await starting;
    await settled();
    expect(forked).toHaveLength(2);
    at(1).listen('here');
    await settled();
    expect(forked).toHaveLength(3);
    at(2).listen('here');
    await second;
    expect([at(0).told, at(1).told, at(2).told]).toEqual([['retire'], ['retire'], []]);
  });
});

describe('the end', () => {
  it('tells every worker, also one that retires, and waits until none is left', async () => {
    const { workers, at, clock, forked } = await started(2);
    const reloading = workers.reload();
    await settled();
    at(2).listen('here');
    await settled();
    let isOver = false;
    const ending = workers.end().then(() => {
      isOver = true;
    });
    for (const worker of forked) expect(worker.told).toContain('end');
    for (const worker of forked.slice(1)) worker.die('exit code 0');
    await settled();
    expect(isOver).toBe(false);
    at(0).die('exit code 0');
    await Promise.all([ending, reloading]);
    clock.advance(60);
    expect(forked).toHaveLength(4);
  });

  it('calls off what would start later', async () => {
    const { workers, at, clock, forked } = await started(1);
    at(0).die('SIGKILL');
    await settled();
    await workers.end();
    clock.advance(60);
    expect(forked).toHaveLength(1);
  });
});
