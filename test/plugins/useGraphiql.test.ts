import { describe, expect, it } from 'vitest';
import { exampleTabs } from '../../src/graphiql/exampleTabs.js';
import { listen } from '../../src/http.js';
import { describeInChromium } from '../browser.js';
import { atEnd } from '../fixtures.js';
import { scriptedUpstream, startTestServer, success, testConfig, type Upstream } from '../harness.js';

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
    expect(page).toContain('YogaGraphiQL');
    expect(page).not.toMatch(/<script[^>]+src=|<link[^>]+href="https?:/);
    expect(server.calls).toEqual([]);
  });

  it('gets GraphiQL for a URL with a query, which is not executed', async () => {
    const server = await startTestServer();
    const response = await server.fetch(`/graphql?${inAddress}`, { headers: browserHeaders });
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(server.calls).toEqual([]);
  });

  it('does not show GraphiQL in a frame of another page', async () => {
    const server = await startTestServer();
    const { headers } = await server.fetch('/graphql', { headers: browserHeaders });
    const known = { ...browserHeaders, 'if-none-match': headers.get('etag') ?? '' };
    const again = await server.fetch('/graphql', { headers: known });
    expect(again.status).toBe(304);
    for (const { headers: sent } of [{ headers }, again]) {
      expect(sent.get('content-security-policy')).toBe("frame-ancestors 'none'");
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
});

describeInChromium('GraphiQL in Chromium', (open) => {
  async function openGraphiql(path: string, env: Record<string, string> = {}, upstream?: Upstream) {
    const server = await startTestServer({ env, ...(upstream && { upstream }) });
    const http = await listen(server.respond, testConfig({ ...env, PORT: '0' }));
    atEnd(() => http.close());
    const page = await (await open()).newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const introspected = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.goto(http.origin + path);
    return {
      server,
      http,
      page,
      asked,
      introspected,
      play: page.locator('.graphiql-execute-button'),
      result: page.locator('.result-window'),
    };
  }

  it('opens the examples in tabs, and runs one', async () => {
    const { server, http, page, asked, play, result } = await openGraphiql('/');
    await play.waitFor();
    const tabs = page.locator('.graphiql-tab');
    expect(await tabs.allInnerTexts()).toEqual(['Search', 'Compare', 'Content', 'Audience', 'Cost']);
    expect(exampleTabs).toHaveLength(5);
    expect(server.calls).toEqual([]);

    await play.click();
    await result.getByText('"totalCount"').first().waitFor();
    expect(server.calls).toHaveLength(1);

    const elsewhere = asked.filter(
      (url) => !url.startsWith(http.origin) && !url.startsWith(`blob:${http.origin}`),
    );
    expect(elsewhere.filter((url) => !url.startsWith('data:'))).toEqual([]);
  });

  it('opens every tab at the first click, also after a tab was added, and after a reload', async () => {
    const { server, page, play, result } = await openGraphiql('/graphql');
    await play.waitFor();
    const tabs = page.locator('.graphiql-tab');
    const active = page.locator('.graphiql-tab-active');
    const click = async (nth: number) => {
      // Like a real click: a tab that moves from under the pointer is not clicked.
      const box = await tabs.nth(nth).boundingBox();
      await page.mouse.move((box?.x ?? 0) + 20, (box?.y ?? 0) + (box?.height ?? 0) / 2);
      await page.mouse.down();
      await page.mouse.up();
    };
    const titles = ['Search', 'Compare', 'Content', 'Audience', 'Cost'];
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

  it('opens a link with variables in a new tab, and keeps the tab over a reload', async () => {
    const query = 'query One($id: ID!) { creator(id: $id) { profile { followerCount } } }';
    const variables = '{"id":"6629722295873044494"}';
    const { server, page, play, result } = await openGraphiql(
      `/graphql?${new URLSearchParams({ query, variables })}`,
    );
    for (const time of [1, 2]) {
      await play.waitFor();
      const tabs = page.locator('.graphiql-tab');
      expect(await tabs.allInnerTexts()).toEqual([
        ...['Search', 'Compare', 'Content', 'Audience', 'Cost', 'One'],
      ]);
      expect(await page.locator('.graphiql-tab-active').innerText()).toBe('One');
      await play.click();
      await result.getByText('42796417').waitFor();
      expect(server.calls).toEqual(['profile 6629722295873044494 SHORT_VIDEO']);
      if (time === 1) await page.reload();
    }
  });

  it('opens a link with its own variables and operation, even if a tab with the same query is open', async () => {
    const query =
      'query A($id: ID!) { creator(id: $id) { id } } query B($id: ID!) { creator(id: $id) { xingtuUrl } }';
    // Parsed as a number, it would be rounded to another creator's id.
    const withNumber = '{ "id": 6712345678901234502 }';
    const links = [
      { query, variables: '{"id":"6629722295873044494"}', operationName: 'A' },
      { query, variables: withNumber, operationName: 'A' },
      { query, variables: withNumber, operationName: 'B' },
    ];
    const { server, http, page, play } = await openGraphiql('/graphql');
    await play.waitFor();
    const active = page.locator('.graphiql-tab-active');
    const variablesShown = page.locator('[data-uri$="variables.json"] .view-lines');
    const open = async (nth: number) => {
      const link = links[nth];
      await page.goto(`${http.origin}/graphql?${new URLSearchParams(link)}`);
      await play.waitFor();
      expect(await active.innerText()).toBe(link?.operationName);
      const shown = async () => (await variablesShown.innerText()).replace(/\s/g, '');
      await expect.poll(shown).toBe(link?.variables.replace(/\s/g, ''));
    };
    for (const nth of [0, 1, 2, 0]) await open(nth);
    // The third link opens the second's tab with another operation.
    expect(await page.locator('.graphiql-tab').count()).toBe(exampleTabs.length + 2);
    expect(server.calls).toEqual([]);
  });

  it("keeps edited variables over a reload, and removes a link's variables from the URL of another query", async () => {
    const query = 'query One($id: ID!) { creator(id: $id) { id } }';
    const variables = '{"id":"6629722295873044494"}';
    const { server, page, play } = await openGraphiql(
      `/graphql?${new URLSearchParams({ query, variables, operationName: 'One' })}`,
    );
    await play.waitFor();
    const variablesEditor = page.locator('[data-uri$="variables.json"]');
    await variablesEditor.getByText('6629722295873044494').click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText('{"id": "6712345678901234502"}');
    const stored = () => page.evaluate("localStorage['graphiql:tabState']");
    await expect.poll(stored).toContain('6712345678901234502\\"}');
    await page.reload();
    await play.waitFor();
    await variablesEditor.getByText('6712345678901234502').waitFor();
    expect(await page.locator('.graphiql-tab').count()).toBe(exampleTabs.length + 1);

    await page.locator('.graphiql-tab').getByText('Content').click();
    await expect.poll(() => page.url()).toContain('query+Content');
    expect([...new URL(page.url()).searchParams.keys()]).toEqual(['query']);
    expect(server.calls).toEqual([]);
  });

  it('shows the query of a link, and runs it only after a click', async () => {
    const { server, page, introspected, play, result } = await openGraphiql(`/graphql?${inAddress}`);
    expect((await introspected).status()).toBe(200);
    await page.locator('.graphiql-query-editor').getByText('followerCount').waitFor();
    expect(server.calls).toEqual([]);

    await play.click();
    await result.getByText('42796417').waitFor();
    expect(server.calls).toEqual(['profile 6629722295873044494 SHORT_VIDEO']);
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
    const { page, introspected, play, result } = await openGraphiql(path, {}, upstream);
    await introspected;
    await page.locator('.graphiql-query-editor').getByText('defer').waitFor();

    await play.click();
    await result.getByText('张大仙').waitFor();
    expect(await result.getByText('hasData').count()).toBe(0);
    release();
    await result.getByText('hasData').waitFor();
    expect(await result.getByText('张大仙').count()).toBe(1);
    expect(upstream.calls).toHaveLength(2);
  });

  it('asks for the API key, uses it for operations and the schema, and does not store it', async () => {
    const env = { API_KEYS: 'dash:secret-key-1' };
    const { server, page, introspected, play, result } = await openGraphiql('/graphql', env);
    expect((await introspected).status()).toBe(401);
    await page.locator('.graphiql-query-editor').getByText('requires an API key').waitFor();
    const headers = page.locator('[data-uri$="request-headers.json"]');
    await headers.getByText('Bearer KEY').click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('{"authorization": "Bearer secret-key-1');
    await headers.getByText('Bearer secret-key-1').waitFor();

    await play.click();
    await result.getByText('"totalCount"').first().waitFor();
    expect(server.calls).toHaveLength(1);

    const introspectedAgain = page.waitForResponse((response) => response.request().method() === 'POST');
    await page.getByLabel('Re-fetch GraphQL schema').click();
    const { data } = await (await introspectedAgain).json();
    expect(data.__schema.types.length).toBeGreaterThan(10);
    const stored = () => page.evaluate('JSON.stringify([localStorage, sessionStorage])');
    await expect.poll(stored).toContain('tabState');
    expect(await stored()).not.toContain('secret-key');
    expect(server.calls).toHaveLength(1);
  });
});
