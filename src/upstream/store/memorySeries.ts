import { LRUCache } from 'lru-cache';
import type { Clock } from '../../time.js';
import type { AppendOptions, LatestOptions, SeriesEntry } from './store.js';

/** The memory of an entry beside its value. */
const overheadBytes = 128;

/** A series, and the terms of its last entry. */
export interface MemorySeries {
  /** The oldest first. */
  readonly entries: readonly SeriesEntry[];
  readonly options: AppendOptions;
}

/** Series in memory. When it is full, it evicts the least recently used series. */
export class SeriesMemory {
  readonly #now: Clock;
  readonly #maxBytes: number;
  readonly #series: LRUCache<
    string,
    MemorySeries & { readonly entries: SeriesEntry[]; readonly bytes: number }
  >;

  constructor({ now, maxBytes }: { readonly now: Clock; readonly maxBytes: number }) {
    this.#now = now;
    this.#maxBytes = maxBytes;
    this.#series = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ bytes }) => bytes });
  }

  append(key: string, entry: SeriesEntry, options: AppendOptions): boolean {
    const { entries, bytes } = this.#series.get(key) ?? { entries: [], bytes: 0 };
    const newest = this.#unexpired(entries, options).at(-1);
    if (newest && entry.digest !== null && newest.digest === entry.digest) return false;
    // Most entries are the newest.
    let at = entries.length;
    while (at > 0 && (entries[at - 1] as SeriesEntry).atMs > entry.atMs) at -= 1;
    entries.splice(at, 0, entry);
    let nextBytes = bytes + bytesOf(entry);
    const oldestMs = this.#now() - options.lifeMs;
    const { most = Number.POSITIVE_INFINITY } = options;
    while (entries.length > most || (entries[0] && entries[0].atMs <= oldestMs)) {
      nextBytes -= bytesOf(entries.shift() as SeriesEntry);
    }
    if (entries.length === 0) this.#series.delete(key);
    else this.#series.set(key, { entries, options, bytes: Math.min(nextBytes, this.#maxBytes) });
    return true;
  }

  latest(key: string, { most, beforeMs = Number.POSITIVE_INFINITY }: LatestOptions): readonly SeriesEntry[] {
    const earlier = this.of(key).filter(({ atMs }) => atMs < beforeMs);
    return earlier.slice(-most).reverse();
  }

  /** The oldest first. */
  of(key: string): readonly SeriesEntry[] {
    const series = this.#series.get(key);
    return series ? this.#unexpired(series.entries, series.options) : [];
  }

  forget(key: string): boolean {
    return this.#series.delete(key);
  }

  keys(): string[] {
    return [...this.#series.keys()].filter((key) => this.of(key).length > 0);
  }

  get isEmpty(): boolean {
    return this.#series.size === 0;
  }

  get bytes(): number {
    return this.#series.calculatedSize;
  }

  /** Removes and returns all series. */
  takeAll(): readonly (readonly [key: string, series: MemorySeries])[] {
    const all = [...this.#series.entries()];
    this.#series.clear();
    return all;
  }

  #unexpired(entries: readonly SeriesEntry[], { lifeMs }: AppendOptions): readonly SeriesEntry[] {
    const oldestMs = this.#now() - lifeMs;
    const from = entries.findIndex(({ atMs }) => atMs > oldestMs);
    return from === 0 ? entries : entries.slice(from < 0 ? entries.length : from);
  }
}

function bytesOf({ value }: SeriesEntry): number {
  return overheadBytes + 2 * value.length;
}
