import { describe, expect, it } from 'vitest';
import { readIds } from '../../src/dashboard/find/readIds.js';

const id = (nth: number) => String(6_629_722_295_873_044_494n + BigInt(nth));
const link = (nth: number) => `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id(nth)}`;

describe('a pasted list', () => {
  it('is read by lines, by cells and by separators, whichever it has', () => {
    for (const separator of ['\n', '\r\n', '\t', ',', '， ', ' ', '、', '；']) {
      const { ids, refused } = readIds([id(0), link(1), id(2)].join(separator), 500);
      expect([separator, ids, refused]).toEqual([separator, [id(0), id(1), id(2)], []]);
    }
  });

  it('has each creator once, and says how many were there again', () => {
    const { ids, duplicates } = readIds([id(0), link(0), id(1), id(0)].join('\n'), 500);
    expect({ ids, duplicates }).toEqual({ ids: [id(0), id(1)], duplicates: 2 });
  });

  it('says why a cell holds no creator', () => {
    const { ids, refused } = readIds(
      [
        '6.62972E+18',
        'https://v.douyin.com/abc/',
        '达人 ID',
        `${id(0)} 张三`,
        `看看这个达人 ${link(1)} 不错`,
      ].join('\n'),
      500,
    );
    expect(ids).toEqual([id(1)]);
    expect(refused.map(({ reason }) => reason)).toEqual(['rounded', 'douyinShort', 'other', 'other']);
  });

  it('is cut at the most that a comparison takes', () => {
    const { ids, isCut } = readIds(Array.from({ length: 501 }, (_, nth) => id(nth)).join('\n'), 500);
    expect([ids.length, isCut]).toEqual([500, true]);
  });
});
