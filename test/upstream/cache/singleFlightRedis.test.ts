import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, it, vi } from 'vitest';
import { openStore } from '../../../src/upstream/store/open.js';
import { atEnd, realClock, recordingLogger, temporaryFolder } from '../../fixtures.js';
import { type SeenCall, scriptedUpstream, startTestServer } from '../../harness.js';
import { describeRedis, type RunningRedis, startRedis, startRelay } from '../../redis.js';

const ids = Array.from({ length: 120 }, (_, nth) => String(6_600_000_000_000_000_000n + BigInt(nth)));
const document = 'query ($id: ID!) { creator(id: $id) { profile { followerCount } prices { hasData } } }';
const within = { timeout: 20_000 };
const env = { UPSTREAM_RETRIES: '0', UPSTREAM_CONCURRENCY: '8', DAILY_MAX_CALLS: '100000' };

/** Two servers on one Redis, over an upstream that takes a while. */
async function twoServers() {
  const start = async () =>
    startRedis({ args: ['--repl-diskless-sync-delay', '0', '--dir', await temporaryFolder()] });
  const redis = await start();
  const relay = await startRelay(redis.port);
  const upstream = await scriptedUpstream(
    () => (response) =>
      void setTimeout(() => response.end('{"code":0,"data":{"follower":7,"price_info":[]}}'), 15),
  );
  const { logger, logs } = recordingLogger();
  const startServer = async () => {
    const store = await openStore({ storeUrl: relay.url, cacheMaxBytes: 1_048_576 }, logger);
    atEnd(() => store.close());
    const server = await startTestServer({ upstream, store, clock: realClock, env });
    return { ...server, store };
  };
  const clientOf = ({ url }: RunningRedis) => {
    const client = new Redis(url);
    atEnd(async () => client.disconnect());
    return client;
  };
  const servers = [await startServer(), await startServer()] as const;
  return { redis, relay, upstream, logs, servers, clientOf, startRedis: start };
}

/** The same of both, at the same time. */
async function askBoth({ servers }: Awaited<ReturnType<typeof twoServers>>, of = ids) {
  const answers = of.flatMap((id) => servers.map((server) => server.ask(document, { id })));
  for (const { data, errors } of await Promise.all(answers)) {
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ creator: { profile: { followerCount: 7 }, prices: { hasData: true } } });
  }
}

/** The calls that were made before. */
const repeated = (calls: readonly SeenCall[]) => calls.filter((call, nth) => calls.indexOf(call) < nth);

describeRedis('two servers on one Redis', () => {
  it('whose connections are cut again and again pay for each call once', async () => {
    const both = await twoServers();
    const { upstream, servers, logs } = both;
    const admin = both.clientOf(both.redis);
    let isOver = false;
    const cutting = (async () => {
      let cuts = 0;
      while (!isOver) {
        // By calls and not by time: on a busy machine a server needs longer to connect again, and without an answer for a
        // second it goes on alone.
        const until = upstream.calls.length + 30;
        while (!isOver && upstream.calls.length < until) await wait(10);
        await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        cuts += 1;
      }
      return cuts;
    })();
    await askBoth(both);
    isOver = true;
    expect(await cutting).toBeGreaterThan(3);
    expect(repeated(upstream.calls)).toEqual([]);
    expect(upstream.calls).toHaveLength(2 * ids.length);
    expect(logs).toEqual([]);
    for (const { ask } of servers) {
      const { data } = await ask('{ upstream { callsToday } }');
      expect(data.upstream.callsToday).toBe(2 * ids.length);
    }

    const [a, b] = servers;
    for (const [teller, listener] of [
      [a, b],
      [b, a],
    ] as const) {
      const heard: (string | null)[] = [];
      listener.store.onChange((key) => heard.push(key));
      await vi.waitFor(async () => {
        await teller.store.set('told', '');
        expect(heard).toContain('told');
      }, within);
    }
  });

  it('that fails over in a moment pay for each call once', async () => {
    const both = await twoServers();
    const { relay, upstream, logs, clientOf } = both;
    const few = ids.slice(0, 30);
    const first = clientOf(both.redis);
    const successor = await both.startRedis();
    const replica = clientOf(successor);
    await replica.replicaof('127.0.0.1', both.redis.port);
    const replicate = async (key: string) => {
      await first.set(key, '');
      await vi.waitFor(async () => expect(await replica.exists(key)).toBe(1), { ...within, interval: 5 });
    };
    // What comes with the replica's first copy comes at once; what is streamed waits up to a second for that to be over,
    // which is no part of the failover.
    await replicate('copied');
    await replicate('streamed');
    const asked = askBoth(both, few);
    await vi.waitFor(() => expect(upstream.calls.length).toBeGreaterThan(10), within);
    relay.leadTo(null);
    await replicate('last');
    await replica.replicaof('NO', 'ONE');
    relay.leadTo(successor.port);
    await asked;
    expect(logs).toEqual([]);
    expect(repeated(upstream.calls)).toEqual([]);
    expect(upstream.calls).toHaveLength(2 * few.length);
  });
});
