import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Offsets in LMDB's first two pages, in the file format of lmdb 3. */
const headerAt = { magic: 24, version: 28, pageSize: 48, lastPage: 144, transaction: 152 } as const;
const headerBytes = 160;
const magic = 0xbe_ef_c0_de;
const fileVersion = 2;

/** Two pages of the smallest size. */
const leastBytes = 8_192;
const triesForFirstPages = 10;

const markPattern = /^open-(\d+)$/;

/**
 * LMDB does not check its file: a foreign or damaged one ends the process without a message. So the header is checked before
 * the file is opened, and if a process that used it has crashed, another process reads the whole file first. Throws an
 * Error whose message continues "the folder can't be used".
 */
export async function throwIfDamaged(path: string): Promise<void> {
  const file = join(path, 'data.mdb');
  if (!existsSync(file)) return;
  await throwIfForeign(file);
  const crashed = marksIn(path).filter((pid) => pid === process.pid || !isRunning(pid));
  if (crashed.length === 0) return;
  throwIfUnreadable(path);
  for (const pid of crashed) rmSync(markOf(path, pid), { force: true });
}

/** Marks the folder as used by this process. Returns a function that removes the mark, for an orderly end. */
export function markOpen(path: string): () => void {
  const mark = markOf(path, process.pid);
  writeFileSync(mark, '');
  return () => rmSync(mark, { force: true });
}

async function throwIfForeign(file: string): Promise<void> {
  const handle = await openFile(file);
  try {
    // Another process may be writing the first two pages now.
    for (let tries = 0; tries < triesForFirstPages; tries += 1) {
      if ((await handle.stat()).size >= leastBytes) break;
      await sleep(20);
    }
    if ((await handle.stat()).size === 0) return;
    const headerOf = async (at: number) =>
      (await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, at)).buffer;
    const first = await headerOf(0);
    if (
      first.readUInt32LE(headerAt.magic) !== magic ||
      first.readUInt32LE(headerAt.version) !== fileVersion
    ) {
      throw new Error('its data.mdb was not written by this server');
    }
    const pageSize = first.readUInt32LE(headerAt.pageSize);
    const second = await headerOf(pageSize);
    const newest =
      second.readUInt32LE(headerAt.magic) === magic &&
      second.readBigUInt64LE(headerAt.transaction) > first.readBigUInt64LE(headerAt.transaction)
        ? second
        : first;
    const wholeSize = (Number(newest.readBigUInt64LE(headerAt.lastPage)) + 1) * pageSize;
    // Read last, since another process may be writing: the file grows before its header is updated.
    const { size } = await handle.stat();
    if (size < wholeSize) throw new Error(`its data.mdb is cut off, with ${size} of ${wholeSize} bytes`);
  } finally {
    await handle.close();
  }
}

const walk = `
  const { open } = require(process.argv[1]);
  const root = open({ path: process.argv[2], noSubdir: false, readOnly: true, compression: false });
  const keys = (database) => database.getKeysCount();
  keys(root);
  const expiries = root.openDB({ name: 'expiries', compression: false });
  if (expiries) keys(expiries);
`;

function throwIfUnreadable(path: string): void {
  const lmdb = createRequire(import.meta.url).resolve('lmdb');
  const { status } = spawnSync(process.execPath, ['-e', walk, lmdb, path], { stdio: 'ignore' });
  if (status !== 0) throw new Error('its data.mdb is damaged');
}

function marksIn(path: string): number[] {
  return readdirSync(path).flatMap((name) => {
    const pid = markPattern.exec(name)?.[1];
    return pid === undefined ? [] : [Number(pid)];
  });
}

function markOf(path: string, pid: number): string {
  return join(path, `open-${pid}`);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process runs, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
