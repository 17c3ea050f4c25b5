import { describe, expect, it } from 'vitest';
import { Turns, turnBytes } from '../../src/answerSize/turns.js';

describe('pieces of large answers', () => {
  it('take turns with everything else in the event loop, and with one another', async () => {
    const turns = new Turns();
    const log: string[] = [];
    const make = async (name: string) => {
      for (let piece = 0; piece < 3; piece += 1) {
        await turns.next(turnBytes);
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
    const turns = new Turns();
    let rounds = 0;
    let isOver = false;
    const count = () => {
      rounds += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(Array.from({ length: 64 }, () => turns.next(turnBytes / 32)));
    isOver = true;
    expect(rounds).toBeLessThanOrEqual(3);
  });
});
