import { readFileSync } from 'node:fs';
import {
  buildClientSchema,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getIntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { startTestServer } from '../harness.js';

/** As served, with what plugins add to it. */
async function servedSchema(): Promise<GraphQLSchema> {
  const server = await startTestServer();
  const { data } = await server.ask(
    getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true }),
  );
  expect(server.calls).toEqual([]);
  return buildClientSchema(data);
}

describe('schema.graphql', () => {
  it('is the schema as served (after an intended change: npm run schema)', async () => {
    const served = await servedSchema();
    const checkedIn = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
    expect(`${printSchema(lexicographicSortSchema(served))}\n`).toBe(checkedIn);
  });

  it('describes every type, field, argument and enum value', async () => {
    const served = await servedSchema();
    expect(undescribed(served)).toEqual([]);
  });

  it('lets every section of Creator be null', async () => {
    const served = await servedSchema();
    const sections = Object.values(objectFields(served, 'Creator')).filter(({ args }) => args.length > 0);
    expect(sections.length).toBeGreaterThan(5);
    for (const { name, type } of sections) {
      expect(isNonNullType(type), name).toBe(false);
      expect(
        served.isSubType(served.getType('Section') as GraphQLInterfaceType, type as GraphQLObjectType),
      ).toBe(true);
    }
  });

  it('gives each section a history of its own type', async () => {
    const served = await servedSchema();
    const section = served.getType('Section') as GraphQLInterfaceType;
    const types = [section, ...served.getPossibleTypes(section)];
    for (const type of types) {
      const { history } = type.getFields();
      expect(String(history?.type)).toBe(`[${type.name}!]!`);
      expect(history?.args).toMatchObject([{ name: 'last', defaultValue: 10 }]);
    }
  });

  it('names the specification of every scalar except Decimal, which has none', async () => {
    const served = await servedSchema();
    const scalars = ['Date', 'DateTime', 'JSONObject', 'SafeInt', 'URL'].map((name) =>
      served.getType(name)?.toConfig(),
    );
    for (const scalar of scalars)
      expect(scalar).toHaveProperty('specifiedByURL', expect.stringMatching(/^https:/));
  });
});

function objectFields(schema: GraphQLSchema, name: string) {
  const type = schema.getType(name);
  return isObjectType(type) ? type.getFields() : {};
}

function undescribed(schema: GraphQLSchema): string[] {
  const missing: string[] = [];
  const check = (place: string, { description }: { description?: string | null | undefined }) => {
    if (!description?.trim()) missing.push(place);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || isSpecifiedScalarType(type)) continue;
    check(type.name, type);
    if (isEnumType(type)) {
      for (const value of type.getValues()) check(`${type.name}.${value.name}`, value);
    }
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        check(`${type.name}.${field.name}`, field);
        for (const arg of field.args) check(`${type.name}.${field.name}(${arg.name})`, arg);
      }
    }
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field);
    }
  }
  return missing;
}
