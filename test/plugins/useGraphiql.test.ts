import type { BrowserContextOptions } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { renderPage } from '../../src/graphiql/page.js';
import { listen } from '../../src/http.js';
import { describeInChromium } from '../browser.js';
import { atEnd } from '../fixtures.js';
import {
  sandboxUpstream,
  scriptedUpstream,
  startTestServer,
  success,
  testConfig,
  type Upstream,
} from '../harness.js';

const browserHeaders = { accept: 'text/html,application/xhtml+xml' };
const inAddress = new URLSearchParams({
  query: '{ creator(id: "6629722295873044494") { profile { followerCount } } }',
});

describe('a browser', () => {
  it('gets GraphiQL on /graphql, without scripts, styles or fonts from elsewhere', async () => {
    const server = await startTestServer();
    const response = await server.fetch('/graphql', { headers: browserHeaders });
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const page = await response.text();
    // Not `toMatch`, which would print the page.
    expect(page.includes('graphiql-container')).toBe(true);
    expect(page.match(/<script[^>]+src=[^>]*>|<link[^>]+href="(?!data:)[^>]*>|@font-face/g)).toBeNull();
    expect(page.length).toBeLessThan(2_000_000);
    expect(server.calls).toEqual([]);
  });

  it('gets GraphiQL for a URL with a query, which is not executed', async () => {
    const server = await startTestServer();
    const response = await server.fetch(`/graphql?${inAddress}`, { headers: browserHeaders });
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(server.calls).toEqual([]);
  });

  it('does not show GraphiQL in a frame of another page, and lets it ask no other host', async () => {
    const server = await startTestServer();
    const { headers } = await server.fetch('/graphql', { headers: browserHeaders });
    const known = { ...browserHeaders, 'if-none-match': headers.get('etag') ?? '' };
    const again = await server.fetch('/graphql', { headers: known });
    expect(again.status).toBe(304);
    for (const { headers: sent } of [{ headers }, again]) {
      const policy = sent.get('content-security-policy')?.split('; ');
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("connect-src 'self'");
      expect(policy?.join()).not.toMatch(/https?:|\*/);
      expect(sent.get('x-frame-options')).toBe('DENY');
    }
    expect(server.calls).toEqual([]);
  });

  it('caches the page until it changes', async () => {
    const server = await startTestServer();
    const first = await server.fetch('/graphql', {
      headers: { ...browserHeaders, 'accept-encoding': 'gzip' },
    });
    expect(first.headers.get('content-encoding')).toBe('gzip');
    const etag = first.headers.get('etag') ?? '';
    for (const known of [etag, `"other", ${etag}`, etag.replace('W/', ''), '*']) {
      const again = await server.fetch('/graphql', {
        headers: { ...browserHeaders, 'if-none-match': known },
      });
      expect(again.status).toBe(304);
    }
    const other = await server.fetch('/graphql/', {
      headers: { ...browserHeaders, 'if-none-match': '"other"' },
    });
    expect(other.status).toBe(200);
    expect(server.calls).toEqual([]);
  });

  it('sees in the title that upstream is a sandbox, after the first call has shown it', async () => {
    const server = await startTestServer();
    const title = async () => {
      const page = await server.fetch('/graphql', { headers: browserHeaders });
      return /<title>(.*?)<\/title>/.exec(await page.text())?.[1];
    };
    expect(await title()).toBe('Xingtu GraphQL');
    await server.ask('{ creator(id: "6629722295873044494") { profile { name } } }');
    expect(await title()).toBe('Xingtu GraphQL (sandbox)');
    expect(server.calls).toHaveLength(1);
  });

  it('is redirected from / to /graphql', async () => {
    const server = await startTestServer();
    const response = await server.fetch('/', { headers: browserHeaders, redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/graphql');
    expect(server.calls).toEqual([]);
  });

  it('has no page to get before it is built', async () => {
    expect(await renderPage('Xingtu GraphQL', ['nowhere/index.html'])).toBeNull();
  });
});

const titles = ['Search', 'Compare', 'Content', 'Audience', 'Cost'];

interface Opening {
  readonly env?: Record<string, string>;
  readonly upstream?: Upstream;
  readonly browser?: BrowserContextOptions;
}

describeInChromium('GraphiQL in Chromium', (open) => {
  async function openGraphiql(path: string, { env = {}, upstream, browser }: Opening = {}) {
    const server = await startTestServer({ env, ...(upstream && { upstream }) });
    const http = await listen(server.respond, testConfig({ ...env, PORT: '0' }));
    atEnd(() => http.close());
    const context = await open(browser);
    const page = await context.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    const [introspection] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.goto(http.origin + path),
    ]);
    const play = page.locator('.graphiql-execute-button');
    await play.waitFor();
    return {
      server,
      http,
      context,
      page,
      asked,
      complaints,
      introspection,
      play,
      result: page.locator('.result-window'),
      costLine: page.locator('.cost-line'),
      editor: page.locator('.graphiql-query-editor .CodeMirror'),
      variables: page.locator('.graphiql-editor-tool .CodeMirror:visible'),
      tabs: page.locator('.graphiql-tab'),
      active: page.locator('.graphiql-tab-active'),
    };
  }

  it('opens the examples in tabs, runs one, and says above the answer what it cost', async () => {
    const env = { CALL_PRICE: '0.05' };
    const { server, http, asked, complaints, page, tabs, play, result, costLine } = await openGraphiql('/', {
      env,
    });
    expect(await tabs.allInnerTexts()).toEqual(titles);
    expect(server.calls).toEqual([]);
    expect(await costLine.innerText()).toBe('');

    await play.click();
    await result.getByText('"totalCount"').first().waitFor();
    await expect.poll(() => costLine.innerText()).toMatch(/^1 call · 1 paid · ¥0\.05 · \d+ ms · sandbox$/);
    expect(server.calls).toHaveLength(1);
    const [line, answer] = [await costLine.boundingBox(), await result.boundingBox()];
    expect((line?.y ?? 0) + (line?.height ?? 0)).toBeLessThanOrEqual(answer?.y ?? 0);

    // The line belongs to the tab.
    await tabs.getByText('Compare').click();
    await expect.poll(() => costLine.innerText()).toBe('');
    await tabs.getByText('Search').click();
    await expect.poll(() => costLine.innerText()).toContain('1 paid');

    await page.getByLabel('Show History').click();
    const history = page.getByRole('region', { name: 'History' });
    await tabs.getByText('Cost').click();
    await history.getByText('Search').click();
    await page.locator('.graphiql-query-editor').getByText('searchCreators').waitFor();
    expect(server.calls).toHaveLength(1);

    const elsewhere = asked.filter((url) => !url.startsWith(http.origin) && !url.startsWith('data:'));
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('opens every tab at the first click, also after a tab was added, and after a reload', async () => {
    const quick = new Map([['9000000000000000931', { latency: { kind: 'constant', ms: 0 } }]] as const);
    const upstream = await sandboxUpstream({ creators: quick });
    const { server, page, tabs, active, play, result } = await openGraphiql('/graphql', { upstream });
    const click = async (nth: number) => {
      // Like a real click: a tab that moves from under the pointer is not clicked.
      const box = await tabs.nth(nth).boundingBox();
      await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + (box?.height ?? 0) / 2);
      await page.mouse.down();
      await page.mouse.up();
    };
    for (const nth of [4, 1, 3, 0, 2]) {
      await click(nth);
      await expect.poll(() => active.innerText()).toBe(titles[nth]);
    }
    // GraphiQL stores it a moment later.
    const stored = () => page.evaluate("JSON.parse(localStorage['graphiql:tabState']).activeTabIndex");
    await expect.poll(stored).toBe(2);
    await page.reload();
    await play.waitFor();
    expect(await tabs.allInnerTexts()).toEqual(titles);
    expect(await active.innerText()).toBe('Content');
    expect(server.calls).toEqual([]);

    await play.click();
    await result.getByText('"isStale"').first().waitFor();
    await result.getByText('"sponsored"').first().waitFor();
    expect(server.calls).toHaveLength(3);

    await page.getByLabel('New tab').click();
    await expect.poll(() => tabs.count()).toBe(6);
    for (const nth of [0, 4]) {
      await click(nth);
      await expect.poll(() => active.innerText()).toBe(titles[nth]);
    }
  });

  it('opens a link in a new tab, runs it only after a click, and keeps the tab over a reload', async () => {
    const query = 'query One($id: ID!) { creator(id: $id) { profile { followerCount } } }';
    const link = `/graphql?${new URLSearchParams({ query, variables: '{"id":"6629722295873044494"}' })}`;
    const { server, page, tabs, active, play, introspection, result } = await openGraphiql(link);
    expect(introspection.status()).toBe(200);
    for (const calls of [[], ['profile 6629722295873044494 SHORT_VIDEO']]) {
      expect(await tabs.allInnerTexts()).toEqual([...titles, 'One']);
      expect(await active.innerText()).toBe('One');
      expect(server.calls).toEqual(calls);
      await play.click();
      await result.getByText('42796417').waitFor();
      expect(server.calls).toEqual(['profile 6629722295873044494 SHORT_VIDEO']);
      if (calls.length === 0) await page.reload();
    }
  });

  it('has in the address, and copies, a link to what the open tab shows', async () => {
    const query = 'query One($id: ID!) { creator(id: $id) { id } }';
    const edited = '{"id": 6712345678901234502}';
    const link = `/graphql?${new URLSearchParams({ query, variables: '{"id":"6629722295873044494"}' })}`;
    const { server, http, context, page, tabs, active, play, variables } = await openGraphiql(link, {
      browser: { permissions: ['clipboard-read', 'clipboard-write'] },
    });
    await variables.getByText('6629722295873044494').click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText(edited);
    const shared = () => Object.fromEntries(new URL(page.url()).searchParams);
    await expect.poll(shared).toEqual({ query, variables: edited, operationName: 'One' });
    await page.getByLabel('Copy a link to this query and its variables').click();
    await page.getByText('The link is copied.').waitFor();
    const copied = String(await page.evaluate('navigator.clipboard.readText()'));
    expect(copied).toBe(page.url());
    const stored = () => page.evaluate("localStorage['graphiql:tabState']");
    await expect.poll(stored).toContain('6712345678901234502');
    await page.reload();
    await variables.getByText('6712345678901234502').waitFor();
    expect(await tabs.count()).toBe(titles.length + 1);

    await tabs.getByText('Content').click();
    await expect.poll(shared).toMatchObject({ operationName: 'Content' });
    expect(Object.keys(shared())).toEqual(['query', 'operationName']);

    const other = await context.newPage();
    await other.goto(copied);
    await other.locator('.graphiql-editor-tool').getByText('6712345678901234502').waitFor();
    expect(copied.startsWith(http.origin)).toBe(true);
    await play.waitFor();
    expect(await active.innerText()).toBe('Content');
    expect(server.calls).toEqual([]);
  });

  it('shows a deferred fragment when it comes, and the rest before', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const upstream = await scriptedUpstream((call) =>
      call.startsWith('prices')
        ? (response) => void released.then(() => response.end('{"code":0,"data":null}'))
        : success({ nick_name: '张大仙' }),
    );
    const query =
      '{ creator(id: "6629722295873044494") { profile { name } ... @defer { prices { hasData } } } }';
    const path = `/graphql?${new URLSearchParams({ query })}`;
    const { play, result, costLine } = await openGraphiql(path, { upstream });
    await play.click();
    await result.getByText('张大仙').waitFor();
    expect(await result.getByText('hasData').count()).toBe(0);
    await expect.poll(() => costLine.innerText()).toMatch(/ …$/);
    release();
    await result.getByText('hasData').waitFor();
    expect(await result.getByText('张大仙').count()).toBe(1);
    await expect.poll(() => costLine.innerText()).toMatch(/^2 calls · 2 paid · \d+ ms$/);
    expect(upstream.calls).toHaveLength(2);
  });

  it('asks for the API key once, uses it for the schema and every tab, and keeps it for the session alone', async () => {
    const env = { API_KEYS: 'dash:secret-key-1' };
    const { server, context, page, introspection, tabs, play, result } = await openGraphiql('/graphql', {
      env,
    });
    expect(introspection.status()).toBe(401);
    await page.getByRole('alert').getByText('This server requires an API key.').waitFor();
    const key = page.getByLabel('API key');
    await key.fill('wrong-key');
    await key.press('Enter');
    await page.getByRole('alert').getByText('The server does not know this API key.').waitFor();

    const introspectedAgain = page.waitForResponse((response) => response.status() === 200);
    await key.fill(' secret-key-1 ');
    await key.press('Enter');
    const { data } = await (await introspectedAgain).json();
    expect(data.__schema.types.length).toBeGreaterThan(10);
    await page.getByRole('alert').waitFor({ state: 'hidden' });

    await play.click();
    await result.getByText('"totalCount"').first().waitFor();
    await tabs.getByText('Compare').click();
    await play.click();
    await result.getByText('"张大仙"').waitFor();
    expect(server.calls).toHaveLength(10);

    await page.reload();
    await play.waitFor();
    expect(await key.inputValue()).toBe('secret-key-1');
    expect(await page.evaluate("sessionStorage['xingtu:apiKey']")).toBe('secret-key-1');
    const kept = () => page.evaluate('JSON.stringify(localStorage)');
    await expect.poll(kept).toContain('tabState');
    expect(await kept()).not.toContain('secret-key');
    expect(page.url()).not.toContain('secret-key');

    const other = await context.newPage();
    await other.goto(page.url());
    await other.getByRole('alert').getByText('This server requires an API key.').waitFor();
    expect(await other.getByLabel('API key').inputValue()).toBe('');
    expect(server.calls).toHaveLength(10);
  });

  it('makes a dry run in every tab, and reports each call, when asked to', async () => {
    const { server, page, tabs, play, costLine } = await openGraphiql('/graphql');
    await page.getByLabel('Dry run').check();
    await play.click();
    await expect.poll(() => costLine.innerText()).toMatch(/^dry run: 1 call · 1 to pay /);
    await tabs.getByText('Compare').click();
    await play.click();
    await expect.poll(() => costLine.innerText()).toMatch(/^dry run: 9 calls · 9 to pay /);
    await page.reload();
    await play.click();
    await expect.poll(() => costLine.innerText()).toMatch(/^dry run: 9 calls /);
    expect(server.calls).toEqual([]);

    await page.getByLabel('Dry run').uncheck();
    await page.getByLabel('Cost debug').check();
    await play.click();
    await expect.poll(() => costLine.innerText()).toMatch(/^9 calls · 9 paid /);
    const text = "document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()";
    expect(await page.evaluate(text)).toContain('"outcome": "paid"');
    expect(server.calls).toHaveLength(9);
  });

  it('has examples in Chinese for a browser that prefers it, and finds Chinese terms in the documentation', async () => {
    const { server, page, editor, play, costLine, complaints } = await openGraphiql('/graphql', {
      browser: { locale: 'zh-CN' },
    });
    await editor.getByText('找达人').waitFor();
    await play.click();
    await expect.poll(() => costLine.innerText()).toMatch(/^1 次调用 · 1 次付费 · \d+ 毫秒 · 沙盒$/);
    await page.getByLabel('Show Documentation Explorer').click();
    await page.getByRole('searchbox').fill('性价比');
    const found = page.locator('.docs-found');
    await found.getByText('Creator.cpMetrics').click();
    await page.locator('.graphiql-doc-explorer-title').getByText('cpMetrics').waitFor();
    await page.locator('.docs').getByText("The creator's value for money (性价比).").waitFor();
    await page.getByRole('searchbox').fill('高性价比达人');
    await found.getByText('CreatorList.HIGH_VALUE_CREATORS').click();
    await page.locator('.graphiql-doc-explorer-title').getByText('CreatorList').waitFor();
    await page.getByRole('searchbox').fill('没有这个词');
    await page.getByText('没有名称或说明含有这个词。').waitFor();
    expect(complaints).toEqual([]);
    expect(server.calls).toHaveLength(1);
  });

  it('has the answer below the query on a phone, and all of it within the width', async () => {
    const { server, page, editor, play, result, costLine } = await openGraphiql('/graphql', {
      browser: { viewport: { width: 375, height: 740 }, colorScheme: 'dark', hasTouch: true },
    });
    await play.tap();
    await expect.poll(() => costLine.innerText()).toContain('1 paid');
    const [query, answer] = [await editor.boundingBox(), await result.boundingBox()];
    expect(query?.width).toBeGreaterThan(300);
    expect(query?.height).toBeGreaterThan(150);
    expect(answer?.width).toBeGreaterThan(300);
    expect(answer?.height).toBeGreaterThan(200);
    expect(answer?.y).toBeGreaterThan((query?.y ?? 0) + (query?.height ?? 0));
    await page.getByLabel('Show Documentation Explorer').tap();
    await page.getByRole('searchbox').fill('cpMetrics');
    await page.locator('.docs-found').getByText('Creator.cpMetrics', { exact: true }).tap();
    await page.locator('.graphiql-doc-explorer-title').getByText('cpMetrics').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    const brightness = await page.evaluate(
      "Math.max(...getComputedStyle(document.querySelector('.graphiql-container')).backgroundColor.match(/\\d+/g))",
    );
    expect(brightness).toBeLessThan(100);
    expect(server.calls).toHaveLength(1);
  });
});
