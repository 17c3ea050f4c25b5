import { readFileSync } from 'node:fs';
import { buildSchema, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { startTestServer } from './harness.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function firstBlock(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? '';
}

const schema = buildSchema(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'));

describe('README', () => {
  it('tells Graphcache of every type that has no id', () => {
    const withoutId = Object.values(schema.getTypeMap()).filter(
      (type) =>
        isObjectType(type) && !type.name.startsWith('__') && !type.getFields()['id'] && type.name !== 'Query',
    );
    const told = [...readme.matchAll(/(\w+): embedded/g)].map(([, name]) => name);
    expect(told.sort()).toEqual(withoutId.map(({ name }) => name).sort());
  });

  it('shows a query and the answer that the sandbox really gives, for the calls it says', async () => {
    const server = await startTestServer();
    expect(await server.ask(firstBlock('graphql'))).toEqual(JSON.parse(firstBlock('json')));
    expect(server.calls).toHaveLength(6);
  });
});
