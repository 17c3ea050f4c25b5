import type { Plugin } from 'graphql-yoga';
import { type GraphiqlPage, renderPage } from '../graphiql/page.js';

interface GraphiqlOptions {
  /** The path of GraphQL. A browser that visits it gets the page. */
  readonly endpoint: string;
  /** Called at each visit, because the server may learn later that upstream is a sandbox. */
  readonly title: () => string;
}

/** Serves GraphiQL to browsers. The page is read at the first visit, sent compressed, and cached by the browser. */
export function useGraphiql({ endpoint, title }: GraphiqlOptions): Plugin {
  const pages = new Map<string, Promise<GraphiqlPage | null>>();

  function pageOf(title: string): Promise<GraphiqlPage | null> {
    const known = pages.get(title);
    if (known) return known;
    const page = renderPage(title);
    page.then(
      (built) => built ?? pages.delete(title),
      () => pages.delete(title),
    );
    pages.set(title, page);
    return page;
  }

  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (!isRead || !request.headers.get('accept')?.includes('text/html')) return;
      if (url.pathname === '/') {
        endResponse(new fetchAPI.Response(null, { status: 302, headers: { location: endpoint } }));
        return;
      }
      if (url.pathname.replace(/\/$/, '') !== endpoint) return;

      const page = await pageOf(title());
      if (!page) {
        const notBuilt = 'The page of GraphiQL is not built. Run "npm run build", and reload this page.';
        return endResponse(new fetchAPI.Response(notBuilt, { status: 503 }));
      }
      const { plain, gzipped, etag } = page;
      const headers = {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'private, no-cache',
        etag,
        vary: 'accept, accept-encoding',
        ...ownHostOnly,
      };
      const isGzipAccepted = request.headers.get('accept-encoding')?.includes('gzip');
      endResponse(
        isGzipAccepted
          ? new fetchAPI.Response(gzipped, { headers: { ...headers, 'content-encoding': 'gzip' } })
          : new fetchAPI.Response(plain, { headers }),
      );
    },
  };
}

/**
 * A click on Play spends money, so no other page may show this one under its own (clickjacking). And this one, which knows
 * the API key, asks no other host for anything.
 */
const ownHostOnly = {
  'content-security-policy':
    "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
} as const;
