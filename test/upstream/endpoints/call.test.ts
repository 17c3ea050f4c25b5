import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Call, callFrom, callOf, callWithKey } from '../../../src/upstream/endpoints/call.js';
import { platforms } from '../../../src/upstream/endpoints/ofCreator.js';
import { endpoints } from '../../../src/upstream/endpoints/table.js';
import { canonicalJson } from '../../../src/upstream/json.js';
import { documentedEndpoints } from '../../documentedEndpoints.js';
import { seed } from '../../seed.js';

const creatorId = '6629722295873044494';
const args = { creatorId, platform: 'SHORT_VIDEO' } as const;

/** A call to any endpoint. */
function callsOf(ids: fc.Arbitrary<string>): fc.Arbitrary<Call> {
  return fc
    .record({
      name: fc.constantFrom(...documentedEndpoints),
      creatorId: ids,
      platform: fc.constantFrom(...platforms),
    })
    .map(({ name, ...args }) => callOf(name, args));
}
const calls = callsOf(fc.stringMatching(/^\d{15,20}$/));
/** Alike enough for two to be the same. */
const fewCalls = callsOf(fc.constantFrom(creatorId, `${creatorId}0`));

const partsOf = ({ endpoint, args }: Call) => [endpoint.name, args];

describe('the key of a call', () => {
  it('is the name of its endpoint and its arguments, in whatever order these are', () => {
    const key = `profile{"creatorId":"${creatorId}","platform":"SHORT_VIDEO"}`;
    expect(callOf('profile', args).key).toBe(key);
    expect(callOf('profile', { platform: 'SHORT_VIDEO', creatorId }).key).toBe(key);
  });

  it('is the same for the same calls, and for no others', () => {
    fc.assert(
      fc.property(fewCalls, fewCalls, (one, other) => {
        const areSame = canonicalJson(partsOf(one)) === canonicalJson(partsOf(other));
        expect(one.key === other.key).toBe(areSame);
      }),
      { seed },
    );
  });

  it('leads back to the call', () => {
    fc.assert(
      fc.property(calls, (call) => {
        expect(callWithKey(call.key)).toEqual(call);
      }),
      { seed },
    );
  });

  it.each([
    ['', 'profile', '{}', 'profile{', 'profile[]', 'profile{}'],
    ['unknown{"creatorId":"6629722295873044494","platform":"SHORT_VIDEO"}'],
    ['__proto__{"creatorId":"6629722295873044494","platform":"SHORT_VIDEO"}'],
    ['profile{"creatorId":"662972229587304449","platform":"ELSEWHERE"}'],
    ['profile{"creatorId":"66297222958730444941234","platform":"SHORT_VIDEO"}'],
    ['profile{"creatorId":6629722295873044494,"platform":"SHORT_VIDEO"}'],
    ['profile{"creatorId":"6629722295873044494","platform":"SHORT_VIDEO","page":1}'],
  ])('is none when it does not lead to a call: %s', (...keys) => {
    for (const key of keys) expect(callWithKey(key)).toBeNull();
  });
});

describe('a call from outside', () => {
  it('is made of arguments that its endpoint takes', () => {
    expect(callFrom('prices', { ...args })).toEqual(callOf('prices', args));
  });

  it.each([
    undefined,
    null,
    'text',
    [],
    {},
    { creatorId },
    { ...args, creatorId: 'abc' },
    { ...args, creatorId: `${creatorId}\n` },
    { ...args, platform: 'ELSEWHERE' },
    { ...args, extra: 1 },
  ])('is none for arguments that its endpoint does not take: %j', (given) => {
    for (const name of documentedEndpoints) expect(callFrom(name, given)).toBeNull();
  });
});

describe('a call about a creator', () => {
  it.each(documentedEndpoints)('is asked of %s by id and platform, and is found by the id', (name) => {
    const { endpoint } = callOf(name, args);
    expect(endpoint).toBe(endpoints[name]);
    expect(Object.entries(endpoint.query(args))).toEqual([
      ['oAuthorId', creatorId],
      ['platform', 'SHORT_VIDEO'],
    ]);
    expect(endpoint.subject(args)).toBe(creatorId);
  });
});
