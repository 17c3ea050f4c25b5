import { UsageError } from '../operator/usageError.js';

/** How files begin that are no text. */
const binaryFiles: readonly (readonly [what: string, bytes: readonly number[]])[] = [
  ['an XLSX workbook or another ZIP archive', [0x50, 0x4b, 0x03, 0x04]],
  ['an XLS workbook', [0xd0, 0xcf, 0x11, 0xe0]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46]],
];

/**
 * Text as spreadsheets and editors save it: UTF-8 or UTF-16 with a byte order mark, UTF-8 without one, or GBK, which Excel
 * writes in China. Throws UsageError for files that are no text.
 */
export function decodeText(bytes: Uint8Array, path: string): string {
  const starts = (start: readonly number[]) => start.every((byte, at) => bytes[at] === byte);
  const [what] = binaryFiles.find(([, start]) => starts(start)) ?? [];
  if (what) throw new UsageError(`${path} is ${what}. Save its sheet as CSV, and export that file.`);
  if (starts([0xff, 0xfe])) return new TextDecoder('utf-16le').decode(bytes);
  if (starts([0xfe, 0xff])) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // GB 18030 contains GBK.
    return new TextDecoder('gb18030').decode(bytes);
  }
}
