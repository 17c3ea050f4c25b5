import { LRUCache } from 'lru-cache';
import { atMost } from '../../lruCache.js';
import type { Clock } from '../../time.js';
import { SeriesMemory } from './memorySeries.js';
import {
  applyCount,
  applyExtend,
  applyForget,
  applyLease,
  applyRelease,
  applySet,
  type Change,
  type StoredRecord,
  unexpired,
} from './records.js';
import type { Store } from './store.js';

/** The memory of a record beside its value: key, numbers, links of the cache. */
const overheadBytes = 256;
const maxLeases = 100_000;

export interface MemoryStore extends Store {
  readonly isEmpty: boolean;
  readonly seriesMemory: SeriesMemory;
  /** All records except leases, which end with the process. */
  records(): (readonly [key: string, record: StoredRecord])[];
  record(key: string): StoredRecord | null;
  drop(key: string): void;
}

/** Loses everything when the process ends. When it is full, it evicts the least recently used records. */
export function openMemoryStore({
  now,
  maxBytes,
}: {
  readonly now: Clock;
  readonly maxBytes: number;
}): MemoryStore {
  const records = new LRUCache<string, StoredRecord>({
    maxSize: maxBytes,
    sizeCalculation: ({ value }) => Math.min(overheadBytes + 2 * value.length, maxBytes),
  });
  const seriesMemory = new SeriesMemory({ now, maxBytes });
  const leases = new LRUCache<string, StoredRecord>(atMost(maxLeases));

  function change<T>(
    map: LRUCache<string, StoredRecord>,
    key: string,
    make: (record: StoredRecord | null, nowMs: number) => Change<T>,
  ): T {
    const nowMs = now();
    const { to, result } = make(unexpired(map.get(key) ?? null, nowMs), nowMs);
    if (to) map.set(key, to);
    else if (to === null) map.delete(key);
    return result;
  }

  return {
    isShared: false,
    lostBecause: null,
    isIncomplete: false,
    warnings: [],
    timeoutMs: Number.POSITIVE_INFINITY,
    recheckEveryMs: Number.POSITIVE_INFINITY,
    getMany: async (keys) => keys.map((key) => unexpired(records.get(key) ?? null, now())?.value ?? null),
    set: async (key, value, options = {}) =>
      change(records, key, (record, nowMs) => applySet(record, value, options, nowMs)),
    forget: async (key) => {
      const hadSeries = seriesMemory.forget(key);
      return change(records, key, applyForget) || hadSeries;
    },
    lease: async (key, options) => {
      const leasing = change(leases, key, (record, nowMs) => applyLease(record, options, nowMs));
      if (!leasing.isGranted) return leasing;
      const { version } = leasing;
      return {
        ...leasing,
        extend: async (forMs) =>
          change(leases, key, (record, nowMs) => applyExtend(record, version, forMs, nowMs)),
        release: async () => change(leases, key, (record, nowMs) => applyRelease(record, version, nowMs)),
      };
    },
    count: async (key, options) =>
      change(records, key, (record, nowMs) => applyCount(record, options, nowMs)),
    append: async (key, entry, options) => seriesMemory.append(key, entry, options),
    latest: async (key, options) => seriesMemory.latest(key, options),
    async *series(key) {
      yield* seriesMemory.of(key);
    },
    // No other process can change it.
    onChange: () => {},
    onReplaced: () => {},
    async *keys(prefix) {
      for (const [key, record] of records.entries()) {
        if (key.startsWith(prefix) && unexpired(record, now())) yield key;
      }
      for (const key of seriesMemory.keys()) {
        if (key.startsWith(prefix)) yield key;
      }
    },
    check: async () => {},
    bytes: async () => records.calculatedSize + seriesMemory.bytes,
    close: async () => {},
    get isEmpty() {
      return records.size === 0;
    },
    seriesMemory,
    records: () => [...records.entries()].filter(([, record]) => unexpired(record, now())),
    record: (key) => unexpired(records.peek(key) ?? null, now()),
    drop: (key) => {
      records.delete(key);
    },
  };
}
