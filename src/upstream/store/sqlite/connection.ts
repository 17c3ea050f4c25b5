import { setTimeout as pause } from 'node:timers/promises';
import Database from 'libsql';
import AsyncDatabase from 'libsql/promise';
import { elapsed } from '../../../time.js';
import { isBusy, isConstraint, isDamage, isNotADatabase, isReadOnly, UnusableFileError } from './errors.js';
import { type Companions, companionsOf, identityOf, prepareFile, sizeOf, walBytes } from './file.js';
import { applicationId, migrations, schemaVersion } from './schema.js';
import { prepareStatements, type Statements } from './statements.js';

/** How long opening waits for a process that checks or migrates the file, and how often it tries. */
const openWithinMs = 5_000;
const tryEveryMs = 20;

/**
 * `synchronous = NORMAL`: a commit is in the file, for the system, before it returns, so `kill -9` loses nothing; the disk
 * gets it at the next checkpoint. Checkpoints are made by `Maintenance`; the automatic one is only for when that fails.
 */
const pragmas = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 20000;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -16384;
`;

/** Fails if another process has the file open. */
const exclusively = 'PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT;';

/** An open file. It closes when it is collected: libsql has no way to end a statement. */
export interface Connection {
  readonly database: Database.Database;
  readonly statements: Statements;
  /** Of the file that is open, and of those beside it: others may have their names by now. */
  readonly identity: string | null;
  readonly companions: Companions;
}

/** The file is damaged. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';
  /**
   * Closes the connection that has found it. Not before the file has another name: the last connection that closes deletes
   * the WAL by its name, and libsql closes on a thread of its own, when a new file may have that name.
   */
  readonly close: () => void;

  constructor(message: string, close = () => {}, options: ErrorOptions = {}) {
    super(message, options);
    this.close = close;
  }
}

/**
 * Opens the file, or creates it. Rejects with UnusableFileError, DamagedFileError, or SQLite's own error. After a process
 * has ended suddenly, the file is checked first.
 */
export async function openConnection(path: string): Promise<Connection> {
  prepareFile(path);
  const isNew = sizeOf(path) === 0;
  return whenFree(async () => {
    if (!isNew && walBytes(path) > 0) await throwIfDamaged(path);
    // Not before, because it empties the WAL, which tells that the file must be checked.
    if (!isNew && companionsOf(path).includes(null)) await throwIfOpen(path);
    try {
      return openCurrent(path);
    } catch (error) {
      throw isDamage(error) && !isNotADatabase(error) ? damaged(error) : readable(error);
    }
  });
}

/** Reads the whole file. Rejects with DamagedFileError. Other processes that have it open are not disturbed. */
export function checkFile(path: string): Promise<void> {
  return whenFree(() => check(path, ''));
}

/**
 * Without what SQLite keeps beside it, nobody has a file open, or somebody has deleted that (see `Renewal`). Then it throws
 * SQLite's error for a locked file.
 */
async function throwIfOpen(path: string): Promise<void> {
  try {
    const database = new AsyncDatabase(path, {});
    await database.exec(exclusively).finally(() => database.close());
  } catch (error) {
    // Whatever else is wrong shows when it is opened.
    if (isBusy(error)) throw error;
  }
}

/** Checks a file that nobody has open. One that somebody has open was checked by the first of them. */
async function throwIfDamaged(path: string): Promise<void> {
  try {
    await check(path, exclusively);
  } catch (error) {
    if (isBusy(error)) return;
    if (!(error instanceof DamagedFileError) || !isNotADatabase(error.cause)) throw error;
    error.close();
    throw readable(error.cause);
  }
}

/** Off the main thread, since the file may be large. Only with `exec`, since a statement would hold the file open. */
async function check(path: string, lock: string): Promise<void> {
  const database = new AsyncDatabase(path, {});
  const close = () => database.close();
  try {
    await database.exec(`PRAGMA temp_store = MEMORY; ${lock}`);
    await database.exec("CREATE TEMP TABLE verdict (text CHECK (text = 'ok'))");
    await database.exec('INSERT INTO verdict SELECT * FROM pragma_quick_check(1)');
  } catch (error) {
    if (isDamage(error) || isConstraint(error)) throw damaged(error, close);
    close();
    throw error;
  }
  close();
}

/** Another file may get the name while it is opened. */
function openCurrent(path: string): Connection {
  for (;;) {
    const identity = identityOf(path);
    const connection = open(path);
    if (identity === null || connection.identity === identity) return connection;
  }
}

function open(path: string): Connection {
  const database = new Database(path);
  try {
    throwIfForeign(database);
    database.exec(pragmas);
    migrate(database);
    throwIfReadOnly(database);
    throwIfCutOff(database, path);
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    database,
    statements: prepareStatements(database),
    identity: identityOf(path),
    companions: companionsOf(path),
  };
}

function throwIfForeign(database: Database.Database): void {
  // In this order: another process may make the tables and the id meanwhile, which appear together.
  const tables = numberOf(database, 'SELECT count(*) FROM sqlite_schema');
  const id = numberOf(database, 'PRAGMA application_id');
  if (id !== applicationId && (id !== 0 || tables > 0)) {
    throw new UnusableFileError('it holds the data of another program');
  }
}

/** Brings the file to the newest version, in one transaction. */
function migrate(database: Database.Database): void {
  const versionOf = () => numberOf(database, 'PRAGMA user_version');
  if (versionOf() === schemaVersion) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have migrated it meanwhile.
    const version = versionOf();
    if (version > schemaVersion) {
      throw new UnusableFileError(
        `its version is ${version}, and this server can use only ${schemaVersion}: a newer version of this server wrote it`,
      );
    }
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** Otherwise the first paid answer would show it. */
function throwIfReadOnly(database: Database.Database): void {
  database.exec('BEGIN IMMEDIATE; COMMIT');
}

/** SQLite notices only when it reads a page that is missing. */
function throwIfCutOff(database: Database.Database, path: string): void {
  const pages = numberOf(database, 'PRAGMA page_count');
  const pageBytes = numberOf(database, 'PRAGMA page_size');
  const expected = pages * pageBytes;
  if (walBytes(path) === 0 && sizeOf(path) < expected) {
    throw new DamagedFileError(`it is cut off, with ${sizeOf(path)} of ${expected} bytes`);
  }
}

function numberOf(database: Database.Database, sql: string): number {
  const [row] = database.prepare(sql).raw().all() as readonly (readonly unknown[])[];
  return Number(row?.[0]);
}

/** Repeats `run` while the file is locked. */
async function whenFree<T>(run: () => Promise<T>): Promise<T> {
  const deadlineMs = elapsed() + openWithinMs;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isBusy(error) || elapsed() >= deadlineMs) throw error;
      await pause(tryEveryMs);
    }
  }
}

function damaged(cause: unknown, close?: () => void): DamagedFileError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DamagedFileError(`it is damaged (${why})`, close, { cause });
}

/** libsql's message for a file that can't be opened shows its own structure. */
function readable(error: unknown): unknown {
  if (isNotADatabase(error)) return new UnusableFileError('it is no SQLite database');
  if (isReadOnly(error)) return new UnusableFileError('it can only be read');
  if (error instanceof Error && error.message.startsWith('ConnectionFailed')) {
    return new UnusableFileError('it can not be opened or created there', { cause: error });
  }
  return error;
}
