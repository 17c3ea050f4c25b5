import type { Cell, Feature, Row, Sheet } from 'write-excel-file/universal';
import writeExcelFile from 'write-excel-file/universal';
import {
  getCellAddress,
  getOrderOfSiblings,
  insertElementMarkupAccordingToOrderOfSiblings,
} from 'write-excel-file/utility';
import type { ColumnKind, Language } from '../columns/columns.js';
import { flat } from '../columns/csvTable.js';
import type { Failure } from '../columns/failures.js';
import type { TableColumn } from '../columns/fields.js';
import type { CellValue } from '../columns/selection.js';
import { adviceFor, labelsIn } from './labels.js';

/** What a workbook says of the cost. The key of a label, and its value; a null is left out. */
export interface WorkbookCost {
  readonly paidCalls: number;
  readonly cachedCalls: number;
  readonly coalescedCalls: number;
  readonly failedCalls: number;
  readonly uncertainCalls: number;
  readonly renewalCalls: number;
  /** In yuan. Null: not known. */
  readonly spend: string | null;
  readonly isSandbox: boolean;
  /** When it was asked for. */
  readonly startedAt: Date;
  readonly endedAt: Date;
}

export interface WorkbookContent {
  readonly language: Language;
  readonly columns: readonly Pick<TableColumn, 'heading' | 'kind'>[];
  /** One for each creator, with a cell for each column. */
  readonly rows: readonly (readonly CellValue[])[];
  readonly failures: readonly Failure[];
  /** Rows of the list that held no id. */
  readonly rejected: readonly { readonly row: number; readonly text: string; readonly reason: string }[];
  readonly cost: WorkbookCost;
}

/** An XLSX file with a sheet of creators, one of failures, and one of what they cost. Also runs in browsers. */
export async function workbookOf(content: WorkbookContent): Promise<Blob> {
  const sheets = [creatorsSheet(content), failuresSheet(content), costSheet(content)];
  return writeExcelFile(sheets, { features: [filters(sheets)] }).toBlob();
}

/** As Excel names them. */
const formats: Readonly<Partial<Record<ColumnKind, string>>> = {
  count: '#,##0',
  money: '#,##0.00',
  rate: '0.00%',
};

function creatorsSheet({ language, columns, rows }: WorkbookContent): Sheet<Blob> {
  const cells = rows.map((row) => columns.map(({ kind }, at) => cellFor(row[at] ?? null, kind)));
  return table(
    labelsIn(language).creators,
    columns.map(({ heading }) => heading),
    cells,
  );
}

function failuresSheet({ language, failures, rejected }: WorkbookContent): Sheet<Blob> {
  const labels = labelsIn(language);
  const { id, section, code, message, advice } = labels;
  const rows = [
    ...failures.map((failure) => [
      failure.id,
      failure.section ?? '',
      failure.code,
      failure.message,
      adviceFor(failure.code, language),
    ]),
    ...rejected.map(({ row, text, reason }) => [
      text,
      labels.row(row),
      'BAD_USER_INPUT',
      reason,
      labels.noId,
    ]),
  ];
  return table(
    labels.failures,
    [id, section, code, message, advice],
    rows.map((row) => row.map(textCell)),
  );
}

function costSheet({ language, cost, rows }: WorkbookContent): Sheet<Blob> {
  const labels = labelsIn(language);
  const count = (value: number): Cell => ({ value, type: Number, format: '#,##0' });
  const lines: [string, Cell][] = [
    [labels.creatorCount, count(rows.length)],
    [labels.paidCalls, count(cost.paidCalls)],
    [labels.cachedCalls, count(cost.cachedCalls)],
    [labels.coalescedCalls, count(cost.coalescedCalls)],
    [labels.failedCalls, count(cost.failedCalls)],
    [labels.uncertainCalls, count(cost.uncertainCalls)],
    [labels.renewalCalls, count(cost.renewalCalls)],
    ...(cost.spend === null
      ? []
      : [[labels.spend, { value: Number(cost.spend), type: Number, format: '#,##0.00' }] as [string, Cell]]),
    [labels.startedAt, textCell(cost.startedAt.toISOString())],
    [labels.endedAt, textCell(cost.endedAt.toISOString())],
    [labels.source, textCell(cost.isSandbox ? labels.sandbox : labels.live)],
  ];
  return table(
    labels.cost,
    [labels.figure, labels.value],
    lines.map(([label, cell]) => [textCell(label), cell]),
  );
}

function cellFor(value: CellValue, kind: ColumnKind): Cell {
  const cell = flat(value);
  if (cell === null) return null;
  if (typeof cell === 'string') return textCell(cell);
  const format = formats[kind];
  return { value: cell, type: Number, ...(format !== undefined && { format }) };
}

/** The most characters that a cell of Excel holds. */
const mostCharacters = 32_767;

/** The format keeps Excel from reading an id as a number, which would lose its last digits. */
function textCell(text: string): Cell {
  return text === '' ? null : { value: text.slice(0, mostCharacters), type: String, format: '@' };
}

function table(sheet: string, titles: readonly string[], rows: readonly Row[]): Sheet<Blob> {
  const header = titles.map((value): Cell => ({ value, type: String, fontWeight: 'bold' }));
  const data = [header, ...rows];
  const columns = titles.map((_, at) => ({ width: widthOf(data.map((row) => row[at])) }));
  return { sheet, data, columns, stickyRowsCount: 1 };
}

/** In characters. Enough for most values, but not for whole sentences. */
function widthOf(cells: readonly (Cell | undefined)[]): number {
  const lengths = cells.map((cell) => {
    const { value, format } = (cell ?? {}) as { readonly value?: unknown; readonly format?: string };
    const text = String(value ?? '');
    const isGrouped = typeof value === 'number' && format !== undefined;
    // Chinese characters are twice as wide. Separators and decimals take a third more.
    return isGrouped ? text.length * 1.4 + 2 : text.length + (text.match(/[^\0-\u02ff]/g)?.length ?? 0);
  });
  return Math.min(60, Math.max(8, ...lengths) + 3);
}

/** Puts the buttons to sort and filter into the titles. */
function filters(sheets: readonly Sheet<Blob>[]): Feature<Blob> {
  const path = 'xl/worksheets/sheet{id}.xml';
  return {
    files: {
      transform: {
        [path]: {
          transform(xml, _, { sheetIndex }) {
            const rows = sheets[sheetIndex]?.data ?? [];
            const end = getCellAddress(Math.max(0, rows.length - 1), Math.max(0, (rows[0]?.length ?? 1) - 1));
            return insertElementMarkupAccordingToOrderOfSiblings(
              xml,
              `<autoFilter ref="A1:${end}"/>`,
              getOrderOfSiblings(path, 'worksheet') ?? [],
              'worksheet',
            );
          },
        },
      },
    },
  };
}
