import { buildPages, buildServer } from '../build.js';

/**
 * Builds the program and its pages before all tests, because some start it as `npm start` does. Some run the SQLite
 * driver alone.
 */
export default async function build(): Promise<void> {
  await buildServer({ sqlite: 'src/upstream/store/sqlite/sqlite.ts' });
  await buildPages();
}
