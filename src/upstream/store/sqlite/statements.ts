import type Database from 'libsql';
import type { Packed } from './packing.js';

type Row = readonly unknown[];

/** A prepared statement. Rows are arrays, in the order of the columns. */
export interface Statement<Result extends Row = Row> {
  get(args: Row): Result | undefined;
  all(args: Row): readonly Result[];
  /** Not for a statement that returns rows: libsql leaves it unfinished. */
  run(args: Row): { readonly changes: number };
}

export type RecordRow = readonly [value: Packed, version: number, untilMs: number | null];
export type EntryRow = readonly [id: number, atMs: number, value: Packed, digest: string | null];

export type Statements = ReturnType<typeof prepareStatements>;

/** Every statement, prepared once. */
export function prepareStatements(database: Database.Database) {
  const prepare = <Result extends Row = Row>(sql: string) =>
    database.prepare(sql).raw() as unknown as Statement<Result>;
  const write = (sql: string) => database.prepare(sql) as unknown as Pick<Statement, 'run'>;
  return {
    record: prepare<RecordRow>('SELECT value, version, until_ms FROM record WHERE key = ?'),
    records: prepare<readonly [key: string, ...RecordRow]>(
      'SELECT key, value, version, until_ms FROM record WHERE key IN (SELECT value FROM json_each(?))',
    ),
    putRecord: write(
      `INSERT INTO record (key, value, version, until_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, until_ms = excluded.until_ms`,
    ),
    deleteExpiredRecords: write(
      'DELETE FROM record WHERE rowid IN (SELECT rowid FROM record WHERE until_ms <= ? LIMIT ?)',
    ),
    deleteRecord: write('DELETE FROM record WHERE key = ?'),
    /** A page of the unexpired keys from `key` on, in order. */
    recordKeys: prepare<readonly [key: string]>(
      `SELECT key FROM record WHERE key >= ? AND key < ? AND (until_ms IS NULL OR until_ms > ?)
       ORDER BY key LIMIT ?`,
    ),

    seriesId: prepare<readonly [id: number]>('SELECT id FROM series WHERE key = ?'),
    addSeries: write('INSERT INTO series (key) VALUES (?)'),
    deleteSeries: write('DELETE FROM series WHERE id = ?'),
    seriesKeys: prepare<readonly [key: string]>(
      `SELECT key FROM series WHERE key >= ? AND key < ?
       AND EXISTS (SELECT 1 FROM entry WHERE series_id = series.id AND until_ms > ?)
       ORDER BY key LIMIT ?`,
    ),
    addEntry: write('INSERT INTO entry (series_id, at_ms, until_ms, digest, value) VALUES (?, ?, ?, ?, ?)'),
    latestEntries: prepare<EntryRow>(
      `SELECT id, at_ms, value, digest FROM entry WHERE series_id = ? AND at_ms < ? AND until_ms > ?
       ORDER BY at_ms DESC, id DESC LIMIT ?`,
    ),
    entriesAfter: prepare<EntryRow>(
      `SELECT id, at_ms, value, digest FROM entry WHERE series_id = ? AND (at_ms, id) > (?, ?) AND until_ms > ?
       ORDER BY at_ms, id LIMIT ?`,
    ),
    deleteOlderEntries: write('DELETE FROM entry WHERE series_id = ? AND at_ms <= ?'),
    deleteEntriesBeyond: write(
      `DELETE FROM entry WHERE id IN (
         SELECT id FROM entry WHERE series_id = ? ORDER BY at_ms DESC, id DESC LIMIT -1 OFFSET ?
       )`,
    ),
    /** Returns all rows, as it must be: libsql leaves a statement with unread rows unfinished. */
    deleteExpiredEntries: prepare<readonly [seriesId: number]>(
      `DELETE FROM entry WHERE id IN (SELECT id FROM entry WHERE until_ms <= ? LIMIT ?) RETURNING series_id`,
    ),
    deleteEmptySeries: write(
      'DELETE FROM series WHERE id = ? AND NOT EXISTS (SELECT 1 FROM entry WHERE series_id = series.id)',
    ),
    deleteEntries: write('DELETE FROM entry WHERE series_id = ?'),

    addChange: write('INSERT INTO change (process, key, at_ms) VALUES (?, ?, ?)'),
    deleteOldChanges: write('DELETE FROM change WHERE at_ms < ?'),
    lastChange: prepare<readonly [id: number | null]>('SELECT max(id) FROM change'),
    changesAfter: prepare<readonly [id: number, process: string, key: string]>(
      'SELECT id, process, key FROM change WHERE id > ? ORDER BY id LIMIT ?',
    ),
  };
}
