import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { listenerFor } from '../../src/http.js';
import { schema } from '../../src/schema/index.js';
import { subgraphSdl } from '../../src/schema/subgraphSdl.js';
import { atEnd } from '../fixtures.js';
import {
  type Answer,
  cost,
  scriptedUpstream,
  startTestServer,
  success,
  type TestServer,
} from '../harness.js';

const [first, second] = ['6629722295873044494', '6712345678901234502'];

const entities = `query Entities($representations: [_Any!]!) {
  _entities(representations: $representations) { __typename ... on Creator { id profile { name } } }
}`;

const creator = (id: unknown) => ({ __typename: 'Creator', id });

const named = () => scriptedUpstream((call) => success({ nick_name: `name of ${call.split(' ')[1]}` }));

describe('_entities', () => {
  it('answers creators by their keys, in order, and pays once for a repeated one', async () => {
    const upstream = await named();
    const server = await startTestServer({ upstream, env: { FEDERATION: '1' } });
    const representations = [first, second, first].map(creator);
    const { data, errors, extensions } = await server.ask(entities, { representations });
    const entity = (id: string) => ({ __typename: 'Creator', id, profile: { name: `name of ${id}` } });
    expect(data).toEqual({ _entities: [entity(first), entity(second), entity(first)] });
    expect(errors).toBeUndefined();
    expect(extensions?.cost).toEqual(cost({ paidCalls: 2 }));
    expect([...upstream.calls].sort()).toEqual([
      `profile ${first} SHORT_VIDEO`,
      `profile ${second} SHORT_VIDEO`,
    ]);
  });

  it('costs nothing by itself', async () => {
    const server = await startTestServer({ env: { FEDERATION: '1' } });
    const query =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Creator { id xingtuUrl } } }';
    const { data, extensions } = await server.ask(query, { r: [creator(first)] });
    expect(data._entities).toEqual([{ id: first, xingtuUrl: expect.stringContaining(first) }]);
    expect(extensions?.cost).toBeUndefined();
    expect(server.calls).toEqual([]);
  });

  it('has null and BAD_USER_INPUT at the index of a malformed representation', async () => {
    const upstream = await named();
    const server = await startTestServer({ upstream, env: { FEDERATION: '1' } });
    const malformed = [
      creator('1'),
      creator(6629722295873),
      { __typename: 'Price', id: first },
      'Creator',
      null,
    ];
    const { data, errors } = await server.ask(entities, {
      representations: [...malformed.slice(0, 4), creator(first)],
    });
    expect(data._entities).toEqual([null, null, null, null, expect.objectContaining({ id: first })]);
    expect(errors?.map(({ path, extensions: { code } }) => [path?.join('.'), code])).toEqual(
      [0, 1, 2, 3].map((index) => [`_entities.${index}`, 'BAD_USER_INPUT']),
    );
    expect(upstream.calls).toHaveLength(1);
  });

  it('is planned: a dry run tells its cost, and too many calls or creators are refused before any is made', async () => {
    const server = await startTestServer({ env: { FEDERATION: '1', QUERY_MAX_CALLS: '2' } });
    const ids = Array.from({ length: 1_001 }, (_, nth) => String(6_600_000_000_000_000_000n + BigInt(nth)));
    const asked = async (count: number, headers: Record<string, string> = {}) => {
      const representations = ids.slice(0, count).map(creator);
      const { errors, extensions } = await server.ask(entities, { representations }, headers);
      return [errors?.[0]?.extensions['code'], extensions?.cost?.requestedCalls];
    };
    expect(await asked(3, { 'x-dry-run': '1' })).toEqual(['DRY_RUN', 3]);
    expect(await asked(3)).toEqual(['QUERY_TOO_EXPENSIVE', 3]);
    expect(await asked(1_001)).toEqual(['BAD_USER_INPUT', 0]);
    expect(server.calls).toEqual([]);
  });

  it('counts the size of the schema, which aliases could repeat', async () => {
    expect(subgraphSdl(schema).length).toBeLessThan(262_144);
    const server = await startTestServer({ env: { FEDERATION: '1' } });
    const aliases = Array.from({ length: 200 }, (_, nth) => `sdl${nth}: sdl`).join(' ');
    const { errors } = await server.ask(`{ _service { ${aliases} } }`);
    expect(errors?.[0]?.extensions['code']).toBe('RESPONSE_TOO_LARGE');
    expect((await server.ask('{ _service { sdl } }')).data._service.sdl).toBe(subgraphSdl(schema));
    expect(server.calls).toEqual([]);
  });
});

