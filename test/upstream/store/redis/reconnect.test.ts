import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, it, vi } from 'vitest';
import { openStore } from '../../../../src/upstream/store/open.js';
import { atEnd, get, realClock, recordingLogger } from '../../../fixtures.js';
import { scriptedUpstream, startTestServer } from '../../../harness.js';
import { describeRedis, startRedis } from '../../../redis.js';

const within = { timeout: 20_000 };
const cacheMaxBytes = 1_048_576;
const creators = 45;
const ids = Array.from({ length: creators }, (_, nth) => `66297222958730${String(nth).padStart(5, '0')}`);

async function clientOf(port: number): Promise<Redis> {
  const client = new Redis(port);
  atEnd(async () => client.disconnect());
  return client;
}

async function storeAt(port: number) {
  const { logger, logs } = recordingLogger();
  const store = await openStore({ storeUrl: `redis://127.0.0.1:${port}`, cacheMaxBytes }, logger);
  atEnd(() => store.close());
  return { store, logs };
}

/** Leads new connections to a Redis, which can be changed; those that are open stay where they are. */
async function proxyTo(firstPort: number) {
  let port = firstPort;
  const sockets = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as { port: number }).port,
    leadTo: (other: number) => {
      port = other;
    },
  };
}

describeRedis('a Redis whose connections are cut', () => {
  it('is not lost, and the servers that share it pay for nothing twice', async () => {
    const { port } = await startRedis();
    const upstream = await scriptedUpstream((_, nth) => async (response) => {
      await setTimeout(30);
      response.end(JSON.stringify({ code: 0, data: { follower: nth } }));
    });
    const stores = [await storeAt(port), await storeAt(port)];
    const servers = await Promise.all(
      stores.map(({ store }) => startTestServer({ upstream, store, clock: realClock })),
    );
    const killer = await clientOf(port);
    let isOver = false;
    const killing = (async () => {
      for (; !isOver; await setTimeout(100)) {
        for (const type of ['normal', 'pubsub'])
          await killer.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
      }
    })();
    for (let round = 0; round < 3; round += 1) {
      const some = ids.slice(round * 15, round * 15 + 15);
      const query = `{ creators(ids: ${JSON.stringify(some)}) { profile { followerCount } } }`;
      const answers = await Promise.all(servers.map((server) => server.ask(query)));
      for (const { errors } of answers) expect(errors).toBeUndefined();
      expect(answers[0]?.data).toEqual(answers[1]?.data);
    }
    isOver = true;
    await killing;
    expect(upstream.calls.toSorted()).toEqual(ids.map((id) => `profile ${id} SHORT_VIDEO`).toSorted());
    for (const { store, logs } of stores) expect([store.lostBecause, logs]).toEqual([null, []]);
  });

  it('grants a lease once that is asked for twice', async () => {
    const { port } = await startRedis();
    const { store } = await storeAt(port);
    const killer = await clientOf(port);
    for (let nth = 0; nth < 20; nth += 1) {
      const asking = store.lease(`lease:${nth}`, { forMs: 60_000 });
      await killer.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      expect([await asking, store.lostBecause]).toMatchObject([{ isGranted: true }, null]);
      expect(await store.lease(`lease:${nth}`, { forMs: 60_000 })).toMatchObject({ isGranted: false });
    }
  });

  it('and that stays away is lost with its reason, and used again as soon as it is there', async () => {
    const redis = await startRedis();
    const { store } = await storeAt(redis.port);
    await store.set('key', 'before');
    await redis.stop();
    expect(await get(store, 'key')).toBeNull();
    expect(store.lostBecause).toContain('ECONNREFUSED');
    await redis.restart();
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
  });

  it('for it becomes a replica is left for its master, though the connection stays', async () => {
    const [old, fresh] = [await startRedis(), await startRedis()];
    const proxy = await proxyTo(old.port);
    const { store, logs } = await storeAt(proxy.port);
    await store.set('key', 'before');
    const [oldClient, freshClient] = [await clientOf(old.port), await clientOf(fresh.port)];
    proxy.leadTo(fresh.port);
    await oldClient.call('REPLICAOF', '127.0.0.1', String(fresh.port));
    expect(await store.set('key', 'after')).toBe(true);
    await vi.waitFor(() => expect(store.lostBecause).toBeNull(), within);
    await vi.waitFor(async () => expect(await freshClient.exists('xingtu:key')).toBe(1), within);
    expect(await get(store, 'key')).toBe('after');
    expect(logs).toEqual(['["warn","The store has lost its data, and gets what is known here"]']);
  });
});
