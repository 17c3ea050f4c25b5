import { describe, expect, it } from 'vitest';
import { behaviourFor, parseBehaviours } from '../../src/sandbox/behaviour.js';

const one = '6629722295873044494';
const other = '6712345678901234567';

const slow = { kind: 'constant', ms: 5_000 } as const;
const quick = { kind: 'constant', ms: 5 } as const;
const often = { fault: 301, rate: 0.5 } as const;
const seldom = { fault: 'timeout', rate: 0.01 } as const;

describe('the behaviour for a creator', () => {
  const behaviours = {
    latency: quick,
    faultRates: [seldom],
    creators: new Map([
      [one, { latency: slow }],
      [other, { faultRates: [] }],
    ]),
  };

  it('is its own, and beyond that as for all', () => {
    expect(behaviourFor(one, behaviours)).toEqual({ latency: slow, faultRates: [seldom] });
    expect(behaviourFor(other, behaviours)).toEqual({ latency: quick, faultRates: [] });
  });

  it('is as for all where the creator has none of its own, or there is no creator', () => {
    const all = { latency: quick, faultRates: [seldom] };
    expect(behaviourFor('6712345678901234568', behaviours)).toEqual(all);
    expect(behaviourFor(null, behaviours)).toEqual(all);
    expect(behaviourFor(one, all)).toEqual(all);
  });
});

describe('the behaviour on the command line', () => {
  it('is for all without an id, and for one with it', () => {
    expect(parseBehaviours(['5', `${one}:5000`], ['timeout=0.01', `${one}:301=0.5`])).toEqual({
      latency: quick,
      faultRates: [seldom],
      creators: new Map([[one, { latency: slow, faultRates: [often] }]]),
    });
  });

  it('may be of as many creators as one likes', () => {
    expect(parseBehaviours([`${one}:5000`, `${other}:5`], [])).toEqual({
      creators: new Map([
        [one, { latency: slow }],
        [other, { latency: quick }],
      ]),
    });
  });

  it('has the last of several latencies, and every fault', () => {
    const faults = ['301=0.5', 'timeout=0.01', `${one}:timeout=0.01`, `${one}:301=0.5`];
    expect(parseBehaviours(['5000', '5', `${one}:5`, `${one}:5000`], faults)).toEqual({
      latency: quick,
      faultRates: [often, seldom],
      creators: new Map([[one, { latency: slow, faultRates: [seldom, often] }]]),
    });
  });

  it('is nothing special when nothing is said', () => {
    expect(parseBehaviours([], [])).toEqual({ creators: new Map() });
  });

  it.each([':5000', '1:5000', `${one}0:5000`.padStart(30, '1'), ` ${one}:5000`])(
    '"%s" is refused, for it names no creator',
    (text) => {
      const expected = `Expected a creator id of 15 to 20 digits before the colon, but got "${text}".`;
      expect(() => parseBehaviours([text], [])).toThrow(new Error(expected));
      expect(() => parseBehaviours([], [text])).toThrow(new Error(expected));
    },
  );

  it('is refused where what follows the id is', () => {
    expect(() => parseBehaviours([`${one}:2s`], [])).toThrow('but got "2s"');
    expect(() => parseBehaviours([], [`${one}:301`])).toThrow('but got "301"');
  });
});
