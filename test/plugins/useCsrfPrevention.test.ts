import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { listen } from '../../src/http.js';
import { describeInChromium } from '../browser.js';
import { atEnd } from '../fixtures.js';
import { type Answer, answerOf, startTestServer, testConfig } from '../harness.js';

const query = '{ creator(id: "6629722295873044494") { profile(maxAgeSeconds: 0) { name } } }';
const inAddress = new URLSearchParams({ query });
const dashboard = 'https://dashboard.example';

/** Every form of request that Yoga reads an operation from. */
const ways: readonly [path: string, method: string, type?: string, body?: string][] = [
  [`/graphql?${inAddress}`, 'GET'],
  [`/graphql/?${inAddress}`, 'GET'],
  ['/graphql', 'POST', 'application/json', JSON.stringify({ query })],
  ['/graphql/', 'POST', 'application/json; charset=utf-8', JSON.stringify({ query })],
  ['/graphql', 'POST', 'application/graphql+json', JSON.stringify({ query })],
  ['/graphql', 'POST', 'application/graphql', query],
  ['/graphql', 'POST', 'application/x-www-form-urlencoded', `${inAddress}`],
];

/** What a request sends, and whether it is allowed if CORS_ORIGINS has the dashboard. */
const cases: readonly [says: string, headers: Record<string, string>, isAllowed: boolean][] = [
  ['a program, which sends none of these headers', {}, true],
  ['an address typed by hand', { 'sec-fetch-site': 'none' }, true],
  ['a page of the server', { 'sec-fetch-site': 'same-origin' }, true],
  [
    'a page of the server, through a proxy',
    { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:5173' },
    true,
  ],
  ["another site's page, without an origin", { 'sec-fetch-site': 'cross-site' }, false],
  [
    "another site's page, with its origin",
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    false,
  ],
  ['a sandboxed frame', { 'sec-fetch-site': 'cross-site', origin: 'null' }, false],
  ["another port's page", { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:5173' }, false],
  ["another port's image", { 'sec-fetch-site': 'same-site' }, false],
  ['an unknown value', { 'sec-fetch-site': 'same-machine' }, false],
  ['two values', { 'sec-fetch-site': 'none, cross-site' }, false],
  ["the dashboard's page", { 'sec-fetch-site': 'cross-site', origin: dashboard }, true],
  ['an old browser on the dashboard', { origin: dashboard }, true],
  ["the dashboard's image, which sends no origin", { 'sec-fetch-site': 'cross-site' }, false],
  ["an old browser on the server's page", { origin: 'http://127.0.0.1:4000', host: '127.0.0.1:4000' }, true],
  ['the same, behind TLS', { origin: 'https://api.example', host: 'api.example' }, true],
  ['the same, with the port', { origin: 'https://api.example', host: 'api.example:443' }, true],
  ['the same, in upper case', { origin: 'http://api.example', host: 'API.example:80' }, true],
  ['the same, on IPv6', { origin: 'http://[::1]:4000', host: '[::1]:4000' }, true],
  ['an old browser on another port', { origin: 'http://127.0.0.1:5173', host: '127.0.0.1:4000' }, false],
  ['an old browser on the default port', { origin: 'http://127.0.0.1', host: '127.0.0.1:4000' }, false],
  ['an old browser on another site', { origin: 'https://evil.example', host: '127.0.0.1:4000' }, false],
  [
    "a host that starts like the server's",
    { origin: 'http://127.0.0.1.evil.example', host: '127.0.0.1' },
    false,
  ],
  ['an old browser in a sandboxed frame', { origin: 'null', host: 'null' }, false],
  ['a browser extension', { origin: 'chrome-extension://localhost', host: 'localhost' }, false],
  ['an invalid origin', { origin: 'http://', host: '127.0.0.1' }, false],
  ['a prefetch', { 'sec-purpose': 'prefetch', 'sec-fetch-site': 'same-origin' }, false],
  ['a prerender', { 'sec-purpose': 'prefetch;prerender', 'sec-fetch-site': 'none' }, false],
  ["an old browser's prefetch", { purpose: 'prefetch' }, false],
  ["an old Firefox's prefetch", { 'x-moz': 'prefetch' }, false],
  ["the dashboard's prefetch", { 'sec-purpose': 'prefetch', origin: dashboard }, false],
  ['another purpose', { 'sec-purpose': 'picture-in-picture', 'sec-fetch-site': 'same-origin' }, true],
];

describe('a request that may spend money', () => {
  it.each(cases)('from %s', async (_, headers, isAllowed) => {
    const server = await startTestServer({
      env: { CORS_ORIGINS: dashboard, ALLOWED_HOSTS: 'api.example,null' },
    });
    for (const [path, method, type, body] of ways) {
      const response = await server.fetch(path, {
        method,
        headers: { ...headers, ...(type && { 'content-type': type }) },
        ...(body && { body }),
      });
      const { data, errors } = await answerOf(response);
      expect([method, type, response.status]).toEqual([method, type, isAllowed ? 200 : 403]);
      if (isAllowed) {
        expect(data.creator.profile.name).toBe('张大仙');
        continue;
      }
      expect(data).toBeUndefined();
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', retryable: false });
      expect(errors?.[0]?.message).toMatch(/CORS_ORIGINS|prefetch/i);
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
    expect(server.calls).toHaveLength(isAllowed ? ways.length : 0);
  });

  it('is refused before its body is parsed and its key is checked', async () => {
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

  it('is not the same as a visit of GraphiQL, which is allowed from anywhere, except as a prefetch', async () => {
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
    // A prerendered page runs before anybody sees it.
    expect((await visit({ 'sec-purpose': 'prefetch;prerender' })).status).toBe(403);
    expect(server.calls).toEqual([]);
  });

  it.each([
    [dashboard, 204, dashboard, 'authorization,content-type,x-cost-debug,x-dry-run', '86400'],
    ['https://evil.example', 403, null, null, null],
  ])(
    'gets a preflight from %s, answered with %i',
    async (origin, status, allowedOrigin, allowedHeaders, maxAge) => {
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
      const { headers } = response;
      expect(response.status).toBe(status);
      if (status === 403)
        expect(((await response.json()) as Answer).errors?.[0]?.message).toContain('CORS_ORIGINS');
      expect(headers.get('access-control-allow-origin')).toBe(allowedOrigin);
      expect(headers.get('access-control-allow-headers')).toBe(allowedHeaders);
      expect(headers.get('access-control-max-age')).toBe(maxAge);
      expect(server.logs).toHaveLength(status === 403 ? 1 : 0);
      expect(server.calls).toEqual([]);
    },
  );

  it('is logged when refused, once for each of a hundred origins, with the setting to change', async () => {
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
      '["warn","Refused: A page of another site (Origin: \\"http://localhost:5173\\") sent this request, which might cost money. To allow it, add its origin to CORS_ORIGINS. This is logged once for each origin."]',
      '["warn","Refused: A page of another site (Origin: \\"null\\") sent this request, which might cost money. A page without an origin, such as a file, cannot be allowed: serve it over HTTP, and add its origin to CORS_ORIGINS. This is logged once for each origin."]',
      '["warn","Refused: A page of another site sent this request, which might cost money. To allow it, add its origin to CORS_ORIGINS. This is logged once for each origin."]',
    ]);
    for (let nth = 0; nth < 150; nth += 1) await ask('POST', { origin: `https://${nth}.example` });
    expect(server.logs).toHaveLength(100);
    expect(server.calls).toHaveLength(1);
  });
});

describeInChromium("another site's page in Chromium", (open) => {
  /** On another port. */
  async function startOtherSite(html = '<!doctype html><title>other</title>'): Promise<number> {
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

  /** The server on a port, and what it answered: `img: GET 403`. */
  async function startRecordedServer(env: Record<string, string> = {}) {
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

  it.each(['localhost', '127.0.0.1'])('spends nothing when it is on %s', async (host) => {
    const { server, answered, address } = await startRecordedServer();
    const port = await startOtherSite(`<!doctype html>
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
          // GraphiQL, which executes nothing, and which the browser refuses to show in a frame.
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
  });

  it('is allowed if CORS_ORIGINS has its origin', async () => {
    const port = await startOtherSite();
    const origin = `http://localhost:${port}`;
    const { server, answered, address } = await startRecordedServer({ CORS_ORIGINS: origin });
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
