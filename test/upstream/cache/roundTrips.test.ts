import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { openStore } from '../../../src/upstream/store/open.js';
import { atEnd, realClock, recordingLogger } from '../../fixtures.js';
import { cost, sandboxUpstream, startTestServer } from '../../harness.js';
import { describeRedis, startRedis } from '../../redis.js';

const ids = Array.from({ length: 100 }, (_, nth) => String(6_600_000_000_000_000_000n + BigInt(nth)));
const query = `query ($ids: [ID!]!) {
  creators(ids: $ids) {
    profile { hasData }
    prices { hasData }
    cpMetrics { hasData }
    recommendedVideos { hasData }
    audienceTouch { hasData }
  }
}`;

describeRedis('100 creators with five sections each, out of Redis', () => {
  it('take one round trip for each endpoint', async () => {
    const redis = await startRedis();
    const upstream = await sandboxUpstream();
    const env = { QUERY_MAX_CALLS: '500' };
    const start = async () => {
      const storeUrl = redis.url;
      const store = await openStore({ storeUrl, cacheMaxBytes: 1_048_576 }, recordingLogger().logger);
      atEnd(() => store.close());
      return startTestServer({ upstream, store, clock: realClock, env });
    };
    const first = await (await start()).ask(query, { ids });
    expect(first.extensions?.cost).toMatchObject({ paidCalls: 500 });

    const another = await start();
    const admin = new Redis(redis.url);
    atEnd(async () => admin.disconnect());
    await admin.config('RESETSTAT');
    const { extensions, errors } = await another.ask(query, { ids });
    const commands = commandsIn(await admin.info('commandstats'));
    expect(errors).toBeUndefined();
    expect(extensions?.cost).toEqual(cost({ cachedCalls: 500, maxCalls: 500 }));
    expect(commands).toEqual({ mget: 5 });
    expect(upstream.calls).toHaveLength(500);
  });
});

/** How often each command was called, but for those of the test itself. */
function commandsIn(commandStats: string): Record<string, number> {
  const counts = [...commandStats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, name = '', calls]) => [
    name,
    Number(calls),
  ]);
  return Object.fromEntries(counts.filter(([name]) => name !== 'config|resetstat' && name !== 'info'));
}
