import { describe, expect, it, vi } from 'vitest';
import { isRemembered } from '../../../src/upstream/cache/negativeCache.js';
import { retryRuleFor } from '../../../src/upstream/call/retry.js';
import { endpoints } from '../../../src/upstream/endpoints/table.js';
import type { UpstreamError } from '../../../src/upstream/errors.js';
import { readAnswer } from '../../../src/upstream/http/envelope.js';
import { testClock } from '../../fixtures.js';
import { cost, type Reply, scriptedUpstream, startTestServer, success } from '../../harness.js';

const id = '6629722295873044494';
const profile = `{ creator(id: "${id}") { profile { followerCount } } }`;
const call = `profile ${id} SHORT_VIDEO`;

/** What gateways and other programs on the way write. */
const bodies = ['', '<html>', '{"message":"Bad gateway"}', '[]', 'upstream connect error', '{"code":{}}'];

function errorOf(status: number, body: string, retryAfter: string | null = null): UpstreamError {
  try {
    readAnswer(endpoints.profile, { status, body, retryAfter, isSandbox: false }, Date.UTC(2026, 2, 1));
  } catch (error) {
    return error as UpstreamError;
  }
  throw new Error('Expected a failure, but got an answer');
}

/** What each status of a gateway means. */
function expected(status: number) {
  if (status < 300) return { code: 'UPSTREAM_INVALID_RESPONSE', billed: 'maybe', isRetried: false };
  if (status === 429) return { code: 'UPSTREAM_RATE_LIMITED', billed: 'no', isRetried: true };
  if (status === 504 || status === 524)
    return { code: 'UPSTREAM_TIMEOUT', billed: 'maybe', isRetried: false };
  if (status === 520) return { code: 'UPSTREAM_UNAVAILABLE', billed: 'maybe', isRetried: false };
  const isRetried = [502, 503, 521, 522, 523].includes(status);
  return { code: 'UPSTREAM_UNAVAILABLE', billed: 'no', isRetried };
}

describe("an answer without a code of upstream's", () => {
  it('means what its status says: nothing that was maybe billed is retried, and nothing unbilled is remembered', () => {
    for (let status = 200; status < 600; status += 1) {
      for (const body of bodies) {
        const error = errorOf(status, body);
        const { code, billed } = error;
        const isRetried = retryRuleFor(error) !== null;
        expect([status, body, { code, billed, isRetried }]).toEqual([status, body, expected(status)]);
        expect(isRemembered(error)).toBe(billed === 'maybe');
        if (status >= 300) expect(error.message).toContain(`HTTP ${status}`);
      }
    }
  });

  it.each([
    ['7', 7],
    ['Sun, 01 Mar 2026 00:01:00 GMT', 60],
    ['999999999', 86_400],
    ['soon', undefined],
    ['-5', undefined],
  ])('says when to ask again if its Retry-After does: %s', (header, seconds) => {
    expect(errorOf(429, '<html>', header).retryAfterSeconds).toBe(seconds);
  });
});

describe('a gateway', () => {
  const env = { UPSTREAM_RETRIES: '3' };
  const ask = async (replies: readonly Reply[], clock = testClock()) => {
    const upstream = await scriptedUpstream((_, nth) => replies[nth - 1] ?? success({ follower: nth }));
    const server = await startTestServer({ upstream, env, clock });
    return { server, answer: await server.ask(profile) };
  };

  it.each([502, 503, 521, 522, 523])(
    'that answers %i is asked again, and nothing is paid twice',
    async (status) => {
      const { server, answer } = await ask([{ status, body: '<html>' }]);
      expect(answer.data.creator.profile.followerCount).toBe(2);
      expect(answer.extensions?.cost).toEqual(cost({ paidCalls: 1, attempts: 2 }));
      expect(server.calls).toEqual([call, call]);
    },
  );

  it.each([504, 524])('that gave up waiting (%i) is not asked again for a minute', async (status) => {
    const clock = testClock();
    const { server, answer } = await ask([{ status, body: '<html>' }], clock);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_TIMEOUT', retryable: true } }]);
    expect(answer.extensions?.cost).toEqual(cost({ failedCalls: 1, uncertainCalls: 1, attempts: 1 }));
    clock.advance(59);
    expect((await server.ask(profile)).extensions?.cost).toEqual(cost({ cachedCalls: 1 }));
    clock.advance(1);
    expect((await server.ask(profile)).extensions?.cost).toEqual(cost({ paidCalls: 1 }));
    expect(server.calls).toEqual([call, call]);
  });

  it.each([301, 401, 403, 404, 407, 418])(
    'that answers %i bills nothing, and may be asked again at once',
    async (status) => {
      const { server, answer } = await ask([{ status, body: 'no' }]);
      expect(answer.errors?.[0]).toMatchObject({
        message: expect.stringContaining(`HTTP ${status}`),
        extensions: { code: 'UPSTREAM_UNAVAILABLE' },
      });
      expect(answer.extensions?.cost).toEqual(cost({ failedCalls: 1, attempts: 1 }));
      expect((await server.ask(profile)).extensions?.cost).toEqual(cost({ paidCalls: 1 }));
      expect(server.calls).toEqual([call, call]);
    },
  );

  it('that answers 429 slows the whole endpoint down for as long as it says', async () => {
    const clock = testClock();
    const upstream = await scriptedUpstream((_, nth) =>
      nth === 1
        ? { status: 429, body: 'slow down', headers: { 'retry-after': '20' } }
        : success({ follower: nth }),
    );
    const server = await startTestServer({ upstream, env: { ...env, UPSTREAM_CONCURRENCY: '1' }, clock });
    const answers = Promise.all([
      server.ask(profile),
      server.ask(`{ creator(id: "6712345678901234502") { profile { followerCount } } }`),
    ]);
    await vi.waitFor(
      async () => {
        const { data } = await server.ask('{ upstream { endpoints { name attempts } } }');
        expect(data.upstream.endpoints).toContainEqual({ name: 'PROFILE', attempts: 1 });
      },
      { timeout: 20_000 },
    );
    clock.advance(19);
    // There is one slot, so that this call would end after any that had started before it.
    await server.ask(`{ creator(id: "${id}") { prices { hasData } } }`);
    expect(upstream.calls).toEqual([call, `prices ${id} SHORT_VIDEO`]);
    clock.advance(2);
    for (const { errors } of await answers) expect(errors).toBeUndefined();
    expect(upstream.calls).toHaveLength(4);
  });
});
