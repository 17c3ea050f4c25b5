import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { exampleTabs } from './exampleTabs.js';
import { startupScript } from './startupScript.js';

export interface PageOptions {
  readonly title: string;
  /** The page asks for an API key. The browser does not store it, so it is lost when the page is reloaded. */
  readonly needsKey: boolean;
}

export interface GraphiqlPage {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** GraphiQL as one HTML page of 9 MB, from a package that needs no CDN. */
export async function renderPage({ title, needsKey }: PageOptions): Promise<GraphiqlPage> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL({
    title,
    defaultTabs: needsKey ? withKeyHint(exampleTabs) : [...exampleTabs],
    // The package would store them in the browser.
    shouldPersistHeaders: false,
    ...(needsKey && {
      headers: '{"authorization": "Bearer KEY"}',
      defaultEditorToolsVisibility: 'headers',
    }),
  });
  const plain = new TextEncoder().encode(withStartupScript(html));
  const hash = createHash('sha256').update(plain).digest('base64url');
  return { plain, gzipped: new Uint8Array(await promisify(gzip)(plain)), etag: `W/"${hash}"` };
}

const renderCall = 'YogaGraphiQL.renderYogaGraphiQL(';

function withStartupScript(html: string): string {
  const [before, after, ...more] = html.split(renderCall);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(
      `Expected ${renderCall} once in the page of GraphiQL, but got it ${html.split(renderCall).length - 1} times`,
    );
  }
  // A function, because the script has dollar signs, which are patterns in a replacement string.
  return [
    before.replace('<div id="root"></div>', (root) => `${root}<script>${startupScript}</script>`),
    after,
  ].join('renderWithState(');
}

/** GraphiQL has headers for each tab, and fetches the schema once, when it starts. */
const keyHint = `# This server requires an API key: write it
# for KEY under Headers, in each tab, then
# press Re-fetch (⟳ at the left) to load
# the schema.
`;

function withKeyHint<T extends { readonly query: string }>([first, ...others]: readonly T[]): T[] {
  return first ? [{ ...first, query: keyHint + first.query }, ...others] : [];
}
