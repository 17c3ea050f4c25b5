import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface GraphiqlPage {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** From the bundle in dist, or from the source. */
const places = ['graphiql/index.html', '../../dist/graphiql/index.html'];

const builtTitle = '<title>Xingtu GraphQL</title>';

/** GraphiQL as one HTML page, which needs no CDN: `npm run build` makes it of `browser`. Null: it is not built. */
export async function renderPage(title: string, builtPlaces = places): Promise<GraphiqlPage | null> {
  const html = await readFirst(builtPlaces);
  if (html === null) return null;
  if (!html.includes(builtTitle)) throw new Error(`Expected ${builtTitle} in the built page of GraphiQL`);
  const plain = new TextEncoder().encode(html.replace(builtTitle, `<title>${title}</title>`));
  const hash = createHash('sha256').update(plain).digest('base64url');
  return { plain, gzipped: new Uint8Array(await promisify(gzip)(plain)), etag: `W/"${hash}"` };
}

async function readFirst(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const html = await readFile(new URL(path, import.meta.url), 'utf8').catch((error) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (html !== null) return html;
  }
  return null;
}
