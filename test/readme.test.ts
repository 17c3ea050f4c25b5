import { readFileSync } from 'node:fs';
import { buildSchema, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './harness.js';
import { allPartsOf } from './incrementalParts.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Code blocks, in order. */
function blocks(language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  );
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
    expect(await server.ask(blocks('graphql')[0] ?? '')).toEqual(JSON.parse(blocks('json')[0] ?? ''));
    expect(server.calls).toHaveLength(6);
  });

  it('shows how a document is asked by its hash, for a client whose manifest is there', async () => {
    const body = /-d '(\{"documentId".*)'/.exec(readme)?.[1] ?? '';
    const folder = /PERSISTED_DOCUMENTS=(\S+) npm start/.exec(readme)?.[1] ?? '';
    const server = await startTestServer({ env: { PERSISTED_DOCUMENTS: folder } });
    const headers = { 'content-type': 'application/json' };
    const answer = await (await server.fetch('/graphql', { method: 'POST', headers, body })).json();
    expect(answer).toMatchObject({ data: { creators: [{ profile: { name: '张大仙' } }] } });
    expect(server.calls).toHaveLength(3);
  });

  it('shows a dry run as a command, and the answer that it really gets', async () => {
    const server = await startTestServer();
    const response = await run(server, 'x-dry-run');
    // The test's server doesn't know yet that a sandbox answers it.
    const { extensions, ...answer } = JSON.parse(blocks('json')[1] ?? '');
    expect(await response.json()).toEqual({ ...answer, extensions: { cost: extensions.cost } });
    expect(extensions.sandbox).toBe(true);
    expect(server.calls).toEqual([]);
  });

  it('shows an answer in parts as a command, and each part that it really gets', async () => {
    const server = await startTestServer();
    // Then the server knows that a sandbox answers it.
    await server.ask('{ creator(id: "6629722295873044494") { cpMetrics { id } } }');
    const told = await allPartsOf(new Response(blocks('text')[0]));
    expect(await allPartsOf(await run(server, 'multipart/mixed'))).toEqual(told);
    expect(told).toHaveLength(2);
    expect(server.calls).toHaveLength(3);
  });
});

/** The command that has this in it. */
async function run(server: TestServer, mark: string): Promise<Response> {
  const command = blocks('sh').find((block) => block.includes(mark)) ?? '';
  const body = /-d '(.*)'/.exec(command)?.[1] ?? '';
  const headers = Object.fromEntries(
    [...command.matchAll(/-H '(.*?): (.*?)'/g)].map(([, name, value]) => [name, value]),
  );
  return server.fetch('/graphql', { method: 'POST', headers, body });
}
