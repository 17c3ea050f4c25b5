/**
 * Options of an `LRUCache` with so many entries at most. Unlike `max`, which lru-cache takes as the size to allocate at
 * once (100,000 entries: 6 ms), this one grows with what is in it.
 */
export function atMost(entries: number): {
  readonly maxSize: number;
  readonly sizeCalculation: () => number;
} {
  return { maxSize: entries, sizeCalculation: () => 1 };
}
