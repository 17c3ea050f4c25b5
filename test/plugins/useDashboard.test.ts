import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { startTestServer } from '../harness.js';

const dashboardFolder = new URL('../../dist/dashboard/', import.meta.url);
const assets = readdirSync(new URL('assets/', dashboardFolder));
const browserHeaders = { accept: 'text/html,application/xhtml+xml' };

const gzippedKb = (names: readonly string[]) =>
  names.reduce(
    (sum, name) => sum + gzipSync(readFileSync(new URL(`assets/${name}`, dashboardFolder))).length,
    0,
  ) / 1_000;

describe('the page', () => {
  it('is at /, for browsers, without a key', async () => {
    const server = await startTestServer({ dashboardFolder, env: { API_KEYS: 'a:a-key-of-the-server' } });
    const page = await server.fetch('/', { headers: browserHeaders });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const paths = [...(await page.text()).matchAll(/(?:src|href)="\.(\/[^"]+)"/g)].map(
      ([, path = '']) => path,
    );
    expect(paths).toHaveLength(2);
    for (const path of paths) {
      const { status, headers } = await server.fetch(path);
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
    expect((await server.fetch('/')).status).toBe(404);
    expect(server.calls).toEqual([]);
  });

  it('may load only from the server, and is shown in no frame', async () => {
    const server = await startTestServer({ dashboardFolder });
    const first = await server.fetch('/', { headers: { ...browserHeaders, 'accept-encoding': 'gzip' } });
    expect(first.headers.get('content-encoding')).toBe('gzip');
    const policy = first.headers.get('content-security-policy') ?? '';
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy.split('; ')).toContain(rule);
    }
    const again = await server.fetch('/', {
      headers: { ...browserHeaders, 'if-none-match': first.headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    expect(server.calls).toEqual([]);
  });

  it('gives no file of another folder, and none that it does not have', async () => {
    const server = await startTestServer({ dashboardFolder });
    const paths = [
      '/assets/none.js',
      '/assets/..%2findex.html',
      '/assets/%2e%2e/%2e%2e/main.js',
      '/index.html',
      '/main.js',
    ];
    for (const path of paths) expect([path, (await server.fetch(path)).status]).toEqual([path, 404]);
    expect(server.calls).toEqual([]);
  });

  it('is replaced by GraphiQL where it is not built', async () => {
    const server = await startTestServer({ dashboardFolder: new URL('missing/', dashboardFolder) });
    const response = await server.fetch('/', { headers: browserHeaders });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/graphql']);
    expect(server.calls).toEqual([]);
  });

  it('is less than 600 kB, and less than 150 kB before a chart is shown', () => {
    expect(gzippedKb(assets)).toBeLessThan(600);
    expect(gzippedKb(assets.filter((name) => name.startsWith('index')))).toBeLessThan(150);
  });
});
