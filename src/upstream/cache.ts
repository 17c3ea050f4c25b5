import { LRUCache } from 'lru-cache';
import type { Clock } from '../time.js';
import { UpstreamError } from './errors.js';

/** A paid answer, as it is kept. */
export interface Entry {
  /** Upstream's `data` as JSON text; null when upstream has nothing on it, which is knowledge too. */
  readonly data: string | null;
  /** What the endpoint's decoder made of it. */
  readonly value: object;
  readonly fetchedAtMs: number;
}

/** An entry, and how the look-up came by it. */
export interface Lookup {
  readonly entry: Entry;
  /** `paid`: this look-up made the call. `joined`: it waited for one under way. `stale`: upstream gave nothing newer. */
  readonly status: 'hit' | 'paid' | 'joined' | 'stale';
}

export interface CacheOptions {
  readonly maxBytes: number;
  /** How long past its freshness an entry may stand in when upstream fails. */
  readonly staleMs: number;
  readonly now: Clock;
}

/** How long a failure stays, so that a polling page doesn't pay for it again and again. */
const holdMs = 60_000;
const maxHolds = 10_000;

/** Beside the text itself: the key, the decoded value's objects, the list's own links. */
const overheadBytes = 1_024;

/** The memory level, and single-flight above it: one call for one key, however many ask at the same moment. */
export class SectionCache {
  readonly #entries: LRUCache<string, Entry>;
  readonly #holds: LRUCache<string, { error: UpstreamError; untilMs: number }>;
  readonly #underWay = new Map<string, Promise<Entry>>();
  readonly #staleMs: number;
  readonly #now: Clock;

  constructor({ maxBytes, staleMs, now }: CacheOptions) {
    // One larger than the whole is kept all the same, alone: paid for is paid for.
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (entry) => Math.min(bytesOf(entry), maxBytes),
    });
    this.#holds = new LRUCache({ max: maxHolds });
    this.#staleMs = staleMs;
    this.#now = now;
  }

  /**
   * The entry under `key` if it is younger than `maxAgeMs`, else the call under way, else a new one. An age of 0 is
   * never met, so it always pays. When the call fails, an entry up to `staleMs` past `freshMs` stands in.
   */
  async get(
    key: string,
    ages: { readonly maxAgeMs: number; readonly freshMs: number },
    call: () => Promise<Entry>,
  ): Promise<Lookup> {
    const kept = this.#entries.get(key);
    if (kept && ages.maxAgeMs > 0 && this.#ageOf(kept) < ages.maxAgeMs) return { entry: kept, status: 'hit' };
    const underWay = this.#underWay.get(key);
    try {
      if (underWay) return { entry: await underWay, status: 'joined' };
      if (ages.maxAgeMs > 0) this.#throwIfHeld(key);
      return { entry: await this.#start(key, call), status: 'paid' };
    } catch (error) {
      const mayStandIn = kept && this.#ageOf(kept) < ages.freshMs + this.#staleMs;
      if (error instanceof UpstreamError && mayStandIn) return { entry: kept, status: 'stale' };
      throw error;
    }
  }

  #ageOf(entry: Entry): number {
    return this.#now() - entry.fetchedAtMs;
  }

  #start(key: string, call: () => Promise<Entry>): Promise<Entry> {
    const promise = call()
      .then(
        (entry) => {
          this.#entries.set(key, entry);
          this.#holds.delete(key);
          return entry;
        },
        (error: unknown) => {
          throw this.#hold(key, error);
        },
      )
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, promise);
    return promise;
  }

  /** Remembers what was or may have been billed in vain, and upstream's 400; nothing else. */
  #hold(key: string, error: unknown): unknown {
    if (!(error instanceof UpstreamError)) return error;
    if (error.billed === 'no' && error.code !== 'BAD_USER_INPUT') return error;
    this.#holds.set(key, { error, untilMs: this.#now() + holdMs });
    return error.retryable ? error.withRetryAfter(holdMs / 1000) : error;
  }

  #throwIfHeld(key: string): void {
    const hold = this.#holds.get(key);
    if (!hold) return;
    const leftMs = hold.untilMs - this.#now();
    if (leftMs > 0) {
      throw hold.error.retryable ? hold.error.withRetryAfter(Math.ceil(leftMs / 1000)) : hold.error;
    }
    this.#holds.delete(key);
  }
}

/** Chinese text takes two bytes a character in memory; the decoded value takes about as much again. */
function bytesOf(entry: Entry): number {
  return overheadBytes + 4 * (entry.data?.length ?? 0);
}
