import type { GraphQLResolveInfo } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { AnswerSize } from '../../src/answerSize/answerSize.js';
import { HeldSections } from '../../src/answerSize/heldSections.js';
import { Room } from '../../src/answerSize/room.js';
import { Turns } from '../../src/answerSize/turns.js';
import { createContext } from '../../src/context.js';
import { plannedName } from '../../src/cost/plan.js';
import { schema } from '../../src/schema/index.js';
import { scriptedUpstream, startTestServer, success } from '../harness.js';

const id = '6629722295873044494';
const never = Number.POSITIVE_INFINITY;

/** What a server asks its client for, and how its answer was. */
async function asked(query: string, variables?: object) {
  const upstream = await scriptedUpstream((_, nth) => success({ follower: nth }));
  const server = await startTestServer({ upstream });
  const get = vi.spyOn(server.client, 'get');
  const { errors = [], extensions } = await server.ask(query, variables);
  const requests = get.mock.calls.map(([request]) => request);
  expect(extensions?.cost?.requestedCalls ?? 0).toBe(requests.length);
  return { requests, errors, calls: upstream.calls };
}

describe('the plan of an operation', () => {
  it.each([
    ['no age', 'profile { id }', 86_400, never],
    ["an endpoint's own TTL", 'recommendedVideos { id }', 21_600, never],
    ['an age', 'profile(maxAgeSeconds: 60) { id }', 60, 60],
    ['an age above the TTL', 'profile(maxAgeSeconds: 100000) { id }', 100_000, 100_000],
    ['null', 'profile(maxAgeSeconds: null) { id }', 86_400, never],
    [
      'several ages',
      'profile(maxAgeSeconds: 60) { id } b: profile(maxAgeSeconds: 0) { id } c: profile { id }',
      0,
      0,
    ],
    [
      'an age above the TTL and none',
      'profile(maxAgeSeconds: 100000) { id } b: profile { id }',
      86_400,
      100_000,
    ],
  ])('has the strictest age that is asked: %s', async (_, fields, maxAgeSeconds, awaitedFromSeconds) => {
    const { requests, calls } = await asked(`{ creator(id: "${id}") { ${fields} } }`);
    const endpoint = fields.startsWith('profile') ? 'profile' : 'recommendedVideos';
    expect(requests).toEqual([
      { endpoint, creatorId: id, platform: 'SHORT_VIDEO', maxAgeSeconds, awaitedFromSeconds },
    ]);
    expect(calls).toEqual([`${endpoint} ${id} SHORT_VIDEO`]);
  });

  it('has the strictest age also over creators, links, lists and fragments', async () => {
    const query = `query ($age: Int, $ids: [ID!]! = ["${id}"]) {
      creator(id: "https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}") { ...F }
      creators(ids: $ids) { profile(maxAgeSeconds: $age) { id } }
    } fragment F on Creator { profile(maxAgeSeconds: 500) { id } }`;
    const upstream = await scriptedUpstream((_, nth) => success({ follower: nth }));
    const server = await startTestServer({ upstream });
    await server.ask(query, { age: 100 });
    server.clock.advance(101);
    // Both fields get what the stricter one asked for, and it is paid once.
    await server.ask(query, { age: 100 });
    expect(upstream.calls).toHaveLength(2);
    expect((await asked(query, { age: 100 })).requests).toMatchObject([{ maxAgeSeconds: 100 }]);
    expect((await asked(query)).requests).toMatchObject([{ maxAgeSeconds: 500, awaitedFromSeconds: 500 }]);
  });

  it.each([
    ['a list that is null', 'query ($ids: [ID!] = []) { $first creators(ids: $ids) { id } }', { ids: null }],
    ['an id that is null', 'query ($x: ID = "") { $first creators(ids: [$x]) { id } }', { x: null }],
    [
      'a condition that is null',
      'query ($if: Boolean = true) { $first upstream { isSandbox @include(if: $if) } }',
      { if: null },
    ],
  ])('is empty where nothing could be left of the answer: %s', async (_, query, variables) => {
    const first = `creator(id: "${id}") { profile { followerCount } }`;
    const { requests, errors, calls } = await asked(query.replace('$first', first), variables);
    expect(requests).toEqual([]);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', retryable: false } }]);
    expect(calls).toEqual([]);
  });

  it('is made before anything is called, and once', async () => {
    const server = await startTestServer();
    const get = vi.spyOn(server.client, 'get');
    await server.ask(
      `{ creator(id: "${id}") { a: profile { name } b: profile(maxAgeSeconds: 9) { name } } }`,
    );
    expect(get).toHaveBeenCalledTimes(1);
    expect(get.mock.calls[0]?.[0]).toMatchObject({ maxAgeSeconds: 9, awaitedFromSeconds: 9 });
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });

  it('is binding: what is not in it fails by itself, and is not called', async () => {
    const server = await startTestServer();
    const signal = new AbortController().signal;
    const key = { creatorId: id, platform: 'SHORT_VIDEO' } as const;
    const request = { ...key, endpoint: 'profile', maxAgeSeconds: 60, awaitedFromSeconds: 60 } as const;
    const plan = new Map([[plannedName('profile', key), request]]);
    const asker = server.client.newAsker({ signal, payer: null });
    const room = new Room({ maxBytes: 0, after: server.clock.after });
    const size = new AnswerSize(
      { maxBytes: 65_536, room, held: new HeldSections(0), turns: new Turns(), enterWithinMs: 0 },
      signal,
    );
    const { loaders } = createContext(server.client, plan, asker, size);
    const info = { fieldNodes: [], returnType: schema.getType('Profile') } as unknown as GraphQLResolveInfo;
    const [inPlan, notInPlan] = await Promise.allSettled([
      loaders.profile.load(key, info),
      loaders.profile.load({ ...key, platform: 'LIVE_STREAMING' }, info),
    ]);
    expect(inPlan).toMatchObject({ status: 'fulfilled', value: { creatorId: id } });
    expect(notInPlan).toMatchObject({ reason: { message: expect.stringContaining('was not planned') } });
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });
});
