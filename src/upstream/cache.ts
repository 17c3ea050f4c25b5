import { LRUCache } from 'lru-cache';
import type { Clock } from '../time.js';
import type { Asker } from './asker.js';
import { UpstreamError } from './errors.js';
import { Flight } from './flight.js';
import type { Limiter } from './limiter.js';

/** A paid answer, as it is kept. */
export interface Entry {
  /** Upstream's answer as plain JSON text; null when upstream has nothing on it, which is knowledge too. */
  readonly body: string | null;
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
  /** Where calls wait that may be wanted by more, or by nobody any more. */
  readonly queue: Pick<Limiter, 'promote' | 'leave'>;
}

export interface Wanted {
  readonly key: string;
  readonly endpoint: string;
  /** An entry younger than this will do. An age of 0 is never met, so it always pays. */
  readonly maxAgeMs: number;
  /** The endpoint's own TTL, from which on an entry is stale. */
  readonly freshMs: number;
  readonly asker: Asker;
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
  readonly #flights = new Map<string, Flight>();
  readonly #staleMs: number;
  readonly #now: Clock;
  readonly #queue: CacheOptions['queue'];

  constructor({ maxBytes, staleMs, now, queue }: CacheOptions) {
    // One larger than the whole is kept all the same, alone: paid for is paid for.
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (entry) => Math.min(bytesOf(entry), maxBytes),
    });
    this.#holds = new LRUCache({ max: maxHolds });
    this.#staleMs = staleMs;
    this.#now = now;
    this.#queue = queue;
  }

  /**
   * The entry under the key if it is young enough, else the call under way, else a new one. When that fails, or the
   * asker's time is up, an entry up to `staleMs` past its freshness stands in.
   */
  async get(wanted: Wanted, call: (flight: Flight) => Promise<Entry>): Promise<Lookup> {
    const { key, endpoint, maxAgeMs, freshMs, asker } = wanted;
    const kept = this.#entries.get(key);
    if (kept && maxAgeMs > 0 && this.#ageOf(kept) < maxAgeMs) return { entry: kept, status: 'hit' };
    try {
      asker.throwIfOver(endpoint);
      const underWay = this.#flights.get(key);
      if (!underWay && maxAgeMs > 0) this.#throwIfHeld(key);
      const flight = underWay ? this.#join(underWay, asker) : this.#start(key, asker, call);
      const entry = await asker.waitFor(flight.entry, endpoint, () => this.#leave(flight, asker));
      return { entry, status: underWay ? 'joined' : 'paid' };
    } catch (error) {
      const mayStandIn = kept && this.#ageOf(kept) < freshMs + this.#staleMs;
      if (error instanceof UpstreamError && mayStandIn) return { entry: kept, status: 'stale' };
      throw error;
    }
  }

  #ageOf(entry: Entry): number {
    return this.#now() - entry.fetchedAtMs;
  }

  #join(flight: Flight, asker: Asker): Flight {
    flight.join(asker);
    this.#queue.promote(flight);
    return flight;
  }

  #leave(flight: Flight, asker: Asker): void {
    flight.leave(asker);
    if (!flight.isWanted && this.#queue.leave(flight)) flight.abandon();
  }

  #start(key: string, asker: Asker, call: (flight: Flight) => Promise<Entry>): Flight {
    const forget = (flight: Flight) => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    const fetchEntry = async (flight: Flight) => {
      try {
        const entry = await call(flight);
        this.#entries.set(key, entry);
        this.#holds.delete(key);
        return entry;
      } catch (error) {
        throw this.#hold(key, error);
      } finally {
        forget(flight);
      }
    };
    const flight = new Flight(asker, fetchEntry, forget);
    this.#flights.set(key, flight);
    return flight;
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
    // Longer than any hold lasts: the clock was set back.
    if (leftMs > 0 && leftMs <= holdMs) {
      throw hold.error.retryable ? hold.error.withRetryAfter(Math.ceil(leftMs / 1000)) : hold.error;
    }
    this.#holds.delete(key);
  }
}

/** Chinese text takes two bytes a character in memory; the decoded value takes about as much again. */
function bytesOf(entry: Entry): number {
  return overheadBytes + 4 * (entry.body?.length ?? 0);
}
