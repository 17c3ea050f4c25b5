import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minifyIntrospectionQuery } from '@urql/introspection';
import { buildSchema, introspectionFromSchema, isInterfaceType } from 'graphql';

// Writes what clients must know of the schema beside this file, or into the folder that the command names.
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = process.argv[2] ?? here;
const schema = buildSchema(readFileSync(join(here, '../../schema.graphql'), 'utf8'));

const interfaces = Object.values(schema.getTypeMap()).filter(isInterfaceType);
const possibleTypes = interfaces.map((type) => [
  type.name,
  schema.getPossibleTypes(type).map(({ name }) => name),
]);
write(
  'possibleTypes.ts',
  `/** The types that have each interface. */
export const possibleTypes = ${JSON.stringify(Object.fromEntries(possibleTypes), null, 2)};`,
);

const { __schema } = minifyIntrospectionQuery(introspectionFromSchema(schema), {
  includeEnums: true,
  includeInputs: true,
  includeScalars: true,
});
const { types, ...rest } = __schema;
write(
  'introspection.ts',
  `/** The schema, without what clients do not need: descriptions and arguments. */
export const introspection = {
  __schema: {
    ${JSON.stringify(rest).slice(1, -1)},
    types: [
      ${types.map((type) => JSON.stringify(type)).join(',\n      ')},
    ],
  },
} as const;`,
);

function write(file: string, code: string): void {
  writeFileSync(join(folder, file), `// Written by \`npm run codegen\`.\n\n${code}\n`);
}
