import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Plugin } from 'graphql-yoga';
import { exampleTabs } from '../graphiql/exampleTabs.js';
import { graphiqlState } from '../graphiql/startupScript.js';

export interface GraphiqlOptions {
  /** Where GraphQL is served; browsers get the page on the same path. */
  readonly endpoint: string;
  /** Asked at each visit: that upstream is a sandbox may show later. */
  readonly title: () => string;
  /** The page asks for one. It is not kept by the browser: who reloads the page writes it again. */
  readonly isKeyWanted: boolean;
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
export function useGraphiql({ endpoint, title, isKeyWanted }: GraphiqlOptions): Plugin {
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
        renderPage(shown, isKeyWanted).catch((error: unknown) => {
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
        ...unframed,
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

/** A click on Play spends money, so no other page may lay itself over this one. */
const unframed = { 'content-security-policy': "frame-ancestors 'none'", 'x-frame-options': 'DENY' } as const;

async function renderPage(title: string, isKeyWanted: boolean): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title,
    defaultTabs: isKeyWanted ? askingForKey(exampleTabs) : [...exampleTabs],
    // The package would keep them in the browser's storage.
    shouldPersistHeaders: false,
    ...(isKeyWanted && {
      headers: '{"authorization": "Bearer KEY"}',
      defaultEditorToolsVisibility: 'headers',
    }),
  });
  const plain = new TextEncoder().encode(withState(html));
  const hash = createHash('sha256').update(plain).digest('base64url');
  return { plain, gzipped: new Uint8Array(await promisify(gzip)(plain)), etag: `W/"${hash}"` };
}

const render = 'YogaGraphiQL.renderYogaGraphiQL(';

function withState(html: string): string {
  const [before, after, ...more] = html.split(render);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error('Expected GraphiQL to be rendered in one place of its page');
  }
  // No replacement pattern: the page has dollar signs of all kinds.
  return [
    before.replace('<div id="root"></div>', (root) => `${root}<script>${graphiqlState}</script>`),
    after,
  ].join('renderWithState(');
}

/** GraphiQL has headers by the tab, and asks for the schema once, at its start. */
const keyHint = `# This server wants an API key: write it
# for KEY under Headers, in each tab, then
# press Re-fetch (⟳ at the left) to have
# the schema, too.
`;

function askingForKey<T extends { readonly query: string }>([first, ...others]: readonly T[]): T[] {
  return first ? [{ ...first, query: keyHint + first.query }, ...others] : [];
}
