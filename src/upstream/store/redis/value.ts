import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { dictionary, minCompressedLength } from '../dictionary.js';

/** The scripts compare versions as text. */
const versionDigits = 16;
const plain = 'p';
const deflated = 'd';

/** A version as text that sorts like the number. */
export function digitsOf(version: number): string {
  return String(version).padStart(versionDigits, '0');
}

/** What Redis stores for a value: the digits of its version, `p` or `d`, and the value, plain or deflated. */
export function encode(digits: string, value: string): Buffer {
  if (value.length < minCompressedLength) return Buffer.from(`${digits}${plain}${value}`);
  return Buffer.concat([Buffer.from(`${digits}${deflated}`), deflateRawSync(value, { dictionary })]);
}

/** A damaged value counts as empty: it is ignored, and Redis does not count as lost. */
export function decode(stored: Buffer): string {
  const body = stored.subarray(versionDigits + 1);
  const isDeflated = stored.toString('latin1', versionDigits, versionDigits + 1) === deflated;
  try {
    return (isDeflated ? inflateRawSync(body, { dictionary }) : body).toString();
  } catch {
    return '';
  }
}
