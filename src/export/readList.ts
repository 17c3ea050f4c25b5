import Papa from 'papaparse';
import { nearestTo } from '../columns/fields.js';
import { parseCreatorId } from '../creatorId.js';
import { BadUserInputError } from '../errors.js';
import { UsageError } from '../operator/usageError.js';

/** A row of the list that holds no id. */
export interface RejectedRow {
  /** As a spreadsheet counts: the first row is 1. */
  readonly row: number;
  readonly text: string;
  readonly reason: string;
}

export interface CreatorList {
  /** Each once, in the order of the list. */
  readonly ids: readonly string[];
  /** How many rows named a creator that an earlier row had named. */
  readonly repeated: number;
  readonly rejected: readonly RejectedRow[];
}

export interface ListOptions {
  readonly path: string;
  /** The title of the column with the ids, or its number. Null: the column in which most cells are ids or links. */
  readonly column: string | null;
}

type Cells = readonly string[];

/** Reads ids and links out of a table with `,`, `;` or tabs, or out of a text with one on each line. Throws UsageError. */
export function readList(text: string, { path, column }: ListOptions): CreatorList {
  const table = tableIn(text);
  const at = column === null ? columnWithIds(table) : columnNamed(column, table, path);
  const ids = new Map<string, number>();
  const rejected: RejectedRow[] = [];
  for (const [index, cells] of cellsOf(table, at)) {
    const isFirst = index === table.findIndex(isFilled);
    for (const cell of cells) {
      const found = idIn(cell);
      if (typeof found === 'string') ids.set(found, (ids.get(found) ?? 0) + 1);
      else if (!isFirst || !isTitle(cell, column)) {
        rejected.push({ row: index + 1, text: cell.trim(), reason: found.reason });
      }
    }
  }
  if (ids.size === 0) {
    const [first] = rejected;
    const why = first ? ` Row ${first.row}: ${first.reason}` : '';
    throw new UsageError(`${path} has no creator's id and no Xingtu link.${why}`);
  }
  const named = [...ids.values()].reduce((sum, times) => sum + times, 0);
  return { ids: [...ids.keys()], repeated: named - ids.size, rejected };
}

/**
 * Read with the separator that brings most ids to light. A guess from the number of separators errs on notes and empty lines.
 * A quotation mark that nobody has closed would make one cell of all that follows, so then it counts as a letter, too.
 */
function tableIn(text: string): readonly Cells[] {
  const tables = [',', ';', '\t'].flatMap((delimiter) => {
    const { data, errors } = Papa.parse<string[]>(text, { delimiter });
    if (errors.every(({ type }) => type !== 'Quotes')) return [data];
    return [data, text.split(/\r\n|\r|\n/).map((line) => line.split(delimiter))];
  });
  const counts = tables.map((table) => table.flat().filter((cell) => typeof idIn(cell) === 'string').length);
  return tables[counts.indexOf(Math.max(...counts))] ?? [];
}

/** The cells that should be ids, by the row's index. A list may also be on one line. */
function cellsOf(table: readonly Cells[], column: number): readonly (readonly [number, Cells])[] {
  const filled = table.flatMap((cells, index) => (isFilled(cells) ? [[index, cells] as const] : []));
  const [only, ...others] = filled;
  if (only && others.length === 0) return [[only[0], only[1].filter((cell) => cell.trim() !== '')]];
  return filled.map(([index, cells]) => [index, [cells[column] ?? '']]);
}

function isFilled(cells: Cells): boolean {
  return cells.some((cell) => cell.trim() !== '');
}

/** The first of the columns with the most ids. */
function columnWithIds(table: readonly Cells[]): number {
  const counts: number[] = [];
  for (const cells of table) {
    for (const [at, cell] of cells.entries()) {
      counts[at] = (counts[at] ?? 0) + (typeof idIn(cell) === 'string' ? 1 : 0);
    }
  }
  return Math.max(0, counts.indexOf(Math.max(...counts)));
}

function columnNamed(column: string, table: readonly Cells[], path: string): number {
  const titles = (table.find(isFilled) ?? []).map((title) => title.trim());
  const at = titles.findIndex((title) => title.toLowerCase() === column.trim().toLowerCase());
  if (at >= 0) return at;
  const number = /^\d{1,4}$/.test(column) ? Number(column) : 0;
  if (number >= 1 && number <= Math.max(...table.map((cells) => cells.length))) return number - 1;
  throw new UsageError(
    `${path} has no column ${JSON.stringify(column)}. The nearest is ${JSON.stringify(nearestTo(column, titles))}. A column may also be given by its number: 1 is the first.`,
  );
}

/** The first row may have titles. A text with many digits or a link is an id that went wrong. */
function isTitle(cell: string, column: string | null): boolean {
  return cell.trim() === column?.trim() || !/\d{6}|\d[eE]\+|\/\/|\.(com|cn)\b/.test(cell);
}

function idIn(cell: string): string | { readonly reason: string } {
  if (cell.trim() === '') return { reason: 'The cell is empty.' };
  try {
    return parseCreatorId(cell);
  } catch (error) {
    if (error instanceof BadUserInputError) return { reason: error.message };
    throw error;
  }
}
