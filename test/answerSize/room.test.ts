import { describe, expect, it } from 'vitest';
import { Room } from '../../src/answerSize/room.js';
import { testClock } from '../fixtures.js';

const never = new AbortController().signal;

function roomOf(maxBytes: number) {
  const clock = testClock();
  const room = new Room({ maxBytes, after: clock.after });
  const log: string[] = [];
  const enter = (name: string, bytes: number, signal: AbortSignal = never) =>
    room.enter(bytes, 10_000, signal).then((isIn) => log.push(`${name} ${isIn ? 'in' : 'not in'}`));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { room, clock, log, enter, settled };
}

describe('the room of large answers', () => {
  it('lets answers in while there is room, and the others in their order as room is freed', async () => {
    const { room, log, enter, settled } = roomOf(100);
    enter('a', 60);
    enter('b', 60);
    enter('small', 10);
    await settled();
    expect(log).toEqual(['a in']);
    room.leave(60);
    await settled();
    expect(log).toEqual(['a in', 'b in', 'small in']);
  });

  it('lets an answer in that is larger than the room, alone', async () => {
    const { room, log, enter, settled } = roomOf(100);
    enter('huge', 1_000);
    enter('small', 10);
    await settled();
    expect(log).toEqual(['huge in']);
    room.leave(1_000);
    await settled();
    expect(log).toEqual(['huge in', 'small in']);
  });

  it('refuses an answer that waited for too long, or whose client disconnected, and lets the next one in', async () => {
    const { room, clock, log, enter, settled } = roomOf(100);
    const hangUp = new AbortController();
    enter('a', 90);
    enter('late', 90);
    await settled();
    clock.advance(9);
    enter('gone', 90, hangUp.signal);
    enter('small', 10);
    hangUp.abort();
    await settled();
    expect(log).toEqual(['a in', 'gone not in']);
    clock.advance(1);
    await settled();
    expect(log).toEqual(['a in', 'gone not in', 'late not in', 'small in']);
    room.leave(90);
    room.leave(10);
    enter('z', 100);
    await settled();
    expect(log.at(-1)).toBe('z in');
  });

  it('lets no answer in whose client has disconnected before', async () => {
    const { log, enter, settled } = roomOf(100);
    enter('gone', 1, AbortSignal.abort());
    await settled();
    expect(log).toEqual(['gone not in']);
  });
});
