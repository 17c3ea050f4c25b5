import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Lull } from '../../../../src/upstream/call/limiter/lull.js';

describe('a lull', () => {
  it('lets through what waits in order, with a turn of the loop between', async () => {
    const lull = new Lull(3);
    let turn = 0;
    const through: { name: string; turn: number }[] = [];
    const all = ['a', 'b', 'c'].map((name) => lull.wait().then(() => through.push({ name, turn })));
    while (through.length < 3) {
      await setImmediate();
      turn += 1;
    }
    await Promise.all(all);
    expect(through.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(new Set(through.map((one) => one.turn)).size).toBe(3);
  });

  it('has room for so much and again when that is through', async () => {
    const lull = new Lull(2);
    const first = lull.wait();
    expect(lull.hasRoom).toBe(true);
    const second = lull.wait();
    expect(lull.hasRoom).toBe(false);
    await first;
    await second;
    await setImmediate();
    await setImmediate();
    expect(lull.hasRoom).toBe(true);
    await lull.wait();
  });
});
