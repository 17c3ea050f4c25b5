import { once } from 'node:events';
import { accessSync, constants, createWriteStream, existsSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { csvCreator, csvHeader } from '../columns/csvTable.js';
import type { Failure } from '../columns/failures.js';
import type { TableColumn } from '../columns/fields.js';
import { type CellValue, cellOf } from '../columns/selection.js';
import { UsageError } from '../operator/usageError.js';
import type { CreatorRow } from './rowQueue.js';
import type { WorkbookContent } from './workbook.js';

export const formats = ['xlsx', 'csv', 'ndjson'] as const;
export type Format = (typeof formats)[number];

/** What only a workbook shows beside its rows. */
export type Summary = Pick<WorkbookContent, 'language' | 'failures' | 'rejected' | 'cost'>;

export interface Output {
  write(rows: readonly CreatorRow[]): Promise<void>;
  /** Completes the file. */
  close(summary: Summary): Promise<void>;
}

interface OutputOptions {
  /** `-`: standard output. */
  readonly path: string;
  readonly format: Format;
  readonly columns: readonly TableColumn[];
  readonly stdout: Writable;
}

/** Throws UsageError if the file can't be written, so that nothing is paid for it. Changes no file. */
export function checkWritable(path: string): void {
  if (path === '-') return;
  try {
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('it is a folder');
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
  } catch (error) {
    throw writeError(path, error as Error, 'Nothing was paid.');
  }
}

/** Replaces a file of that name. A CSV or NDJSON file grows with each row, a workbook is written when it is closed. */
export function openOutput(options: OutputOptions): Output {
  return options.format === 'xlsx' ? workbookOutput(options) : textOutput(options);
}

function textOutput({ path, format, columns, stdout }: OutputOptions): Output {
  const stream = path === '-' ? stdout : createWriteStream(path);
  // The callback of each write gets the error, too.
  stream.on('error', () => {});
  const send = (text: string) =>
    new Promise<void>((resolve, reject) => {
      stream.write(text, (error) => (error ? reject(writeError(path, error, paidIsStored)) : resolve()));
    });
  const lineOf =
    format === 'csv'
      ? ({ id, creator, failures }: CreatorRow) => csvCreator(columns, creator ?? { id }, failures)
      : (row: CreatorRow) => `${JSON.stringify(recordOf(columns, row))}\n`;
  let isEmpty = true;
  const start = async () => {
    if (isEmpty && format === 'csv') await send(csvHeader(columns));
    isEmpty = false;
  };
  return {
    async write(rows) {
      await start();
      await send(rows.map(lineOf).join(''));
    },
    async close() {
      await start();
      if (path === '-') return;
      stream.end();
      if (!stream.closed) await once(stream, 'close');
    },
  };
}

function workbookOutput({ path, columns }: OutputOptions): Output {
  const cells: CellValue[][] = [];
  return {
    async write(rows) {
      for (const { id, creator } of rows) {
        cells.push(columns.map((column) => cellOf(column, creator ?? { id })));
      }
    },
    async close(summary) {
      // Only a workbook needs the library.
      const { workbookOf } = await import('./workbook.js');
      const workbook = await workbookOf({ ...summary, columns, rows: cells });
      await writeFile(path, new Uint8Array(await workbook.arrayBuffer())).catch((error: Error) => {
        throw writeError(path, error, paidIsStored);
      });
    },
  };
}

/** A line of NDJSON: values by the columns' keys, and why others are missing. */
function recordOf(columns: readonly TableColumn[], { id, creator, failures }: CreatorRow): object {
  const values = columns.map((column) => [column.key, cellOf(column, creator ?? { id })] as const);
  const errors = failures.map(({ section, code, message }: Failure) => ({ section, code, message }));
  return { ...Object.fromEntries(values), ...(errors.length > 0 && { errors }) };
}

const paidIsStored = 'Close it elsewhere, and run the same command again: what was paid for is stored.';

function writeError(path: string, { message }: Error, what: string): UsageError {
  return new UsageError(`${path === '-' ? 'Standard output' : path} can't be written (${message}). ${what}`);
}
