import { pipeline, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { brotliCompress, createBrotliCompress, createGzip, gzip, constants as zlib } from 'node:zlib';

export type Encoding = 'br' | 'gzip';

/** Three packets. To compress less takes longer than to send it. */
const leastBytes = 4_096;

const brotli = promisify(brotliCompress);
const gunzippable = promisify(gzip);

/** What the client understands of what we have, the better first. Null: nothing, or it would not pay. */
export function encodingFor(acceptEncoding: string | undefined, bytes: number): Encoding | null {
  if (bytes < leastBytes || acceptEncoding === undefined) return null;
  const accepted = new Set(
    acceptEncoding
      .toLowerCase()
      .split(',')
      .map((part) => part.replaceAll(/\s/g, ''))
      .filter((part) => !/;q=0(\.0*)?$/.test(part))
      .map((part) => part.split(';')[0]),
  );
  return accepted.has('br') ? 'br' : accepted.has('gzip') ? 'gzip' : null;
}

/** Answers shrink to a seventh, 64 kB in 0.3 ms. The next level takes half as long again for some hundredths of that. */
export function encode(bytes: Buffer, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'gzip') return gunzippable(bytes, { level: 4 });
  return brotli(bytes, {
    params: { [zlib.BROTLI_PARAM_QUALITY]: 3, [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}

/** The same for what comes piece by piece. */
export function compressing(source: Readable, encoding: Encoding): Readable {
  const compressor =
    encoding === 'gzip'
      ? createGzip({ level: 4 })
      : createBrotliCompress({ params: { [zlib.BROTLI_PARAM_QUALITY]: 3 } });
  return pipeline(source, compressor, () => {});
}
