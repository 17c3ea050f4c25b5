/** The version of the storage format. Incremented when older and newer servers can't read each other's data. */
export const format = '2';
export const formatKey = 'format';

const earlierFormats: ReadonlySet<string> = new Set(['1']);

export class UnknownFormatError extends Error {
  override readonly name = 'UnknownFormatError';

  constructor(found: string) {
    const advice = earlierFormats.has(found)
      ? 'an earlier version of this server wrote it: export it with that version, empty it, and import the file'
      : 'a newer version of this server wrote it';
    super(`its format is ${JSON.stringify(found)}, and this server can read only ${format}; ${advice}`);
  }
}

export function throwIfUnknownFormat(found: string | null): void {
  if (found !== format) throw new UnknownFormatError(found ?? 'none');
}
