import { describe, expect, it } from 'vitest';
import { isDuringOutage, parseOutage } from '../../src/sandbox/outage.js';

describe('an outage', () => {
  const outage = { everyMs: 300_000, forMs: 30_000 };

  it.each([
    [0, false],
    [269_999, false],
    [270_000, true],
    [299_999, true],
    [300_000, false],
    [569_999, false],
    [570_000, true],
    [600_000, false],
  ])('of 30 s every 300 s, after %i ms: %s', (elapsedMs, expected) => {
    expect(isDuringOutage(outage, elapsedMs)).toBe(expected);
  });

  it('may last all the time', () => {
    expect(
      [0, 1, 999, 1_000].map((ms) => isDuringOutage({ everyMs: 1_000, forMs: 1_000 }, ms)),
    ).not.toContain(false);
  });

  it('is not there before the start, should the clock have been set back', () => {
    expect(isDuringOutage(outage, -1)).toBe(false);
  });
});

describe('an outage on the command line', () => {
  it('is understood in seconds', () => {
    expect(parseOutage('300/30')).toEqual({ everyMs: 300_000, forMs: 30_000 });
    expect(parseOutage('5/5')).toEqual({ everyMs: 5_000, forMs: 5_000 });
  });

  it.each(['', '300', '300/', '/30', '300/0', '0/0', '30/300', '300/30s', '300/30/3', '-300/30'])(
    '"%s" is refused with what was expected and what came',
    (text) => {
      const expected = `Expected EVERY/FOR in seconds such as 300/30, the last 30 of every 300, but got "${text}".`;
      expect(() => parseOutage(text)).toThrow(new Error(expected));
    },
  );
});
