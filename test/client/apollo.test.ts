import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { apolloClient, cacheOptions } from '../../src/client/apollo.js';
import type { Cost } from '../../src/client/cost.js';
import { modelledNames } from '../../src/upstream/endpoints/table.js';
import { atEnd } from '../fixtures.js';
import { cost, scriptedUpstream, success } from '../harness.js';
import {
  creatorId,
  embeddedTypes,
  endpointOf,
  fullUpstream,
  objectTypes,
  schema,
  selectionOf,
} from './everySelection.js';
import { graphql } from './generated/index.js';
import { onPort } from './onPort.js';
import { twoFiguresOfAVideo } from './videoFigures.js';

const id = creatorId;

const profileThenPrices = graphql(`
  query ProfileThenPrices($id: ID!) {
    creator(id: $id) {
      id
      profile {
        id
        name
      }
      ... @defer {
        prices {
          id
          hasData
        }
      }
    }
  }
`);

const followersOverTime = graphql(`
  query FollowersOverTime($id: ID!, $maxAgeSeconds: Int) {
    creator(id: $id) {
      id
      profile(maxAgeSeconds: $maxAgeSeconds) {
        ...Followers
        history(last: 5) {
          ...Followers
          fetchedAt
        }
      }
    }
  }
  fragment Followers on Profile {
    id
    followerCount
  }
`);

interface Found {
  readonly creator: { readonly id: string };
  readonly creators: readonly { readonly id: string }[];
  readonly searchCreators: { readonly items: readonly [{ readonly creator: { readonly id: string } }] };
}

/** A client that is gone after the test, and the costs that it told. */
function clientOf(url: string) {
  const costs: [string | undefined, Cost][] = [];
  const client = apolloClient(url, (each, operationName) => costs.push([operationName, each]));
  atEnd(async () => client.stop());
  return { client, costs };
}

/** What a watched query shows, in order, of a server whose `prices` wait until they are let go. */
async function watched(pricesCode: number) {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const upstream = await scriptedUpstream((call) =>
    call.startsWith('prices')
      ? (response) => void held.then(() => response.end(JSON.stringify({ code: pricesCode, data: null })))
      : success({ nick_name: '张' }),
  );
  const { url } = await onPort({ upstream, env: { UPSTREAM_RETRIES: '0' } });
  const { client, costs } = clientOf(url);

  const shown: ReturnType<typeof query.getCurrentResult>[] = [];
  const query = client.watchQuery({ query: profileThenPrices, variables: { id } });
  await new Promise<void>((resolve, reject) => {
    const watching = query.subscribe({
      next: (result) => {
        if (result.dataState !== 'empty') shown.push(result);
        if (result.dataState === 'streaming') letGo();
        if (result.dataState !== 'empty' && !result.loading) resolve();
      },
      error: reject,
    });
    atEnd(async () => watching.unsubscribe());
  });
  return { shown, client, costs, calls: upstream.calls };
}

