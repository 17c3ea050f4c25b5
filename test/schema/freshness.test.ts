import { describe, expect, it, vi } from 'vitest';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { atEnd } from '../fixtures.js';
import {
  gatedUpstream,
  type Reply,
  type SeenCall,
  scriptedUpstream,
  startTestServer,
  success,
  type TestServer,
} from '../harness.js';

const id = '6629722295873044494';
const call: SeenCall = `profile ${id} SHORT_VIDEO`;

/** The nth call answers n followers, so that an answer shows which call it is from. */
const counting = (_: SeenCall, nth: number): Reply => success({ follower: nth });

/** So many attempts have ended, also those of renewals, for which no answer waits. */
const answered = (server: TestServer, count: number) =>
  vi.waitFor(async () => {
    const attempts = (await server.client.status()).endpoints.map((endpoint) => endpoint.attempts);
    expect(attempts.reduce((a, b) => a + b)).toBe(count);
  });

async function profile(server: TestServer, args = '') {
  const { data, errors } = await server.ask(
    `{ creator(id: "${id}") { profile${args} { followerCount fetchedAt isStale } } }`,
  );
  return { profile: data.creator.profile, error: errors?.[0] };
}

describe('an answer is fresh', () => {
  it('for its TTL, and is served while it is renewed after that', async () => {
    const upstream = await scriptedUpstream(counting);
    const server = await startTestServer({ upstream, env: { CACHE_TTL_PROFILE_SECONDS: '100' } });
    const first = { followerCount: 1, fetchedAt: '2026-03-01T04:00:00.000Z', isStale: false };
    expect((await profile(server)).profile).toEqual(first);
    server.clock.advance(99);
    expect((await profile(server)).profile).toEqual(first);
    server.clock.advance(1);
    expect((await profile(server)).profile).toEqual({ ...first, isStale: true });
    await answered(server, 2);
    expect((await profile(server)).profile).toEqual({
      followerCount: 2,
      fetchedAt: '2026-03-01T04:01:40.000Z',
      isStale: false,
    });
    expect(upstream.calls).toEqual([call, call]);
  });

  it('for a day by default, but recommended videos for six hours', async () => {
    const upstream = await scriptedUpstream((seen) =>
      success(seen.startsWith('profile') ? { follower: 1 } : { newest_videos: [] }),
    );
    const server = await startTestServer({ upstream });
    const query = `{ creator(id: "${id}") { profile { isStale } recommendedVideos { isStale } } }`;
    const isFresh = async () => {
      const { profile, recommendedVideos } = (await server.ask(query)).data.creator;
      return !profile.isStale && !recommendedVideos.isStale;
    };
    expect(await isFresh()).toBe(true);
    for (const hours of [6, 18]) {
      server.clock.advance(hours * 3_600 - 1);
      expect(await isFresh()).toBe(hours === 6);
      server.clock.advance(1);
      expect(await isFresh()).toBe(false);
      await vi.waitFor(async () => expect(await isFresh()).toBe(true));
    }
    const videos = `recommendedVideos ${id} SHORT_VIDEO`;
    expect([...upstream.calls].sort()).toEqual([call, call, videos, videos, videos]);
  });

  it('for as long as the operation says: maxAgeSeconds', async () => {
    const upstream = await scriptedUpstream(counting);
    const server = await startTestServer({ upstream });
    await profile(server);
    server.clock.advance(60);
    expect((await profile(server, '(maxAgeSeconds: 61)')).profile.followerCount).toBe(1);
    expect((await profile(server, '(maxAgeSeconds: 60)')).profile.followerCount).toBe(2);
    expect(upstream.calls).toHaveLength(2);
  });

  it('beyond the TTL when the operation accepts that', async () => {
    const upstream = await scriptedUpstream(counting);
    const server = await startTestServer({ upstream, env: { CACHE_TTL_SECONDS: '100' } });
    await profile(server);
    server.clock.advance(5_000);
    expect((await profile(server, '(maxAgeSeconds: 10000)')).profile).toMatchObject({
      followerCount: 1,
      isStale: false,
    });
    expect(upstream.calls).toHaveLength(1);
  });

  it('never for maxAgeSeconds: 0, which always pays', async () => {
    const upstream = await scriptedUpstream(counting);
    const server = await startTestServer({ upstream });
    await profile(server);
    expect((await profile(server, '(maxAgeSeconds: 0)')).profile.followerCount).toBe(2);
    expect(upstream.calls).toHaveLength(2);
  });

  it('for the strictest age of all fields that share the section in one operation', async () => {
    const upstream = await scriptedUpstream(counting);
    const server = await startTestServer({ upstream, env: { CACHE_TTL_SECONDS: '100' } });
    await profile(server);
    server.clock.advance(99);
    const { data } = await server.ask(`{ creator(id: "${id}") {
      a: profile(maxAgeSeconds: 5000) { followerCount }
      b: profile { followerCount }
    } }`);
    expect(data.creator).toEqual({ a: { followerCount: 1 }, b: { followerCount: 1 } });
    server.clock.advance(1);
    const later = await server.ask(`{ creator(id: "${id}") {
      a: profile(maxAgeSeconds: 5000) { followerCount isStale }
      b: profile { followerCount isStale }
      c: profile(maxAgeSeconds: 100) { followerCount isStale }
    } }`);
    const renewed = { followerCount: 2, isStale: false };
    expect(later.data.creator).toEqual({ a: renewed, b: renewed, c: renewed });
    expect(upstream.calls).toHaveLength(2);
  });
});

