import { describe, expect, it } from 'vitest';
import { HeldSections } from '../../src/answerSize/heldSections.js';

describe('sections that large answers are made from', () => {
  it('count once for all answers that are made from them, until the last of these has left', () => {
    const held = new HeldSections(100);
    const [one, other] = [{}, {}];
    expect([held.hold(one, 60), held.hold(one, 60), held.hold(other, 60)]).toEqual([true, true, false]);
    held.release(one, 60);
    expect(held.hold(other, 60)).toBe(false);
    held.release(one, 60);
    expect(held.hold(other, 60)).toBe(true);
  });

  it('may have any size when there is no other', () => {
    const held = new HeldSections(100);
    expect([held.hold({}, 1_000), held.hold({}, 1)]).toEqual([true, false]);
  });

  it('are not released twice', () => {
    const held = new HeldSections(100);
    const section = {};
    held.hold(section, 60);
    held.release(section, 60);
    held.release(section, 60);
    expect([held.hold({}, 60), held.hold({}, 60)]).toEqual([true, false]);
  });
});
