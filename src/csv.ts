/** One record of a CSV file as RFC 4180 says, with its line break. A text must not become a formula; a number may be negative. */
export function csvRecord(cells: readonly (string | number | null)[]): string {
  const fields = cells.map((cell) =>
    csvField(typeof cell === 'string' ? asNoFormula(cell) : `${cell ?? ''}`),
  );
  return `${fields.join(',')}\r\n`;
}

/** Lets Excel read the file as UTF-8. */
export const byteOrderMark = '\ufeff';

/**
 * A spreadsheet would calculate a text that begins like this, and may be made to run programs (OWASP, "CSV Injection"). In
 * Chinese and Japanese, also with the full-width forms.
 */
export function asNoFormula(text: string): string {
  return /^[=+\-@＝＋－＠\t\r\n]/.test(text) ? `'${text}` : text;
}

export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
