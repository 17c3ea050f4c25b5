import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApolloClient } from '@apollo/client';
import type { Client } from '@urql/core';
import { buildSchema, type GraphQLInterfaceType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { listen } from '../../src/http.js';
import { atEnd } from '../fixtures.js';
import { startTestServer, testConfig } from '../harness.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = await readFile(join(root, 'README.md'), 'utf8');
const id = '6629722295873044494';

/** README's block of this language that has this in it, as it stands. */
function block(language: string, mark: string): string {
  const blocks = [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))];
  const found = blocks.find(([, text]) => text?.includes(mark))?.[1];
  if (found === undefined) throw new Error(`README has no block of ${language} with ${mark}`);
  return found;
}

/** The module that README shows, for a server of the test's own. */
async function moduleOf<T>(
  mark: string,
): Promise<{ module: T; server: Awaited<ReturnType<typeof startTestServer>>; asked(): number }> {
  const server = await startTestServer();
  let asked = 0;
  const http = await listen(
    (...args) => {
      asked += 1;
      return server.respond(...args);
    },
    testConfig({ PORT: '0' }),
  );
  atEnd(() => http.close());
  // Where packages are found, and nothing is looked at by anything else.
  await mkdir(join(root, 'dist'), { recursive: true });
  const folder = await mkdtemp(join(root, 'dist', 'readme-'));
  atEnd(() => rm(folder, { recursive: true }));
  execFileSync(
    'sh',
    ['-c', block('sh', 'introspectionFromSchema').replace('> schema.json', `> ${folder}/schema.json`)],
    {
      cwd: root,
    },
  );
  const file = join(folder, 'client.ts');
  await writeFile(file, block('ts', mark).replace('http://127.0.0.1:4000', http.origin));
  return { module: (await import(file)) as T, server, asked: () => asked };
}

describe("README's Apollo Client", () => {
  const apollo = () => moduleOf<{ client: ApolloClient }>('new ApolloClient(');

  it('knows every type of Section', async () => {
    const schema = buildSchema(await readFile(join(root, 'schema.graphql'), 'utf8'));
    const types = schema.getPossibleTypes(schema.getType('Section') as GraphQLInterfaceType);
    const told = /Section: \[(.*?)\]/.exec(block('ts', 'new ApolloClient('))?.[1] ?? '';
    expect(told.match(/\w+/g)?.toSorted()).toEqual(types.map(({ name }) => name).toSorted());
  });

  it('gives what a fragment on Section selects', async () => {
    const { module, server } = await apollo();
    const { data } = await module.client.query({
      query: parse(`
        query { creator(id: "${id}") { id profile { ...Facts } prices { ...Facts } } }
        fragment Facts on Section { id hasData platform }
      `),
    });
    const facts = { hasData: true, platform: 'SHORT_VIDEO', id: expect.any(String) };
    expect(data).toMatchObject({ creator: { profile: facts, prices: facts } });
    expect(server.calls).toHaveLength(2);
    module.client.stop();
  });

  it('asks once for each of two watched queries of prices that want different fields', async () => {
    const { module, server, asked } = await apollo();
    const watched = ['label', 'price { amount }'].map((field) =>
      module.client.watchQuery({
        query: parse(`{ creator(id: "${id}") { id prices { id items { id ${field} } } } }`),
      }),
    );
    const results: unknown[] = [];
    await Promise.all(
      watched.map(
        (query) =>
          new Promise<void>((resolve) => {
            const watching = query.subscribe((result) => {
              results.push(result);
              if (result.dataState === 'complete') resolve();
            });
            atEnd(async () => watching.unsubscribe());
          }),
      ),
    );
    // Had one pushed the other's fields out, that would have asked again.
    for (const query of watched) expect((await query.refetch()).data).toMatchObject({ creator: { id } });
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(asked()).toBe(4);
    expect(server.calls).toHaveLength(1);
    module.client.stop();
  });
});

describe("README's Graphcache", () => {
  it('gives the others of one bad id, and knows them by their ids', async () => {
    const { module, server, asked } = await moduleOf<{ client: Client }>('cacheExchange({');
    const query = `query ($ids: [ID!]!) { creators(ids: $ids) { id profile { id name } prices { id items { id label } } } }`;
    const { data, error } = await module.client.query(query, { ids: [id, 'no id'] }).toPromise();
    expect(data?.creators).toMatchObject([{ id, profile: { name: '张大仙' } }, null]);
    expect(error?.graphQLErrors).toMatchObject([
      { path: ['creators', 1], extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    const again = await module.client
      .query(`{ creators(ids: ["${id}"]) { id profile { id name } } }`, {})
      .toPromise();
    expect(again.data?.creators).toMatchObject([{ profile: { name: '张大仙' } }]);
    expect(asked()).toBe(2);
    expect(server.calls).toHaveLength(2);
  });
});
