import { describe, expect, it } from 'vitest';
import { InFlightCall, type Waiter } from '../../../src/upstream/call/inFlightCall.js';

const newOperation = (): Waiter => ({ payer: null, operationName: null, requestId: 'test' });

/** A call that ends when the test says so, and what a queue that it waits in is told. */
function setUp() {
  const starter = newOperation();
  let end: (result: string) => void = () => {};
  const call = new InFlightCall<string>(starter, () => new Promise((resolve) => (end = resolve)));
  const told: string[] = [];
  const enterQueue = () =>
    call.queued({ onJoined: () => told.push('joined'), onUnwanted: () => told.push('unwanted') });
  return { call, starter, told, enterQueue, end: (result: string) => end(result) };
}

describe('a call in flight', () => {
  it('has one result for all operations that wait for it', async () => {
    const { call, starter, end } = setUp();
    const other = newOperation();
    call.join(other);
    expect(call.waiters).toEqual([starter, other]);
    end('answer');
    expect(await call.result).toBe('answer');
  });

  it('stays its starter’s, also when the starter hangs up and others wait', () => {
    const { call, starter } = setUp();
    const other = newOperation();
    call.join(other);
    call.leave(starter);
    expect(call.startedBy).toBe(starter);
    expect(call.waiters).toEqual([other]);
    expect(call.isWanted).toBe(true);
  });

  it('is wanted until the last operation hangs up, and may be joined again before it is sent again', () => {
    const { call, starter } = setUp();
    call.leave(starter);
    expect([call.isWanted, call.isAbandoned]).toEqual([false, false]);
    call.join(newOperation());
    expect(call.isWanted).toBe(true);
  });

  it('counts an operation that waits for it twice as two', () => {
    const { call, starter } = setUp();
    call.join(starter);
    call.leave(starter);
    expect(call.isWanted).toBe(true);
    call.leave(starter);
    call.leave(starter);
    expect(call.isWanted).toBe(false);
  });

  it('tells its queue, while it is in one, who joins and when nobody waits any more', () => {
    const { call, starter, told, enterQueue } = setUp();
    call.join(newOperation());
    const leaveQueue = enterQueue();
    const third = newOperation();
    call.join(third);
    expect(told).toEqual(['joined']);
    leaveQueue();
    call.join(newOperation());
    for (const waiter of [...call.waiters]) call.leave(waiter);
    expect(told).toEqual(['joined']);

    call.join(starter);
    enterQueue();
    call.leave(starter);
    expect(told).toEqual(['joined', 'unwanted']);
  });

  it('is abandoned, so that nobody may join it, when nobody waits while it is queued', () => {
    const { call, starter, enterQueue } = setUp();
    const other = newOperation();
    call.join(other);
    enterQueue();
    call.leave(starter);
    expect(call.isAbandoned).toBe(false);
    call.leave(other);
    expect(call.isAbandoned).toBe(true);
  });

  it('may have been billed while an attempt is sent, and then costs what that turned out to have cost', () => {
    const { call } = setUp();
    expect([call.billed, call.attempts]).toEqual(['no', 0]);
    call.noteSent();
    expect([call.billed, call.attempts]).toEqual(['maybe', 1]);
    call.noteBilled('no');
    expect([call.billed, call.attempts]).toEqual(['no', 1]);
    call.noteSent();
    call.noteBilled('yes');
    expect([call.billed, call.attempts]).toEqual(['yes', 2]);
  });
});
