import { describe, expect, it } from 'vitest';
import type { ColumnKind } from '../../src/columns/columns.js';
import type { CellValue } from '../../src/columns/selection.js';
import { exactValue, formatCell } from '../../src/dashboard/speech/format.js';

describe('a value on the page', () => {
  it.each<[CellValue, ColumnKind, string, string]>([
    [42_796_417, 'count', '4279.6万', '42.8M'],
    [9_999, 'count', '9,999', '9,999'],
    [0, 'count', '0', '0'],
    [-13_840, 'count', '-1.4万', '-13.8K'],
    [59, 'money', '¥59.00', '¥59.00'],
    [659_100, 'money', '¥659,100', '¥659,100'],
    [1_234.5, 'money', '¥1,234.50', '¥1,234.50'],
    [0.0301, 'rate', '3.01%', '3.01%'],
    [-0.1, 'rate', '-10%', '-10%'],
    [85.26, 'number', '85.3', '85.3'],
    [['美食', '旅行'], 'list', '美食、旅行', '美食, 旅行'],
    [[], 'list', '–', '–'],
    [null, 'count', '–', '–'],
    ['6712345678901234502', 'id', '6712345678901234502', '6712345678901234502'],
  ])('%j, a %s, is %s in Chinese and %s in English', (value, kind, zh, en) => {
    expect(formatCell(value, kind, 'zh')).toBe(zh);
    expect(formatCell(value, kind, 'en')).toBe(en);
  });

  it('has all its digits at hand where it is shortened', () => {
    expect(exactValue(42_796_417, 'zh')).toBe('42,796,417');
    expect(exactValue('张大仙', 'zh')).toBeUndefined();
  });
});
