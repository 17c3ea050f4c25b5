import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namespaceOf, storeKey } from '../../src/upstream/cache/storedAnswer.js';
import { callOf } from '../../src/upstream/endpoints/call.js';
import { testClock } from '../fixtures.js';
import { gatedUpstream, sharedStore, startTestServer, success, testConfig } from '../harness.js';
import { seed } from '../seed.js';

const ids = ['6629722295873044494', '6629722295873044495', '6629722295873044496'] as const;
const ttlSeconds = 100;
/** Two sections fill a memory of 1 MiB, so that a third evicts one. */
const padding = 'x'.repeat(100_000);

type Step =
  | {
      readonly do: 'ask';
      readonly of: readonly number[];
      readonly maxAgeSeconds: number | null;
      readonly way: Way;
    }
  | { readonly do: 'renew'; readonly by: 'us' | 'other'; readonly of: number }
  | { readonly do: 'forget'; readonly of: number }
  | { readonly do: 'advance'; readonly seconds: number }
  | { readonly do: 'gate'; readonly isOpen: boolean }
  | { readonly do: 'settle' };

type Way = 'POST' | 'GET';

const creator = fc.nat({ max: ids.length - 1 });
const ask = fc.record({
  do: fc.constant('ask' as const),
  of: fc.constantFrom([0], [1], [0, 1]),
  maxAgeSeconds: fc.constantFrom(null, null, 30),
  way: fc.constantFrom<Way>('POST', 'GET'),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 16, arbitrary: ask },
  { weight: 6, arbitrary: fc.constant({ do: 'settle' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('renew' as const),
      by: fc.constantFrom('us' as const, 'other' as const),
      of: creator,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), of: creator }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), seconds: fc.constantFrom(1, 10, 31, 100) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('gate' as const), isOpen: fc.boolean() }) },
);

describe('the memo', () => {
  it(`gives the responses that executing gives, whatever is renewed, deleted or evicted meanwhile (seed ${seed})`, {
    timeout: 120_000,
  }, async () => {
    let compared = 0;
    const run = async (steps: readonly Step[]) => {
      compared += await play(steps);
    };
    const property = fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60, size: 'max' }), run);
    await fc.assert(property, { numRuns: 15, seed });
    // With fewer, the test would prove little.
    expect(compared).toBeGreaterThan(100);
  });
});

/** Returns how many responses of the memo were compared with those of executing at the same moment. */
async function play(steps: readonly Step[]): Promise<number> {
  const clock = testClock();
  const stores = sharedStore(clock);
  const upstream = await gatedUpstream((_, nth) => success({ nick_name: `${nth}`, padding }));
  upstream.open();
  const env = {
    RESPONSE_MEMO: '1',
    CACHE_TTL_SECONDS: `${ttlSeconds}`,
    CACHE_MAX_BYTES: '1048576',
    UPSTREAM_CONCURRENCY: '64',
    QUERY_TIMEOUT_MS: '1000000000',
  };
  const us = await startTestServer({ upstream, clock, env, store: stores.open() });
  const other = await startTestServer({ upstream, clock, env, store: stores.open() });
  const store = stores.open();
  /** By creator: the number of the newest call that a response has shown. */
  const newest = new Map<string, number>();
  let pending: Promise<unknown>[] = [];

  const ask = async ({ of, maxAgeSeconds, way }: Extract<Step, { do: 'ask' }>) => {
    const chosen = of.map((at) => ids[at]);
    const age = maxAgeSeconds === null ? '' : `(maxAgeSeconds: ${maxAgeSeconds})`;
    const query = `{ creators(ids: ${JSON.stringify(chosen)}) { id profile${age} { name fetchedAt isStale } } }`;
    const [askedAtMs, known] = [clock.now(), new Map(newest)];
    const headers = { 'content-type': 'application/json' };
    const response =
      way === 'POST'
        ? await us.fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) })
        : await us.fetch(`/graphql?${new URLSearchParams({ query })}`, { headers });
    const { data, errors } = JSON.parse(await response.text());
    expect(errors).toBeUndefined();
    for (const { id, profile } of data.creators) {
      // A later response never shows an older call.
      expect(Number(profile.name)).toBeGreaterThanOrEqual(known.get(id) ?? 0);
      newest.set(id, Math.max(Number(profile.name), newest.get(id) ?? 0));
      const ageMs = askedAtMs - Date.parse(profile.fetchedAt);
      if (!profile.isStale) expect(ageMs).toBeLessThan((maxAgeSeconds ?? ttlSeconds) * 1000);
    }
  };

  const take = async (one: Step): Promise<void> => {
    switch (one.do) {
      case 'ask':
        // One after the other, while the next steps run.
        pending.push(
          ask(one)
            .then(() => ask(one))
            .then(() => ask(one)),
        );
        return;
      case 'renew': {
        const server = one.by === 'us' ? us : other;
        pending.push(server.ask(`{ creator(id: "${ids[one.of]}") { profile(maxAgeSeconds: 0) { name } } }`));
        return;
      }
      case 'forget': {
        const call = callOf('profile', { creatorId: ids[one.of] ?? '', platform: 'SHORT_VIDEO' });
        pending.push(store.forget(storeKey('answer', namespaceOf(testConfig(env)), call)));
        return;
      }
      case 'advance':
        clock.advance(one.seconds);
        return;
      case 'gate':
        if (one.isOpen) upstream.open();
        else upstream.shut();
        return;
      case 'settle':
        upstream.open();
        await Promise.all(pending);
        pending = [];
    }
  };
  for (const one of steps) await take(one);
  await take({ do: 'settle' });
  return us.comparisons();
}
