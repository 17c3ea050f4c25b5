import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Builds the server and its pages into `dist`: `node build.js`. With `--if-changed` only if a source is newer than what is
// there, and with `server` without the pages.

const root = fileURLToPath(new URL('.', import.meta.url));
const pages = ['src/dashboard/vite.config.ts', 'src/graphiql/vite.config.ts'];

/**
 * Bundles the server with its packages: to load their hundreds of files one by one doubled the time of a start.
 * @param {Record<string, string>} [more] Further programs, by name.
 */
export async function buildServer(more = {}) {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    cwd: root,
    input: { main: 'src/main.ts', sandbox: 'src/sandbox/main.ts', ...more },
    platform: 'node',
    // The first loads a binary out of a package of its own for each platform. The second finds the SDK that an operator
    // loads, for which it must be the same copy.
    external: ['libsql', '@opentelemetry/api'],
    // Without it, graphql-js checks each value for a second copy of itself: a sixth of the time of an operation without calls.
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  });
  // The pages have their folders in `dist`, so they are built after it is emptied.
  await bundle.write({
    dir: join(root, 'dist'),
    cleanDir: true,
    sourcemap: true,
    chunkFileNames: '[name]-[hash].js',
  });
}

export async function buildPages() {
  const { build } = await import('vite');
  await Promise.all(pages.map((page) => build({ configFile: join(root, page), logLevel: 'warn' })));
}

/** Whether a file that the build reads is newer than what it wrote last. */
async function isChanged() {
  const builtAtMs = await timeOf(join(root, 'dist/graphiql/index.html'));
  const sources = await readdir(join(root, 'src'), { recursive: true });
  const files = [...sources.map((name) => join('src', name)), 'build.js', 'package-lock.json'];
  const times = await Promise.all(files.map((file) => timeOf(join(root, file))));
  return times.some((timeMs) => timeMs > builtAtMs);
}

/** @param {string} path */
async function timeOf(path) {
  return (await stat(path).catch(() => null))?.mtimeMs ?? 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [mode] = process.argv.slice(2);
  if (mode !== '--if-changed' || (await isChanged())) {
    await buildServer();
    if (mode !== 'server') await buildPages();
  }
}
