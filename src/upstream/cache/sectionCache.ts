import { LRUCache } from 'lru-cache';
import type { Clock } from '../../time.js';
import { Flight } from '../call/inFlightCall.js';
import type { Limiter } from '../call/limiter/limiter.js';
import { UpstreamError } from '../errors.js';
import type { Lookup, Outcome } from './lookup.js';
import { FailedElsewhere, Holds } from './negativeCache.js';
import type { Asker } from './operation.js';
import type { Made, SharedAnswers } from './singleFlight.js';
import type { Answer, Entry, Subject } from './storedAnswer.js';

export interface CacheOptions {
  readonly maxBytes: number;
  /** How long past its freshness an entry may stand in. */
  readonly staleMs: number;
  readonly now: Clock;
  /** Where calls wait that may be wanted by more, or by nobody any more. */
  readonly queue: Pick<Limiter, 'promote' | 'leave'>;
  /** The store's level. Null: there is none, for nobody shares it. */
  readonly shared: SharedAnswers | null;
  /** False: it is from a stand-in and upstream is none, or the other way round. */
  readonly isUsable: (answer: Answer) => boolean;
}

export interface Wanted {
  readonly name: string;
  readonly subject: Subject;
  /** An entry younger than this will do. An age of 0 is never met, so it always pays. */
  readonly maxAgeMs: number;
  /** From this age on, an entry doesn't do even while it is renewed: the asker has said how old it may be. */
  readonly awaitedFromMs: number;
  /** The endpoint's own TTL, from which on an entry is stale. */
  readonly freshMs: number;
}

/** What would become of a look-up. */
export interface Forecast {
  readonly outcome: Outcome;
  /** A call would be started to renew what is kept. */
  readonly isRenewing: boolean;
  /** What of what is kept would be given. */
  readonly entry: Entry | null;
  /** What would be given if no call could be made. */
  readonly standIn: Entry | null;
}

type Call = (flight: Flight) => Promise<Entry>;

/** Outdated: another process has replaced or forgotten it, so the store is to be asked first. */
type EntryInMemory = Entry & { readonly isOutdated?: true };

/** Beside the text itself: the key, the decoded section's objects, the list's own links. */
const overheadBytes = 1_024;

/**
 * Two levels, memory over the store, and single-flight above both: one call for one section, however many ask at the same
 * moment.
 */
export class SectionCache {
  readonly #entries: LRUCache<string, EntryInMemory>;
  #changes = 0;
  readonly #reads = new Map<string, Promise<Entry | null>>();
  readonly #flights = new Map<string, Flight>();
  readonly #holds: Holds;
  readonly #options: CacheOptions;

