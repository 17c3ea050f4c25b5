import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open as openFile, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open as openEnvironment } from 'lmdb';
import { describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../../../../src/config.js';
import { formatKey } from '../../../../src/upstream/store/format.js';
import { throwIfDamaged } from '../../../../src/upstream/store/lmdb/file.js';
import { openLmdbStore } from '../../../../src/upstream/store/lmdb/lmdb.js';
import { openDriver } from '../../../../src/upstream/store/open.js';
import type { Store } from '../../../../src/upstream/store/store.js';
import { atEnd, get, temporaryFolder, testClock } from '../../../fixtures.js';

const dayMs = 86_400_000;
const within = { timeout: 5_000 };
const program = fileURLToPath(new URL('lmdbProgram.ts', import.meta.url));

async function opened(path: string, now = Date.now): Promise<Store> {
  const store = await openLmdbStore(path, { now });
  atEnd(() => store.close());
  return store;
}

/** Another process on the folder. */
async function startProcess(path: string) {
  const child = fork(program, [path], { execArgv: ['--import', 'tsx'] });
  const ended = once(child, 'exit');
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const heard: string[] = [];
  const waiting = new Map<number, (result: unknown) => void>();
  const isOpen = new Promise<void>((resolve) => {
    child.on('message', ([what, value]: [number | 'heard' | 'open', unknown]) => {
      if (what === 'open') resolve();
      else if (what === 'heard') heard.push(String(value));
      else waiting.get(what)?.(value);
    });
  });
  await Promise.race([isOpen, ended]);
  if (child.exitCode !== null) throw new Error('the process could not open the folder');
  let asked = 0;
  return {
    heard,
    ask: (operation: 'getMany' | 'set' | 'count' | 'close', ...args: unknown[]) =>
      new Promise<unknown>((resolve) => {
        asked += 1;
        waiting.set(asked, resolve);
        child.send([asked, operation, ...args]);
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
      return child.pid as number;
    },
    ended,
  };
}

/** Why the folder cannot be a store. */
async function refusal(path: string): Promise<string> {
  const error = await openDriver({ storeUrl: `lmdb:${path}`, cacheMaxBytes: 1_048_576 }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
}

const marksIn = async (path: string) => (await readdir(path)).filter((name) => name.startsWith('open-'));

/** An id that no process has. */
const noProcess = 4_194_304;

describe('a folder', () => {
  it('has everything that was in it when it is opened again', async () => {
    const path = join(await temporaryFolder(), 'new', 'store');
    const before = await openLmdbStore(path, { now: Date.now });
    await before.set('key', '巨量星图'.repeat(1_000), { version: 7 });
    await before.set('short', 'a', { lifeMs: dayMs });
    await before.count('count', { by: 3, lifeMs: dayMs });
    expect(await marksIn(path)).toEqual([`open-${process.pid}`]);
    await before.close();
    expect(await marksIn(path)).toEqual([]);

    const store = await opened(path);
    expect(await get(store, 'key')).toBe('巨量星图'.repeat(1_000));
    expect(await store.set('key', 'older', { version: 6 })).toBe(false);
    expect(await get(store, 'short')).toBe('a');
    expect(await store.count('count', { by: 1, lifeMs: dayMs })).toBe(4);
  });

  it('loses what has expired meanwhile when it is opened again, however much that is', {
    timeout: 20_000,
  }, async () => {
    const path = await temporaryFolder();
    const clock = testClock();
    const before = await openLmdbStore(path, { now: clock.now });
    await before.set('for ever', 'a');
    await before.set('renewed', 'a', { lifeMs: 1_000 });
    await before.set('renewed', 'b', { lifeMs: 2 * dayMs });
    await Promise.all(
      Array.from({ length: 6_000 }, (_, nth) => before.set(`short:${nth}`, 'a', { lifeMs: 1_000 })),
    );
    await before.close();

    clock.advance(dayMs / 1000);
    const store = await openLmdbStore(path, { now: clock.now });
    const environment = openEnvironment({ path, noSubdir: false, encoding: 'string', readOnly: true });
    const left = () => {
      environment.resetReadTxn();
      return environment.getKeysCount();
    };
    await vi.waitFor(() => expect(left()).toBe(4), within);
    expect([...environment.getKeys()]).toEqual(['expiries', 'for ever', formatKey, 'renewed']);
    await environment.close();
    expect([await get(store, 'for ever'), await get(store, 'renewed')]).toEqual(['a', 'b']);
    await store.close();
  });
});

describe('two processes on one folder', () => {
  it('read what the other writes, are told of it, and share counts', { timeout: 20_000 }, async () => {
    const path = await temporaryFolder();
    const store = await opened(path);
    const other = await startProcess(path);
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

    await other.ask('close');
    await other.ended;
    expect(await marksIn(path)).toEqual([`open-${process.pid}`]);
  });

  it('can both open it while one of them fills it', { timeout: 20_000 }, async () => {
    const path = await temporaryFolder();
    const other = await startProcess(path);
    let isFull = false;
    const filling = Promise.all(
      Array.from({ length: 400 }, (_, nth) =>
        other.ask('set', `key:${nth}`, randomBytes(4_096).toString('hex')),
      ),
    ).finally(() => {
      isFull = true;
    });
    while (!isFull) await throwIfDamaged(path);
    await filling;
  });

  it('lose nothing that was written when one is killed', { timeout: 20_000 }, async () => {
    const path = await temporaryFolder();
    const other = await startProcess(path);
    const written: string[] = [];
    const writing = Array.from({ length: 2_000 }, async (_, nth) => {
      await other.ask('set', `key:${nth}`, `${nth} `.repeat(300));
      written.push(`key:${nth}`);
    });
    void Promise.allSettled(writing);
    await vi.waitFor(() => expect(written.length).toBeGreaterThan(100), { ...within, interval: 1 });
    const pid = await other.kill();
    expect(written.length).toBeLessThan(2_000);
    expect(await marksIn(path)).toEqual([`open-${pid}`]);

    const store = await opened(path);
    expect(await marksIn(path)).toEqual([`open-${process.pid}`]);
    for (const key of written) expect(await get(store, key)).toBe(`${key.slice(4)} `.repeat(300));
  });
});

describe('a folder is refused, with the reason, when it', () => {
  it('is a file', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, 'text');
    expect(await refusal(path)).toMatch(
      /STORE_URL: the folder .*file can't be used as a store \(Not a directory/,
    );
  });

  it.each([
    ['something that LMDB does not write', 'Hello.\n'],
    ['zeros', Buffer.alloc(16_384)],
  ])('has in data.mdb %s', async (_, data) => {
    const path = await temporaryFolder();
    await writeFile(join(path, 'data.mdb'), data);
    expect(await refusal(path)).toContain('its data.mdb was not written by this server');
  });

  it('holds the data of another program, which stays as it is', async () => {
    const path = await temporaryFolder();
    const environment = openEnvironment({ path, noSubdir: false });
    await environment.put('theirs', { a: 1 });
    await environment.close();
    expect(await refusal(path)).toContain('it holds the data of another program');
    const after = openEnvironment({ path, noSubdir: false });
    expect([...after.getKeys()]).toEqual(['theirs']);
    await after.close();
  });

  it.each([
    ['an earlier', '1', /"1".* 2; an earlier version of this server wrote it: export it with that version/],
    ['a newer', '3', /"3".* 2; a newer version of this server/],
  ])('was written by %s server', async (_, format, why) => {
    const path = await temporaryFolder();
    const store = await openLmdbStore(path, { now: Date.now });
    await store.set(formatKey, format);
    await store.close();
    expect(await refusal(path)).toMatch(why);
  });

  it('is cut off', async () => {
    const path = await filled();
    const file = join(path, 'data.mdb');
    const { size } = await stat(file);
    for (const cut of [size / 2, 4_096 * 3, 5_000, 4_096, 100]) {
      await truncate(file, cut);
      expect(await refusal(path)).toMatch(/its data\.mdb (is cut off|was not written by this server)/);
    }
  });

  it('was damaged when its process ended suddenly', { timeout: 20_000 }, async () => {
    const path = await filled();
    const file = join(path, 'data.mdb');
    await writeFile(join(path, `open-${noProcess}`), '');
    const handle = await openFile(file, 'r+');
    const { size } = await handle.stat();
    await handle.write(Buffer.alloc(size / 2, 0xa5), 0, size / 2, size / 4);
    await handle.close();
    expect(await refusal(path)).toContain('its data.mdb is damaged');
    expect(existsSync(join(path, `open-${noProcess}`))).toBe(true);
  });
});

it('a folder whose process ended suddenly is used when it is not damaged', { timeout: 20_000 }, async () => {
  const path = await filled();
  await writeFile(join(path, `open-${noProcess}`), '');
  const store = await opened(path);
  expect(await get(store, 'key:7')).toBe('value 7');
  expect(await marksIn(path)).toEqual([`open-${process.pid}`]);
});

/** A folder with some pages of records, which no process has open. */
async function filled(): Promise<string> {
  const path = await temporaryFolder();
  const store = await openLmdbStore(path, { now: Date.now });
  await Promise.all(Array.from({ length: 2_000 }, (_, nth) => store.set(`key:${nth}`, `value ${nth}`)));
  await store.close();
  return path;
}
