import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents from the checked-in schema: no server has to run. Copy `config` for a client of your own. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/client/*.ts'],
  generates: {
    'test/client/generated/': {
      preset: 'client',
      // The server takes the manifest that this writes beside the types: PERSISTED_DOCUMENTS.
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: {
        // What isn't named here would be `any`.
        scalars: {
          DateTime: 'string',
          Decimal: 'string',
          // A number would lose digits of a 19-digit id.
          ID: 'string',
          JSONObject: 'Record<string, unknown>',
          SafeInt: 'number',
          URL: 'string',
        },
        enumsAsTypes: true,
        useTypeImports: true,
      },
    },
  },
  importExtension: '.js',
};

export default config;
