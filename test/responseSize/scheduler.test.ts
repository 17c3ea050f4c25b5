import { describe, expect, it } from 'vitest';
import { Scheduler, turnBytes } from '../../src/responseSize/scheduler.js';

describe('pieces of large responses', () => {
  it('take turns with everything else in the event loop, and with one another', async () => {
    const scheduler = new Scheduler();
    const log: string[] = [];
    const make = async (name: string) => {
      for (let piece = 0; piece < 3; piece += 1) {
        await scheduler.waitForTurn(turnBytes);
        log.push(name);
      }
    };
    let isOver = false;
    const others = () => {
      log.push('-');
      if (!isOver) setImmediate(others);
    };
    setImmediate(others);
    await Promise.all([make('a'), make('b')]);
    isOver = true;
    expect(log.filter((entry) => entry !== '-')).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(log.join('')).not.toMatch(/[ab][ab]/);
  });

  it('share a turn when they are small', async () => {
    const scheduler = new Scheduler();
    let rounds = 0;
    let isOver = false;
    const count = () => {
      rounds += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(Array.from({ length: 64 }, () => scheduler.waitForTurn(turnBytes / 32)));
    isOver = true;
    expect(rounds).toBeLessThanOrEqual(3);
  });
});
