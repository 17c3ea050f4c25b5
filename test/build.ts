import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import config from '../rolldown.config.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Builds the program before all tests, because some start it as `npm start` does. Some run the SQLite driver alone. */
export default async function build(): Promise<void> {
  const { input, output, ...options } = config;
  const bundle = await rolldown({
    ...options,
    input: { ...input, sqlite: 'src/upstream/store/sqlite/sqlite.ts' },
  });
  await bundle.write(output);
  // Vitest's own NODE_ENV would build the page for development.
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync('node_modules/.bin/vite', ['build', '-c', 'src/dashboard/vite.config.ts'], { cwd: root, env });
}
