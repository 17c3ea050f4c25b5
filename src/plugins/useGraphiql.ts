import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Plugin } from 'graphql-yoga';
import { exampleTabs } from './exampleTabs.js';

export interface GraphiqlOptions {
  /** Where GraphQL is served; browsers get the page on the same path. */
  readonly endpoint: string;
  /** Asked at each visit: that upstream is a sandbox may show later. */
  readonly title: () => string;
}

interface Page {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/**
 * GraphiQL for browsers, from a package that brings all of itself along, so that it needs no network. The page has
 * 9 MB: it is made at the first visit, sent compressed, and kept by the browser until it changes.
 */
export function useGraphiql({ endpoint, title }: GraphiqlOptions): Plugin {
  const pages = new Map<string, Promise<Page>>();

  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (!isRead || !request.headers.get('accept')?.includes('text/html')) return;
      if (url.pathname === '/') {
        endResponse(new fetchAPI.Response(null, { status: 302, headers: { location: endpoint } }));
        return;
      }
      if (url.pathname.replace(/\/$/, '') !== endpoint) return;

      const shown = title();
      const page =
        pages.get(shown) ??
        renderPage(shown).catch((error: unknown) => {
          pages.delete(shown);
          throw error;
        });
      pages.set(shown, page);
      const { plain, gzipped, etag } = await page;
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'private, no-cache',
        etag,
        vary: 'accept, accept-encoding',
      };
      if (namesTag(request.headers.get('if-none-match'), etag)) {
        endResponse(new fetchAPI.Response(null, { status: 304, headers }));
        return;
      }
      const isGzipAccepted = request.headers.get('accept-encoding')?.includes('gzip');
      endResponse(
        isGzipAccepted
          ? new fetchAPI.Response(gzipped, { headers: { ...headers, 'content-encoding': 'gzip' } })
          : new fetchAPI.Response(plain, { headers }),
      );
    },
  };
}

/** `If-None-Match`: a list of tags, compared weakly, or any. */
function namesTag(header: string | null, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag.replace(/^W\//, ''));
}

async function renderPage(title: string): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const plain = new TextEncoder().encode(renderGraphiQL({ title, defaultTabs: [...exampleTabs] }));
  const hash = createHash('sha256').update(plain).digest('base64url');
  return { plain, gzipped: new Uint8Array(await promisify(gzip)(plain)), etag: `W/"${hash}"` };
}
