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

/** GraphiQL as one HTML page, which needs no CDN: `npm run build` makes it of `browser`. */
export async function renderPage(title: string): Promise<GraphiqlPage> {
  const html = await readBuilt();
  if (!html.includes(builtTitle)) throw new Error(`Expected ${builtTitle} in the built page of GraphiQL`);
  const plain = new TextEncoder().encode(html.replace(builtTitle, `<title>${title}</title>`));
  const hash = createHash('sha256').update(plain).digest('base64url');
  return { plain, gzipped: new Uint8Array(await promisify(gzip)(plain)), etag: `W/"${hash}"` };
}

async function readBuilt(): Promise<string> {
  for (const place of places) {
    const html = await readFile(new URL(place, import.meta.url), 'utf8').catch((error) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (html !== null) return html;
  }
  throw new Error('The page of GraphiQL is not built. Run "npm run build".');
}
