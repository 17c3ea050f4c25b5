import AsyncDatabase from 'libsql/promise';
import type { Connection } from './connection.js';
import { readRecord } from './records.js';

/** Of the identity of the file that a file is a copy of. */
const originKey = 'copy-of';

/** Writes into a copy which file it is of. Off the main thread. */
export async function noteOrigin(copyPath: string, identity: string): Promise<void> {
  const copy = new AsyncDatabase(copyPath, {});
  try {
    await copy.exec(
      `INSERT OR REPLACE INTO record (key, value, version) VALUES ('${originKey}', '${identity}', 0)`,
    );
  } finally {
    copy.close();
  }
}

/** Null: it is no copy. */
export function originOf(connection: Connection): string | null {
  return readRecord(connection, originKey, 0)?.value ?? null;
}
