import type { GraphQLResolveInfo } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { createContext } from '../../src/context.js';
import { MemoryBudget } from '../../src/responseSize/memoryBudget.js';
import { ResponseSize } from '../../src/responseSize/responseSize.js';
import { Scheduler } from '../../src/responseSize/scheduler.js';
import { SectionMemory } from '../../src/responseSize/sectionMemory.js';
import { schema } from '../../src/schema/index.js';
import { callOf } from '../../src/upstream/endpoints/call.js';
import type { Platform } from '../../src/upstream/endpoints/ofCreator.js';
import { scriptedUpstream, startTestServer, success } from '../harness.js';

const id = '6629722295873044494';
const never = Number.POSITIVE_INFINITY;

/** Answers an operation, and returns what was looked up for it. */
async function lookedUp(query: string, variables?: object) {
  const upstream = await scriptedUpstream((_, nth) => success({ follower: nth }));
  const server = await startTestServer({ upstream });
  const lookUp = vi.spyOn(server.client, 'lookUp');
  const { errors = [], extensions } = await server.ask(query, variables);
  const requests = lookUp.mock.calls.flatMap(([some]) => some);
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
  ])(
    'has the strictest age that the fields ask: %s',
    async (_, fields, maxAgeSeconds, awaitedFromSeconds) => {
      const { requests, calls } = await lookedUp(`{ creator(id: "${id}") { ${fields} } }`);
      const endpoint = fields.startsWith('profile') ? 'profile' : 'recommendedVideos';
      const call = callOf(endpoint, { creatorId: id, platform: 'SHORT_VIDEO' });
      expect(requests).toEqual([{ call, maxAgeSeconds, awaitedFromSeconds }]);
      expect(calls).toEqual([`${endpoint} ${id} SHORT_VIDEO`]);
    },
  );

  it('has the strictest age of all creators, links, lists and fragments', async () => {
    const query = `query ($age: Int, $ids: [ID!]! = ["${id}"]) {
      creator(id: "https://www.xingtu.cn/ad/creator/author-homepage/douyin-video/${id}") { ...F }
      creators(ids: $ids) { profile(maxAgeSeconds: $age) { id } }
    } fragment F on Creator { profile(maxAgeSeconds: 500) { id } }`;
    const upstream = await scriptedUpstream((_, nth) => success({ follower: nth }));
    const server = await startTestServer({ upstream });
    await server.ask(query, { age: 100 });
    server.clock.advance(101);
    // Both fields get the answer to the stricter age, and it is paid once.
    await server.ask(query, { age: 100 });
    expect(upstream.calls).toHaveLength(2);
    expect((await lookedUp(query, { age: 100 })).requests).toMatchObject([{ maxAgeSeconds: 100 }]);
    expect((await lookedUp(query)).requests).toMatchObject([{ maxAgeSeconds: 500, awaitedFromSeconds: 500 }]);
  });

  it.each([
    ['a list that is null', 'query ($ids: [ID!] = []) { $first creators(ids: $ids) { id } }', { ids: null }],
    ['an id that is null', 'query ($x: ID = "") { $first creators(ids: [$x]) { id } }', { x: null }],
    [
      'a condition that is null',
      'query ($if: Boolean = true) { $first upstream { isSandbox @include(if: $if) } }',
      { if: null },
    ],
  ])('is empty when the answer can have no data: %s', async (_, query, variables) => {
    const first = `creator(id: "${id}") { profile { followerCount } }`;
    const { requests, errors, calls } = await lookedUp(query.replace('$first', first), variables);
    expect(requests).toEqual([]);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', retryable: false } }]);
    expect(calls).toEqual([]);
  });

  it('is made before anything is looked up, and each call is looked up once', async () => {
    const server = await startTestServer();
    const lookUp = vi.spyOn(server.client, 'lookUp');
    await server.ask(
      `{ creator(id: "${id}") { a: profile { name } b: profile(maxAgeSeconds: 9) { name } } }`,
    );
    const requests = lookUp.mock.calls.map(([some]) => some);
    expect(requests).toMatchObject([[{ maxAgeSeconds: 9, awaitedFromSeconds: 9 }]]);
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });

  it('is binding: a section that is not in it fails by itself, and is not called', async () => {
    const server = await startTestServer();
    const signal = new AbortController().signal;
    const args = { creatorId: id, platform: 'SHORT_VIDEO' } as const;
    const call = callOf('profile', args);
    const plan = new Map([[call.key, { call, maxAgeSeconds: 60, awaitedFromSeconds: 60 }]]);
    const operation = server.client.newOperation({
      signal,
      payer: null,
      operationName: null,
      requestId: 'test',
    });
    const memory = new MemoryBudget({ maxBytes: 0, after: server.clock.after });
    const size = new ResponseSize(
      {
        maxBytes: 65_536,
        memory,
        sectionMemory: new SectionMemory(0),
        scheduler: new Scheduler(),
        waitForMemoryMs: 0,
      },
      signal,
    );
    const { loaders } = createContext(server.client, plan, operation, size);
    const info = { fieldNodes: [], returnType: schema.getType('Profile') } as unknown as GraphQLResolveInfo;
    const load = async (platform: Platform) => loaders.of('profile').load({ ...args, platform }, null, info);
    const [inPlan, notInPlan] = await Promise.allSettled([load('SHORT_VIDEO'), load('LIVE_STREAMING')]);
    expect(inPlan).toMatchObject({ status: 'fulfilled', value: { args } });
    expect(notInPlan).toMatchObject({ reason: { message: expect.stringContaining('was not planned') } });
    expect(server.calls).toEqual([`profile ${id} SHORT_VIDEO`]);
  });
});
