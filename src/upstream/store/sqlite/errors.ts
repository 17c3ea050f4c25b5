/** SQLite's primary result codes, which are the last byte of its codes. */
const primaryCodes = {
  busy: 5,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  constraint: 19,
  notADatabase: 26,
} as const;

/** Another connection holds a lock. The operation can be repeated. */
export function isBusy(error: unknown): boolean {
  return primaryCodeOf(error) === primaryCodes.busy;
}

/** The file is damaged, or no database. */
export function isDamage(error: unknown): boolean {
  const code = primaryCodeOf(error);
  return code === primaryCodes.corrupt || code === primaryCodes.notADatabase;
}

export function isReadOnly(error: unknown): boolean {
  return primaryCodeOf(error) === primaryCodes.readOnly;
}

export function isConstraint(error: unknown): boolean {
  return primaryCodeOf(error) === primaryCodes.constraint;
}

/** The file can't be used now, but perhaps later: it is locked, or the disk is full or fails. */
export function isTemporary(error: unknown): boolean {
  const { busy, ioError, full } = primaryCodes;
  return [busy, ioError, full].some((code) => code === primaryCodeOf(error));
}

export function isNotADatabase(error: unknown): boolean {
  return primaryCodeOf(error) === primaryCodes.notADatabase;
}

function primaryCodeOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  const raw = 'rawCode' in error && typeof error.rawCode === 'number' ? error.rawCode : codeInMessage(error);
  return raw === null ? null : raw % 256;
}

/** libsql tells why a file can't be opened at the end of the message. */
function codeInMessage({ message }: Error): number | null {
  const code = /database .*: (\d+)"\)$/s.exec(message)?.[1];
  return code === undefined ? null : Number(code);
}

/** The file can't be a store, whatever happens. The message continues "the file can't be used". */
export class UnusableFileError extends Error {
  override readonly name = 'UnusableFileError';
}
