import { describe, expect, it } from 'vitest';
import { endpoints } from '../../../src/upstream/endpoints/table.js';
import type { UpstreamError } from '../../../src/upstream/errors.js';
import { dataOf, readAnswer } from '../../../src/upstream/http/envelope.js';

/** The data that is read from an answer. The text to be stored says the same. */
function read(body: string, status = 200) {
  const answer = readAnswer(
    endpoints.profile,
    { status, body, retryAfter: null, isSandbox: false },
    Date.UTC(2026, 2, 1),
  );
  if (answer) expect(dataOf(answer.text)).toEqual(answer.data);
  return answer?.data ?? null;
}

describe('an answer', () => {
  it.each([
    ['a number', '{"code":0,"data":{"follower":1}}'],
    ['a string', '{"code":"0","data":{"follower":1}}'],
  ])('with code as %s is read', (_, body) => {
    expect(read(body)).toEqual({ follower: 1 });
  });

  it.each([400, 401, 404, 500, 503])('means what its body says, whatever HTTP %d means', (status) => {
    expect(read('{"code":0,"data":{"follower":1}}', status)).toEqual({ follower: 1 });
    expect(() => read('{"code":301,"data":null}', status)).toThrowError(/could not collect/);
  });

  it('is read without message, recordTime, requestId and base_resp', () => {
    expect(read('{"code":0,"message":null,"data":{"follower":1}}')).toEqual({ follower: 1 });
  });

  it('with a byte order mark is read', () => {
    expect(read('\ufeff{"code":0,"data":{"follower":1}}')).toEqual({ follower: 1 });
  });

  it('with a number that does not fit a double keeps all digits', () => {
    expect(read('{"code":0,"data":{"id":6629722295873044494,"follower":1}}')).toEqual({
      id: '6629722295873044494',
      follower: 1,
    });
  });

  it('with a duplicate key has the last value', () => {
    expect(read('{"code":301,"code":0,"data":{"follower":1,"follower":2}}')).toEqual({ follower: 2 });
  });
});

describe('the second status, inside data', () => {
  const inner = (status: string) => `{"code":0,"data":{"base_resp":${status},"follower":1}}`;
  it.each([
    ...['{"status_code":0}', '{"status_code":"0"}', '{"status_code":null}', '{"status_code":""}'],
    ...['{}', 'null', '""', '[]'],
  ])('is a success as %s', (status) => {
    expect(read(inner(status))).toMatchObject({ follower: 1 });
  });

  it.each([
    ['{"status_code":1}', 1],
    ['{"status_code":-1}', -1],
    ['{"status_code":"-1"}', -1],
    ['{"status_code":"1234567890"}', 1234567890],
    ['{"status_code":"ERR"}', undefined],
    ['{"status_code":1.5}', undefined],
    ['"failed"', undefined],
  ])('is a failure that was billed as %s', (status, upstreamCode) => {
    expect(() => read(inner(status))).toThrowError(
      expect.objectContaining({ code: 'UPSTREAM_REJECTED', billed: 'yes', upstreamCode }),
    );
  });
});

describe('a success without any value', () => {
  it.each([
    ...['{"code":0}', '{"code":0,"data":null}', '{"code":0,"data":[]}', '{"code":0,"data":""}'],
    ...['{"code":0,"data":{}}', '{"code":0,"data":{"base_resp":{"status_code":0}}}'],
    '{"code":0,"data":{"nick_name":"","follower":0,"tags":"","tags_relation":{},"base_resp":""}}',
    '{"code":0,"data":{"follower":"0","news":null}}',
  ])('is an answer without data: %s', (body) => {
    expect(read(body)).toBeNull();
  });

  it('is none if a single key says something, and is unusable if only unknown keys do', () => {
    expect(read('{"code":0,"data":{"follower":0,"city":"北京市"}}')).toMatchObject({ city: '北京市' });
    expect(read('{"code":0,"data":{"follower":0,"e_commerce_enable":false}}')).toMatchObject({ follower: 0 });
    expect(() => read('{"code":0,"data":{"news":""}}')).toThrowError(/none of the expected keys/);
  });
});

describe('an unknown code', () => {
  it.each([777, -1, '"-1"', '"1234567890"'])('is a failure that was maybe billed: %s', (code) => {
    expect(() => read(`{"code":${code},"data":null}`)).toThrowError(
      expect.objectContaining({ code: 'UPSTREAM_REJECTED', billed: 'maybe' }),
    );
  });
});

describe("an answer that can't be used", () => {
  const nested = `${'['.repeat(70)}${']'.repeat(70)}`;
  it.each([
    ['not JSON', '<html>', 'maybe', /not JSON/],
    ['cut short', '{"code":0,"data":{', 'maybe', /not JSON/],
    ['empty', '', 'maybe', /not JSON/],
    ['a list', '[]', 'maybe', /no code/],
    ['without a code', '{"data":{"follower":1}}', 'maybe', /no code/],
    ['a code that is no number', '{"code":"ok","data":{"follower":1}}', 'maybe', /no code/],
    ['data that is a list', '{"code":0,"data":[1]}', 'yes', /not an object/],
    ['data that is a word', '{"code":0,"data":"later"}', 'yes', /not an object/],
    ['data of a wholly other shape', '{"code":0,"data":{"list":[1]}}', 'yes', /none of the expected keys/],
    ['nested too deep', `{"code":0,"data":{"follower":${nested}}}`, 'yes', /over 64 deep/],
  ])('%s', (_, body, billed, message) => {
    expect(() => read(body)).toThrowError(message);
    expect(() => read(body)).toThrowError(
      expect.objectContaining({ code: 'UPSTREAM_INVALID_RESPONSE', billed }),
    );
  });

  it('nested ten thousand levels deep does not exhaust the stack', () => {
    const deep = `{"code":0,"data":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`;
    expect(() => read(deep)).toThrowError(/over 64 deep/);
  });
});

describe('code 400', () => {
  it('is a wrong argument, in the words of the endpoint, and costs nothing', () => {
    expect(() => read('{"code":400,"data":null}')).toThrowError(
      expect.objectContaining({
        code: 'BAD_USER_INPUT',
        message: endpoints.profile.badInputMessage,
        billed: 'no',
        upstreamCode: 400,
      }),
    );
  });
});

describe('Retry-After', () => {
  const seconds = (retryAfter: string | null, code: number | null = 302) => {
    const body = code === null ? '' : JSON.stringify({ code, data: null });
    const answer = { status: code === null ? 429 : 200, body, retryAfter, isSandbox: false };
    try {
      readAnswer(endpoints.profile, answer, Date.UTC(2026, 2, 1));
    } catch (error) {
      return (error as UpstreamError).retryAfterSeconds;
    }
    return null;
  };

  it.each([
    ['7', 7],
    [' 7 ', 7],
    ['Sun, 01 Mar 2026 00:01:30 GMT', 90],
    ['999999999', 86_400],
    ['0', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['Sat, 28 Feb 2026 00:00:00 GMT', undefined],
    [null, undefined],
  ])('is read as seconds or a date: %s', (header, expected) => {
    expect(seconds(header)).toBe(expected);
  });

  it('comes with any failure, those of gateways too; the quota has a date of its own', () => {
    expect(seconds('7', 500)).toBe(7);
    expect(seconds('7', null)).toBe(7);
    expect(seconds('7', 303)).toBe(16 * 3_600);
  });
});
