import { type Config, ConfigError } from '../../config.js';
import type { Logger } from '../../logger.js';
import { later } from '../../time.js';
import { FailoverStore } from './failover.js';
import { UnknownFormatError } from './format.js';
import { openMemoryStore } from './memory.js';
import type { Store } from './store.js';

type StoreConfig = Pick<Config, 'storeUrl' | 'cacheMaxBytes'>;

/** The store that STORE_URL names, for a server: it outlasts the loss of it. Rejects as `openDriver` does. */
export async function openStore(config: StoreConfig, logger: Logger): Promise<Store> {
  const driver = await openDriver(config);
  if (!driver.isShared) return driver;
  const maxBytes = config.cacheMaxBytes;
  const store = new FailoverStore({ store: driver, maxBytes, logger, now: Date.now, after: later });
  await store.check();
  return store;
}

/**
 * The store that STORE_URL names, as it is; the others' drivers are not even loaded. Rejects with ConfigError when it can
 * never be used; a Redis that can't be reached may be there later.
 */
export async function openDriver({ storeUrl, cacheMaxBytes }: StoreConfig): Promise<Store> {
  const now = Date.now;
  if (storeUrl === 'memory:') return openMemoryStore({ now, maxBytes: cacheMaxBytes });
  if (!storeUrl.startsWith('lmdb:')) return openRedis(storeUrl);
  const path = storeUrl.replace(/^lmdb:/, '');
  const { openLmdbStore } = await import('./lmdb/lmdb.js');
  try {
    return await openLmdbStore(path, { now });
  } catch (error) {
    throw unusable(`the folder ${path} can't be used as a store`, error);
  }
}

async function openRedis(url: string): Promise<Store> {
  const { openRedisStore } = await import('./redis/redis.js');
  const store = await openRedisStore(url);
  try {
    await store.check();
  } catch (error) {
    if (error instanceof UnknownFormatError) {
      await store.close();
      throw unusable("the Redis there can't be used as a store", error);
    }
  }
  return store;
}

function unusable(what: string, error: unknown): ConfigError {
  return new ConfigError([`STORE_URL: ${what} (${error instanceof Error ? error.message : String(error)})`]);
}
