import { describe, expect, it } from 'vitest';
import { SectionMemory } from '../../src/responseSize/sectionMemory.js';

describe('large sections that responses are made from', () => {
  it('count once for all responses that use them, until the last one is sent', () => {
    const memory = new SectionMemory(100);
    const [one, other] = [{}, {}];
    expect([memory.reserve(one, 60), memory.reserve(one, 60), memory.reserve(other, 60)]).toEqual([
      true,
      true,
      false,
    ]);
    memory.release(one, 60);
    expect(memory.reserve(other, 60)).toBe(false);
    memory.release(one, 60);
    expect(memory.reserve(other, 60)).toBe(true);
  });

  it('may have any size when there is no other', () => {
    const memory = new SectionMemory(100);
    expect([memory.reserve({}, 1_000), memory.reserve({}, 1)]).toEqual([true, false]);
  });

  it('are not released twice', () => {
    const memory = new SectionMemory(100);
    const section = {};
    memory.reserve(section, 60);
    memory.release(section, 60);
    memory.release(section, 60);
    expect([memory.reserve({}, 60), memory.reserve({}, 60)]).toEqual([true, false]);
  });
});
