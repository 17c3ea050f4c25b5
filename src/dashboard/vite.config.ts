import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Builds the page that the server shows at `/`. It loads nothing from other hosts. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The server may be behind a proxy that serves it under a path of its own.
  base: './',
  // Tests build the page, too, in an environment of their own.
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: fileURLToPath(new URL('../../dist/dashboard', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Charts are a chunk of their own, which is loaded when one is shown.
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  oxc: { jsx: { runtime: 'automatic', development: false } },
  server: { proxy: { '/graphql': 'http://127.0.0.1:4000' } },
});
