import { describe, expect, it } from 'vitest';
import { MemoryBudget } from '../../src/responseSize/memoryBudget.js';
import { testClock } from '../fixtures.js';

const never = new AbortController().signal;

function budgetOf(maxBytes: number) {
  const clock = testClock();
  const budget = new MemoryBudget({ maxBytes, after: clock.after });
  const log: string[] = [];
  const reserve = (name: string, bytes: number, signal: AbortSignal = never) =>
    budget
      .reserve(bytes, 10_000, signal)
      .then((isReserved) => log.push(`${name} ${isReserved ? 'reserved' : 'refused'}`));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { budget, clock, log, reserve, settled };
}

describe('the memory of large responses', () => {
  it('is reserved while there is some, and then in the order of the queue as it is released', async () => {
    const { budget, log, reserve, settled } = budgetOf(100);
    reserve('a', 60);
    reserve('b', 60);
    reserve('small', 10);
    await settled();
    expect(log).toEqual(['a reserved']);
    budget.release(60);
    await settled();
    expect(log).toEqual(['a reserved', 'b reserved', 'small reserved']);
  });

  it('is reserved for one response larger than all of it, alone', async () => {
    const { budget, log, reserve, settled } = budgetOf(100);
    reserve('huge', 1_000);
    reserve('small', 10);
    await settled();
    expect(log).toEqual(['huge reserved']);
    budget.release(1_000);
    await settled();
    expect(log).toEqual(['huge reserved', 'small reserved']);
  });

  it('is refused to a response that waited too long or whose client disconnected, and goes to the next one', async () => {
    const { budget, clock, log, reserve, settled } = budgetOf(100);
    const disconnect = new AbortController();
    reserve('a', 90);
    reserve('late', 90);
    await settled();
    clock.advance(9);
    reserve('gone', 90, disconnect.signal);
    reserve('small', 10);
    disconnect.abort();
    await settled();
    expect(log).toEqual(['a reserved', 'gone refused']);
    clock.advance(1);
    await settled();
    expect(log).toEqual(['a reserved', 'gone refused', 'late refused', 'small reserved']);
    budget.release(90);
    budget.release(10);
    reserve('z', 100);
    await settled();
    expect(log.at(-1)).toBe('z reserved');
  });

  it('is not reserved for a client that has already disconnected', async () => {
    const { log, reserve, settled } = budgetOf(100);
    reserve('gone', 1, AbortSignal.abort());
    await settled();
    expect(log).toEqual(['gone refused']);
  });
});
