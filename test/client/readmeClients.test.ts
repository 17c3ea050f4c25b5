import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApolloClient } from '@apollo/client';
import type { Client } from '@urql/core';
import {
  buildSchema,
  type GraphQLInterfaceType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  parse,
} from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { listen } from '../../src/http.js';
import { audience } from '../../src/sandbox/bodies/audience.js';
import { connectedUsers } from '../../src/sandbox/bodies/connectedUsers.js';
import { followers } from '../../src/sandbox/bodies/followers.js';
import { indices } from '../../src/sandbox/bodies/indices.js';
import { latestVideos } from '../../src/sandbox/bodies/latestVideos.js';
import { performance } from '../../src/sandbox/bodies/performance.js';
import audienceTouch from '../../src/sandbox/samples/audience-touch.json' with { type: 'json' };
import cpMetrics from '../../src/sandbox/samples/cp-metrics.json' with { type: 'json' };
import prices from '../../src/sandbox/samples/prices.json' with { type: 'json' };
import profile from '../../src/sandbox/samples/profile.json' with { type: 'json' };
import recommendedVideos from '../../src/sandbox/samples/recommended-videos.json' with { type: 'json' };
import searchCreators from '../../src/sandbox/samples/search-creators.json' with { type: 'json' };
import { modelledNames } from '../../src/upstream/endpoints/table.js';
import { atEnd } from '../fixtures.js';
import {
  scriptedUpstream,
  startTestServer,
  success,
  type TestServer,
  testConfig,
  type Upstream,
} from '../harness.js';
import { blockOf, pageAt } from '../pages.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = pageAt('docs/clients.md');
const schema = buildSchema(await readFile(join(root, 'schema.graphql'), 'utf8'));
const id = '6629722295873044494';

const endpointOf = (call: string) => call.split(' ')[0] ?? '';

/** The module that the page shows, for a server of the test's own. */
async function moduleOf<T>(
  mark: string,
  upstream?: Upstream,
): Promise<{ module: T; server: TestServer; asked(): number }> {
  const server = await startTestServer(upstream && { upstream });
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
    [
      '-c',
      blockOf(page, 'sh', 'introspectionFromSchema').replace('> schema.json', `> ${folder}/schema.json`),
    ],
    {
      cwd: root,
    },
  );
  const file = join(folder, 'client.ts');
  await writeFile(file, blockOf(page, 'ts', mark).replace('http://127.0.0.1:4000', http.origin));
  return { module: (await import(file)) as T, server, asked: () => asked };
}

const objectTypes = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter(({ name }) => !name.startsWith('__'));

function hasId(type: GraphQLOutputType): boolean {
  return isObjectType(type) && type.getFields()['id'] !== undefined;
}

/** Of types whose objects have no id: those that a field holds one of, and not a list. */
function embeddedTypes(): string[] {
  const held = objectTypes.flatMap((type) =>
    Object.values(type.getFields()).map((field) => getNullableType(field.type)),
  );
  return [...new Set(held.filter(isObjectType).filter((type) => !hasId(type)))].map(({ name }) => name);
}

/**
 * Everything of one creator and of upstream, but of one type every second field only. `id` is always there, and objects
 * without one in lists are always whole: the page says to select them so.
 */
function selectionOf(type: GraphQLOutputType | null | undefined, halved: string, half = 0): string {
  if (!isObjectType(type)) return '';
  const fields = Object.values(type.getFields()).filter(
    ({ name }, nth) => name === 'id' || type.name !== halved || nth % 2 === half,
  );
  const selected = fields.flatMap((field) => {
    const named = getNamedType(field.type);
    // Kinds within kinds would have no end, and what needs arguments of its own is left out.
    if (['creators', 'node', 'unmodelled'].includes(field.name) || named === type) return [];
    // A creator again.
    if (type.name === 'CreatorSearchItem' && field.name === 'creator') return ['creator { id }'];
    const isWhole = isListType(getNullableType(field.type)) && !hasId(named);
    const args = field.name === 'creator' ? `(id: "${id}")` : '';
    return `${field.name}${args} ${selectionOf(named, isWhole ? '' : halved, half)}`;
  });
  return `{ ${selected.join(' ')} }`;
}

/** One that provides what the samples lack, too, so that no object of the schema is null but a stop. */
async function fullUpstream(): Promise<Upstream> {
  const [row] = prices.data.price_info;
  const bodies: Record<string, object> = {
    profile: { ...profile.data, mcn_name: '某机构', mcn_introduction: '…' },
    prices: { ...prices.data, price_info: [{ ...row, price_extra_info: { floor_price: '1' } }] },
    cpMetrics: cpMetrics.data,
    recommendedVideos: recommendedVideos.data,
    audienceTouch: audienceTouch.data,
    performance: performance.sample,
    audience: audience.sample,
    followers: followers.sample,
    connectedUsers: connectedUsers.sample,
    indices: indices.sample,
    latestVideos: latestVideos.sample,
    searchCreators,
  };
  return scriptedUpstream((call) => success(bodies[call.split(' ')[0] ?? ''] ?? {}));
}

