import { open } from 'lmdb';
import type { Store } from './store.js';

/** A folder on this machine. Several processes may share it: each sees what another has written. */
export function openLmdbStore(path: string): Store {
  const database = open<string, string>({ path, encoding: 'string' });
  return {
    get: async (key) => database.get(key) ?? null,
    set: async (key, value) => {
      await database.put(key, value);
    },
    forget: async (key) => {
      await database.remove(key);
    },
    close: () => database.close(),
  };
}
