import { describe, expect, it, vi } from 'vitest';
import type { Cost } from '../../src/client/cost.js';
import { cacheOptions, urqlClient } from '../../src/client/graphcache.js';
import { modelledNames } from '../../src/upstream/endpoints/table.js';
import { atEnd } from '../fixtures.js';
import { cost, scriptedUpstream, success } from '../harness.js';
import {
  creatorId,
  endpointOf,
  fullUpstream,
  hasKey,
  objectTypes,
  schema,
  selectionOf,
} from './everySelection.js';
import { onPort } from './onPort.js';
import { twoFiguresOfAVideo } from './videoFigures.js';

const id = creatorId;

describe("urql's client with Graphcache", () => {
  it('knows every type that has no key', () => {
    const withoutKey = objectTypes.filter((type) => !hasKey(type) && type.name !== 'Query');
    expect(Object.keys(cacheOptions.keys ?? {}).toSorted()).toEqual(
      withoutKey.map(({ name }) => name).toSorted(),
    );
  });

  it('gives the others of one bad id, and knows them by their ids', async () => {
    const { server, url, asked } = await onPort();
    const client = urqlClient(url);
    const query = `query ($ids: [ID!]!) { creators(ids: $ids) { id profile { id name } prices { id items { id label } } } }`;
    const { data, error } = await client.query(query, { ids: [id, 'no id'] }).toPromise();
    expect(data?.creators).toMatchObject([{ id, profile: { name: '张大仙' } }, null]);
    expect(error?.graphQLErrors).toMatchObject([
      { path: ['creators', 1], extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    const again = await client
      .query(`{ creators(ids: ["${id}"]) { id profile { id name } } }`, {})
      .toPromise();
    expect(again.data?.creators).toMatchObject([{ profile: { name: '张大仙' } }]);
    expect(asked()).toBe(1);
    expect(server.calls).toHaveLength(2);
  });

  it('finds a creator of a list or a search by the id, without a request', async () => {
    const { server, url, asked } = await onPort();
    const client = urqlClient(url);
    const other = '6712345678901234567';
    const fields = '{ id profile { id name } }';
    const list = await client.query(`{ creators(ids: ["${id}", "${other}"]) ${fields} }`, {}).toPromise();
    const one = await client.query(`{ creator(id: "${other}") ${fields} }`, {}).toPromise();
    expect(one.data.creator).toEqual(list.data.creators[1]);
    const fewer = await client.query(`{ creators(ids: ["${other}"]) ${fields} }`, {}).toPromise();
    expect(fewer.data.creators).toEqual([list.data.creators[1]]);
    expect(asked()).toBe(1);

    const page = await client
      .query('{ searchCreators { id items { creator { id xingtuUrl } } } }', {})
      .toPromise();
    const [{ creator }] = page.data.searchCreators.items;
    const found = await client.query(`{ creator(id: "${creator.id}") { id xingtuUrl } }`, {}).toPromise();
    expect(found.data.creator).toEqual(creator);
    expect(asked()).toBe(2);
    expect(server.calls.map(endpointOf)).toEqual(['profile', 'profile', 'searchCreators']);
  });

  it('asks for a creator whom it does not know, and finds one by a link', async () => {
    const { server, url, asked } = await onPort();
    const client = urqlClient(url);
    const link = `https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}`;
    for (let nth = 0; nth < 2; nth += 1) {
      const one = await client.query(`{ creator(id: "${link}") { id profile { id name } } }`, {}).toPromise();
      expect(one).toMatchObject({ data: { creator: { id, profile: { name: '张大仙' } } }, stale: false });
      const bad = await client.query('{ creator(id: "no id") { id } }', {}).toPromise();
      expect(bad.error?.graphQLErrors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
    const direct = await client.query(`{ creator(id: "${id}") { id profile { id name } } }`, {}).toPromise();
    expect(direct.data.creator.profile.name).toBe('张大仙');
    expect(asked()).toBe(3);
    expect(server.calls).toHaveLength(1);
  });

  it('tells what each response cost, and nothing of an answer out of its cache', async () => {
    const { url } = await onPort();
    const costs: Cost[] = [];
    const client = urqlClient(url, (each) => costs.push(each));
    const query = `{ creator(id: "${id}") { id profile { id name } } }`;
    const paid = await client.query(query, {}).toPromise();
    expect(paid.extensions?.['cost']).toEqual(cost({ paidCalls: 1 }));
    const known = await client.query(query, {}).toPromise();
    expect(known.extensions?.['cost']).toBeUndefined();
    await client.query(query, {}, { requestPolicy: 'network-only' }).toPromise();
    expect(costs).toEqual([cost({ paidCalls: 1 }), cost({ cachedCalls: 1 })]);
  });

  it('shows a deferred section when it is there, and tells the cost of all parts once', async () => {
    const { server, url } = await onPort();
    const costs: Cost[] = [];
    const client = urqlClient(url, (each) => costs.push(each));
    const query = `{ creator(id: "${id}") { id profile { id name } ... @defer { prices { id hasData } } } }`;
    const { data, error } = await new Promise<{ data?: unknown; error?: unknown }>((resolve) => {
      client.query(query, {}).subscribe((result) => {
        if (!result.hasNext) resolve(result);
      });
    });
    expect(error).toBeUndefined();
    expect(data).toMatchObject({ creator: { profile: { name: '张大仙' }, prices: { hasData: true } } });
    expect(costs).toEqual([cost({ paidCalls: 2 })]);
    expect(server.calls.map(endpointOf).toSorted()).toEqual(['prices', 'profile']);
  });

  it('keeps everything that the schema holds without a warning, and needs no request for it again', async () => {
    const warned: unknown[] = [];
    const warn = vi.spyOn(console, 'warn').mockImplementation((...args) => warned.push(args));
    atEnd(async () => warn.mockRestore());
    const { server, url, asked } = await onPort({ upstream: await fullUpstream() });
    const client = urqlClient(url);
    const query = selectionOf(schema.getQueryType(), 'everything');
    const { data, error } = await client.query(query, {}).toPromise();
    expect(error).toBeUndefined();
    const again = await client.query(query, {}).toPromise();
    expect(again.data).toEqual(data);
    expect(warned).toEqual([]);
    expect(asked()).toBe(1);
    expect(server.calls.map(endpointOf).toSorted()).toEqual(modelledNames.toSorted());
  });

  it('keeps a section and its prices beside its earlier answers', async () => {
    const upstream = await scriptedUpstream((_, nth) =>
      success({ price_info: [{ video_type: 1, price: nth }] }),
    );
    const { server, url, asked } = await onPort({ upstream });
    const client = urqlClient(url);
    const fields = 'id items { id price { amount } }';
    const query = `{ creator(id: "${id}") { id prices(maxAgeSeconds: 0) { ${fields} history { ${fields} } } } }`;
    const options = { requestPolicy: 'network-only' } as const;
    await client.query(query, {}, options).toPromise();
    server.clock.advance(60);
    await client.query(query, {}, options).toPromise();
    const { data } = await client.query(query, {}, { requestPolicy: 'cache-only' }).toPromise();
    const { prices } = data.creator;
    expect([prices, ...prices.history].map(({ items }) => items[0].price.amount)).toEqual(['2.00', '1.00']);
    expect(asked()).toBe(2);
    expect(server.calls).toHaveLength(2);
  });

  it("keeps a video's figures beside those that it had earlier", async () => {
    const { query, upstream, playCounts } = await twoFiguresOfAVideo();
    const { server, url } = await onPort({ upstream });
    const client = urqlClient(url);
    const options = { requestPolicy: 'network-only' } as const;
    await client.query(query, {}, options).toPromise();
    server.clock.advance(60);
    await client.query(query, {}, options).toPromise();
    const { data } = await client.query(query, {}, { requestPolicy: 'cache-only' }).toPromise();
    expect(playCounts(data)).toEqual([2, 1]);
    expect(server.calls).toHaveLength(2);
  });
});