describe("docs/clients.md's Apollo Client", () => {
  const apollo = (upstream?: Upstream) => moduleOf<{ client: ApolloClient }>('new ApolloClient(', upstream);

  it('knows every type of Section', async () => {
    const types = schema.getPossibleTypes(schema.getType('Section') as GraphQLInterfaceType);
    const told = /Section: \[(.*?)\]/s.exec(blockOf(page, 'ts', 'new ApolloClient('))?.[1] ?? '';
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

  it('gives the others of one bad id, with its error', async () => {
    const { module, server } = await apollo();
    const { data, error } = await module.client.query({
      query: parse(`{ creators(ids: ["${id}", "no id"]) { id profile { id name } } }`),
    });
    expect(data).toMatchObject({ creators: [{ id, profile: { name: '张大仙' } }, null] });
    expect(error).toMatchObject({ errors: [{ path: ['creators', 1] }] });
    expect(server.calls).toHaveLength(1);
    module.client.stop();
  });

  it('merges every type that has no id and stands alone, or two watched queries would ask for ever', () => {
    const told = [...blockOf(page, 'ts', 'new ApolloClient(').matchAll(/(\w+): merged/g)].map(
      ([, name]) => name,
    );
    expect(told.toSorted()).toEqual(embeddedTypes().toSorted());
  });

  it('asks once for each of two watched queries, though each selects what the other does not', async () => {
    const { module, server, asked } = await apollo(await fullUpstream());
    const selections = objectTypes.flatMap(({ name }) =>
      name === 'Query' ? [] : [0, 1].map((half) => selectionOf(schema.getQueryType(), name, half)),
    );
    // Types that stand in lists without ids only make no difference.
    const watched = [...new Set(selections)].map((selection) =>
      module.client.watchQuery({ query: parse(selection) }),
    );
    await Promise.all(
      watched.map(
        (query) =>
          new Promise<void>((resolve) => {
            const watching = query.subscribe(({ dataState }) => {
              if (dataState === 'complete') resolve();
            });
            atEnd(async () => watching.unsubscribe());
          }),
      ),
    );
    // Had one pushed the other's fields out, that one would be asking again beside each of these.
    const others = 5;
    for (let nth = 0; nth < others; nth += 1) {
      await module.client.query({ query: parse('{ __typename }'), fetchPolicy: 'network-only' });
    }
    expect(asked()).toBe(watched.length + others);
    expect(server.calls.map(endpointOf).toSorted()).toEqual(modelledNames.toSorted());
    for (const query of watched) expect(query.getCurrentResult().dataState).toBe('complete');
    module.client.stop();
  });
});

describe("docs/clients.md's Graphcache", () => {
  it('knows every type that has no id', () => {
    const withoutId = objectTypes.filter((type) => !hasId(type) && type.name !== 'Query');
    const listed = [...blockOf(page, 'ts', 'cacheExchange({').matchAll(/(\w+): embedded/g)].map(
      ([, name]) => name,
    );
    expect(listed.toSorted()).toEqual(withoutId.map(({ name }) => name).toSorted());
  });

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

  it('keeps everything that the schema holds without a warning, and needs no request for it again', async () => {
    const warned: unknown[] = [];
    const warn = vi.spyOn(console, 'warn').mockImplementation((...args) => warned.push(args));
    atEnd(async () => warn.mockRestore());
    const { module, server, asked } = await moduleOf<{ client: Client }>(
      'cacheExchange({',
      await fullUpstream(),
    );
    const query = selectionOf(schema.getQueryType(), 'everything');
    const { data, error } = await module.client.query(query, {}).toPromise();
    expect(error).toBeUndefined();
    const again = await module.client.query(query, {}).toPromise();
    expect(again.data).toEqual(data);
    expect(warned).toEqual([]);
    expect(asked()).toBe(1);
    expect(server.calls.map(endpointOf).toSorted()).toEqual(modelledNames.toSorted());
  });

  it('keeps a section and its prices beside its earlier answers', async () => {
    const upstream = await scriptedUpstream((_, nth) =>
      success({ price_info: [{ video_type: 1, price: nth }] }),
    );
    const { module, server, asked } = await moduleOf<{ client: Client }>('cacheExchange({', upstream);
    const fields = 'id items { id price { amount } }';
    const query = `{ creator(id: "${id}") { id prices(maxAgeSeconds: 0) { ${fields} history { ${fields} } } } }`;
    const options = { requestPolicy: 'network-only' } as const;
    await module.client.query(query, {}, options).toPromise();
    server.clock.advance(60);
    await module.client.query(query, {}, options).toPromise();
    const { data } = await module.client.query(query, {}, { requestPolicy: 'cache-only' }).toPromise();
    const { prices } = data.creator;
    expect([prices, ...prices.history].map(({ items }) => items[0].price.amount)).toEqual(['2.00', '1.00']);
    expect(asked()).toBe(2);
    expect(server.calls).toHaveLength(2);
  });
});
