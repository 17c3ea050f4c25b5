import type { Clock } from '../../../time.js';
import { changeLifeMs } from './changeFeed.js';
import type { Connection } from './connection.js';
import type { Writer } from './writer.js';

/** How many expired rows one transaction deletes: few, so that it is short. */
const atOnce = 200;

/** Deletes what has expired, and the changes that every process has heard of. */
export async function sweep(writer: Writer, now: Clock): Promise<void> {
  await writer.write(({ statements }) => statements.deleteOldChanges.run([now() - changeLifeMs]));
  await repeat(writer, ({ statements }) => statements.deleteExpiredRecords.run([now(), atOnce]).changes);
  await repeat(writer, ({ statements }) => {
    const deleted = statements.deleteExpiredEntries.all([now(), atOnce]);
    for (const seriesId of new Set(deleted.map(([id]) => id))) statements.deleteEmptySeries.run([seriesId]);
    return deleted.length;
  });
}

async function repeat(writer: Writer, deleteSome: (connection: Connection) => number): Promise<void> {
  while ((await writer.write(deleteSome)) === atOnce);
}
