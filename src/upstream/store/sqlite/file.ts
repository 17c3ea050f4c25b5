import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UnusableFileError } from './errors.js';

/** What SQLite keeps beside the file while it is in use: what was written last, and the locks of those who have it open. */
const companionSuffixes = ['-wal', '-shm'] as const;

/** Identities of the files beside it. */
export type Companions = readonly (string | null)[];

/** Tells one file from another under the same name. Null: there is none. */
export function identityOf(path: string): string | null {
  const stats = statOf(path);
  return stats && `${stats.dev}:${stats.ino}`;
}

export function companionsOf(path: string): Companions {
  return companionSuffixes.map((suffix) => identityOf(path + suffix));
}

/** 0 if there is none. */
export function sizeOf(path: string): number {
  return statOf(path)?.size ?? 0;
}

/** Bytes that were written and are not in the file yet: of a process that runs, or of one that ended suddenly. */
export function walBytes(path: string): number {
  return sizeOf(`${path}-wal`);
}

/** Throws UnusableFileError if the path is something else than a file. Creates the folder that it is in. */
export function prepareFile(path: string): void {
  makeFolder(dirname(path));
  const stats = statOf(path);
  if (stats?.isDirectory()) throw new UnusableFileError('it is a folder; name a file in it');
  if (stats && !stats.isFile()) throw new UnusableFileError('it is no regular file');
  // The store of the versions before this one was a folder with this file in it.
  if (!stats && existsSync(join(dirname(path), 'data.mdb'))) {
    throw new UnusableFileError(
      `${dirname(path)} has the data.mdb of an earlier version; with that version, export its answers ("npm run store -- export FILE"), move the folder away, and then import the file ("npm run store -- import FILE")`,
    );
  }
}

/** Not `mkdir` with `recursive`, which never returns for a folder below /proc (Node 20). */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (statOf(path)?.isDirectory()) return;
    throw new UnusableFileError(`${path} is no folder`);
  }
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process has made it meanwhile.
    if (!existsSync(path)) throw error;
  }
}

/** Renames a damaged file and what belongs to it. Returns the new name, which is given once. */
export function setAside(path: string, nowMs: number): string {
  const suffix = new Date(nowMs).toISOString().replaceAll(/[-:.]/g, '');
  const asidePath = `${path}.damaged-${suffix}_${process.pid}`;
  renameSync(path, asidePath);
  for (const suffix of companionSuffixes) {
    if (existsSync(path + suffix)) renameSync(path + suffix, asidePath + suffix);
  }
  return asidePath;
}

/** Deletes what is still beside a file that is gone, or SQLite would apply its WAL to the file that replaces it. */
export function forgetCompanions(path: string, [wal = null]: Companions): void {
  if (wal !== null && identityOf(`${path}-wal`) === wal) deleteCompanions(path);
}

/** Creates an empty file for a copy, which the same users may read and write. Returns its path. Throws if it can't. */
export function createLike(path: string): string {
  const { uid, gid, mode } = statSync(path);
  const copyPath = `${path}.copy-${randomUUID()}`;
  const copy = openSync(copyPath, 'wx');
  try {
    const own = fstatSync(copy);
    if (own.uid !== uid || own.gid !== gid) fchownSync(copy, uid, gid);
    fchmodSync(copy, mode);
  } catch (error) {
    rmSync(copyPath);
    throw error;
  } finally {
    closeSync(copy);
  }
  return copyPath;
}

const copySuffix = /^\.copy-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?:-journal)?$/;

/** The name of such a file, or of what SQLite keeps beside it while it writes it. */
export function isCopyOf(name: string, other: string): boolean {
  return other.startsWith(name) && copySuffix.test(other.slice(name.length));
}

/** Resolves when the disk has it. */
export async function flush(path: string): Promise<void> {
  const file = await openFile(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Puts a copy of a file in its place. */
export function replaceWithCopy(path: string, copyPath: string): void {
  deleteCompanions(path);
  renameSync(copyPath, path);
}

function deleteCompanions(path: string): void {
  for (const suffix of companionSuffixes) rmSync(path + suffix, { force: true });
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    // It is below a file.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
    throw error;
  }
}
