import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { DecodingQueue } from '../../../src/upstream/call/decodingQueue.js';

describe('the decoding queue', () => {
  it('lets answers through in order, one in each turn of the event loop', async () => {
    const queue = new DecodingQueue(3);
    let turn = 0;
    const through: { name: string; turn: number }[] = [];
    const all = ['a', 'b', 'c'].map((name) => queue.wait().then(() => through.push({ name, turn })));
    while (through.length < 3) {
      await setImmediate();
      turn += 1;
    }
    await Promise.all(all);
    expect(through.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(new Set(through.map((one) => one.turn)).size).toBe(3);
  });

  it('has no more room than it was given, until an answer is through', async () => {
    const queue = new DecodingQueue(2);
    const first = queue.wait();
    expect(queue.hasRoom).toBe(true);
    const second = queue.wait();
    expect(queue.hasRoom).toBe(false);
    await first;
    await second;
    while (!queue.hasRoom) await setImmediate();
    await queue.wait();
  });
});