  constructor(options: CacheOptions) {
    const { maxBytes, now, shared } = options;
    // One larger than the whole is kept all the same, alone: paid for is paid for.
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (entry) => Math.min(bytesOf(entry), maxBytes),
      onInsert: () => this.#noteChange(),
      dispose: () => this.#noteChange(),
    });
    this.#holds = new Holds(now);
    this.#options = options;
    shared?.onChange((name) => {
      if (name === null) return this.#outdateAll();
      const entry = this.#entries.get(name);
      if (entry) this.#entries.set(name, { ...entry, isOutdated: true });
      this.#reads.delete(name);
    });
  }

  /** Goes up with each change of what memory has: until then a hit is the same hit, while it is young enough. */
  get changes(): number {
    return this.#changes;
  }

  #noteChange(): void {
    this.#changes += 1;
  }

  /** Some changes may have been missed. */
  #outdateAll(): void {
    for (const [name, entry] of [...this.#entries.entries()]) {
      this.#entries.set(name, { ...entry, isOutdated: true });
    }
    this.#reads.clear();
  }

  /** What memory has that is young enough. The way of nearly all look-ups, and without a promise. */
  hit(name: string, maxAgeMs: number): Entry | null {
    const entry = this.#entries.get(name);
    return entry && !entry.isOutdated && this.#isYoung(entry, maxAgeMs) ? entry : null;
  }

  /**
   * The entry under the name if it is young enough, else the call under way, else a new one. An entry up to `staleMs` past
   * its freshness is served at once while it is renewed, if the asker named no age; and it stands in when the call
   * fails, or the asker's time is up. `lookup` is told how it came by it.
   */
  async get(wanted: Wanted, asker: Asker, lookup: Lookup, call: Call): Promise<Entry> {
    const { name, subject, maxAgeMs } = wanted;
    const kept = await this.#newest(name, subject);
    if (kept && this.#isYoung(kept, maxAgeMs)) {
      lookup.entry = kept;
      return kept;
    }
    for (;;) {
      try {
        const found = this.#atHandOrUnderWay(wanted, kept, asker, lookup, call);
        lookup.entry = found instanceof Flight ? (await this.#landing(found, wanted, asker)).entry : found;
        return lookup.entry;
      } catch (error) {
        if (isOthersAffair(error, lookup.awaited, asker)) continue;
        if (!kept || !(error instanceof UpstreamError) || !this.#mayStandIn(kept, wanted)) throw error;
        lookup.entry = kept;
        lookup.isStale = true;
        return kept;
      }
    }
  }

  /** What would become of that now. Calls nothing; what it finds in the store stays in memory. */
  async forecast(wanted: Wanted): Promise<Forecast> {
    const { name, subject, maxAgeMs } = wanted;
    const kept = await this.#newest(name, subject);
    const standIn = kept && this.#mayStandIn(kept, wanted) ? kept : null;
    const isUnderWay = this.#flights.has(name);
    if (kept && this.#isYoung(kept, maxAgeMs)) {
      return { outcome: 'cached', isRenewing: false, entry: kept, standIn };
    }
    if (!isUnderWay && (await this.#isHeld(wanted))) {
      return { outcome: standIn ? 'stale' : 'cached', isRenewing: false, entry: standIn, standIn };
    }
    if (kept && this.#isServedAtOnce(kept, wanted)) {
      return { outcome: 'stale', isRenewing: !isUnderWay, entry: kept, standIn };
    }
    return { outcome: isUnderWay ? 'coalesced' : 'paid', isRenewing: false, entry: null, standIn };
  }

  /** Every call under way has ended, and what came of it is kept. */
  async landed(): Promise<void> {
    await Promise.allSettled([...this.#flights.values()].map(({ landed }) => landed));
    await this.#options.shared?.released();
  }

  /** An entry: what has just landed, or what is kept while that is renewed. Else a call to be waited for. */
  #atHandOrUnderWay(
    wanted: Wanted,
    kept: Entry | null,
    asker: Asker,
    lookup: Lookup,
    call: Call,
  ): Entry | Flight {
    const { name, subject, maxAgeMs } = wanted;
    asker.throwIfOver(subject.endpoint.name);
    // A call may have landed since memory was looked at, in the very moment before.
    const landed = this.hit(name, maxAgeMs);
    if (landed) return landed;
    const underWay = this.#flights.get(name);
    const held = underWay || maxAgeMs === 0 ? null : this.#holds.errorFor(name);
    if (held) {
      lookup.isHeld = true;
      throw held;
    }
    const flight = underWay ? this.#join(underWay, asker) : this.#start(wanted, kept, asker, call);
    if (kept && this.#isServedAtOnce(kept, wanted)) {
      // Whoever asks next hears of a failure.
      flight.landed.catch(() => {});
      lookup.isStale = true;
      lookup.renewal = underWay ? null : flight;
      return kept;
    }
    lookup.awaited = flight;
    return flight;
  }

  #landing(flight: Flight, { subject }: Wanted, asker: Asker): Promise<Made> {
    return asker.waitFor(flight.landed, subject.endpoint.name, () => this.#leave(flight, asker));
  }

  #isServedAtOnce(kept: Entry, wanted: Wanted): boolean {
    return this.#mayStandIn(kept, wanted) && this.#ageOf(kept) < wanted.awaitedFromMs;
  }

  #mayStandIn(kept: Entry, { freshMs }: Wanted): boolean {
    return this.#ageOf(kept) < freshMs + this.#options.staleMs;
  }

  /** A failure is remembered, here or by another process. */
  async #isHeld({ name, subject, maxAgeMs }: Wanted): Promise<boolean> {
    if (maxAgeMs === 0) return false;
    return (
      this.#holds.errorFor(name) !== null || (await this.#options.shared?.isHeld(name, subject)) === true
    );
  }

  #isYoung(entry: Entry, maxAgeMs: number): boolean {
    return maxAgeMs > 0 && this.#ageOf(entry) < maxAgeMs && this.#options.isUsable(entry);
  }

  #ageOf(entry: Entry): number {
    // A clock may have been set back since, and none is younger than just fetched.
    return Math.max(0, this.#options.now() - entry.fetchedAtMs);
  }

  /** Memory's, or the store's where that is newer, or memory's is outdated. */
  async #newest(name: string, subject: Subject): Promise<Entry | null> {
    const stored = this.#options.shared ? await this.#read(name, subject) : null;
    const inMemory = this.#entries.get(name) ?? null;
    const newest = stored && this.#replaces(stored, inMemory) ? stored : inMemory;
    return newest && this.#options.isUsable(newest) ? newest : null;
  }

  #replaces(stored: Entry, inMemory: EntryInMemory | null): boolean {
    if (!inMemory || inMemory.isOutdated || inMemory.version === null) return true;
    return (stored.version ?? 0) > inMemory.version;
  }

  /** From the store, once for all who look meanwhile. */
  #read(name: string, subject: Subject): Promise<Entry | null> {
    const underWay = this.#reads.get(name);
    if (underWay) return underWay;
    const isCurrent = () => this.#reads.get(name) === read;
    const read = this.#readStore(name, subject, isCurrent).finally(() => {
      if (isCurrent()) this.#reads.delete(name);
    });
    this.#reads.set(name, read);
    return read;
  }

  async #readStore(name: string, subject: Subject, isCurrent: () => boolean): Promise<Entry | null> {
    const { shared } = this.#options;
    const entry = (await shared?.read(name, subject)) ?? null;
    // A call may have ended meanwhile, or it was replaced or forgotten once more, of which memory would not hear again.
    const inMemory = this.#entries.get(name) ?? null;
    if (!isCurrent()) return entry;
    if (entry && this.#replaces(entry, inMemory)) this.#entries.set(name, entry);
    // What a lost store doesn't have was not forgotten therefore.
    else if (!entry && inMemory?.isOutdated && !shared?.isLost) this.#entries.delete(name);
    return entry;
  }

  #join(flight: Flight, asker: Asker): Flight {
    flight.join(asker);
    this.#options.queue.promote(flight);
    return flight;
  }

  #leave(flight: Flight, asker: Asker): void {
    flight.leave(asker);
    if (!flight.isWanted && this.#options.queue.leave(flight)) flight.abandon();
  }

  #start(wanted: Wanted, kept: Entry | null, asker: Asker, call: Call): Flight {
    const { name } = wanted;
    const forget = (flight: Flight) => {
      if (this.#flights.get(name) === flight) this.#flights.delete(name);
    };
    const land = async (flight: Flight) => {
      try {
        const made = await this.#make(wanted, kept, () => call(flight));
        flight.madeBy = made.isOwn ? 'us' : 'others';
        this.#entries.set(name, made.entry);
        this.#holds.forget(name);
        return made;
      } catch (error) {
        flight.madeBy = error instanceof FailedElsewhere ? 'others' : 'us';
        throw this.#holds.note(name, error);
      } finally {
        forget(flight);
      }
    };
    const flight = new Flight(asker, land, forget);
    this.#flights.set(name, flight);
    return flight;
  }

  async #make(
    { name, subject, maxAgeMs }: Wanted,
    kept: Entry | null,
    call: () => Promise<Entry>,
  ): Promise<Made> {
    const { shared } = this.#options;
    if (!shared) return { entry: await call(), isOwn: true };
    const terms = {
      accepts: (entry: Entry) => this.#isYoung(entry, maxAgeMs),
      acceptsHeld: maxAgeMs > 0,
      seenVersion: kept?.version ?? null,
    };
    return shared.once(name, subject, terms, call);
  }
}

/** Who started the call may not pay for more today. The asker, who only joined it, may. */
function isOthersAffair(error: unknown, flight: Flight | null, asker: Asker): boolean {
  const isSpent = error instanceof UpstreamError && error.code === 'BUDGET_EXCEEDED';
  return isSpent && flight !== null && flight.starter.payer?.name !== asker.payer?.name;
}

/** Chinese text takes two bytes a character in memory; the decoded section takes about as much again. */
function bytesOf(entry: Entry): number {
  return overheadBytes + 4 * (entry.body?.length ?? 0);
}
