import { build } from '../build.js';

/**
 * Builds the program and its pages before all tests, because some start it as `npm start` does. Some run the SQLite
 * driver alone, or in processes of their own.
 */
export default function setUp(): Promise<void> {
  return build({
    sqlite: 'src/upstream/store/sqlite/sqlite.ts',
    storeProgram: 'test/upstream/store/sqlite/storeProgram.ts',
  });
}
