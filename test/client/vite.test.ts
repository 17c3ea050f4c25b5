import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import { createServer } from 'vite';
import { expect, it } from 'vitest';
import { describeInChromium } from '../browser.js';
import { atEnd } from '../fixtures.js';
import { freePort } from '../freePort.js';
import { blockOf, pageAt } from '../pages.js';
import { endpointOf } from './everySelection.js';
import { onPort } from './onPort.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = pageAt('docs/clients.md');

/** Serves the page's example with Vite, as a new project of the reader would. */
async function serveExample(options: {
  readonly port: number;
  readonly config: string;
  readonly graphqlUrl: string;
}): Promise<void> {
  await mkdir(join(root, 'dist'), { recursive: true });
  const project = await mkdtemp(join(root, 'dist', 'vite-'));
  atEnd(() => rm(project, { recursive: true }));
  for (const name of ['fetch.ts', 'cost.ts']) {
    await copyFile(join(root, 'src/client', name), join(project, name));
  }
  const files = {
    'vite.config.ts': options.config,
    '.env': `VITE_GRAPHQL_URL=${options.graphqlUrl}`,
    'main.ts': blockOf(page, 'ts', '// main.ts'),
    'index.html':
      '<!doctype html><link rel="icon" href="data:,"><script type="module" src="main.ts"></script>',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
  const vite = await createServer({
    root: project,
    configFile: join(project, 'vite.config.ts'),
    logLevel: 'silent',
    // The port of the page's example may be taken on this machine.
    server: { host: '127.0.0.1', port: options.port },
  });
  await vite.listen();
  atEnd(() => vite.close());
}

/** The answer that the example shows. */
async function shownAt(context: BrowserContext, origin: string): Promise<unknown> {
  const tab = await context.newPage();
  await tab.goto(origin);
  await tab.waitForFunction('document.body.textContent.startsWith("{")');
  return JSON.parse((await tab.textContent('body')) ?? '');
}

const names = {
  data: { creators: [{ profile: { name: '张大仙' } }, { profile: { name: expect.any(String) } }] },
  extensions: { cost: { paidCalls: 2 } },
};

describeInChromium("docs/clients.md's page by Vite", (open) => {
  it('asks a server on another port that has its origin in CORS_ORIGINS, and no other origin may', async () => {
    const port = await freePort();
    const { server, url } = await onPort({ env: { CORS_ORIGINS: `http://localhost:${port}` } });
    await serveExample({ port, config: blockOf(page, 'ts', 'strictPort'), graphqlUrl: url });
    const context = await open();
    // The same page under another name of this machine.
    expect(await shownAt(context, `http://127.0.0.1:${port}`)).toEqual({ errors: [{}] });
    expect(server.calls).toEqual([]);
    expect(server.logs).toEqual([expect.stringContaining(`http://127.0.0.1:${port}`)]);

    expect(await shownAt(context, `http://localhost:${port}`)).toMatchObject(names);
    expect(server.calls.map(endpointOf)).toEqual(['profile', 'profile']);
  });

  it('asks through Vite, with no setting of the server', async () => {
    const port = await freePort();
    const { server, origin } = await onPort();
    const config = blockOf(page, 'ts', 'proxy:').replace('http://127.0.0.1:4000', origin);
    await serveExample({ port, config, graphqlUrl: '/graphql' });
    expect(await shownAt(await open(), `http://localhost:${port}`)).toMatchObject(names);
    expect(server.calls.map(endpointOf)).toEqual(['profile', 'profile']);
  });
});
