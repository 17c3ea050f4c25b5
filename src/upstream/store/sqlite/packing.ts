import { deflateSync, inflateSync } from 'node:zlib';
import { dictionary, minCompressedLength } from '../dictionary.js';

/** A text, or a longer one deflated. Its checksum tells a damaged one from a whole one. */
export type Packed = string | Buffer;

export function pack(text: string): Packed {
  // libsql ends a text at the first null character.
  const isPlain = text.length < minCompressedLength && !text.includes('\u0000');
  return isPlain ? text : deflateSync(text, { dictionary });
}

/** A damaged text counts as empty: it is ignored, and the store does not count as lost. */
export function unpack(packed: Packed): string {
  if (typeof packed === 'string') return packed;
  try {
    return inflateSync(packed, { dictionary }).toString();
  } catch {
    return '';
  }
}
