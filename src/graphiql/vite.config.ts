import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

/** Its fonts are half of GraphiQL's weight, and have no Chinese glyphs. The page uses the system's. */
const withoutFonts: Plugin = {
  name: 'without-fonts',
  enforce: 'pre',
  transform: {
    filter: { id: /\.css$/ },
    handler: (code) => code.replaceAll(/@font-face\s*\{[^}]*\}/g, ''),
  },
};

/** Builds GraphiQL's page as one HTML file, so that a visit is one request. */
export default defineConfig({
  root: fileURLToPath(new URL('browser', import.meta.url)),
  plugins: [withoutFonts, viteSingleFile()],
  // Tests build the page, too, in an environment of their own.
  define: { 'process.env.NODE_ENV': '"production"' },
  oxc: { jsx: { development: false } },
  build: {
    outDir: fileURLToPath(new URL('../../dist/graphiql', import.meta.url)),
    emptyOutDir: true,
    reportCompressedSize: false,
    // It is for React on servers.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
});
