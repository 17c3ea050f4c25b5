import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ConcreteRequest, fetchQuery, type OperationType } from 'relay-runtime';
import { describe, expect, it } from 'vitest';
import type { Cost } from '../../src/client/cost.js';
import { relayEnvironment } from '../../src/client/relay.js';
import { temporaryFolder } from '../fixtures.js';
import { cost } from '../harness.js';
import { endpointOf, creatorId as id } from './everySelection.js';
import { onPort } from './onPort.js';
import { twoFiguresOfAVideo } from './videoFigures.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Compiles documents as Relay's own compiler does, and gives each by its name. */
async function compiled(code: string): Promise<(name: string) => Promise<ConcreteRequest>> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'generated'));
  await copyFile(join(root, 'schema.graphql'), join(folder, 'schema.graphql'));
  await writeFile(join(folder, 'Page.ts'), `import { graphql } from 'react-relay';\n${code}`);
  const config = {
    src: '.',
    schema: './schema.graphql',
    language: 'typescript',
    artifactDirectory: './generated',
  };
  await writeFile(join(folder, 'relay.config.json'), JSON.stringify(config));
  await run(join(root, 'node_modules/.bin/relay-compiler'), ['relay.config.json'], { cwd: folder });
  return async (name) => (await import(join(folder, 'generated', `${name}.graphql.ts`))).default;
}

const page = `
export const card = graphql\`
  fragment PageCard_creator on Creator @refetchable(queryName: "PageCardRefetchQuery") { profile { name } }
\`;
export const one = graphql\`query PageOneQuery($id: ID!) { creator(id: $id) { id profile { name } ...PageCard_creator } }\`;
export const list = graphql\`query PageListQuery($ids: [ID!]!) { creators(ids: $ids) { id profile { name } } }\`;
`;

describe('Relay', () => {
  it('compiles a refetchable fragment, and the server answers its queries', async () => {
    const documentOf = await compiled(page);
    const { server } = await onPort();
    const textOf = async (name: string) => (await documentOf(name)).params.text ?? '';
    const whole = await server.ask(await textOf('PageOneQuery'), { id });
    expect(whole.data.creator).toMatchObject({ id, profile: { name: '张大仙' } });
    const refetchQuery = await textOf('PageCardRefetchQuery');
    expect(refetchQuery).toContain('node(id: $id)');
    const refetched = await server.ask(refetchQuery, { id });
    expect(refetched.data.node).toEqual({ __typename: 'Creator', ...whole.data.creator });
    expect(refetched.extensions?.cost).toEqual(cost({ cachedCalls: 1 }));
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });

  it('finds a creator of a list by the id, without a request, and tells what each response cost', async () => {
    const documentOf = await compiled(page);
    const { server, url, asked } = await onPort();
    const costs: Cost[] = [];
    const environment = relayEnvironment(url, (each) => costs.push(each));
    const ask = async (name: string, variables: object) =>
      fetchQuery<OperationType>(environment, await documentOf(name), variables, {
        fetchPolicy: 'store-or-network',
      }).toPromise();
    const other = '6712345678901234567';
    const list = await ask('PageListQuery', { ids: [id, other, 'no id'] });
    expect(list).toEqual({
      creators: [
        { id, profile: { name: '张大仙' } },
        { id: other, profile: { name: expect.any(String) } },
        null,
      ],
    });
    const [, creator] = (list as { creators: object[] }).creators;
    expect(await ask('PageOneQuery', { id: other })).toMatchObject({ creator: { ...creator } });
    expect(await ask('PageListQuery', { ids: [other] })).toEqual({ creators: [creator] });
    expect(asked()).toBe(1);
    expect(await ask('PageOneQuery', { id: '6812345678901234568' })).toMatchObject({
      creator: { profile: {} },
    });
    expect(asked()).toBe(2);
    expect(costs).toEqual([cost({ paidCalls: 2 }), cost({ paidCalls: 1 })]);
    expect(server.calls.map(endpointOf)).toEqual(['profile', 'profile', 'profile']);
  });

  it("keeps a video's figures beside those that it had earlier", async () => {
    const { query, upstream, playCounts } = await twoFiguresOfAVideo();
    const documentOf = await compiled(`export const videos = graphql\`query PageVideosQuery ${query}\`;`);
    const { server, url } = await onPort({ upstream });
    const environment = relayEnvironment(url);
    const document = await documentOf('PageVideosQuery');
    await fetchQuery(environment, document, {}).toPromise();
    server.clock.advance(60);
    expect(playCounts(await fetchQuery(environment, document, {}).toPromise())).toEqual([2, 1]);
    expect(server.calls).toHaveLength(2);
  });
});
