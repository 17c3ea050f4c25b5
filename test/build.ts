import { rolldown } from 'rolldown';
import { build as buildPage } from 'vite';
import config from '../rolldown.config.js';

/**
 * Builds the program and its pages before all tests, because some start it as `npm start` does. Some run the SQLite
 * driver alone.
 */
export default async function build(): Promise<void> {
  const { input, output, ...options } = config;
  const bundle = await rolldown({
    ...options,
    input: { ...input, sqlite: 'src/upstream/store/sqlite/sqlite.ts' },
  });
  // It empties dist.
  await bundle.write(output);
  await buildPage({ configFile: 'src/graphiql/vite.config.ts', logLevel: 'warn' });
}
