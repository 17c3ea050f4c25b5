import { describe, expect, it } from 'vitest';
import { parseCreatorId, xingtuUrl } from '../src/creatorId.js';
import { BadUserInputError } from '../src/errors.js';

const id = '6629722295873044494';
const page = `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}`;

describe('parseCreatorId', () => {
  it.each([
    id,
    ` ${id}\n`,
    page,
    `  ${page}  `,
    `${page}/`,
    `${page}?from=search&other=1234567890123456789#top`,
    page.replace('https:', 'http:'),
    page.replace('https://', ''),
    page.replace('www.', ''),
    `https://xingtu.cn/${id}/detail`,
    `https://www.xingtu.cn/agency/123456789012345678/creator/${id}`,
  ])('finds the id in %j', (text) => {
    expect(parseCreatorId(text)).toBe(id);
  });

  it.each(['123456789012345', '12345678901234567890'])('takes %s, an id of 15 to 20 digits', (text) => {
    expect(parseCreatorId(text)).toBe(text);
  });

  it.each([
    ['nothing', ''],
    ['14 digits', '12345678901234'],
    ['21 digits', '123456789012345678901'],
    ['a sign', `-${id}`],
    ['an exponent', '6.629722295873044e18'],
    ['digits of another script', '６６２９７２２２９５８７３０４４４９４'],
    ['digits within words', `creator ${id}`],
    ['two ids', `${id},${id}`],
    ['another site', `https://www.douyin.com/user/${id}`],
    ['a site whose name ends alike', `https://notxingtu.cn/${id}`],
    ['a site that names xingtu.cn in its path', `https://evil.example/xingtu.cn/${id}`],
    ['a site behind credentials', `https://www.xingtu.cn@evil.example/xingtu.cn/${id}`],
    ['a link without an id', 'https://www.xingtu.cn/ad/creator/author-homepage/'],
    ['an id in the query only', `https://www.xingtu.cn/ad?id=${id}`],
    ['a scheme that is none of the web', `javascript://xingtu.cn/${id}`],
    ['a link of more than 2048 characters', `${page}?${'x'.repeat(2048)}`],
  ])('refuses %s', (_what, text) => {
    expect(() => parseCreatorId(text)).toThrow(BadUserInputError);
  });

  it('says what it expected and what came', () => {
    expect(() => parseCreatorId('张大仙')).toThrow(
      'Expected a creator\'s id of 15 to 20 digits, or a xingtu.cn link that holds one, but got "张大仙".',
    );
  });

  it('quotes only the beginning of a long text', () => {
    expect(() => parseCreatorId('x'.repeat(5000))).toThrow(new RegExp(`got "${'x'.repeat(100)}…"\\.$`));
  });

  it('carries the code that a client reads', () => {
    expect(new BadUserInputError('no').extensions).toEqual({ code: 'BAD_USER_INPUT', retryable: false });
  });
});

describe('xingtuUrl', () => {
  it('is a link that parseCreatorId reads back', () => {
    expect(xingtuUrl(id)).toBe(page);
    expect(parseCreatorId(xingtuUrl(id))).toBe(id);
  });
});