/** Another team's subgraph, whose campaigns have creators. */
const campaigns = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])
  type Query { campaigns: [Campaign!]! }
  type Campaign { name: String! creator: Creator }
  type Creator @key(fields: "id", resolvable: false) { id: ID! }
`;

async function onPort(listener: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  atEnd(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

/** The two subgraphs behind Hive's gateway, which passes the client's key on. */
async function startGateway(server: TestServer, ids: readonly string[]) {
  const seen: IncomingHttpHeaders[] = [];
  const listener = listenerFor(server.respond);
  const xingtu = await onPort((request, response) => {
    seen.push(request.headers);
    listener(request, response);
  });
  const yoga = createYoga({
    logging: false,
    schema: createSchema({
      typeDefs: campaigns.replace(/extend schema.*\n/, '').replace(/@key\([^)]*\)/, ''),
      resolvers: {
        Query: { campaigns: () => ids.map((id, nth) => ({ name: `Campaign ${nth}`, creator: { id } })) },
      },
    }),
  });
  const others = await onPort(yoga);
  const { supergraphSdl, errors } = composeServices([
    { name: 'xingtu', typeDefs: parse(subgraphSdl(schema)), url: xingtu },
    { name: 'campaigns', typeDefs: parse(campaigns), url: others },
  ]);
  expect(errors).toBeUndefined();
  const gateway = createGatewayRuntime({
    supergraph: supergraphSdl ?? '',
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') ?? '' }),
    },
    logging: false,
    maskedErrors: false,
  });
  atEnd(async () => void (await gateway.dispose()));
  const ask = async (query: string) => {
    const response = await gateway.fetch('http://gateway/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer key-87654321' },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as Answer;
  };
  return { ask, seen };
}

it('without FEDERATION=1 the schema has no fields of federation', async () => {
  const server = await startTestServer();
  const { errors } = await server.ask('{ _service { sdl } }');
  expect(errors?.[0]?.message).toContain('Cannot query field "_service"');
  expect(server.calls).toEqual([]);
});

describe('behind a federation gateway', () => {
  it('creators of another subgraph have their sections, each paid once, and errors at their paths', async () => {
    const upstream = await scriptedUpstream((call) =>
      call.startsWith('prices')
        ? { body: { code: 600, data: null } }
        : success({ nick_name: `name of ${call.split(' ')[1]}` }),
    );
    const server = await startTestServer({
      upstream,
      env: { FEDERATION: '1', API_KEYS: 'gateway:key-87654321' },
    });
    const { ask, seen } = await startGateway(server, [first, second, first]);
    const { data, errors } = await ask(
      '{ campaigns { name creator { id profile { name } } } creator(id: "6629722295873044494") { prices { hasData } } }',
    );
    expect(data.campaigns).toEqual(
      [first, second, first].map((id, nth) => ({
        name: `Campaign ${nth}`,
        creator: { id, profile: { name: `name of ${id}` } },
      })),
    );
    expect(data.creator).toEqual({ prices: null });
    expect(errors?.map(({ path, extensions: { code } }) => [path, code])).toEqual([
      [['creator', 'prices'], 'UPSTREAM_FORBIDDEN'],
    ]);
    for (const { authorization } of seen) expect(authorization).toBe('Bearer key-87654321');
    expect([...upstream.calls].sort()).toEqual([
      `prices ${first} SHORT_VIDEO`,
      `profile ${first} SHORT_VIDEO`,
      `profile ${second} SHORT_VIDEO`,
    ]);
  });
});
