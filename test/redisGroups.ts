import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { vi } from 'vitest';
import { pauseProcess, type RedisServer, startRedisServer } from './bench/redisServer.js';
import { freePort } from './freePort.js';

const within = { timeout: 20_000, interval: 20 };
const slotCount = 16_384;
const masterCount = 3;

/** Several Redis servers that belong together. Whoever starts them ends them: they may serve all tests of a file. */
interface RedisGroup {
  /** For STORE_URL. */
  readonly url: string;
  /** A client for each data server, in their order. */
  readonly admins: readonly Redis[];
  end(): Promise<void>;
}

export interface RedisCluster extends RedisGroup {
  readonly ports: readonly number[];
  /** Empty, on the same port, with the same slots. */
  restart(nth: number): Promise<void>;
  /** Holds its connections, and answers nothing. */
  pause(nth: number): void;
  resume(nth: number): void;
}

/** A cluster of masters without replicas. */
export async function startCluster(): Promise<RedisCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'xingtu-cluster-'));
  const start = async ({ port, busPort }: { port: number; busPort: number }) =>
    startRedisServer({
      port,
      args: [
        ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--dir', folder],
        // The default. A cluster that counts a node as failed refuses all commands, which is another case.
        ...['--cluster-config-file', `nodes-${port}.conf`, '--cluster-node-timeout', '15000'],
      ],
    });
  const places: { port: number; busPort: number }[] = [];
  for (let nth = 0; nth < masterCount; nth += 1) {
    places.push({ port: await freePort(), busPort: await freePort() });
  }
  const servers = await Promise.all(places.map(start));
  const admins = servers.map(adminOf);
  const [first, ...others] = places as [(typeof places)[0], ...typeof places];
  await Promise.all(
    admins.map(async (admin, nth) => {
      const from = Math.ceil((nth * slotCount) / masterCount);
      const to = Math.ceil(((nth + 1) * slotCount) / masterCount) - 1;
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', from, to);
      await admin.call('CLUSTER', 'SET-CONFIG-EPOCH', nth + 1);
    }),
  );
  for (const { port, busPort } of others)
    await admins[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  await vi.waitFor(async () => {
    for (const admin of admins) {
      const info = String(await admin.cluster('INFO'));
      if (!info.includes('cluster_state:ok') || !info.includes(`cluster_size:${masterCount}`)) {
        throw new Error(info);
      }
    }
  }, within);
  return {
    url: `redis://${places.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    ports: [first, ...others].map(({ port }) => port),
    admins,
    pause: (nth) => servers[nth] && pauseProcess(servers[nth].process),
    resume: (nth) => void servers[nth]?.process.kill('SIGCONT'),
    restart: async (nth) => {
      await servers[nth]?.end();
      servers[nth] = await start(places[nth] as (typeof places)[0]);
    },
    end: () => endAll(admins, servers, folder),
  };
}

export interface SentinelGroup extends RedisGroup {
  /** Promotes the replica, and resolves when the sentinels say so. */
  failOver(): Promise<void>;
  /** Of the data servers, at once, as if its machine had failed. */
  stop(nth: number): Promise<void>;
  /** The port of the master, as the sentinels know it. */
  masterPort(): Promise<number>;
}

/** A master, a replica, and sentinels that notice within `downAfterMs` that the master is gone. */
export async function startSentinels({ count = 1, downAfterMs = 300 } = {}): Promise<SentinelGroup> {
  const folder = await mkdtemp(join(tmpdir(), 'xingtu-sentinel-'));
  const args = ['--repl-diskless-sync-delay', '0', '--dir', folder];
  const master = await startRedisServer({ args });
  const replica = await startRedisServer({
    args: [...args, '--replicaof', '127.0.0.1', String(master.port)],
  });
  const admins = [master, replica].map(adminOf);
  await vi.waitFor(async () => {
    if (!(await admins[1]?.info('replication'))?.includes('master_link_status:up'))
      throw new Error('no link');
  }, within);
  // Redis sends a new replica what is written after its first copy only after up to a second.
  await admins[0]?.set('started', '');
  await admins[0]?.wait(1, 5_000);
  const sentinels = await Promise.all(
    Array.from({ length: count }, async (_, nth) => {
      const config = join(folder, `sentinel-${nth}.conf`);
      await writeFile(
        config,
        [
          `sentinel monitor main 127.0.0.1 ${master.port} ${Math.floor(count / 2) + 1}`,
          `sentinel down-after-milliseconds main ${downAfterMs}`,
          'sentinel failover-timeout main 3000',
        ].join('\n'),
      );
      return startRedisServer({
        config,
        args: ['--sentinel', '--dir', folder],
        readyText: '+monitor master',
      });
    }),
  );
  const sentinel = adminOf(sentinels[0] as RedisServer);
  const masterPort = async () =>
    Number(((await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main')) as string[])[1]);
  await vi.waitFor(
    async () => {
      const replicas = (await sentinel.call('SENTINEL', 'REPLICAS', 'main')) as unknown[];
      if (!String(replicas).includes(`127.0.0.1,port,${replica.port}`))
        throw new Error('the replica is not known yet');
    },
    { timeout: 15_000, interval: 50 },
  );
  return {
    url: `redis://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/0?sentinel=main`,
    admins,
    masterPort,
    failOver: async () => {
      const before = await masterPort();
      await vi.waitFor(() => sentinel.call('SENTINEL', 'FAILOVER', 'main'), within);
      await vi.waitFor(async () => {
        if ((await masterPort()) === before) throw new Error('not yet');
      }, within);
    },
    stop: async (nth) => [master, replica][nth]?.end(),
    end: () => endAll([...admins, sentinel], [master, replica, ...sentinels], folder),
  };
}

function adminOf({ port }: RedisServer): Redis {
  // ioredis prints errors that have no listener.
  return new Redis(port, { retryStrategy: () => 50 }).on('error', () => {});
}

async function endAll(
  clients: readonly Redis[],
  servers: readonly RedisServer[],
  folder: string,
): Promise<void> {
  for (const client of clients) client.disconnect();
  await Promise.all(servers.map((server) => server.end()));
  await rm(folder, { recursive: true, force: true });
}
