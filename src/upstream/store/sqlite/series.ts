import type { AppendOptions, LatestOptions, SeriesEntry } from '../store.js';
import type { Connection } from './connection.js';
import { pack, unpack } from './packing.js';
import type { EntryRow } from './statements.js';

/** How many entries are read at once. */
const pageLength = 500;

/** In a transaction. */
export function appendEntry(
  { statements }: Connection,
  key: string,
  { atMs, value, digest }: SeriesEntry,
  { lifeMs, most }: AppendOptions,
  nowMs: number,
): boolean {
  const known = statements.seriesId.get([key]);
  if (!known) statements.addSeries.run([key]);
  const [id] = known ?? (statements.seriesId.get([key]) as readonly [number]);
  const [newest] = statements.latestEntries.all([id, Number.MAX_SAFE_INTEGER, nowMs, 1]);
  if (newest && digest !== null && newest[3] === digest) return false;
  statements.addEntry.run([id, atMs, atMs + lifeMs, digest, pack(value)]);
  statements.deleteOlderEntries.run([id, nowMs - lifeMs]);
  if (most !== undefined) statements.deleteEntriesBeyond.run([id, most]);
  return true;
}

export function latestEntries(
  { statements }: Connection,
  key: string,
  { most, beforeMs = Number.MAX_SAFE_INTEGER }: LatestOptions,
  nowMs: number,
): readonly SeriesEntry[] {
  const [id] = statements.seriesId.get([key]) ?? [];
  return id === undefined ? [] : statements.latestEntries.all([id, beforeMs, nowMs, most]).map(entryOf);
}

/** The next entries after one, the oldest first. Null: from the oldest on. */
export function entriesAfter(
  { statements }: Connection,
  key: string,
  after: EntryRow | null,
  nowMs: number,
): readonly EntryRow[] {
  const [seriesId] = statements.seriesId.get([key]) ?? [];
  if (seriesId === undefined) return [];
  const [id, atMs] = after ?? [0, Number.MIN_SAFE_INTEGER];
  return statements.entriesAfter.all([seriesId, atMs, id, nowMs, pageLength]);
}

/** In a transaction. False: there was no such series. */
export function forgetSeries({ statements }: Connection, key: string): boolean {
  const [id] = statements.seriesId.get([key]) ?? [];
  if (id === undefined) return false;
  const { changes } = statements.deleteEntries.run([id]);
  statements.deleteSeries.run([id]);
  return changes > 0;
}

export function entryOf([, atMs, value, digest]: EntryRow): SeriesEntry {
  return { atMs, value: unpack(value), digest };
}
