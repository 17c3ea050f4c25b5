import { byteOrderMark, csvRecord } from '../csv.js';
import { type Failure, failuresText } from './failures.js';
import type { TableColumn } from './fields.js';
import { type CellValue, cellOf } from './selection.js';

/** The title of the last column, the same in all languages, so that programs find it. */
const failuresTitle = 'errors';

/** The first record of a CSV file of creators, after the byte order mark. */
export function csvHeader(columns: readonly TableColumn[]): string {
  return byteOrderMark + csvRecord([...columns.map(({ heading }) => heading), failuresTitle]);
}

/** A creator's record. `creator`: of a response. Cells whose section failed are empty, and the last one says why. */
export function csvCreator(
  columns: readonly TableColumn[],
  creator: unknown,
  failures: readonly Failure[],
): string {
  return csvRecord([...columns.map((column) => flat(cellOf(column, creator))), failuresText(failures)]);
}

/** Lists are written as Chinese enumerates: `美食、旅行`. */
export function flat(cell: CellValue): string | number | null {
  return typeof cell === 'object' && cell !== null ? cell.join('、') : cell;
}
