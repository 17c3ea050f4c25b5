import type { CodegenConfig } from '@graphql-codegen/cli';

/** Generates typed documents from the checked-in schema, so no server has to run. Copy `config` for your own client. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/client/*.ts'],
  generates: {
    'test/client/generated/': {
      preset: 'client',
      // Also writes a manifest, which the server reads from PERSISTED_DOCUMENTS.
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: {
        // Scalars that are not listed would be `any`.
        scalars: {
          Date: 'string',
          DateTime: 'string',
          Decimal: 'string',
          // A number would round a 19-digit id.
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
