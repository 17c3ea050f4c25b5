import { describe, expect, it } from 'vitest';
import { type Behaviours, behaviourFor, parseBehaviours } from '../../src/sandbox/behaviour.js';

const one = '6629722295873044494';
const other = '6712345678901234567';

const slow = { kind: 'constant', ms: 5_000 } as const;
const quick = { kind: 'constant', ms: 5 } as const;
const often = { fault: 301, rate: 0.5 } as const;
const seldom = { fault: 'timeout', rate: 0.01 } as const;

const parse = (latencies: readonly string[], faults: readonly string[]): Behaviours =>
  parseBehaviours(latencies, faults, ['profile', 'prices']);

/** A call to `prices` about a creator. */
const about = (creatorId: string | null) => ({ creatorId, endpoint: 'prices' });

describe('the behaviour for a creator', () => {
  const behaviours = {
    latency: quick,
    faultRates: [seldom],
    creators: new Map([
      [one, { latency: slow }],
      [other, { faultRates: [] }],
    ]),
  };

  it('is its own, and otherwise the behaviour for all', () => {
    expect(behaviourFor(about(one), behaviours)).toEqual({ latency: slow, faultRates: [seldom] });
    expect(behaviourFor(about(other), behaviours)).toEqual({ latency: quick, faultRates: [] });
  });

  it('is that for all when the creator has none, or there is no creator', () => {
    const all = { latency: quick, faultRates: [seldom] };
    expect(behaviourFor(about('6712345678901234568'), behaviours)).toEqual(all);
    expect(behaviourFor(about(null), behaviours)).toEqual(all);
    expect(behaviourFor(about(one), all)).toEqual(all);
  });

  it('is slow for an id that is always slow, unless the creator has a latency of its own', () => {
    const always = '9000000000000000931';
    const { latency, faultRates } = behaviourFor(about(always), { latency: quick, faultRates: [seldom] });
    expect(latency).toEqual({ kind: 'constant', ms: 2_000 });
    expect(faultRates).toEqual([seldom]);
    const creators = new Map([[always, { latency: quick }]]);
    expect(behaviourFor(about(always), { creators }).latency).toEqual(quick);
  });

  it('is that for the endpoint when the endpoint has one and the creator has none', () => {
    const some = { ...behaviours, endpoints: new Map([['prices', { latency: slow, faultRates: [often] }]]) };
    expect(behaviourFor(about('6712345678901234568'), some)).toEqual({ latency: slow, faultRates: [often] });
    expect(behaviourFor(about(other), some)).toEqual({ latency: slow, faultRates: [] });
    expect(behaviourFor({ creatorId: null, endpoint: 'profile' }, some)).toEqual({
      latency: quick,
      faultRates: [seldom],
    });
  });
});

describe('the behaviour on the command line', () => {
  it('is for all without an id, and for one with it', () => {
    expect(parse(['5', `${one}:5000`], ['timeout=0.01', `${one}:301=0.5`])).toEqual({
      latency: quick,
      faultRates: [seldom],
      endpoints: new Map(),
      creators: new Map([[one, { latency: slow, faultRates: [often] }]]),
    });
  });

  it('is for one endpoint with its name', () => {
    expect(parse(['prices:5000', `${one}:5`], ['prices:301=0.5'])).toEqual({
      endpoints: new Map([['prices', { latency: slow, faultRates: [often] }]]),
      creators: new Map([[one, { latency: quick }]]),
    });
  });

  it('may be given for several creators', () => {
    expect(parse([`${one}:5000`, `${other}:5`], [])).toEqual({
      endpoints: new Map(),
      creators: new Map([
        [one, { latency: slow }],
        [other, { latency: quick }],
      ]),
    });
  });

  it('has the last of several latencies, and every fault', () => {
    const faults = ['301=0.5', 'timeout=0.01', `${one}:timeout=0.01`, `${one}:301=0.5`];
    expect(parse(['5000', '5', `${one}:5`, `${one}:5000`], faults)).toEqual({
      latency: quick,
      faultRates: [often, seldom],
      endpoints: new Map(),
      creators: new Map([[one, { latency: slow, faultRates: [seldom, often] }]]),
    });
  });

  it('is empty without options', () => {
    expect(parse([], [])).toEqual({ endpoints: new Map(), creators: new Map() });
  });

  it.each([':5000', 'Prices:5000', '1:5000', `${one}0:5000`.padStart(30, '1'), ` ${one}:5000`])(
    '"%s" is refused, because it names no creator and no endpoint',
    (text) => {
      const expected = `Expected a creator id of 15 to 20 digits, or one of profile, prices, before the colon, but got "${text}".`;
      expect(() => parse([text], [])).toThrow(new Error(expected));
      expect(() => parse([], [text])).toThrow(new Error(expected));
    },
  );

  it('is refused when the part after the id is invalid', () => {
    expect(() => parse([`${one}:2s`], [])).toThrow('but got "2s"');
    expect(() => parse([], [`${one}:301`])).toThrow('but got "301"');
  });
});
