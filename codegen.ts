import type { CodegenConfig } from '@graphql-codegen/cli';

type Output = Exclude<CodegenConfig['generates'][string], readonly unknown[]>;

/** Copy it for your own client. Scalars that are not listed would be `any`. */
const client: Output = {
  preset: 'client',
  config: {
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
};

/** Generates typed documents from the checked-in schema, so no server has to run. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  generates: {
    'test/client/generated/': {
      ...client,
      documents: ['test/client/*.ts'],
      // Also writes a manifest, which the server reads from PERSISTED_DOCUMENTS.
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
    },
    'src/dashboard/generated/': {
      ...client,
      documents: ['src/dashboard/*.graphql'],
      // The page sends the documents' ids, and the server has their texts.
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { hashAlgorithm: 'sha256', mode: 'replaceDocumentWithHash' },
      },
    },
  },
  importExtension: '.js',
};

export default config;
