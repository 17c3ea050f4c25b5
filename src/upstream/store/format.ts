/** How things are stored. It is raised when an older server could not read what a newer one writes, or the other way round. */
export const format = '2';
export const formatKey = 'format';

const ofEarlierVersions: ReadonlySet<string> = new Set(['1']);

export class UnknownFormatError extends Error {
  override readonly name = 'UnknownFormatError';

  constructor(found: string) {
    const advice = ofEarlierVersions.has(found)
      ? 'an earlier version of this server wrote it: export it with that version, empty it, and import the file'
      : 'a newer version of this server has written there';
    super(`it is of format ${JSON.stringify(found)}, and this server knows ${format}; ${advice}`);
  }
}

export function throwIfUnknownFormat(found: string | null): void {
  if (found !== format) throw new UnknownFormatError(found ?? 'none');
}