describe('an answer past its TTL', () => {
  const env = { CACHE_TTL_SECONDS: '100', CACHE_STALE_SECONDS: '50', UPSTREAM_RETRIES: '0' };

  it('is served at once, and renewed once for all operations', async () => {
    const upstream = await gatedUpstream(counting);
    const server = await startTestServer({ upstream, env });
    upstream.open();
    await profile(server);
    upstream.shut();
    server.clock.advance(100);
    const old = { followerCount: 1, fetchedAt: '2026-03-01T04:00:00.000Z', isStale: true };
    for (let nth = 0; nth < 5; nth += 1) expect((await profile(server)).profile).toEqual(old);
    upstream.open();
    await answered(server, 2);
    expect((await profile(server)).profile).toMatchObject({ followerCount: 2, isStale: false });
    expect(upstream.calls).toEqual([call, call]);
  });

  it('is renewed before an operation that names an age gets it, and paid once', async () => {
    const upstream = await gatedUpstream(counting);
    const server = await startTestServer({ upstream, env });
    upstream.open();
    await profile(server);
    upstream.shut();
    server.clock.advance(120);
    expect((await profile(server)).profile.isStale).toBe(true);
    const awaited = profile(server, '(maxAgeSeconds: 110)');
    upstream.open();
    expect((await awaited).profile).toMatchObject({ followerCount: 2, isStale: false });
    expect(upstream.calls).toHaveLength(2);
  });

  it('is fresh for an operation that accepts its age', async () => {
    const upstream = await scriptedUpstream(counting);
    const server = await startTestServer({ upstream, env });
    await profile(server);
    server.clock.advance(120);
    expect((await profile(server, '(maxAgeSeconds: 121)')).profile).toMatchObject({
      followerCount: 1,
      isStale: false,
    });
    expect(upstream.calls).toHaveLength(1);
  });

  it('is renewed before all fields of an operation get it, when one of them names an age that it is past', async () => {
    const upstream = await scriptedUpstream(counting);
    const server = await startTestServer({ upstream, env });
    await profile(server);
    server.clock.advance(120);
    const { data } = await server.ask(`{ creator(id: "${id}") {
      a: profile { followerCount }
      b: profile(maxAgeSeconds: 119) { followerCount }
    } }`);
    expect(data.creator).toEqual({ a: { followerCount: 2 }, b: { followerCount: 2 } });
    expect(upstream.calls).toHaveLength(2);
  });

  it('stays, without an error, when its renewal fails', async () => {
    const upstream = await scriptedUpstream((_, nth) =>
      nth === 1 ? success({ follower: 1 }) : { body: { code: 301, data: null } },
    );
    const server = await startTestServer({ upstream, env });
    await profile(server);
    server.clock.advance(100);
    for (const nth of [2, 3]) {
      expect(await profile(server)).toMatchObject({ profile: { isStale: true }, error: undefined });
      await answered(server, nth);
    }
    expect(upstream.calls).toHaveLength(3);
  });

  it('is not renewed for a minute after a renewal that was billed and failed', async () => {
    const upstream = await scriptedUpstream((_, nth) =>
      nth === 2 ? { body: '<html>' } : success({ follower: nth }),
    );
    const server = await startTestServer({ upstream, env: { ...env, CACHE_STALE_SECONDS: '500' } });
    await profile(server);
    server.clock.advance(100);
    await profile(server);
    await answered(server, 2);
    server.clock.advance(59);
    expect((await profile(server)).profile).toMatchObject({ followerCount: 1, isStale: true });
    expect(upstream.calls).toHaveLength(2);
    server.clock.advance(1);
    await profile(server);
    await answered(server, 3);
    expect((await profile(server)).profile).toMatchObject({ followerCount: 3, isStale: false });
    expect(upstream.calls).toHaveLength(3);
  });

  it('is renewed before it is served once it is too old to stand in', async () => {
    const upstream = await scriptedUpstream(counting);
    const server = await startTestServer({ upstream, env });
    await profile(server);
    server.clock.advance(150);
    expect((await profile(server)).profile).toMatchObject({ followerCount: 2, isStale: false });
    expect(upstream.calls).toHaveLength(2);
  });

  it('is renewed although the client that caused it has disconnected', async () => {
    const upstream = await gatedUpstream(counting);
    const server = await startTestServer({ upstream, env });
    upstream.open();
    await profile(server);
    upstream.shut();
    server.clock.advance(100);
    const disconnect = new AbortController();
    const query = `{ creator(id: "${id}") { profile { isStale } } }`;
    await server.fetch(`/graphql?query=${encodeURIComponent(query)}`, { signal: disconnect.signal });
    disconnect.abort();
    upstream.open();
    await answered(server, 2);
    expect((await profile(server)).profile).toMatchObject({ followerCount: 2, isStale: false });
    expect(upstream.calls).toHaveLength(2);
  });
});

