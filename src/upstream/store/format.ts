/** How things are kept. It is raised when an older server could not read what a newer one has written. */
export const format = '1';
export const formatKey = 'format';

export class UnknownFormatError extends Error {
  override readonly name = 'UnknownFormatError';

  constructor(found: string) {
    super(
      `it is of format ${JSON.stringify(found)}, and this server knows ${format}; a newer version of it has written there`,
    );
  }
}

export function throwIfUnknownFormat(found: string | null): void {
  if (found !== format) throw new UnknownFormatError(found ?? 'none');
}
