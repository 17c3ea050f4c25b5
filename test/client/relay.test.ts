import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures.js';
import { cost, startTestServer } from '../harness.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const id = '6629722295873044494';

const component = `
import { graphql } from 'react-relay';

export const card = graphql\`
  fragment CreatorCard_creator on Creator @refetchable(queryName: "CreatorCardRefetchQuery") {
    profile { name }
  }
\`;

export const page = graphql\`
  query CreatorCardPageQuery($id: ID!) { creator(id: $id) { ...CreatorCard_creator } }
\`;
`;

/** The text of a document that Relay's compiler wrote. */
async function compiledText(folder: string, name: string): Promise<string> {
  const artifact = await readFile(join(folder, 'generated', `${name}.graphql.ts`), 'utf8');
  const [, text = 'null'] = /^\s*"text": (".*"),?$/m.exec(artifact) ?? [];
  return JSON.parse(text);
}

describe("Relay's compiler", () => {
  it('compiles a refetchable fragment, and the server answers its queries', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'generated'));
    await copyFile(join(root, 'schema.graphql'), join(folder, 'schema.graphql'));
    await writeFile(join(folder, 'CreatorCard.ts'), component);
    const config = {
      src: '.',
      schema: './schema.graphql',
      language: 'typescript',
      artifactDirectory: './generated',
    };
    await writeFile(join(folder, 'relay.config.json'), JSON.stringify(config));
    await run(join(root, 'node_modules/.bin/relay-compiler'), ['relay.config.json'], { cwd: folder });

    const server = await startTestServer();
    const page = await server.ask(await compiledText(folder, 'CreatorCardPageQuery'), { id });
    expect(page.data.creator).toMatchObject({ id, profile: { name: '张大仙' } });
    const refetchQuery = await compiledText(folder, 'CreatorCardRefetchQuery');
    expect(refetchQuery).toContain('node(id: $id)');
    const refetched = await server.ask(refetchQuery, { id });
    expect(refetched.data.node).toEqual({ __typename: 'Creator', ...page.data.creator });
    expect(refetched.extensions?.cost).toEqual(cost({ cachedCalls: 1 }));
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });
});
