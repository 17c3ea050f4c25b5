import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { build as buildPage } from 'vite';
import config from '../rolldown.config.js';

/** Builds the program before all tests, because some start it as `npm start` does. Some run the SQLite driver alone. */
export default async function build(): Promise<void> {
  const { input, output, ...options } = config;
  const bundle = await rolldown({
    ...options,
    input: { ...input, sqlite: 'src/upstream/store/sqlite/sqlite.ts' },
  });
  await bundle.write(output);
  await buildPage({ configFile: fileURLToPath(new URL('../src/dashboard/vite.config.ts', import.meta.url)) });
}
