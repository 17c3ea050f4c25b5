import type { AppendOptions, LatestOptions, SeriesEntry } from '../store.js';
import type { RedisConnection } from './connection.js';
import { decodeEntry, digestLength, encodeEntry } from './value.js';

/** How many entries of a series are read at once. */
const pageLength = 1_000;

/** Series in Redis, by the keys that Redis knows them by: sorted sets of entries by their time. */
export class RedisSeries {
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  async append(key: string, entry: SeriesEntry, { lifeMs, most }: AppendOptions): Promise<boolean> {
    const { commands } = this.#connection;
    const args = [entry.atMs, encodeEntry(entry), Date.now() - lifeMs, most ?? '', lifeMs, digestLength];
    return (await this.#connection.run(() => commands.appendEntry(key, ...args))) === 1;
  }

  async latest(key: string, { most, beforeMs }: LatestOptions): Promise<readonly SeriesEntry[]> {
    const { commands } = this.#connection;
    const before = beforeMs === undefined ? '+inf' : `(${beforeMs}`;
    const found = await this.#connection.run(() =>
      commands.zrangeBuffer(key, before, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, most, 'WITHSCORES'),
    );
    return entriesOf(found);
  }

  async *all(key: string): AsyncIterable<SeriesEntry> {
    const { commands } = this.#connection;
    for (let from = 0; ; from += pageLength) {
      const to = from + pageLength - 1;
      const page = await this.#connection.run(() => commands.zrangeBuffer(key, from, to, 'WITHSCORES'));
      yield* entriesOf(page);
      if (page.length < 2 * pageLength) return;
    }
  }
}

/** `found`: pairs of an entry and its time. */
function entriesOf(found: readonly Buffer[]): SeriesEntry[] {
  const entries: SeriesEntry[] = [];
  for (let at = 0; at < found.length; at += 2) {
    entries.push(decodeEntry(found[at] as Buffer, Number(found[at + 1])));
  }
  return entries;
}
