import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // graphql ships two builds. Node gives its own dependents one, Vite would give our sources the other, and
    // `instanceof GraphQLError` would fail between them.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
  test: { globalSetup: './test/build.ts', reporters: ['default', './test/plainSummary.ts'] },
});
