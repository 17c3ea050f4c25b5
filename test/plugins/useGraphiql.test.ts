import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { listen } from '../../src/http.js';
import { exampleTabs } from '../../src/plugins/exampleTabs.js';
import { atEnd } from '../fixtures.js';
import { startTestServer, testConfig } from '../harness.js';

const browserWants = { accept: 'text/html,application/xhtml+xml' };

describe('a browser', () => {
  it('gets GraphiQL on /graphql, whole in itself: no script, style or font from elsewhere', async () => {
    const server = await startTestServer();
    const response = await server.fetch('/graphql', { headers: browserWants });
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const page = await response.text();
    expect(page).toContain('YogaGraphiQL');
    expect(page).not.toMatch(/<script[^>]+src=|<link[^>]+href="https?:/);
    expect(server.calls).toEqual([]);
  });

  it('gets it even with a query in the address, which is not executed', async () => {
    const server = await startTestServer();
    const query = new URLSearchParams({
      query: '{ creator(id: "6629722295873044494") { profile { name } } }',
    });
    const response = await server.fetch(`/graphql?${query}`, { headers: browserWants });
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(server.calls).toEqual([]);
  });

  it('keeps the page until it changes', async () => {
    const server = await startTestServer();
    const first = await server.fetch('/graphql', { headers: { ...browserWants, 'accept-encoding': 'gzip' } });
    expect(first.headers.get('content-encoding')).toBe('gzip');
    const etag = first.headers.get('etag') ?? '';
    for (const known of [etag, `"other", ${etag}`, etag.replace('W/', ''), '*']) {
      const again = await server.fetch('/graphql', { headers: { ...browserWants, 'if-none-match': known } });
      expect(again.status).toBe(304);
    }
    const other = await server.fetch('/graphql/', {
      headers: { ...browserWants, 'if-none-match': '"other"' },
    });
    expect(other.status).toBe(200);
    expect(server.calls).toEqual([]);
  });

  it('reads in the title that a sandbox answers, once that is known', async () => {
    const server = await startTestServer();
    const title = async () => {
      const page = await server.fetch('/graphql', { headers: browserWants });
      return /<title>(.*?)<\/title>/.exec(await page.text())?.[1];
    };
    expect(await title()).toBe('Xingtu GraphQL');
    await server.ask('{ creator(id: "6629722295873044494") { profile { name } } }');
    expect(await title()).toBe('Xingtu GraphQL (sandbox)');
    expect(server.calls).toHaveLength(1);
  });

  it('is led from / to it', async () => {
    const server = await startTestServer();
    const response = await server.fetch('/', { headers: browserWants, redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/graphql');
    expect(server.calls).toEqual([]);
  });
});

/** Debian's and macOS's places; CHROMIUM names any other. */
const executablePath = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== undefined && existsSync(path));

const browserSuite = executablePath
  ? 'GraphiQL in Chromium'
  : 'GraphiQL in Chromium: skipped, no browser found; install Chromium or set CHROMIUM to its path';

describe.skipIf(!executablePath)(browserSuite, () => {
  it('opens with the examples in tabs, and runs one', { timeout: 60_000 }, async () => {
    const server = await startTestServer();
    const http = await listen(server.handle, testConfig({ PORT: '0' }));
    atEnd(() => http.close());
    const browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    atEnd(() => browser.close());
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));

    await page.goto(http.origin);
    await page.locator('.graphiql-execute-button').waitFor();
    const tabs = page.locator('.graphiql-tab');
    expect(await tabs.allInnerTexts()).toEqual(['Creator', 'Compare', 'Content', 'Failures']);
    expect(exampleTabs).toHaveLength(4);
    expect(server.calls).toEqual([]);

    await page.locator('.graphiql-execute-button').click();
    await page.locator('.result-window').getByText('263700.00').first().waitFor();
    expect(server.calls).toHaveLength(3);

    const elsewhere = asked.filter(
      (url) => !url.startsWith(http.origin) && !url.startsWith(`blob:${http.origin}`),
    );
    expect(elsewhere.filter((url) => !url.startsWith('data:'))).toEqual([]);
  });
});
