import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler } from '@apollo/client/incremental';
import { describe, expect, it } from 'vitest';
import { listen } from '../../src/http.js';
import { atEnd } from '../fixtures.js';
import { scriptedUpstream, startTestServer, success, testConfig } from '../harness.js';
import { graphql } from './generated/index.js';

const id = '6629722295873044494';

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
  const server = await startTestServer({ upstream, env: { UPSTREAM_RETRIES: '0' } });
  const http = await listen(server.respond, testConfig({ PORT: '0' }));
  atEnd(() => http.close());
  const client = new ApolloClient({
    link: new HttpLink({ uri: `${http.origin}/graphql` }),
    cache: new InMemoryCache(),
    incrementalHandler: new Defer20220824Handler(),
  });
  atEnd(async () => client.stop());

  const shown: ReturnType<typeof query.getCurrentResult>[] = [];
  const query = client.watchQuery({ query: profileThenPrices, variables: { id }, errorPolicy: 'all' });
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
  return { shown, client, calls: upstream.calls };
}

describe('Apollo Client', () => {
  it('shows the profile while the prices hang, then all, and keeps both', async () => {
    const { shown, client, calls } = await watched(0);
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

  it('keeps a section beside its earlier answers', async () => {
    const upstream = await scriptedUpstream((_, nth) => success({ follower: nth }));
    const server = await startTestServer({ upstream });
    const http = await listen(server.respond, testConfig({ PORT: '0' }));
    atEnd(() => http.close());
    const client = new ApolloClient({
      link: new HttpLink({ uri: `${http.origin}/graphql` }),
      cache: new InMemoryCache(),
    });
    atEnd(async () => client.stop());
    const variables = { id, maxAgeSeconds: 0 };
    const pay = () =>
      client.query({ query: followersOverTime, variables, fetchPolicy: 'network-only' as const });
    for (let nth = 0; nth < 3; nth += 1) {
      await pay();
      server.clock.advance(60);
    }
    const { data } = await client.query({ query: followersOverTime, variables, fetchPolicy: 'cache-only' });
    const profile = data?.creator?.profile;
    expect(profile?.followerCount).toBe(3);
    expect(profile?.history.map(({ followerCount }) => followerCount)).toEqual([2, 1]);
    expect(upstream.calls).toHaveLength(3);
  });
});
