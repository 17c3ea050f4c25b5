import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Plugin } from 'graphql-yoga';

interface DashboardOptions {
  /** What `npm run build` made of `src/dashboard`. Null, or a folder that is missing: there is no page. */
  readonly folder: URL | null;
}

interface File {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Serves the page for people at `/`, to browsers. Its files are read at the first visit, and kept. */
export function useDashboard({ folder }: DashboardOptions): Plugin {
  let reading: Promise<ReadonlyMap<string, File>> | undefined;
  const read = (from: URL) => {
    reading ??= readFiles(from);
    reading.catch(() => {
      reading = undefined;
    });
    return reading;
  };

  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      const isPage = url.pathname === '/' && request.headers.get('accept')?.includes('text/html');
      if (!folder || !isRead || !(isPage || url.pathname.startsWith('/assets/'))) return;
      const file = (await read(folder)).get(url.pathname);
      if (!file) return;
      const { plain, gzipped, headers } = file;
      endResponse(
        request.headers.get('accept-encoding')?.includes('gzip')
          ? new fetchAPI.Response(gzipped, { headers: { ...headers, 'content-encoding': 'gzip' } })
          : new fetchAPI.Response(plain, { headers }),
      );
    },
  };
}

/** By path. None, if the page is not built. */
async function readFiles(folder: URL): Promise<ReadonlyMap<string, File>> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = await Promise.all(
    names.flatMap((name) => {
      const type = types[extname(name)];
      const path = name.replaceAll('\\', '/');
      return type ? [readFile(new URL(path, folder)).then((bytes) => fileOf(path, bytes, type))] : [];
    }),
  );
  return new Map(await Promise.all(files));
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

async function fileOf(path: string, bytes: Uint8Array, type: string): Promise<readonly [string, File]> {
  const plain = new Uint8Array(bytes);
  const gzipped = new Uint8Array(await promisify(gzip)(plain));
  const common = { 'content-type': type, vary: 'accept-encoding', 'x-content-type-options': 'nosniff' };
  if (path !== 'index.html') {
    // The name of an asset has a hash of what is in it.
    const headers = { ...common, 'cache-control': 'public, max-age=31536000, immutable' };
    return [`/${path}`, { plain, gzipped, headers }];
  }
  const etag = `W/"${createHash('sha256').update(plain).digest('base64url')}"`;
  return [
    '/',
    { plain, gzipped, headers: { ...common, ...pageHeaders, etag, vary: 'accept, accept-encoding' } },
  ];
}

/** A click on the page may spend money, so no other page may show this one under its own (clickjacking). */
const pageHeaders = {
  'cache-control': 'private, no-cache',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    // React and ECharts set styles of elements.
    "style-src 'self' 'unsafe-inline'",
    // Avatars and covers are where upstream says.
    "img-src 'self' data: https:",
    "connect-src 'self'",
    // Large workbooks are compressed in workers.
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
} as const;
