import { ConfigError } from '../../config.js';
import { openLmdbStore } from './lmdb.js';
import { openMemoryStore } from './memory.js';
import type { Store } from './store.js';

/** The store that STORE_URL names. Throws ConfigError when it can't be opened. */
export function openStore(url: string): Store {
  if (url === 'memory:') return openMemoryStore();
  const path = url.replace(/^lmdb:/, '');
  try {
    return openLmdbStore(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`STORE_URL: the folder ${path} can't be used as a store (${why})`]);
  }
}
