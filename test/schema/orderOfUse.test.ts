import { introspectionFromSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/schema/index.js';
import { startTestServer } from '../harness.js';

const { types } = introspectionFromSchema(schema).__schema;
const fieldsOf = (name: string) => {
  const type = types.find((one) => one.name === name);
  return type?.kind === 'OBJECT' ? type.fields.map((field) => field.name) : [];
};
const shared = ['id', 'platform', 'hasData', 'fetchedAt', 'isStale', 'history', 'raw'];

describe('the schema, as GraphiQL shows it', () => {
  it("has a creator's sections in the order of use", () => {
    expect(fieldsOf('Creator').slice(0, 5)).toEqual(['id', 'xingtuUrl', 'profile', 'prices', 'cpMetrics']);
  });

  it('has what a section says before what every section has', () => {
    expect(fieldsOf('Profile')[0]).toBe('name');
    const sections = types.filter(
      (type) => type.kind === 'OBJECT' && type.interfaces.some(({ name }) => name === 'Section'),
    );
    expect(sections.length).toBeGreaterThan(10);
    for (const { name } of sections) expect(fieldsOf(name).slice(-shared.length)).toEqual(shared);
  });

  it('has types where they are met first', () => {
    const names = types.map(({ name }) => name);
    const met = ['Query', 'Creator', 'Profile', 'Prices', 'CpMetrics', 'CreatorSearch', 'Upstream'];
    expect(names.filter((name) => met.includes(name))).toEqual(met);
  });

  it('is introspected in this order', async () => {
    const server = await startTestServer();
    const { data, errors } = await server.ask('{ __type(name: "Prices") { fields { name } } }');
    expect(errors).toBeUndefined();
    expect(data.__type.fields.map(({ name }: { name: string }) => name)).toEqual([
      ...['byDuration', 'items', 'cheapestAvailable', 'industryTags'],
      ...shared,
    ]);
    expect(server.calls).toEqual([]);
  });
});
