import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCreatorId, xingtuUrl } from '../src/creatorId.js';
import { BadUserInputError } from '../src/errors.js';
import { seed } from './seed.js';

const id = '6629722295873044494';
const other = '7608935920095612345';
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
    `https://www.xingtu.cn/ad/creator/author/douyin/${id}/1/1?recommend=0`,
    `https://www.xingtu.cn/ad/creator/author?o_author_id=${id}`,
    `https://www.xingtu.cn/ad/creator/author?tab=1&oAuthorId=${id}&item_id=${other}`,
    `https://www.xingtu.cn/ad?author_id=${id}`,
    `https://www.xingtu.cn/ad?star-id=${id}`,
    `https://www.xingtu.cn/ad#/creator/author-homepage/douyin-video/${id}`,
    `https://www.xingtu.cn/ad#/creator/author?o_author_id=${id}&x=1`,
    `https://www.xingtu.cn/#!/ad/creator/author-homepage/douyin-video/${id}`,
    `https://star.toutiao.com/ad/creator/author-homepage/douyin-video/${id}`,
    `star.toutiao.com/ad#/author/${id}`,
    `//www.xingtu.cn/creator/${id}`,
    `HTTPS://WWW.XINGTU.CN./creator/${id}`,
    `https://www.xingtu.cn:443/creator/${id}`,
    `https://www.xingtu.cn/?redirect_uri=${encodeURIComponent(`/ad/creator/author-homepage/douyin-video/${id}`)}`,
    `https://www.xingtu.cn/login?redirect_uri=${encodeURIComponent(encodeURIComponent(page))}`,
    `https://sso.xingtu.cn/?next=${encodeURIComponent(`https://www.xingtu.cn/?redirect_uri=${encodeURIComponent(page)}`)}`,
    `https://www.xingtu.cn/creator/${id}?from=${encodeURIComponent(page.replace(id, other))}`,
    `https://www.xingtu.cn/creator/${id}/video/${other}`,
  ])('finds the id in %j', (text) => {
    expect(parseCreatorId(text)).toBe(id);
  });

  it.each([
    (text: string) => `\u200b${text}\u200b`,
    (text: string) => `\ufeff${text}`,
    (text: string) => `\u202a${text}\u202c`,
    (text: string) => `\u2066${text.slice(0, 5)}\u200d${text.slice(5)}\u2069`,
    (text: string) => `${text}。`,
    (text: string) => `${text}，不错`,
    (text: string) => `${text}, `,
    (text: string) => `${text}!`,
    (text: string) => `"${text}"`,
    (text: string) => `'${text}`,
    (text: string) => `=“${text}”`,
    (text: string) => `「${text}」`,
    (text: string) => `【${text}】`,
    (text: string) => `<${text}>`,
    (text: string) => `(${text})`,
    (text: string) => `\u00a0\u3000${text}\t\r\n`,
  ])('finds it between characters that were copied with it: %o', (around) => {
    for (const text of [id, page].map(around).filter((text) => !text.startsWith(`${id}，`))) {
      expect(parseCreatorId(text)).toBe(id);
    }
  });

  it.each([
    `看看这个达人 ${page} 不错`,
    `看看这个达人${page}，粉丝很多`,
    `达人主页：www.xingtu.cn/creator/${id}。`,
    `链接www.xingtu.cn/creator/${id}不错`,
    `[张大仙](${page})`,
    `<a href="${page}">张大仙</a>`,
    `9.99 复制打开抖音 https://v.douyin.com/iRNBho5/ 星图：${page}`,
    `${page} ${page}?tab=2`,
    `https://example.com/x ${page}`,
  ])('finds a link in the message that it was sent in: %s', (text) => {
    expect(parseCreatorId(text)).toBe(id);
  });

  it('takes an id that was typed full-width', () => {
    expect(parseCreatorId('６６２９７２２２９５８７３０４４４９４')).toBe(id);
  });

  it.each([
    ['6.62972E+18', /is a number that a spreadsheet or a program has rounded/],
    ['6,62972e18', /has rounded/],
    ['6629722295873044480.0', /has rounded/],
    ['https://v.douyin.com/iRNBho5/', /is a short link of Douyin/],
    ['7.43 fBT:/ 复制打开抖音 https://v.douyin.com/iRNBho5/ w@f.Bg', /is a short link of Douyin/],
    ['https://www.douyin.com/user/MS4wLjABAAAAv7iSuuXDJGDvJkmH_vz1qkDZYo1apxgzaxdBSeIuPiM', /Douyin account/],
    ['MS4wLjABAAAAv7iSuuXDJGDvJkmH_vz1qkDZYo1apxgzaxdBSeIuPiM', /Douyin account/],
    [`https://www.iesdouyin.com/share/user/${id}`, /Douyin account/],
    [`https://www.douyin.com/video/${id}`, /link to a Douyin video/],
    [`https://www.iesdouyin.com/share/video/${id}/?region=CN`, /link to a Douyin video/],
    ['https://www.douyin.com/jingxuan', /is a link to Douyin/],
    ['https://www.xingtu.cn/ad/creator/market', /is a Xingtu link without a creator's id/],
    [`https://www.xingtu.cn/ad?id=${id}`, /is a Xingtu link without a creator's id/],
    [`https://www.xingtu.cn/a/${id}/b/${other}`, /contains 2 different ids/],
    [`https://www.xingtu.cn/creator/${id}?o_author_id=${other}`, /contains 2 different ids/],
    [`${page} ${page.replace(id, other)}`, /contains 2 different ids/],
    [`${id},${other}`, /are 2 ids/],
    [`${id}\n${other}`, /are 2 ids/],
  ])('says what the text is instead of an id: %s', (text, message) => {
    expect(() => parseCreatorId(text)).toThrow(message);
    expect(() => parseCreatorId(text)).toThrow(
      /(Use the link of the creator's own page on xingtu\.cn|Send each as an id of its own)\.$/,
    );
  });

  it('escapes invisible characters in its message', () => {
    expect(() => parseCreatorId('张\u202e大\u0000仙\ud83c')).toThrow(
      'but got "张\\u202e大\\u0000仙\\ud83c".',
    );
    expect(() => parseCreatorId(`${'x'.repeat(99)}😀`)).toThrow(`${'x'.repeat(99)}…".`);
  });

  it('finds every id in every kind of link, and refuses every other text with BAD_USER_INPUT', () => {
    const ids = fc.stringMatching(/^[1-9]\d{14,19}$/);
    const link = fc.constantFrom(
      (id: string) => xingtuUrl(id),
      (id: string) => `star.toutiao.com/ad#/creator/author-homepage/douyin-video/${id}`,
      (id: string) => `https://www.xingtu.cn/ad/creator/author?o_author_id=${id}`,
    );
    const wrap = fc.constantFrom(
      (link: string) => link,
      (link: string) =>
        `https://www.xingtu.cn/?redirect_uri=${encodeURIComponent(`https://${link.replace('https://', '')}`)}`,
    );
    const around = fc.stringMatching(/^[ 看达人\u200b“。【】]{0,5}$/);
    fc.assert(
      fc.property(ids, link, wrap, around, around, (id, toLink, wrapped, before, after) => {
        expect(parseCreatorId(before + wrapped(toLink(id)) + after)).toBe(id);
        expect(parseCreatorId(id)).toBe(id);
      }),
      { seed },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        try {
          expect(parseCreatorId(text)).toMatch(/^\d{15,20}$/);
        } catch (error) {
          expect(error).toBeInstanceOf(BadUserInputError);
        }
      }),
      { seed },
    );
  });

  it('takes time in proportion to the text, however hostile', () => {
    const parts = [
      ' ',
      '(',
      '1',
      '/',
      '%25',
      '?a=',
      '&o_author_id=1',
      'a.',
      '\u200b',
      'http://',
      '达',
      ',',
      '%2F',
      `/${id}`,
      '#/',
    ];
    const timeOf = (text: string) => {
      const times = Array.from({ length: 5 }, () => {
        const startMs = performance.now();
        for (let round = 0; round < 5; round += 1) refusalOrId(text);
        return performance.now() - startMs;
      });
      return Math.min(...times);
    };
    for (const part of parts) {
      const hostile = (length: number) => `https://www.xingtu.cn/${part.repeat(length / part.length)}x`;
      refusalOrId(hostile(8_000));
      // Quadratic time would be 256 times as long. Measured again, because other programs take time, too.
      const isInProportion = () => timeOf(hostile(8_000)) / timeOf(hostile(500)) < 100;
      // A longer text is not read to its end.
      const isCutOff = () => timeOf(hostile(1_000_000)) < 20 * timeOf(hostile(8_000)) + 20;
      const ever = (holds: () => boolean) => Array.from({ length: 20 }).some(holds);
      expect([part, ever(isInProportion), ever(isCutOff)]).toEqual([part, true, true]);
    }
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
    ['digits of another script', '٦٦٢٩٧٢٢٢٩٥٨٧٣٠٤٤٤٩٤'],
    ['digits within words', `creator ${id}`],
    ['two ids', `${id},${id}`],
    ['another site', `https://www.douyin.com/user/${id}`],
    ['a site whose name ends alike', `https://notxingtu.cn/${id}`],
    ['a site that names xingtu.cn in its path', `https://evil.example/xingtu.cn/${id}`],
    ['a site behind credentials', `https://www.xingtu.cn@evil.example/xingtu.cn/${id}`],
    ['a link without an id', 'https://www.xingtu.cn/ad/creator/author-homepage/'],
    ['an id in the query only', `https://www.xingtu.cn/ad?id=${id}`],
    ['a scheme that is none of the web', `javascript://xingtu.cn/${id}`],
    ['a text of more than 8192 characters', `${page}?${'x'.repeat(8192)}`],
  ])('refuses %s', (_what, text) => {
    expect(() => parseCreatorId(text)).toThrow(BadUserInputError);
  });

  it('says what was expected and what came', () => {
    expect(() => parseCreatorId('张大仙')).toThrow(
      'Expected a creator\'s id of 15 to 20 digits, or a xingtu.cn link that contains one, but got "张大仙".',
    );
  });

  it('quotes only the beginning of a long text', () => {
    expect(() => parseCreatorId('x'.repeat(5000))).toThrow(new RegExp(`got "${'x'.repeat(100)}…"\\.$`));
  });

  it('carries the code that a client reads', () => {
    expect(new BadUserInputError('no').extensions).toEqual({ code: 'BAD_USER_INPUT', retryable: false });
  });
});

function refusalOrId(text: string): string {
  try {
    return parseCreatorId(text);
  } catch (error) {
    return String(error);
  }
}

describe('xingtuUrl', () => {
  it('is a link that parseCreatorId reads back', () => {
    expect(xingtuUrl(id)).toBe(page);
    expect(parseCreatorId(xingtuUrl(id))).toBe(id);
  });
});