describe('Apollo Client', () => {
  it('shows the profile while the prices hang, then all with its cost, and keeps both', async () => {
    const { shown, client, costs, calls } = await watched(0);
    expect(shown.map(({ dataState, loading }) => ({ dataState, loading }))).toEqual([
      { dataState: 'streaming', loading: true },
      { dataState: 'complete', loading: false },
    ]);
    const [first, last] = shown;
    expect(first?.data?.creator).toMatchObject({ id, profile: { name: '张' } });
    expect(first?.data?.creator).not.toHaveProperty('prices');
    expect(last?.data?.creator).toMatchObject({ profile: { name: '张' }, prices: { hasData: false } });

    const { data } = await client.query({ query: profileThenPrices, variables: { id } });
    expect(data).toEqual(last?.data);
    expect(costs).toEqual([['ProfileThenPrices', cost({ paidCalls: 2 })]]);
    expect(calls.toSorted()).toEqual([`prices ${id} SHORT_VIDEO`, `profile ${id} SHORT_VIDEO`]);
  });

  it('shows what failed beside what came', async () => {
    const { shown, calls } = await watched(301);
    const last = shown.at(-1);
    expect(last?.data?.creator).toMatchObject({ profile: { name: '张' }, prices: null });
    expect(last?.error).toMatchObject({
      errors: [{ path: ['creator', 'prices'], extensions: { code: 'UPSTREAM_COLLECTION_FAILED' } }],
    });
    expect(calls).toHaveLength(2);
  });

  it('has a failed section as null without its error in its cache, and pays for it alone when it asks again', async () => {
    const upstream = await scriptedUpstream((call, nth) =>
      call.startsWith('profile')
        ? success({ nick_name: '张' })
        : { body: { code: nth < 3 ? 301 : 0, data: null } },
    );
    const { url } = await onPort({ upstream, env: { UPSTREAM_RETRIES: '0' } });
    const { client, costs } = clientOf(url);
    const query = parse(`{ creator(id: "${id}") { id profile { id name } prices { id hasData } } }`);
    expect((await client.query({ query })).error).toBeDefined();
    const known = await client.query({ query });
    expect(known).toMatchObject({ data: { creator: { prices: null } } });
    expect(known.error).toBeUndefined();
    const again = await client.query({ query, fetchPolicy: 'network-only' });
    expect(again).toMatchObject({ data: { creator: { prices: { hasData: false } } } });
    expect(again.error).toBeUndefined();
    expect(costs.map(([, each]) => each)).toEqual([
      cost({ paidCalls: 1, failedCalls: 1, attempts: 2 }),
      cost({ paidCalls: 1, cachedCalls: 1 }),
    ]);
    expect(upstream.calls).toHaveLength(3);
  });

  it('finds a creator of a list or a search by the id, without a request', async () => {
    const { server, url, asked } = await onPort();
    const { client } = clientOf(url);
    const other = '6712345678901234567';
    const fields = '{ id profile { id name } }';
    const ask = async (query: string) => (await client.query({ query: parse(query) })).data as Found;
    const list = await ask(`{ creators(ids: ["${id}", "${other}"]) ${fields} }`);
    expect((await ask(`{ creator(id: "${other}") ${fields} }`)).creator).toEqual(list.creators[1]);
    expect((await ask(`{ creators(ids: ["${other}"]) ${fields} }`)).creators).toEqual([list.creators[1]]);
    expect(asked()).toBe(1);

    const page = await ask('{ searchCreators { id items { creator { id xingtuUrl } } } }');
    const [{ creator }] = page.searchCreators.items;
    expect((await ask(`{ creator(id: "${creator.id}") { id xingtuUrl } }`)).creator).toEqual(creator);
    expect(asked()).toBe(2);
    expect(server.calls.map(endpointOf)).toEqual(['profile', 'profile', 'searchCreators']);
  });

  it('asks for a creator whom it does not know, and finds one by a link', async () => {
    const { server, url, asked } = await onPort();
    const { client } = clientOf(url);
    const link = `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}`;
    const query = (of: string) => parse(`{ creator(id: "${of}") { id profile { id name } } }`);
    for (let nth = 0; nth < 2; nth += 1) {
      const one = await client.query({ query: query(link) });
      expect(one).toMatchObject({ data: { creator: { id, profile: { name: '张大仙' } } } });
      expect((await client.query({ query: query('no id') })).data).toEqual({ creator: null });
    }
    await client.query({ query: query(id) });
    expect(asked()).toBe(2);
    expect(server.calls).toHaveLength(1);
  });

  it('keeps a section beside its earlier answers', async () => {
    const upstream = await scriptedUpstream((_, nth) => success({ follower: nth }));
    const { server, url } = await onPort({ upstream });
    const { client } = clientOf(url);
    const variables = { id, maxAgeSeconds: 0 };
    for (let nth = 0; nth < 3; nth += 1) {
      await client.query({ query: followersOverTime, variables, fetchPolicy: 'network-only' });
      server.clock.advance(60);
    }
    const { data } = await client.query({ query: followersOverTime, variables, fetchPolicy: 'cache-only' });
    const profile = data?.creator?.profile;
    expect(profile?.followerCount).toBe(3);
    expect(profile?.history?.map((earlier) => earlier?.followerCount)).toEqual([2, 1]);
    expect(upstream.calls).toHaveLength(3);
  });

  it("keeps a video's figures beside those that it had earlier", async () => {
    const { query, upstream, playCounts } = await twoFiguresOfAVideo();
    const { server, url } = await onPort({ upstream });
    const { client } = clientOf(url);
    await client.query({ query: parse(query), fetchPolicy: 'network-only' });
    server.clock.advance(60);
    await client.query({ query: parse(query), fetchPolicy: 'network-only' });
    const { data } = await client.query({ query: parse(query), fetchPolicy: 'cache-only' });
    expect(playCounts(data)).toEqual([2, 1]);
    expect(server.calls).toHaveLength(2);
  });

  it('gives what a fragment on Section selects', async () => {
    const { server, url } = await onPort();
    const { client } = clientOf(url);
    const { data } = await client.query({
      query: parse(`
        query { creator(id: "${id}") { id profile { ...Facts } prices { ...Facts } } }
        fragment Facts on Section { id hasData platform }
      `),
    });
    const facts = { hasData: true, platform: 'SHORT_VIDEO', id: expect.any(String) };
    expect(data).toMatchObject({ creator: { profile: facts, prices: facts } });
    expect(server.calls).toHaveLength(2);
  });

  it('gives the others of one bad id, with its error', async () => {
    const { server, url } = await onPort();
    const { client } = clientOf(url);
    const { data, error } = await client.query({
      query: parse(`{ creators(ids: ["${id}", "no id"]) { id profile { id name } } }`),
    });
    expect(data).toMatchObject({ creators: [{ id, profile: { name: '张大仙' } }, null] });
    expect(error).toMatchObject({ errors: [{ path: ['creators', 1] }] });
    expect(server.calls).toHaveLength(1);
  });

  it('merges every type that has no key and stands alone, or two watched queries would ask for ever', () => {
    const told = Object.entries(cacheOptions.typePolicies ?? {}).flatMap(([name, { merge }]) =>
      merge === true ? [name] : [],
    );
    expect(told.toSorted()).toEqual(embeddedTypes().toSorted());
  });

  it('asks once for each of two watched queries, though each selects what the other does not', async () => {
    const { server, url, asked } = await onPort({ upstream: await fullUpstream() });
    const { client } = clientOf(url);
    const selections = objectTypes.flatMap(({ name }) =>
      name === 'Query' ? [] : [0, 1].map((half) => selectionOf(schema.getQueryType(), name, half)),
    );
    // Types that stand in lists without keys only make no difference.
    const queries = [...new Set(selections)].map((selection) =>
      client.watchQuery({ query: parse(selection) }),
    );
    await Promise.all(
      queries.map(
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
      await client.query({ query: parse('{ __typename }'), fetchPolicy: 'network-only' });
    }
    expect(asked()).toBe(queries.length + others);
    expect(server.calls.map(endpointOf).toSorted()).toEqual(modelledNames.toSorted());
    for (const query of queries) expect(query.getCurrentResult().dataState).toBe('complete');
  });
});
