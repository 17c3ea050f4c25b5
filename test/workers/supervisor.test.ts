import { describe, expect, it } from 'vitest';
import { StartError, Supervisor, type Worker } from '../../src/workers/supervisor.js';
import { recordingLogger, testClock } from '../fixtures.js';

/** A process that does what the test says, and records the commands that it gets. */
function fakeWorker(pid: number) {
  const commands: string[] = [];
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
  const record = (command: string) => () => void commands.push(command);
  let stopListening = () => {};
  const stoppedListening = new Promise<void>((resolve) => {
    stopListening = resolve;
  });
  const methods = {
    retire: record('retire'),
    end: record('end'),
    closeConnections: record('closeConnections'),
    kill: record('kill'),
  };
  return { pid, listening, stoppedListening, ended, ...methods, commands, listen, stopListening, fail, die };
}

function supervisorOf(count: number) {
  const clock = testClock();
  const { logger, logs } = recordingLogger();
  const forked: ReturnType<typeof fakeWorker>[] = [];
  const supervisor = new Supervisor<Worker>({
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
  return { supervisor, forked, at, clock, logs };
}

/** Everything that does not wait for the clock has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

async function started(count: number) {
  const all = supervisorOf(count);
  const starting = all.supervisor.start();
  for (const worker of all.forked) worker.listen('here');
  expect(await starting).toBe('here');
  return all;
}

describe('the start', () => {
  it('ends when all workers listen', async () => {
    const { supervisor, at, forked } = supervisorOf(3);
    let startupMessage: string | null = null;
    const starting = supervisor.start().then((message) => {
      startupMessage = message;
    });
    expect(forked).toHaveLength(3);
    at(0).listen('here');
    at(1).listen('here');
    await settled();
    expect(startupMessage).toBeNull();
    at(2).listen('here');
    await starting;
    expect(startupMessage).toBe('here');
  });

  it('fails with the first reason, when no worker is left', async () => {
    const { supervisor, at, clock, forked } = supervisorOf(3);
    const starting = supervisor.start();
    at(0).listen('here');
    at(1).fail(new StartError('The port is taken.'));
    at(2).fail(new StartError('The port is taken again.'));
    at(1).die('exit code 1');
    at(2).die('exit code 1');
    await settled();
    expect(at(0).commands).toEqual(['end']);
    at(0).die('exit code 0');
    await expect(starting).rejects.toThrow('The port is taken.');
    clock.advance(60);
    expect(forked).toHaveLength(3);
    expect(supervisor.alive.size).toBe(0);
  });

  it('logs nothing when the end comes first', async () => {
    const { supervisor, at, logs } = supervisorOf(2);
    const starting = supervisor.start();
    const ending = supervisor.end('announced');
    expect(at(0).commands).toEqual(['end']);
    at(0).listen('here');
    at(0).die('exit code 0');
    at(1).die('exit code 0');
    await ending;
    expect(await starting).toBeNull();
    expect(logs).toEqual([]);
  });
});

describe('a worker that ends by itself', () => {
  it('is replaced, and one log line says so', async () => {
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

  it('is replaced after a wait that doubles up to 30 s, until a worker lives for a minute', async () => {
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

  it('is replaced after a longer wait when its successor can not start', async () => {
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
    const { supervisor, at, forked, logs, clock } = await started(2);
    const reloading = supervisor.reload();
    await settled();
    expect(forked).toHaveLength(3);
    expect(at(0).commands).toEqual([]);
    at(2).listen('here');
    await settled();
    expect(at(0).commands).toEqual(['retire']);
    expect(at(1).commands).toEqual([]);
    expect(forked).toHaveLength(4);
    at(3).listen('here');
    await reloading;
    expect(at(1).commands).toEqual(['retire']);
    at(0).die('exit code 0');
    at(1).die('exit code 0');
    await settled();
    clock.advance(60);
    expect(forked).toHaveLength(4);
    expect(logs).toEqual(['["info","Reloaded: 2 new workers"]']);
  });

  it('stops when a new worker can not start, says why, and the old ones stay', async () => {
    const { supervisor, at, forked, logs } = await started(2);
    const reloading = supervisor.reload();
    await settled();
    at(2).fail(new StartError('Cannot find module.'));
    await reloading;
    expect([...at(0).commands, ...at(1).commands]).toEqual([]);
    expect(forked).toHaveLength(3);
    expect(logs.join()).toContain('so the reload ends, and the others stay. Cannot find module.');
  });

  it('replaces a worker that dies meanwhile once, not twice', async () => {
    const { supervisor, at, clock, forked } = await started(1);
    const reloading = supervisor.reload();
    await settled();
    at(0).die('SIGKILL');
    await settled();
    clock.advance(0.1);
    expect(forked).toHaveLength(3);
    at(1).listen('here');
    await reloading;
    at(2).listen('here');
    await settled();
    expect(at(1).commands).toEqual([]);
    expect(at(2).commands).toEqual(['retire']);
  });

  it('waits for the reload before it, and for the start', async () => {
    const { supervisor, at, forked } = supervisorOf(1);
    const starting = supervisor.start();
    supervisor.reload();
    const second = supervisor.reload();
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
    expect([at(0).commands, at(1).commands, at(2).commands]).toEqual([['retire'], ['retire'], []]);
  });
});

describe('the end', () => {
  it('reaches every worker, also one that retires, and waits until none is left', async () => {
    const { supervisor, at, clock, forked } = await started(2);
    const reloading = supervisor.reload();
    await settled();
    at(2).listen('here');
    await settled();
    let isOver = false;
    const ending = supervisor.end('announced').then(() => {
      isOver = true;
    });
    for (const worker of forked) expect(worker.commands).toContain('end');
    for (const worker of forked.slice(1)) worker.die('exit code 0');
    await settled();
    expect(isOver).toBe(false);
    at(0).die('exit code 0');
    await Promise.all([ending, reloading]);
    clock.advance(60);
    expect(forked).toHaveLength(4);
  });

  it('lets workers close their connections when none of them listens any more', async () => {
    const { supervisor, at } = await started(3);
    const ending = supervisor.end('announced');
    at(0).stopListening();
    at(1).stopListening();
    await settled();
    expect(at(0).commands).toEqual(['end']);
    at(2).die('SIGKILL');
    await settled();
    for (const nth of [0, 1]) expect(at(nth).commands).toEqual(['end', 'closeConnections']);
    for (const nth of [0, 1]) at(nth).die('exit code 0');
    await ending;
  });

  it('does not wait for a worker that had retired before', async () => {
    const { supervisor, at } = await started(1);
    const reloading = supervisor.reload();
    await settled();
    at(1).listen('here');
    await settled();
    at(0).stopListening();
    await settled();
    expect(at(0).commands).toEqual(['retire', 'closeConnections']);
    const ending = supervisor.end('announced');
    at(1).stopListening();
    await settled();
    expect(at(1).commands).toEqual(['end', 'closeConnections']);
    for (const nth of [0, 1]) at(nth).die('exit code 0');
    await Promise.all([ending, reloading]);
  });

  it('cancels replacements that would start later', async () => {
    const { supervisor, at, clock, forked } = await started(1);
    at(0).die('SIGKILL');
    await settled();
    await supervisor.end('announced');
    clock.advance(60);
    expect(forked).toHaveLength(1);
  });
});
