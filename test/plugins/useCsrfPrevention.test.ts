import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { listen } from '../../src/http.js';
import { describeInChromium } from '../browser.js';
import { atEnd } from '../fixtures.js';
import { type Answer, startTestServer, testConfig } from '../harness.js';

const query = '{ creator(id: "6629722295873044494") { profile(maxAgeSeconds: 0) { name } } }';
const inAddress = new URLSearchParams({ query });
const dashboard = 'https://dashboard.example';

/** Every way of asking that Yoga knows. */
const ways: readonly [path: string, method: string, type?: string, body?: string][] = [
  [`/graphql?${inAddress}`, 'GET'],
  [`/graphql/?${inAddress}`, 'GET'],
  ['/graphql', 'POST', 'application/json', JSON.stringify({ query })],
  ['/graphql/', 'POST', 'application/json; charset=utf-8', JSON.stringify({ query })],
  ['/graphql', 'POST', 'application/graphql+json', JSON.stringify({ query })],
  ['/graphql', 'POST', 'application/graphql', query],
  ['/graphql', 'POST', 'application/x-www-form-urlencoded', `${inAddress}`],
];

/** What a browser sends, and whether that may spend money where CORS_ORIGINS has the dashboard. */
const cases: readonly [says: string, headers: Record<string, string>, may: boolean][] = [
  ['nothing, as programs do', {}, true],
  ['an address typed by hand', { 'sec-fetch-site': 'none' }, true],
  ['an own page', { 'sec-fetch-site': 'same-origin' }, true],
  ['an own page through a proxy', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:5173' }, true],
  ["another site's page", { 'sec-fetch-site': 'cross-site' }, false],
  ["another site's page, by name", { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, false],
  ["a sandboxed frame's", { 'sec-fetch-site': 'cross-site', origin: 'null' }, false],
  ["another port's page", { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:5173' }, false],
  ["another port's image", { 'sec-fetch-site': 'same-site' }, false],
  ['a word that is not known', { 'sec-fetch-site': 'same-machine' }, false],
  ['two words', { 'sec-fetch-site': 'none, cross-site' }, false],
  ['the dashboard', { 'sec-fetch-site': 'cross-site', origin: dashboard }, true],
  ['an old browser on the dashboard', { origin: dashboard }, true],
  ["the dashboard's image, which has no origin", { 'sec-fetch-site': 'cross-site' }, false],
  ['an old browser on an own page', { origin: 'http://127.0.0.1:4000', host: '127.0.0.1:4000' }, true],
  ['the same behind TLS', { origin: 'https://api.example', host: 'api.example' }, true],
  ['the same, with the port', { origin: 'https://api.example', host: 'api.example:443' }, true],
  ['the same, in capitals', { origin: 'http://api.example', host: 'API.example:80' }, true],
  ['the same on IPv6', { origin: 'http://[::1]:4000', host: '[::1]:4000' }, true],
  ["an old browser on another port's", { origin: 'http://127.0.0.1:5173', host: '127.0.0.1:4000' }, false],
  ['an old browser on no port', { origin: 'http://127.0.0.1', host: '127.0.0.1:4000' }, false],
  ["an old browser on another site's", { origin: 'https://evil.example', host: '127.0.0.1:4000' }, false],
  ['a name that goes on', { origin: 'http://127.0.0.1.evil.example', host: '127.0.0.1' }, false],
  ['an old sandboxed frame', { origin: 'null', host: 'null' }, false],
  ['an extension', { origin: 'chrome-extension://localhost', host: 'localhost' }, false],
  ['an origin that is none', { origin: 'http://', host: '127.0.0.1' }, false],
  ['a prefetch', { 'sec-purpose': 'prefetch', 'sec-fetch-site': 'same-origin' }, false],
  ['a prerender', { 'sec-purpose': 'prefetch;prerender', 'sec-fetch-site': 'none' }, false],
  ["an old browser's prefetch", { purpose: 'prefetch' }, false],
  ["an old Firefox's prefetch", { 'x-moz': 'prefetch' }, false],
  ["the dashboard's prefetch", { 'sec-purpose': 'prefetch', origin: dashboard }, false],
  ['another purpose', { 'sec-purpose': 'picture-in-picture', 'sec-fetch-site': 'same-origin' }, true],
];

describe('what a request tells of who asks', () => {
  it.each(cases)('%s', async (_, headers, may) => {
    const server = await startTestServer({
      env: { CORS_ORIGINS: dashboard, ALLOWED_HOSTS: 'api.example,null' },
    });
    for (const [path, method, type, body] of ways) {
      const response = await server.fetch(path, {
        method,
        headers: { ...headers, ...(type && { 'content-type': type }) },
        ...(body && { body }),
      });
      const { data, errors } = (await response.json()) as Answer;
      expect([method, type, response.status]).toEqual([method, type, may ? 200 : 403]);
      if (may) {
        expect(data.creator.profile.name).toBe('张大仙');
        continue;
      }
      expect(data).toBeUndefined();
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', retryable: false });
      expect(errors?.[0]?.message).toMatch(/CORS_ORIGINS|prefetch/);
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
    expect(server.calls).toHaveLength(may ? ways.length : 0);
  });

  it('lets nothing of a strange request be parsed, nor its key be looked at', async () => {
    const server = await startTestServer({ env: { API_KEYS: 'dash:secret-key-1' } });
    const answers = await Promise.all(
      ['{', JSON.stringify({ query })].map((body) =>
        server.fetch('/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
          body,
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect(server.calls).toEqual([]);
  });

  it('keeps nobody from a look at GraphiQL, which executes nothing, but for its prefetch', async () => {
    const server = await startTestServer();
    const visit = (headers: Record<string, string>) =>
      server.fetch(`/graphql?${inAddress}`, {
        headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate', ...headers },
      });
    for (const site of ['none', 'same-origin', 'same-site', 'cross-site']) {
      const response = await visit({ 'sec-fetch-site': site });
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'text/html; charset=utf-8',
      ]);
    }
    // A prerendered page runs before anybody looks at it.
    expect((await visit({ 'sec-purpose': 'prefetch;prerender' })).status).toBe(403);
    expect(server.calls).toEqual([]);
  });

  it.each([
    [dashboard, 204, dashboard, 'authorization,content-type,x-cost-debug,x-dry-run', '86400'],
    ['https://evil.example', 403, null, null, null],
  ])('is asked before by the browser: of %s', async (origin, told, allowedOrigin, allowedHeaders, maxAge) => {
    const server = await startTestServer({ env: { CORS_ORIGINS: dashboard } });
    const response = await server.fetch('/graphql', {
      method: 'OPTIONS',
      headers: {
        origin,
        'sec-fetch-site': 'cross-site',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-cost-debug,x-dry-run',
      },
    });
    const { status, headers } = response;
    expect(status).toBe(told);
    if (told === 403)
      expect(((await response.json()) as Answer).errors?.[0]?.message).toContain('CORS_ORIGINS');
    expect(headers.get('access-control-allow-origin')).toBe(allowedOrigin);
    expect(headers.get('access-control-allow-headers')).toBe(allowedHeaders);
    expect(headers.get('access-control-max-age')).toBe(maxAge);
    expect(server.logs).toHaveLength(told === 403 ? 1 : 0);
    expect(server.calls).toEqual([]);
  });

  it('is told to the operator once for each origin, with the setting to change, and of a hundred at most', async () => {
    const server = await startTestServer({ env: { CORS_ORIGINS: dashboard } });
    const ask = (method: string, headers: Record<string, string>) =>
      server.fetch('/graphql', {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(method === 'POST' && { body: JSON.stringify({ query }) }),
      });
    const vite = { origin: 'http://localhost:5173', 'sec-fetch-site': 'same-site' };
    await ask('OPTIONS', { ...vite, 'access-control-request-method': 'POST' });
    await ask('POST', vite);
    await ask('POST', { origin: 'null' });
    await ask('GET', { 'sec-fetch-site': 'cross-site' });
    await ask('POST', { origin: dashboard });
    await ask('OPTIONS', { origin: dashboard, 'access-control-request-method': 'POST' });
    expect(server.logs).toEqual([
      '["warn","Refused: Another site (Origin: \\"http://localhost:5173\\") asked through a browser, which might cost money. If its pages may, add their origin to CORS_ORIGINS. This is said once."]',
      '["warn","Refused: Another site (Origin: \\"null\\") asked through a browser, which might cost money. A page without an origin of its own, such as a file, can not be let in: serve it over HTTP, and add its origin to CORS_ORIGINS. This is said once."]',
      '["warn","Refused: Another site asked through a browser, which might cost money. If its pages may, add their origin to CORS_ORIGINS. This is said once."]',
    ]);
    for (let nth = 0; nth < 150; nth += 1) await ask('POST', { origin: `https://${nth}.example` });
    expect(server.logs).toHaveLength(100);
    expect(server.calls).toHaveLength(1);
  });
});

describeInChromium("another site's page in Chromium", (open) => {
  /** A site of its own, on another port. */
  async function startStrangeSite(html = '<!doctype html><title>strange</title>'): Promise<number> {
    const site = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    });
    site.listen(0, '127.0.0.1');
    await new Promise((resolve) => site.once('listening', resolve));
    atEnd(async () => {
      site.closeAllConnections();
      await new Promise((resolve) => site.close(resolve));
    });
    return (site.address() as AddressInfo).port;
  }

  /** The server on a port, and what it answered to whom: `img: GET 403`. */
  async function startSeenServer(env: Record<string, string> = {}) {
    const server = await startTestServer({ env });
    const answered: string[] = [];
    const http = await listen(
      async (request, body, hangUp) => {
        const { pathname, searchParams } = new URL(request.url ?? '', 'http://server');
        const answer = await server.respond(request, body, hangUp);
        answered.push(`${searchParams.get('by') ?? pathname}: ${request.method} ${answer.status}`);
        return answer;
      },
      testConfig({ ...env, PORT: '0' }),
    );
    atEnd(() => http.close());
    const address = (by: string) => `${http.origin}/graphql?${new URLSearchParams({ query, by })}`;
    return { server, answered, address };
  }

  it.each(['localhost', '127.0.0.1'])(
    'spends nothing, from a port of %s',
    {
      timeout: 60_000,
    },
    async (host) => {
      const { server, answered, address } = await startSeenServer();
      const port = await startStrangeSite(`<!doctype html>
      <link rel="prefetch" href="${address('prefetch')}">
      <img src="${address('img')}">
      <script src="${address('script')}"></script>
      <iframe name="framed" src="${address('iframe')}"></iframe>
      <iframe name="aside"></iframe>
      <form target="aside" method="post" action="${address('form')}"><input name="query" value='${query}'></form>
      <form target="aside" method="get" action="${address('form')}"></form>
      <script>
        const mode = 'no-cors';
        fetch('${address('fetch')}', { mode });
        fetch('${address('fetch')}', { mode, method: 'POST', body: new URLSearchParams({ query: '${query}' }) });
        fetch('${address('beacon')}', { mode, method: 'POST', keepalive: true, body: '${query}' });
        fetch('${address('cors')}').catch(() => {});
        document.forms[0].submit();
      </script>`);
      const page = await (await open()).newPage();
      await page.goto(`http://${host}:${port}`);
      await vi.waitFor(
        () =>
          expect(answered.toSorted()).toEqual([
            'beacon: POST 403',
            'cors: GET 403',
            'fetch: GET 403',
            'fetch: POST 403',
            'form: POST 403',
            // GraphiQL, which executes nothing, and which the browser does not show there.
            'iframe: GET 200',
            'img: GET 403',
            'prefetch: GET 403',
            'script: GET 403',
          ]),
        { timeout: 20_000 },
      );
      await expect
        .poll(() => page.frame('framed')?.url(), { timeout: 20_000 })
        .toBe('chrome-error://chromewebdata/');
      expect(server.calls).toEqual([]);
    },
  );

  it('may ask when CORS_ORIGINS has its origin', { timeout: 60_000 }, async () => {
    const port = await startStrangeSite();
    const origin = `http://localhost:${port}`;
    const { server, answered, address } = await startSeenServer({ CORS_ORIGINS: origin });
    const page = await (await open()).newPage();
    await page.goto(origin);
    const names = await page.evaluate(
      async ({ query, plain, preflighted }) => {
        const headers = {
          'content-type': 'application/json',
          authorization: 'Bearer x',
          'x-cost-debug': '1',
        };
        const body = JSON.stringify({ query });
        const answers = [await fetch(plain), await fetch(preflighted, { method: 'POST', headers, body })];
        return Promise.all(answers.map(async (answer) => (await answer.json()).data.creator.profile.name));
      },
      { query, plain: address('plain'), preflighted: address('preflighted') },
    );
    expect(names).toEqual(['张大仙', '张大仙']);
    expect(answered).toEqual(['plain: GET 200', 'preflighted: OPTIONS 204', 'preflighted: POST 200']);
    expect(server.calls).toHaveLength(2);
  });
});
