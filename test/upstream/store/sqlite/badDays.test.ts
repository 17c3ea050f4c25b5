import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import {
  chmod,
  mkdir,
  open as openFile,
  readdir,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import AsyncDatabase from 'libsql/promise';
import { describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../../../../src/config.js';
import { elapsed } from '../../../../src/time.js';
import { openDriver, openStore } from '../../../../src/upstream/store/open.js';
import { openSqliteStore } from '../../../../src/upstream/store/sqlite/sqlite.js';
import { StoreFile } from '../../../../src/upstream/store/sqlite/storeFile.js';
import type { Store } from '../../../../src/upstream/store/store.js';
import { atEnd, get, recordingLogger, temporaryFolder } from '../../../fixtures.js';
import { startStoreProcess } from './storeProcess.js';

const dayMs = 86_400_000;
const within = { timeout: 20_000 };
const cacheMaxBytes = 1_048_576;
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

async function opened(
  path: string,
  { logger }: Pick<ReturnType<typeof recordingLogger>, 'logger'> = recordingLogger(),
): Promise<Store> {
  const store = await openSqliteStore(path, { now: Date.now, logger });
  atEnd(() => store.close());
  return store;
}

/** Why the file cannot be a store. */
async function refusal(path: string): Promise<string> {
  const { logger } = recordingLogger();
  const error = await openDriver({ storeUrl: `sqlite:${path}`, cacheMaxBytes }, logger).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message.replace(/^.*\n.*can't be used as a store /, '');
}

const keys = Array.from({ length: 500 }, (_, nth) => `key:${nth}`);
const textOf = (key: string) => `${key} `.repeat(200) + Buffer.from(key).toString('hex').repeat(20);

/** A file with some hundred pages that its process left properly, or was killed on. */
async function filled(end: 'close' | 'kill'): Promise<string> {
  const path = join(await temporaryFolder(), 'store.db');
  const other = await startStoreProcess(path);
  await Promise.all(keys.map((key) => other.ask('set', key, textOf(key))));
  if (end === 'close') {
    await other.ask('close');
    await other.ended;
  } else {
    // Something is in the file itself, and something only in the WAL.
    const file = new Database(path);
    file.exec('PRAGMA wal_checkpoint(PASSIVE)');
    file.close();
    await other.ask('set', 'last', 'a');
    await other.kill();
  }
  return path;
}

describe('a path is refused, with the reason, when it', () => {
  it.each([
    ['is a folder', '.', '(it is a folder; name a file in it)'],
    ['is a device', '/dev/null', '(it is no regular file)'],
    [
      'is in no folder that can be made',
      '/proc/nope/store.db',
      "(ENOENT: no such file or directory, mkdir '/proc/nope')",
    ],
    ['can not be created', '/proc/nope', '(it can not be opened or created there)'],
    ['is below a file', '/dev/null/store.db', '(/dev/null is no folder)'],
  ])('%s', async (_, path, why) => {
    expect(await refusal(path)).toBe(why);
  });

  it.each([
    ['text', 'Hello.\n'.repeat(1_000)],
    ['a few bytes', 'Hello.'],
    ['zeros', Buffer.alloc(16_384)],
  ])('is a file that has %s', async (_, data) => {
    const path = join(await temporaryFolder(), 'store.db');
    await writeFile(path, data);
    expect(await refusal(path)).toBe('(it is no SQLite database)');
    expect((await stat(path)).size).toBe(data.length);
  });

  it('holds the data of another program, which stays as it is', async () => {
    const path = join(await temporaryFolder(), 'store.db');
    const theirs = new Database(path);
    theirs.exec('CREATE TABLE theirs (a)');
    expect(await refusal(path)).toBe('(it holds the data of another program)');
    expect(theirs.prepare('SELECT name FROM sqlite_schema').raw().all()).toEqual([['theirs']]);
  });

  it('was written by a newer server', async () => {
    const path = await filled('close');
    const newer = new Database(path);
    newer.exec('PRAGMA user_version = 99');
    expect(await refusal(path)).toMatch(
      /^\(its version is 99, and this server can use only 1: a newer version/,
    );
  });

  it('is new, and its folder has the store of an earlier version', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'data.mdb'), '');
    expect(await refusal(join(folder, 'store.db'))).toMatch(
      /has the data\.mdb of an earlier version; with that version, export its answers \("npm run store -- export FILE"\)/,
    );
    expect(await readdir(folder)).toEqual(['data.mdb']);
  });

  it.skipIf(!isRoot)('may not be written by this user (skipped unless root)', async () => {
    const path = await filled('close');
    const folder = join(path, '..');
    await chmod(folder, 0o755);
    await chmod(path, 0o644);
    expect((await startStoreProcess(path, { uid: nobody })).refusal).toContain('it can only be read');
    await chmod(path, 0o600);
    expect((await startStoreProcess(path, { uid: nobody })).refusal).toContain('it can not be opened');
    expect((await startStoreProcess(join(folder, 'new.db'), { uid: nobody })).refusal).toContain(
      'it can not be opened or created there',
    );
  });
});

describe('a damaged file is set aside, and said to be', () => {
  /** Opens the file, and expects a new one beside the damaged one, which keeps its WAL. */
  async function setAside(path: string): Promise<void> {
    const { logs, logger } = recordingLogger();
    const wal = existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : null;
    const store = await opened(path, { logger });
    expect(await store.getMany(['key:1', 'last'])).toEqual([null, null]);
    expect(await store.set('key', 'a')).toBe(true);
    const [aside = ''] = (await readdir(join(path, '..'))).filter((name) => /damaged-\w+$/.test(name));
    expect(logs.join()).toContain(`The store's file is set aside, because`);
    expect(aside).not.toBe('');
    expect(logs.join()).toContain(aside);
    if (wal) expect(readFileSync(join(path, '..', `${aside}-wal`)).equals(wal)).toBe(true);
  }

  it('once, by the first of two processes that find it so', async () => {
    const path = await filled('close');
    await truncate(path, 40_000);
    const { size } = await stat(path);
    const [one, other] = await Promise.all([opened(path), opened(path)]);
    expect(await one.set('key', 'a')).toBe(true);
    expect(await get(other, 'key')).toBe('a');
    const aside = (await readdir(join(path, '..'))).filter((name) => /damaged-\w+$/.test(name));
    expect(aside).toHaveLength(1);
    expect((await stat(join(path, '..', aside[0] ?? ''))).size).toBe(size);
  });

  it('that is cut off', async () => {
    for (const end of ['close', 'kill'] as const) {
      const path = await filled(end);
      const { size } = await stat(path);
      await truncate(path, Math.floor(size / 8_192) * 4_096);
      await setAside(path);
    }
  });

  it.each([
    ['', []],
    [', and lacks its -shm', ['-shm']],
  ])('that has other bits after its process ended suddenly%s', async (_, deleted) => {
    const path = await filled('kill');
    for (const suffix of deleted) rmSync(path + suffix);
    const { size } = await stat(path);
    const file = await openFile(path, 'r+');
    // The head of every page in the middle.
    for (let at = Math.floor(size / 16_384) * 4_096; at < size / 2; at += 4_096) {
      await file.write(Buffer.alloc(16, 0xa5), 0, 16, at);
    }
    await file.close();
    await setAside(path);
  });

  it('and so is the next one, if it is damaged, too', async () => {
    const [path, next] = [await filled('kill'), await filled('kill')];
    for (const damaged of [path, next]) await truncate(damaged, 40_000);
    const wals = [path, next].map((damaged) => readFileSync(`${damaged}-wal`));
    // The first one is closed when it has another name.
    const { close } = AsyncDatabase.prototype;
    vi.spyOn(AsyncDatabase.prototype, 'close').mockImplementation(function (this: AsyncDatabase) {
      vi.mocked(AsyncDatabase.prototype.close).mockRestore();
      for (const suffix of ['', '-wal']) renameSync(next + suffix, path + suffix);
      close.call(this);
    });
    const store = await opened(path);
    expect(await store.set('key', 'a')).toBe(true);
    const folder = dirname(path);
    const aside = (await readdir(folder)).filter((name) => /damaged-\w+-wal$/.test(name)).sort();
    expect(aside.map((name) => readFileSync(join(folder, name)).equals(wals.shift() ?? Buffer.of()))).toEqual(
      [true, true],
    );
  });

  it('that is found to be damaged while it is in use', async () => {
    const path = await filled('close');
    const { logs, logger } = recordingLogger();
    const store = await openStore({ storeUrl: `sqlite:${path}`, cacheMaxBytes }, logger);
    atEnd(() => store.close());
    const file = await openFile(path, 'r+');
    const { size } = await file.stat();
    await file.write(Buffer.alloc(size - 4_096, 0xa5), 0, size - 4_096, 4_096);
    await file.close();
    expect(await store.getMany(keys)).toEqual(keys.map(() => null));
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
    expect(await store.set('key', 'a')).toBe(true);
    expect(logs.join()).toContain("The store's file is set aside");
  });
});

it('a flipped bit in a value makes only that value unreadable', async () => {
  const path = await filled('close');
  const file = new Database(path);
  const [blob] = file.prepare("SELECT value FROM record WHERE key = 'key:7'").raw().all().flat() as Buffer[];
  const flipped = Buffer.from(blob ?? '');
  flipped[flipped.length - 10] = (flipped.at(-10) ?? 0) ^ 4;
  file.prepare("UPDATE record SET value = ? WHERE key = 'key:7'").run([flipped]);
  const store = await opened(path);
  expect(await store.getMany(['key:6', 'key:7', 'key:8'])).toEqual([textOf('key:6'), '', textOf('key:8')]);
});

it('a file whose process ended suddenly is used when it is whole', async () => {
  const path = await filled('kill');
  const { logs, logger } = recordingLogger();
  const store = await opened(path, { logger });
  expect(await store.getMany([...keys, 'last'])).toEqual([...keys.map(textOf), 'a']);
  expect(logs).toEqual([]);
});

describe('a locked file', () => {
  it('is waited for at the start, and otherwise used as soon as it is free', async () => {
    const path = await filled('close');
    const other = new Database(path);
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT');
    const { logger } = recordingLogger();
    const store = await openStore({ storeUrl: `sqlite:${path}`, cacheMaxBytes }, logger);
    atEnd(() => store.close());
    expect(store.lostBecause).toBe('database is locked');
    expect(await store.set('key', 'in memory')).toBe(true);
    expect(await get(store, 'key')).toBe('in memory');
    other.exec('PRAGMA locking_mode = NORMAL; BEGIN IMMEDIATE; COMMIT');
    other.close();
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
    await vi.waitFor(async () => expect(await get(await opened(path), 'key')).toBe('in memory'), within);
    expect(await get(store, 'key:1')).toBe(textOf('key:1'));
  });

  it('under a running server fails after two seconds, and memory stands in', async () => {
    const path = await filled('close');
    const store = await openStore({ storeUrl: `sqlite:${path}`, cacheMaxBytes }, recordingLogger().logger);
    atEnd(() => store.close());
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    expect(await store.set('key', 'a')).toBe(true);
    expect(store.lostBecause).toBe('another program has locked it');
    expect(await get(store, 'key:1')).toBe(textOf('key:1'));
    other.exec('COMMIT');
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
  });
});

describe('under a running server', () => {
  async function running(path: string) {
    const { logs, logger } = recordingLogger();
    const store = await openStore({ storeUrl: `sqlite:${path}`, cacheMaxBytes }, logger);
    atEnd(() => store.close());
    let replaced = 0;
    store.onReplaced(() => {
      replaced += 1;
    });
    await store.count('count', { by: 7, lifeMs: dayMs });
    return { store, logs, timesReplaced: () => replaced };
  }

  it('a deleted file is noticed, though nothing is written', async () => {
    const path = await filled('close');
    const { store, timesReplaced } = await running(path);
    rmSync(path);
    await vi.waitFor(() => expect(timesReplaced()).toBe(1), within);
    expect(await store.count('count', { by: 0, lifeMs: dayMs })).toBe(7);
  });

  it('nothing is written into a deleted file, and the new one has the counts', async () => {
    const path = await filled('close');
    const { store } = await running(path);
    await rm(path);
    const isSet = store.set('key', 'a');
    expect(await isSet).toBe(true);
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
    await vi.waitFor(async () => expect(await get(await opened(path), 'key')).toBe('a'), within);
    expect(await store.count('count', { by: 0, lifeMs: dayMs })).toBe(7);
    expect(store.warnings).toEqual(['another file is in use, because its file was deleted']);
  });

  it('another file in its place is used', async () => {
    const path = await filled('close');
    const { store, timesReplaced } = await running(path);
    const backup = await filled('close');
    const before = await startStoreProcess(backup);
    await before.ask('set', 'of the backup', 'a');
    await before.ask('close');
    await before.ended;
    await rename(backup, path);
    await vi.waitFor(() => expect(timesReplaced()).toBe(1), within);
    await vi.waitFor(async () => expect(await get(store, 'of the backup')).toBe('a'), within);
    expect(await store.count('count', { by: 0, lifeMs: dayMs })).toBe(7);
    await store.set('key', 'a');
    expect(new Database(path).prepare('PRAGMA integrity_check').raw().all()).toEqual([['ok']]);
  });
});

describe('of two processes on a file', () => {
  it.each([[['-wal', '-shm']], [['-wal']], [['-shm']]])(
    'none is cut off from the other when %s is deleted, and a third one shares what they have',
    async (suffixes) => {
      const path = await filled('close');
      await chmod(path, 0o600);
      const { logs, logger } = recordingLogger();
      const store = await opened(path, { logger });
      const replaced = vi.fn();
      store.onReplaced(replaced);
      const other = await startStoreProcess(path);
      await store.set('here', 'a');
      await other.ask('set', 'there', 'b');
      for (const suffix of suffixes) rmSync(path + suffix);
      const third = await startStoreProcess(path);
      await vi.waitFor(() => expect(store.warnings).toHaveLength(1), within);
      const count = { by: 1, lifeMs: dayMs };
      await vi.waitFor(async () => {
        await store.check();
        await Promise.all([other, third].map((process) => process.ask('check')));
        const totals = [
          await store.count('c', count),
          await other.ask('count', 'c', count),
          await third.ask('count', 'c', count),
        ].map(Number);
        const first = totals[0] ?? 0;
        expect(totals).toEqual([first, first + 1, first + 2]);
      }, within);
      for (const process of [other, third]) {
        expect(await process.ask('getMany', ['here', 'there', 'key:1'])).toEqual(['a', 'b', textOf('key:1')]);
      }
      expect(await get(store, 'there')).toBe('b');
      expect(new Database(path).prepare('PRAGMA integrity_check').raw().all()).toEqual([['ok']]);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      // A copy has all the data.
      expect(replaced).not.toHaveBeenCalled();
      const said = () => [...logs, ...other.logs, ...third.logs].join();
      await vi.waitFor(() => expect(said()).toContain(`a copy of ${path} has taken its place`), within);
      expect(said()).not.toContain("can't be copied");
      expect((await readdir(dirname(path))).filter((name) => name.includes('copy'))).toEqual([]);
    },
  );
});

it('a file that lacks its -wal, and that another process replaces first, is not told as one that can not be copied', async () => {
  const path = await filled('close');
  const copy = await filled('close');
  const { logs, logger } = recordingLogger();
  const store = await opened(path, { logger });
  // So that the next transaction is not one of the sweep at the start.
  for (const key of keys.slice(0, 5)) await store.set(key, 'a');
  const { exec } = Database.prototype;
  const executed = vi.spyOn(Database.prototype, 'exec').mockImplementation(function (this: never, sql) {
    const result = exec.call(this, sql);
    if (sql === 'BEGIN IMMEDIATE') {
      executed.mockRestore();
      renameSync(copy, path);
    }
    return result;
  });
  rmSync(`${path}-wal`);
  await vi.waitFor(async () => {
    expect(store.warnings).toEqual([expect.stringContaining('its file was replaced by another one')]);
    expect(await store.set('key', 'a')).toBe(true);
  }, within);
  expect(await get(await opened(path), 'key')).toBe('a');
  expect(logs).toEqual([expect.stringContaining("The store's file is another one")]);
});

it('what is written while a file is copied that lacks its -wal is in the copy, or fails', async () => {
  const path = await filled('close');
  const { logs, logger } = recordingLogger();
  const store = await opened(path, { logger });
  const other = await startStoreProcess(path);
  // Large, so that the copy takes its time.
  await Promise.all(
    Array.from({ length: 40 }, (_, nth) =>
      store.set(`large ${nth}`, randomBytes(500_000).toString('base64')),
    ),
  );
  const written: string[] = [];
  let isOver = false;
  const write = async (name: string, set: (key: string) => Promise<unknown>) => {
    for (let nth = 0; !isOver; nth += 1) {
      const key = `${name} ${nth}`;
      await set(key).then(
        () => written.push(key),
        () => sleep(5),
      );
    }
  };
  const writing = [
    write('here', (key) => store.set(key, 'a')),
    write('there', (key) => other.ask('set', key, 'a')),
  ];
  await vi.waitFor(() => expect(written.length).toBeGreaterThan(20), within);
  rmSync(`${path}-wal`);
  await vi.waitFor(() => expect(store.warnings).toHaveLength(1), within);
  isOver = true;
  await Promise.all(writing);
  await store.check();
  expect((await store.getMany(written)).filter((value) => value !== 'a')).toEqual([]);
  // Who has made it tells of it after that.
  const copies = () => [...logs, ...other.logs].filter((line) => line.includes('has taken its place'));
  await vi.waitFor(() => expect(copies()).toHaveLength(1), within);
});

it('a store that is closed while its file is copied has everything that was written', async () => {
  const path = await filled('close');
  const store = await opened(path);
  await store.set('first', 'a');
  rmSync(`${path}-wal`);
  // The copy has begun, or, if this process got no turn meanwhile, has taken the file's place.
  const hasBegun = async () =>
    store.warnings.length > 0 || (await readdir(dirname(path))).some((name) => name.includes('.copy-'));
  await vi.waitFor(async () => expect(await hasBegun()).toBe(true), { ...within, interval: 1 });
  const isSet = store.set('last', 'a').then(
    () => 'a',
    () => null,
  );
  await store.close();
  const next = await opened(path);
  expect(await next.getMany(['first', 'last', 'key:1'])).toEqual(['a', await isSet, textOf('key:1')]);
  expect((await readdir(dirname(path))).join()).not.toContain('.copy-');
});

describe('before all connections have read a file that is opened', () => {
  /** Runs `step` before the connection that is opened last reads. */
  function beforeLastRead(step: () => Promise<void> | void): void {
    const exec = AsyncDatabase.prototype.exec;
    vi.spyOn(AsyncDatabase.prototype, 'exec').mockImplementation(async function (this: AsyncDatabase, sql) {
      if (sql.startsWith('SELECT')) {
        vi.mocked(AsyncDatabase.prototype.exec).mockRestore();
        await step();
      }
      return exec.call(this, sql);
    });
  }

  it('it is not in use, so its -wal may be deleted as soon as it is', async () => {
    const path = await filled('close');
    beforeLastRead(() => sleep(100));
    const store = await opened(path);
    await store.set('key', 'a');
    rmSync(`${path}-wal`);
    await vi.waitFor(() => expect(store.warnings).toHaveLength(1), within);
    await store.check();
    expect(await get(store, 'key')).toBe('a');
  });

  it('another one may take its place', async () => {
    const path = await filled('close');
    const other = await filled('close');
    const before = await startStoreProcess(other);
    await before.ask('set', 'of the other', 'a');
    await before.ask('close');
    await before.ended;
    const running = await startStoreProcess(path);
    await running.ask('set', 'here', 'a');
    beforeLastRead(() => rename(other, path));
    const store = await opened(path);
    expect(await store.getMany(['of the other', 'here', 'key:1'])).toEqual(['a', null, textOf('key:1')]);
    expect(store.warnings).toEqual([]);
  });

  it('it may be closed', async () => {
    const path = await filled('close');
    const file = new StoreFile(path, { now: Date.now, elapsed, logger: recordingLogger().logger });
    beforeLastRead(() => file.close());
    await expect(file.open()).rejects.toThrow('it is closed');
    expect(file.lostBecause).toBe('it is closed');
  });
});

it('a file that lacks its -wal, and can not be copied, is still used, and said to be', async () => {
  const path = await filled('close');
  const { logs, logger } = recordingLogger();
  const store = await opened(path, { logger });
  // What is in the way of a copy can't be deleted.
  await mkdir(`${path}.copy-${randomUUID()}`);
  rmSync(`${path}-wal`);
  await vi.waitFor(() => expect(logs.join()).toMatch(/-wal or -shm was deleted .+ can't be copied/), within);
  expect(await store.set('key', 'a')).toBe(true);
  expect([await get(store, 'key'), await get(store, 'key:1')]).toEqual(['a', textOf('key:1')]);
  expect(store.lostBecause).toBeNull();
  expect(logs).toHaveLength(1);
});

describe('without room on the disk', () => {
  it('no process dies, and what it wrote is readable', async () => {
    const folder = await temporaryFolder();
    const program = join(import.meta.dirname, '../../../../dist/sqlite.js');
    const run = `
      const { openSqliteStore } = await import(${JSON.stringify(program)});
      const logger = { error() {}, warn() {}, info() {} };
      const store = await openSqliteStore(process.argv[1], { now: Date.now, logger });
      for (let nth = 0, failed = 0; failed < 20; nth += 1) {
        await store.set('key:' + nth, (nth + ' ').repeat(20) + Math.random().toString(36).repeat(90))
          .then(() => process.stdout.write('key:' + nth + '\\n'), () => { failed += 1; });
      }`;
    for (let nth = 0; nth < 8; nth += 1) {
      const path = join(folder, `${nth}.db`);
      const limited = `ulimit -f ${300 + 97 * nth}; exec "$0" --input-type=module -e "$RUN" ${path}`;
      const env = { ...process.env, RUN: run };
      const { status, signal, stdout } = spawnSync('sh', ['-c', limited, process.execPath], { env });
      expect([status, signal]).toEqual([0, null]);
      const written = stdout.toString().trim().split('\n');
      expect(written.length).toBeGreaterThan(3);
      const store = await opened(path);
      const values = await store.getMany(written);
      expect(values.map((value, at) => value?.startsWith(`${written[at]?.slice(4)} `))).not.toContain(false);
      expect(values).not.toContain(null);
    }
  });

  it.skipIf(!isRoot)('it goes on by itself when there is room again (skipped unless root)', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'disk'));
    const disk = join(folder, 'disk');
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]);
    if (status !== 0) return;
    atEnd(async () => void spawnSync('umount', ['-l', disk]));
    const store = await openStore(
      { storeUrl: `sqlite:${disk}/store.db`, cacheMaxBytes: 16 * cacheMaxBytes },
      recordingLogger().logger,
    );
    atEnd(() => store.close());
    await store.set('first', 'a');
    const filler = join(disk, 'filler');
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k']);
    const noise = () => Array.from({ length: 2_000 }, () => Math.random().toString(36)).join('');
    for (let nth = 0; nth < 20; nth += 1) expect(await store.set(`key:${nth}`, noise())).toBe(true);
    expect(store.lostBecause).toMatch(/full|disk I\/O/);
    expect(await get(store, 'first')).toBe('a');
    await rm(filler);
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
    await vi.waitFor(async () => {
      const other = await opened(join(disk, 'store.db'));
      const values = await other.getMany(Array.from({ length: 20 }, (_, nth) => `key:${nth}`));
      expect(values).not.toContain(null);
    }, within);
  });
});
