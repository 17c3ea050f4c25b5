import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedisServer } from '../bench/redisServer.js';

export interface SoakStore {
  readonly url: string;
  /** What can happen to it, by name. Each resolves when it is over, and calls `onEmptied` when the data is gone. */
  readonly events: Readonly<Record<string, (onEmptied: () => void) => Promise<void>>>;
  close(): Promise<void>;
}

export async function soakRedis(): Promise<SoakStore> {
  const folder = await mkdtemp(join(tmpdir(), 'xingtu-soak-'));
  // Every write is on disk before it is confirmed, so a kill loses nothing.
  const args = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', folder];
  let redis = await startRedisServer({ args });
  const { url, port } = redis;
  const restart = async (downMs: number, onEmptied: (() => void) | null = null) => {
    await redis.end();
    if (onEmptied) await rm(join(folder, 'appendonlydir'), { recursive: true, force: true });
    onEmptied?.();
    await sleep(downMs);
    redis = await startRedisServer({ port, args });
  };
  return {
    url,
    events: {
      'Redis restarted': () => restart(500),
      'Redis away': () => restart(6_000),
      'Redis emptied': (onEmptied) => restart(500, onEmptied),
      'Redis paused': async () => {
        redis.process.kill('SIGSTOP');
        await sleep(5_000);
        redis.process.kill('SIGCONT');
      },
    },
    close: async () => {
      await redis.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const diskMb = 64;

/** A file; for root, on a disk of its own that can be filled. */
export async function soakSqlite(): Promise<SoakStore> {
  const folder = await mkdtemp(join(tmpdir(), 'xingtu-soak-'));
  const isMounted =
    process.getuid?.() === 0 &&
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'tmpfs', folder]).status === 0;
  const filler = join(folder, 'filler');
  const fill = async () => {
    const { bavail, bsize } = await statfs(folder);
    await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - bsize))).catch(() => {});
    await sleep(5_000);
    await rm(filler, { force: true });
  };
  return {
    url: `sqlite:${join(folder, 'store.db')}`,
    events: isMounted ? { 'disk full': fill } : {},
    close: async () => {
      if (isMounted) execFileSync('umount', ['-l', folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
