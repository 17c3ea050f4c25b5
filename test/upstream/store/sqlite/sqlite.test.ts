import { join } from 'node:path';
import Database from 'libsql';
import { describe, expect, it, vi } from 'vitest';
import { applicationId, migrations, schemaVersion } from '../../../../src/upstream/store/sqlite/schema.js';
import { openSqliteStore } from '../../../../src/upstream/store/sqlite/sqlite.js';
import type { Store } from '../../../../src/upstream/store/store.js';
import { atEnd, get, recordingLogger, temporaryFolder, testClock } from '../../../fixtures.js';
import { type StoreProcess, startStoreProcess } from './storeProcess.js';

const dayMs = 86_400_000;
const within = { timeout: 20_000 };

async function opened(path: string, now = Date.now): Promise<Store> {
  const store = await openSqliteStore(path, { now, logger: recordingLogger().logger });
  atEnd(() => store.close());
  return store;
}

/** As another process does that opens a new file. */
function makeTables(path: string): void {
  const file = new Database(path);
  file.exec(`
    PRAGMA journal_mode = WAL;
    BEGIN IMMEDIATE;
    ${migrations.join('')}
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${schemaVersion};
    COMMIT;
  `);
  file.close();
}

describe('a file', () => {
  it('has everything that was in it when it is opened again', async () => {
    const path = join(await temporaryFolder(), 'new', 'store.db');
    const before = await opened(path);
    await before.set('key', '巨量星图'.repeat(1_000), { version: 7 });
    await before.set('short', 'a', { lifeMs: dayMs });
    await before.count('count', { by: 3, lifeMs: dayMs });
    await before.append('series', { atMs: Date.now(), value: 'a', digest: null }, { lifeMs: dayMs });
    await before.close();

    const store = await opened(path);
    expect(await get(store, 'key')).toBe('巨量星图'.repeat(1_000));
    expect(await store.set('key', 'older', { version: 6 })).toBe(false);
    expect(await get(store, 'short')).toBe('a');
    expect(await store.count('count', { by: 1, lifeMs: dayMs })).toBe(4);
    expect(await store.latest('series', { most: 9 })).toMatchObject([{ value: 'a' }]);
  });

  it('loses what has expired meanwhile when it is opened again, however much that is', async () => {
    const path = join(await temporaryFolder(), 'store.db');
    const clock = testClock();
    const before = await opened(path, clock.now);
    await before.set('for ever', 'a');
    await before.set('renewed', 'a', { lifeMs: 1_000 });
    await before.set('renewed', 'b', { lifeMs: 2 * dayMs });
    const short = Array.from({ length: 1_500 }, (_, nth) => nth);
    await Promise.all(short.map((nth) => before.set(`short:${nth}`, 'a', { lifeMs: 1_000 })));
    const entry = { atMs: clock.now(), value: 'a', digest: null };
    await Promise.all(short.map((nth) => before.append(`series:${nth % 5}`, entry, { lifeMs: 1_000 })));
    await before.close();

    clock.advance(dayMs / 1000);
    const store = await opened(path, clock.now);
    const file = new Database(path);
    const rowsOf = (table: string) => file.prepare(`SELECT count(*) FROM ${table}`).raw().all().flat();
    await vi.waitFor(() => {
      expect(rowsOf('record')).toEqual([2]);
      expect([...rowsOf('entry'), ...rowsOf('series'), ...rowsOf('change')]).toEqual([0, 0, 0]);
    }, within);
    expect([await get(store, 'for ever'), await get(store, 'renewed')]).toEqual(['a', 'b']);
  });
});