describe('a failure', () => {
  /** Without retries, which have their own tests. */
  const once = { UPSTREAM_RETRIES: '0' };
  const failing =
    (reply: Reply) =>
    (_: SeenCall, nth: number): Reply =>
      nth === 1 ? success({ follower: 1 }) : reply;
  const collectionFailed: Reply = { body: { code: 301, data: null } };

  it('leaves the old answer standing, marked stale', async () => {
    const upstream = await scriptedUpstream(failing(collectionFailed));
    const server = await startTestServer({ upstream, env: { ...once, CACHE_TTL_SECONDS: '100' } });
    await profile(server);
    server.clock.advance(101);
    expect(await profile(server, '(maxAgeSeconds: 100)')).toEqual({
      profile: { followerCount: 1, fetchedAt: '2026-03-01T04:00:00.000Z', isStale: true },
      error: undefined,
    });
    expect(upstream.calls).toHaveLength(2);
  });

  it('leaves the old answer standing by the TTL, not by the age that was asked', async () => {
    const upstream = await scriptedUpstream(failing(collectionFailed));
    const env = { ...once, CACHE_TTL_SECONDS: '100', CACHE_STALE_SECONDS: '50' };
    const server = await startTestServer({ upstream, env });
    await profile(server);
    server.clock.advance(149);
    expect((await profile(server, '(maxAgeSeconds: 10)')).profile.isStale).toBe(true);
    expect((await profile(server)).profile.isStale).toBe(true);
    await answered(server, 3);
    expect(upstream.calls).toHaveLength(3);
  });

  it('is an error once the old answer is too old to stand in', async () => {
    const upstream = await scriptedUpstream(failing(collectionFailed));
    const env = { ...once, CACHE_TTL_SECONDS: '100', CACHE_STALE_SECONDS: '50' };
    const server = await startTestServer({ upstream, env });
    await profile(server);
    server.clock.advance(150);
    const { profile: section, error } = await profile(server);
    expect(section).toBeNull();
    expect(error?.extensions['code']).toBe('UPSTREAM_COLLECTION_FAILED');
    expect(upstream.calls).toHaveLength(2);
  });

  it.each([
    ['301', collectionFailed],
    ['302', { body: { code: 302, data: null } }],
    ['HTTP 502', { status: 502, body: 'Bad gateway' }],
  ] satisfies [string, Reply][])('that is unbilled is not in the negative cache: %s', async (_, reply) => {
    const upstream = await scriptedUpstream(() => reply);
    const server = await startTestServer({ upstream, env: once });
    await profile(server);
    server.clock.advance(1);
    await profile(server);
    expect(upstream.calls).toHaveLength(2);
  });

  it.each([
    ['an unknown code', { body: { code: 777, data: null } }],
    ['base_resp', { body: { code: 0, data: { base_resp: { status_code: 1 } } } }],
    ['not JSON', { body: '<html>' }],
    ['an unreadable shape', { body: { code: 0, data: { nothing: 'known' } } }],
    [
      'half an answer',
      (response) => response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
    ],
  ] satisfies [string, Reply][])(
    'that was billed is in the negative cache for a minute: %s',
    async (_, reply) => {
      const upstream = await scriptedUpstream(() => reply);
      const server = await startTestServer({ upstream, env: once });
      const first = await profile(server);
      expect(first.error?.extensions).toMatchObject({ retryable: true, retryAfterSeconds: 60 });
      server.clock.advance(45);
      const second = await profile(server);
      expect(second.error?.message).toBe(first.error?.message);
      expect(second.error?.extensions).toEqual({ ...first.error?.extensions, retryAfterSeconds: 15 });
      expect(upstream.calls).toHaveLength(1);

      await profile(server, '(maxAgeSeconds: 0)');
      expect(upstream.calls).toHaveLength(2);
      server.clock.advance(60);
      await profile(server);
      expect(upstream.calls).toHaveLength(3);
    },
  );

  it('leaves the negative cache with the next success', async () => {
    const replies: Reply[] = [{ body: '<html>' }, success({ follower: 2 }), success({ follower: 3 })];
    const upstream = await scriptedUpstream((_, nth) => replies[nth - 1] ?? collectionFailed);
    const server = await startTestServer({ upstream, env: { CACHE_TTL_SECONDS: '1' } });
    await profile(server);
    await profile(server, '(maxAgeSeconds: 0)');
    server.clock.advance(2);
    expect((await profile(server, '(maxAgeSeconds: 1)')).profile).toMatchObject({
      followerCount: 3,
      isStale: false,
    });
    expect(upstream.calls).toHaveLength(3);
  });

  it('is in the negative cache for its section alone', async () => {
    const upstream = await scriptedUpstream(() => ({ body: '<html>' }));
    const server = await startTestServer({ upstream, env: once });
    const query = `{ creator(id: "${id}") { profile { id } prices { id } } }`;
    await server.ask(query);
    await server.ask(query);
    expect(upstream.calls).toHaveLength(2);
  });

  it('of a decoder is in the negative cache, because the call was billed', async () => {
    const decode = vi.spyOn(endpoints.profile, 'decode').mockImplementation(() => {
      throw new TypeError('a bug');
    });
    atEnd(async () => decode.mockRestore());
    const upstream = await scriptedUpstream(counting);
    const server = await startTestServer({ upstream, env: once });
    expect((await profile(server)).error?.extensions['code']).toBe('UPSTREAM_INVALID_RESPONSE');
    await profile(server);
    expect(upstream.calls).toHaveLength(1);
  });

  it('is logged with what an operator needs, without secrets', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 777, data: null } }));
    const server = await startTestServer({ upstream, env: once });
    await profile(server);
    expect(server.logs.map((line) => JSON.parse(line))).toEqual([
      [
        'warn',
        {
          requestId: 'test-request',
          endpoint: 'profile',
          subject: id,
          callKey: expect.stringMatching(/^[\da-f]{16}$/),
          code: 'UPSTREAM_REJECTED',
          upstreamCode: 777,
          billed: 'maybe',
          attempts: 1,
          ms: expect.any(Number),
          bytes: 24,
          error: expect.stringContaining('777'),
        },
        'call',
      ],
    ]);
    expect(upstream.calls).toHaveLength(1);
  });

  it("of upstream's 400 is in the negative cache for a minute", async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 400, data: null } }));
    const server = await startTestServer({ upstream, env: once });
    await profile(server);
    server.clock.advance(59);
    const { error } = await profile(server);
    expect(error?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      endpoint: 'profile',
      upstreamCode: 400,
      retryable: false,
    });
    server.clock.advance(1);
    await profile(server);
    expect(upstream.calls).toHaveLength(2);
  });

  it('of the daily quota says when the next day begins in China', async () => {
    const upstream = await scriptedUpstream(() => ({ body: { code: 303, data: null } }));
    const server = await startTestServer({ upstream, env: once });
    // The test clock starts at noon in China.
    expect((await profile(server)).error?.extensions['retryAfterSeconds']).toBe(12 * 3_600);
    expect(upstream.calls).toHaveLength(1);
  });

  it('in one operation is not asked for again by a second field', async () => {
    const upstream = await scriptedUpstream(() => collectionFailed);
    const server = await startTestServer({ upstream, env: once });
    const { errors } = await server.ask(
      `{ a: creator(id: "${id}") { profile { id } } b: creator(id: "${id}") { profile { id } } }`,
    );
    expect(errors).toHaveLength(2);
    expect(upstream.calls).toEqual([call]);
  });
});
