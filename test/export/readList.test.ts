import { describe, expect, it } from 'vitest';
import { decodeText } from '../../src/export/decodeText.js';
import { readList } from '../../src/export/readList.js';

const [a, b, c] = ['6712345678901234502', '6712345678901234567', '6812345678901234568'] as const;
const link = `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${b}`;
const read = (text: string, column: string | null = null) => readList(text, { path: 'list.csv', column });

describe('a list of creators', () => {
  it.each([
    ['a line each', `${a}\n${link}\n`],
    ['one line', `${a},${link}`],
    ['commas, with a title', `name,id\nA,${a}\nB,${link}\n`],
    ['semicolons, with a title', `name;id\nA;${a}\nB;${link}\n`],
    ['tabs, with a title', `name\tid\nA\t${a}\nB\t${link}\n`],
    ['quotes and line breaks in cells', `"na\nme","id"\n"A, ""the""","${a}"\nB,"${link}"`],
    ['empty lines and columns', `\n,,${a},\n\n,,${link},\n`],
    ['Windows line breaks', `id\r\n${a}\r\n${link}\r\n`],
  ])('is read with %s', (_, text) => {
    expect(read(text)).toEqual({ ids: [a, b], repeated: 0, rejected: [] });
  });

  it('is read from the column that is named or numbered, whatever the others hold', () => {
    const text = `id,other id\n${a},${c}\n${b},${c}\n`;
    expect(read(text, 'other id')).toMatchObject({ ids: [c], repeated: 1 });
    expect(read(text, '1')).toMatchObject({ ids: [a, b] });
    expect(() => read(text, 'othr id')).toThrow('The nearest is "other id".');
  });

  it('rejects rows without an id, by the number that a spreadsheet shows', () => {
    const { ids, rejected } = read(`name,id\nA,${a}\n\nB,\nC,6.71E+18\nD,https://v.douyin.com/x/\n`);
    expect(ids).toEqual([a]);
    expect(rejected.map(({ row, text }) => [row, text])).toEqual([
      [4, ''],
      [5, '6.71E+18'],
      [6, 'https://v.douyin.com/x/'],
    ]);
  });

  it('is refused if it holds nobody', () => {
    expect(() => read('name,id\nA,none\n')).toThrow('list.csv has no creator');
    expect(() => read('')).toThrow('list.csv has no creator');
  });
});

describe('the text of a list', () => {
  const chinese = '达人';
  it.each([
    ['UTF-8', [0xe8, 0xbe, 0xbe, 0xe4, 0xba, 0xba]],
    ['UTF-8 with a byte order mark', [0xef, 0xbb, 0xbf, 0xe8, 0xbe, 0xbe, 0xe4, 0xba, 0xba]],
    ['UTF-16', [0xff, 0xfe, 0xbe, 0x8f, 0xba, 0x4e]],
    ['GBK', [0xb4, 0xef, 0xc8, 0xcb]],
  ])('may be in %s', (_, bytes) => {
    expect(decodeText(new Uint8Array(bytes), 'list.csv')).toBe(chinese);
  });

  it('is none in a workbook, which is said', () => {
    const zip = new Uint8Array([0x50, 0x4b, 0x03, 0x04, 0x14]);
    expect(() => decodeText(zip, 'list.xlsx')).toThrow(
      'list.xlsx is an XLSX workbook or another ZIP archive.',
    );
  });
});
