import { LRUCache } from 'lru-cache';
import type { Clock } from '../../time.js';
import {
  type Change,
  living,
  type Rec,
  toCount,
  toExtend,
  toForget,
  toLease,
  toRelease,
  toSet,
} from './records.js';
import type { Store } from './store.js';

/** Keys, numbers and the list's own links. */
const overheadBytes = 256;
const maxLeases = 100_000;

export interface MemoryStore extends Store {
  readonly isEmpty: boolean;
  /** What is there, but for leases, which end with their holder. */
  records(): (readonly [key: string, record: Rec])[];
  record(key: string): Rec | null;
  drop(key: string): void;
}

/** Forgets all when the process ends, and what was not asked for longest when it is full. */
export function openMemoryStore({
  now,
  maxBytes,
}: {
  readonly now: Clock;
  readonly maxBytes: number;
}): MemoryStore {
  const records = new LRUCache<string, Rec>({
    maxSize: maxBytes,
    sizeCalculation: ({ value }) => Math.min(overheadBytes + 2 * value.length, maxBytes),
  });
  const leases = new LRUCache<string, Rec>({ max: maxLeases });

  function change<T>(
    map: LRUCache<string, Rec>,
    key: string,
    make: (record: Rec | null, nowMs: number) => Change<T>,
  ): T {
    const nowMs = now();
    const { to, result } = make(living(map.get(key) ?? null, nowMs), nowMs);
    if (to) map.set(key, to);
    else if (to === null) map.delete(key);
    return result;
  }

  return {
    isShared: false,
    lostBecause: null,
    patienceMs: Number.POSITIVE_INFINITY,
    tryAgainMs: Number.POSITIVE_INFINITY,
    getMany: async (keys) => keys.map((key) => living(records.get(key) ?? null, now())?.value ?? null),
    set: async (key, value, options = {}) =>
      change(records, key, (record, nowMs) => toSet(record, value, options, nowMs)),
    forget: async (key) => change(records, key, toForget),
    lease: async (key, options) => {
      const leasing = change(leases, key, (record, nowMs) => toLease(record, options, nowMs));
      if (!leasing.isGranted) return leasing;
      const { version } = leasing;
      return {
        ...leasing,
        extend: async (forMs) =>
          change(leases, key, (record, nowMs) => toExtend(record, version, forMs, nowMs)),
        release: async () => change(leases, key, (record, nowMs) => toRelease(record, version, nowMs)),
      };
    },
    count: async (key, options) => change(records, key, (record, nowMs) => toCount(record, options, nowMs)),
    // Nobody else has it.
    onChange: () => {},
    async *keys(prefix) {
      for (const [key, record] of records.entries()) {
        if (key.startsWith(prefix) && living(record, now())) yield key;
      }
    },
    check: async () => {},
    bytes: async () => records.calculatedSize,
    close: async () => {},
    get isEmpty() {
      return records.size === 0;
    },
    records: () => [...records.entries()].filter(([, record]) => living(record, now())),
    record: (key) => living(records.peek(key) ?? null, now()),
    drop: (key) => {
      records.delete(key);
    },
  };
}
