import { describe, expect, it } from 'vitest';
import { answerOfText, textOfAnswer } from '../../../src/upstream/cache/storedAnswer.js';
import { endpoints } from '../../../src/upstream/endpoints/table.js';

const subject = {
  endpoint: endpoints.profile,
  creatorId: '6629722295873044494',
  platform: 'SHORT_VIDEO',
} as const;
const facts = { fetchedAtMs: 1_700_000_000_000, isSandbox: false, version: 1 };

describe('a kept answer', () => {
  it('is the same when it is read again', () => {
    for (const body of ['{"code":0,"data":{"follower":1}}', null]) {
      expect(answerOfText(subject, textOfAnswer(subject, { ...facts, body }))).toEqual({ ...facts, body });
    }
  });

  it('of an earlier version has no half characters left', () => {
    const body = String.raw`{"code":0,"data":{"nick_name":"a\ud83c\u0000","city":"\ud83c\udf89"}}`;
    const read = answerOfText(subject, textOfAnswer(subject, { ...facts, body }));
    expect(JSON.parse(read?.body ?? '').data).toEqual({ nick_name: 'a\ufffd', city: '🎉' });
  });
});
