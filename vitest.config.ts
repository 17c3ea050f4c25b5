import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longestFirst.js';

export default defineConfig({
  resolve: {
    // graphql has two builds. Packages get one from Node, and our sources would get the other from Vite, so
    // `instanceof GraphQLError` would fail between them.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    // More than the cores of a small machine, because many tests wait for processes that they have started.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    // On a busy machine all takes longer, and a test that hangs fails after a minute as well.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // With isolation, each file would load the whole server again, which takes half a second.
    isolate: false,
    globalSetup: './test/build.ts',
    reporters: ['default', './test/plainSummary.ts'],
  },
});
