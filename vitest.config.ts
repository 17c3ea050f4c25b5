import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longestFirst.js';

export default defineConfig({
  resolve: {
    // graphql ships two builds. Node gives its own dependents one, Vite would give our sources the other, and
    // `instanceof GraphQLError` would fail between them.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: {
    // Many tests wait for processes of their own, so that one worker leaves a core idle.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // A disk that is busy with something else may take seconds to sync.
    testTimeout: 15_000,
    // Each file would load the whole server anew, which takes half a second.
    isolate: false,
    globalSetup: './test/build.ts',
    reporters: ['default', './test/plainSummary.ts'],
  },
});
