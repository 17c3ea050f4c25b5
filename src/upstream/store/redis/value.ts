import { randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { dictionary, minCompressedLength } from '../dictionary.js';
import type { SeriesEntry } from '../store.js';

/** The scripts compare versions as text. */
const versionDigits = 16;
const plain = 'p';
const deflated = 'd';

/** A version as text that sorts like the number. */
export function digitsOf(version: number): string {
  return String(version).padStart(versionDigits, '0');
}

/** What Redis stores for a value: the digits of its version, and the packed value. */
export function encode(digits: string, value: string): Buffer {
  return Buffer.concat([Buffer.from(digits), pack(value)]);
}

/** A damaged value counts as empty: it is ignored, and Redis does not count as lost. */
export function decode(stored: Buffer): string {
  return unpack(stored.subarray(versionDigits));
}

/** How long a digest is. An entry without one has spaces there. */
export const digestLength = 16;
const idLength = 12;

/**
 * What Redis stores for an entry of a series, besides its time: its digest, an id, which tells it from an equal entry of the
 * same millisecond, and the packed value.
 */
export function encodeEntry({ value, digest }: SeriesEntry): Buffer {
  const id = randomBytes(idLength / 2).toString('hex');
  return Buffer.concat([Buffer.from((digest ?? '').padEnd(digestLength) + id), pack(value)]);
}

export function decodeEntry(stored: Buffer, atMs: number): SeriesEntry {
  const digest = stored.toString('latin1', 0, digestLength).trim();
  return { atMs, value: unpack(stored.subarray(digestLength + idLength)), digest: digest || null };
}

/** `p` and the value as it is, or `d` and the deflated value. */
function pack(value: string): Buffer {
  if (value.length < minCompressedLength) return Buffer.from(plain + value);
  return Buffer.concat([Buffer.from(deflated), deflateRawSync(value, { dictionary })]);
}

function unpack(packed: Buffer): string {
  const body = packed.subarray(1);
  try {
    return (
      packed.toString('latin1', 0, 1) === deflated ? inflateRawSync(body, { dictionary }) : body
    ).toString();
  } catch {
    return '';
  }
}