describe('two processes on one file', () => {
  it('read what the other writes, are told of it, and share counts', async () => {
    const path = join(await temporaryFolder(), 'store.db');
    const store = await opened(path);
    const other = await startStoreProcess(path);
    const heard: (string | null)[] = [];
    store.onChange((key) => heard.push(key));

    await store.set('here', 'a');
    expect(await other.ask('getMany', ['here'])).toEqual(['a']);
    await other.ask('set', 'there', 'b');
    expect(await get(store, 'there')).toBe('b');
    await vi.waitFor(() => {
      expect(heard).toEqual(['there']);
      expect(other.heard).toEqual(['here']);
    }, within);

    const count = { by: 1, most: 150, lifeMs: dayMs };
    const totals = await Promise.all(
      Array.from({ length: 200 }, (_, nth) =>
        nth % 2 ? store.count('c', count) : other.ask('count', 'c', count),
      ),
    );
    const counted = totals.filter((total) => total !== null).map(Number);
    expect(counted.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, nth) => nth + 1));
  });

  it('can open a new file at the same moment', async () => {
    const path = join(await temporaryFolder(), 'store.db');
    const processes = await Promise.all(Array.from({ length: 4 }, () => startStoreProcess(path)));
    expect(processes.map(({ refusal, lostBecause }) => [refusal, lostBecause])).toEqual(
      Array.from({ length: 4 }, () => [null, null]),
    );
    const totals = await Promise.all(
      processes.map((process) => process.ask('count', 'c', { by: 1, lifeMs: dayMs })),
    );
    expect(totals.toSorted()).toEqual([1, 2, 3, 4]);
  });

  it.each([1, 2, 3])(
    'can open a new file while another one makes its tables, before query %i',
    async (nth) => {
      const path = join(await temporaryFolder(), 'store.db');
      const { prepare } = Database.prototype;
      let queries = 0;
      const prepared = vi.spyOn(Database.prototype, 'prepare').mockImplementation(function (
        this: never,
        sql,
      ) {
        queries += 1;
        if (queries === nth) makeTables(path);
        return prepare.call(this, sql);
      });
      const store = await opened(path).finally(() => prepared.mockRestore());
      expect(queries).toBeGreaterThan(nth);
      expect(await store.set('key', 'a')).toBe(true);
    },
  );

  it('write while a third one holds its lock for a while, and none blocks its event loop for it', async () => {
    const path = join(await temporaryFolder(), 'store.db');
    const store = await opened(path);
    const third = new Database(path);
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1);
    third.exec('BEGIN IMMEDIATE');
    const isWritten = store.set('key', 'a');
    await vi.waitFor(() => expect(ticks).toBeGreaterThan(20), within);
    third.exec('COMMIT');
    expect(await isWritten).toBe(true);
    clearInterval(timer);
    expect(await get(store, 'key')).toBe('a');
  });
});

describe('processes that are killed at random moments', () => {
  it('lose nothing that was written, and leave a whole file', async () => {
    const path = join(await temporaryFolder(), 'store.db');
    const written = new Map<string, string>();
    let counted = 0;
    let isOver = false;
    const processes: StoreProcess[] = [];
    const isAlive = ({ process }: StoreProcess) => process.exitCode === null && process.signalCode === null;
    const work = async (name: number) => {
      for (let life = 0; !isOver; life += 1) {
        const process = await startStoreProcess(path);
        processes.push(process);
        for (let nth = 0; isAlive(process) && !isOver; nth += 1)
          await write(process, `${name}:${life}:${nth}`);
      }
    };
    const write = async (process: StoreProcess, key: string) => {
      const value = `${key} `.repeat(50);
      const results = [process.ask('set', key, value), process.ask('count', 'c', { by: 1, lifeMs: dayMs })];
      const [isSet, isCounted] = await Promise.allSettled(results);
      if (isSet?.status === 'fulfilled') written.set(key, value);
      if (isCounted?.status === 'fulfilled') counted += 1;
    };
    const killer = setInterval(() => {
      const living = processes.filter(isAlive);
      void living[Math.floor(Math.random() * living.length)]?.kill();
    }, 400);
    const working = Promise.all([0, 1, 2, 3].map(work));
    await vi.waitFor(() => expect(processes.length).toBeGreaterThan(9), { timeout: 50_000, interval: 50 });
    clearInterval(killer);
    isOver = true;
    await working;

    const store = await opened(path);
    const keys = [...written.keys()];
    expect(keys.length).toBeGreaterThan(100);
    expect(await store.getMany(keys)).toEqual([...written.values()]);
    expect(await store.count('c', { by: 0, lifeMs: dayMs })).toBeGreaterThanOrEqual(counted);
    const file = new Database(path);
    expect(file.prepare('PRAGMA integrity_check').raw().all()).toEqual([['ok']]);
  });
});
