import type { Store } from './store.js';

/** Forgets all when the process ends. */
export function openMemoryStore(): Store {
  const values = new Map<string, string>();
  return {
    get: async (key) => values.get(key) ?? null,
    set: async (key, value) => {
      values.set(key, value);
    },
    forget: async (key) => {
      values.delete(key);
    },
    close: async () => {},
  };
}
