import { describe, expect, it } from 'vitest';
import { decodeText } from '../../src/export/decodeText.js';
import { readList } from '../../src/export/readList.js';
import { linkOf, manyIds } from './material.js';

const [a = '', b = '', c = ''] = manyIds(3);

function read(text: string, column: string | null = null) {
  return readList(text, { path: 'list.csv', column });
}

const both = { ids: [a, b], repeated: 0, rejected: [] };

describe('a list of creators', () => {
  it.each([
    ['a line for each', `${a}\n${b}\n`],
    ['a line for each, without an end, and with empty lines', `\r\n${a}\r\n\r\n${b}`],
    ['one line', `${a}, ${b}`],
    ['one line of semicolons', `${a};${b};`],
    ['a table with titles', `name,id\n张,${a}\n李,${b}\n`],
    ['a table with semicolons', `name;id;note\n张;${a};1,5\n李;${b};2,5\n`],
    ['a table with tabs', `name\tid\n张\t${a}\n李\t${b}\n`],
    ['a column of links', `名称,主页\n张,${linkOf(a)}\n李,${linkOf(b)}`],
    ['quotation marks and line breaks in cells', `"na,me","id"\n"张\n""大""",${a}\n李,"${b}"`],
    ['cells that a spreadsheet keeps as text', `id,n\n="${a}",1\n'${b},2`],
    ['two columns of ids: the first', `id,other\n${a},${c}\n${b},${c}`],
    ['quotation marks that nobody closes', `达人,链接\n"张,${a}\n李,${b}\n`],
    ['a byte order mark', `\ufeffid\n${a}\n${b}`],
  ])('is read as %s', (_, text) => {
    expect(read(text)).toEqual(both);
  });

  it('is read by the title of a column, or its number', () => {
    const text = `one,Two\n${c},${a}\n${c},${b}\n`;
    expect(read(text, 'two')).toEqual(both);
    expect(read(text, '2')).toEqual(both);
    expect(() => read(text, 'tow')).toThrow('list.csv has no column "tow". The nearest is "Two".');
    expect(() => read(text, '3')).toThrow('has no column "3"');
  });

  it('names each row without an id, as a spreadsheet counts them, and merges repeated creators', () => {
    const text = `id,name\n${a},张\n6.62972E+18,李\n\n,王\n${linkOf(a)},张\n${b},赵\n`;
    expect(read(text)).toEqual({
      ids: [a, b],
      repeated: 1,
      rejected: [
        { row: 3, text: '6.62972E+18', reason: expect.stringContaining('has rounded') },
        { row: 5, text: '', reason: 'The cell is empty.' },
      ],
    });
  });

  it('takes an id that went wrong in the first row for no title', () => {
    expect(read(`6.62972E+18\n${a}\n`).rejected).toMatchObject([{ row: 1 }]);
  });

  it('must have an id', () => {
    expect(() => read('name,note\n张,x\n')).toThrow("list.csv has no creator's id and no Xingtu link.");
    expect(() => read('')).toThrow("list.csv has no creator's id and no Xingtu link.");
  });
});

describe('the text of a file', () => {
  const text = '达人 ID';
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16, as Excel saves "Unicode text"', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 of the other order', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['GBK', Buffer.from([0xb4, 0xef, 0xc8, 0xcb, 0x20, 0x49, 0x44])],
  ])('is decoded from %s', (_, bytes) => {
    expect(decodeText(bytes, 'list.csv')).toBe(text);
  });

  it('is not that of a workbook, and the message says what to do', () => {
    expect(() => decodeText(Buffer.from('PK\x03\x04…'), 'list.xlsx')).toThrow(
      'list.xlsx is an XLSX workbook or another ZIP archive. Save its sheet as CSV, and export that file.',
    );
  });
});
