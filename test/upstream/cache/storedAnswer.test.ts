import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callOfAnyVersion,
  decodeAnswer,
  encodeAnswer,
  parseChange,
  parseStoreKey,
  storeKey,
} from '../../../src/upstream/cache/storedAnswer.js';
import { callOf } from '../../../src/upstream/endpoints/call.js';
import { canonicalJson } from '../../../src/upstream/json.js';

const call = callOf('profile', { creatorId: '6629722295873044494', platform: 'SHORT_VIDEO' });
const facts = { fetchedAtMs: 1_700_000_000_000, isSandbox: false, version: 1 };

describe('a stored answer', () => {
  it('is the same when it is read again', () => {
    for (const body of ['{"code":0,"data":{"follower":1}}', null]) {
      expect(decodeAnswer(call, encodeAnswer(call, { ...facts, body }))).toEqual({ ...facts, body });
    }
  });

  it('of an earlier version of the server has no half characters left', () => {
    const body = String.raw`{"code":0,"data":{"nick_name":"a\ud83c\u0000","city":"\ud83c\udf89"}}`;
    const read = decodeAnswer(call, encodeAnswer(call, { ...facts, body }));
    expect(JSON.parse(read?.body ?? '').data).toEqual({ nick_name: 'a\ufffd', city: '🎉' });
  });
});

describe('a key in the store', () => {
  it('says which call it is about, and in which namespace', () => {
    expect(storeKey('answer', 'live', call)).toBe(
      'answer:live:v1:profile{"creatorId":"6629722295873044494","platform":"SHORT_VIDEO"}',
    );
    expect(parseStoreKey(storeKey('answer', 'live', call))).toEqual({ namespace: 'live', call });
    expect(parseChange(storeKey('lease', 'live', call), 'live')).toEqual({
      kind: 'lease',
      callKey: call.key,
    });
    expect(parseChange(storeKey('lease', 'live', call), 'sandbox')).toBeNull();
  });

  it('of the history is no change of what a look-up finds', () => {
    const key = storeKey('history', 'live', call);
    expect(key).toBe('history:live:v1:profile{"creatorId":"6629722295873044494","platform":"SHORT_VIDEO"}');
    expect(parseStoreKey(key)).toEqual({ namespace: 'live', call });
    expect(parseChange(key, 'live')).toBeNull();
  });

  it('names its call in any version of the endpoint', () => {
    const key = storeKey('history', 'live', call).replace(':v1:', ':v0:');
    expect(parseStoreKey(key)).toBeNull();
    expect(callOfAnyVersion(key)).toEqual(call);
    expect(callOfAnyVersion('history:live:v1:nothing{}')).toBeNull();
    expect(callOfAnyVersion('count:live')).toBeNull();
  });

  it('is of no call when another program, or another version of the endpoint, has written it', () => {
    for (const key of [
      'answer',
      'answer:live:v1:',
      'answer:live:v1:profile',
      'answer:live:v1:profile{',
      'answer:live:v1:nothing{"creatorId":"6629722295873044494"}',
      'answer:live:v1:profile{"creatorId":"1","platform":"SHORT_VIDEO"}',
      'answer:live:v9:profile{"creatorId":"6629722295873044494","platform":"SHORT_VIDEO"}',
      'answer:live:6629722295873044494:profile:SHORT_VIDEO:v1',
    ]) {
      expect([key, parseStoreKey(key)]).toEqual([key, null]);
    }
  });

  it('is another one for any other arguments, whatever text they hold', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom(':', '{', '}', '"', ',', 'v1:profile{}'));
    const args = fc.record({ text, page: fc.nat(), range: fc.tuple(text, text) });
    const keyOf = (given: object) => storeKey('answer', 'live', { ...call, key: `x${canonicalJson(given)}` });
    fc.assert(
      fc.property(args, args, (one, two) => {
        const isSame = JSON.stringify(one) === JSON.stringify(two);
        expect(keyOf(one) === keyOf(two)).toBe(isSame);
        const callKey = parseChange(keyOf(one), 'live')?.callKey ?? '';
        expect(JSON.parse(callKey.slice(1))).toEqual(one);
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });
});
