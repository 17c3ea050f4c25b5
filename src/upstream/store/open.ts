import { type Config, ConfigError } from '../../config.js';
import type { Logger } from '../../logger.js';
import { laterKeepingAlive } from '../../time.js';
import { FailoverStore } from './failover.js';
import { UnknownFormatError } from './format.js';
import { openMemoryStore } from './memory.js';
import { UnusableRedisError } from './redis/unusableRedis.js';
import type { Store } from './store.js';

type StoreConfig = Pick<Config, 'storeUrl' | 'cacheMaxBytes'>;
type ServerStoreConfig = StoreConfig & Partial<Pick<Config, 'isStoreRequired'>>;

/** Opens the store of STORE_URL for a server, with memory as its failover. Rejects as `openDriver` does. */
export async function openStore(config: ServerStoreConfig, logger: Logger): Promise<Store> {
  const driver = await openDriver(config, logger);
  if (!driver.isShared) return driver;
  const store = new FailoverStore({
    store: driver,
    maxBytes: config.cacheMaxBytes,
    isRequired: config.isStoreRequired ?? false,
    logger,
    now: Date.now,
    // The end of a process may wait for its store.
    after: laterKeepingAlive,
  });
  await store.check();
  return store;
}

/**
 * Opens the driver of STORE_URL, and imports only that one. Rejects with ConfigError if the store can never be used, but not
 * if a Redis can't be reached or a file is locked, since it may be available later. `logger` gets a store's warnings and what
 * becomes of a damaged file.
 */
export async function openDriver({ storeUrl, cacheMaxBytes }: StoreConfig, logger: Logger): Promise<Store> {
  const now = Date.now;
  if (storeUrl === 'memory:') return openMemoryStore({ now, maxBytes: cacheMaxBytes });
  if (!storeUrl.startsWith('sqlite:')) {
    return openRedis(storeUrl, (warnings) => {
      for (const why of warnings) logger.warn({ why }, 'The store may lose data');
    });
  }
  const path = storeUrl.replace(/^sqlite:/, '');
  const { openSqliteStore } = await import('./sqlite/sqlite.js');
  try {
    return await openSqliteStore(path, { now, logger });
  } catch (error) {
    throw configError(`${path} can't be used as a store`, error);
  }
}

async function openRedis(url: string, onWarnings: (warnings: readonly string[]) => void): Promise<Store> {
  const { openRedisStore } = await import('./redis/redis.js');
  const store = await openRedisStore(url, { onWarnings });
  try {
    await store.check();
  } catch (error) {
    if (error instanceof UnknownFormatError || error instanceof UnusableRedisError) {
      await store.close();
      throw configError("its Redis can't be used as a store", error);
    }
  }
  return store;
}

function configError(what: string, error: unknown): ConfigError {
  return new ConfigError([`STORE_URL: ${what} (${error instanceof Error ? error.message : String(error)})`]);
}
