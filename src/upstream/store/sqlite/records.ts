import { type Change, type StoredRecord, unexpired } from '../records.js';
import type { Connection } from './connection.js';
import { pack, unpack } from './packing.js';
import type { RecordRow } from './statements.js';

/** A change of a record, as `records.ts` has them. */
export type MakeChange<T> = (record: StoredRecord | null, nowMs: number) => Change<T>;

/** What a change resulted in, and whether the record has changed. */
export interface Changed<T> {
  readonly result: T;
  readonly isChanged: boolean;
}

export function readRecord({ statements }: Connection, key: string, nowMs: number): StoredRecord | null {
  const row = statements.record.get([key]);
  return unexpired(row ? recordOf(row) : null, nowMs);
}

/** One read for all keys. By key; one that the store does not have is absent. */
export function readValues(
  { statements }: Connection,
  keys: readonly string[],
  nowMs: number,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const [only] = keys;
  const one = keys.length === 1 && only !== undefined ? statements.record.get([only]) : undefined;
  const rows =
    keys.length === 1
      ? one
        ? [[only as string, ...one] as const]
        : []
      : statements.records.all([JSON.stringify(keys)]);
  for (const [key, ...row] of rows) {
    const record = unexpired(recordOf(row), nowMs);
    if (record) values.set(key, record.value);
  }
  return values;
}

/** In a transaction. */
export function changeRecord<T>(
  connection: Connection,
  key: string,
  nowMs: number,
  make: MakeChange<T>,
): Changed<T> {
  const { statements } = connection;
  const { to, result } = make(readRecord(connection, key, nowMs), nowMs);
  if (to === undefined) return { result, isChanged: false };
  if (to === null) statements.deleteRecord.run([key]);
  else {
    const untilMs = to.untilMs === Number.POSITIVE_INFINITY ? null : Math.ceil(to.untilMs);
    statements.putRecord.run([key, pack(to.value), to.version, untilMs]);
  }
  return { result, isChanged: true };
}

/** The value is unpacked when it is read: most changes need only the version. */
function recordOf([value, version, untilMs]: RecordRow): StoredRecord {
  return {
    get value() {
      return unpack(value);
    },
    version,
    untilMs: untilMs ?? Number.POSITIVE_INFINITY,
  };
}
