import type { ColumnKind, Language } from '../../columns/columns.js';
import type { CellValue } from '../../columns/selection.js';

const locales: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en-US' };

function numberFormat(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const known = formats.get(key) ?? new Intl.NumberFormat(locales[language], options);
  formats.set(key, known);
  return known;
}
const formats = new Map<string, Intl.NumberFormat>();

/** From here on counts are shortened: 42796417 is 4279.6万 or 42.8M. */
const shortenedFrom = 10_000;

export function formatNumber(value: number, kind: ColumnKind, language: Language): string {
  switch (kind) {
    case 'count':
      return Math.abs(value) >= shortenedFrom
        ? numberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(value)
        : numberFormat(language, { maximumFractionDigits: 0 }).format(value);
    case 'money': {
      // Costs per thousand plays or engagement need fen, and prices don't.
      const digits = Math.abs(value) < 1_000 || value % 1 !== 0 ? 2 : 0;
      const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
      return `¥${numberFormat(language, options).format(value)}`;
    }
    case 'rate':
      return numberFormat(language, { style: 'percent', maximumFractionDigits: 2 }).format(value);
    default:
      return numberFormat(language, { maximumFractionDigits: 1 }).format(value);
  }
}

export const nothing = '–';

/** What a cell shows. A value that upstream has not is a dash. */
export function formatCell(value: CellValue, kind: ColumnKind, language: Language): string {
  if (value === null || value === '') return nothing;
  if (typeof value === 'number') return formatNumber(value, kind, language);
  if (typeof value === 'string') return value;
  return value.length > 0 ? value.join(language === 'zh' ? '、' : ', ') : nothing;
}

/** All digits of a number that the cell shortens. */
export function exactValue(value: CellValue, language: Language): string | undefined {
  return typeof value === 'number'
    ? numberFormat(language, { maximumFractionDigits: 6 }).format(value)
    : undefined;
}

export function formatTime(iso: string, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(iso),
  );
}
