import { asNoFormula, csvField } from '../csv.js';

/** Rows of texts. The first `textColumns` cells of a row are text, and the others are numbers. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly textColumns: number;
}

/** For a terminal: texts at the left of their columns, numbers at the right. */
export function alignedText({ header, rows, textColumns }: Table): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const padded = (cell: string, column: number) =>
    column < textColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(padded).join('  ').trimEnd()).join('\n');
}

/** As RFC 4180 says. */
export function csv({ header, rows, textColumns }: Table): string {
  const field = (cell: string, column: number) => csvField(column < textColumns ? asNoFormula(cell) : cell);
  return [header, ...rows.map((row) => row.map(field))].map((line) => `${line.join(',')}\r\n`).join('');
}
