import type { Logger } from '../../logger.js';
import type { After, Clock } from '../../time.js';
import type { EndpointName } from '../endpoints/table.js';
import { UpstreamError } from '../errors.js';
import type { Lease, Refusal, Store } from '../store/store.js';
import { FailedElsewhere, holdMs, isToBeHeld } from './negativeCache.js';
import {
  type Answer,
  answerOfText,
  type Entry,
  failureOfText,
  type KeptAnswer,
  type KeptFailure,
  keys,
  nameIn,
  type Subject,
  textOfAnswer,
  textOfFailure,
} from './storedAnswer.js';

/** A holder that dies delays the others so long; one that lives extends it well before. */
const leaseMs = 10_000;
const extendEveryMs = 2_000;

/** How often those who wait look by themselves, for a message may be lost. */
const lookEveryMs = 1_000;

/** An answer leaves when the store has it, or when that takes longer. */
const writtenWithinMs = 300;

/** For so long those who waited can find out how a call failed. */
const failureLifeMs = 10_000;

export interface SharedAnswersOptions {
  readonly store: Store;
  /** How long an endpoint's answers may be of use. */
  readonly lifeMsOf: (endpoint: EndpointName) => number;
  /** Reads an answer out of the store. Throws when that can't be done. */
  readonly open: (subject: Subject, answer: Answer) => Entry;
  readonly logger: Logger;
  readonly now: Clock;
  readonly after: After;
}

/** What an asker takes instead of a call of his own. */
export interface Terms {
  /** An answer that is there by now. */
  accepts(entry: Entry): boolean;
  /** A failure that was billed in vain just now. */
  readonly acceptsHeld: boolean;
  /** The version in the store of the answer that was not good enough. Null: there was none. */
  readonly seenVersion: number | null;
}

/** An entry, and whether this process made the call. */
export interface Made {
  readonly entry: Entry;
  readonly isOwn: boolean;
}

/**
 * The store's level: answers that processes share, and one call for them all. Who is about to call takes a lease; the
 * others wait for what comes of it, be it an answer or a failure, and call themselves when its holder is gone.
 */
export class SharedAnswers {
  readonly #options: SharedAnswersOptions;
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #releasing = new Set<Promise<void>>();

  constructor(options: SharedAnswersOptions) {
    this.#options = options;
    options.store.onChange((key) => this.#wake(key));
  }

  /** What the store has can't be known now. */
  get isLost(): boolean {
    return this.#options.store.lostBecause !== null;
  }

  /** No lease is being let go of any more. */
  async released(): Promise<void> {
    await Promise.all(this.#releasing);
  }

  /** Hears the names of answers that another process has replaced or forgotten. Null: perhaps any of them. */
  onChange(listener: (name: string | null) => void): void {
    this.#options.store.onChange((key) => {
      if (key === null) listener(null);
      else if (key.startsWith(keys.answer(''))) listener(nameIn(key));
    });
  }

  /** Null: there is none, or none that can be read. */
  read(name: string, subject: Subject): Promise<(Entry & KeptAnswer) | null> {
    return this.#parsed(keys.answer(name), (text) => {
      const answer = answerOfText(subject, text);
      if (!answer) return null;
      // A clock that is ahead of ours fetched it, if it comes from the future: it ages from now on.
      const fetchedAtMs = Math.min(answer.fetchedAtMs, this.#options.now());
      return { ...this.#options.open(subject, { ...answer, fetchedAtMs }), version: answer.version };
    });
  }

  /** What came last was a failure that is held. */
  async isHeld(name: string, subject: Subject): Promise<boolean> {
    const [kept, failure] = await this.#outcome(name, subject);
    return failure !== null && failure.version > (kept?.version ?? 0) && this.#isHeld(failure);
  }

  /** What is on these terms there by the time of our turn, else what `make` comes back with, kept for all. */
  async once(name: string, subject: Subject, terms: Terms, make: () => Promise<Entry>): Promise<Made> {
    for (;;) {
      const leasing = await this.#options.store.lease(keys.lease(name), { forMs: leaseMs });
      if (leasing.isGranted) return this.#makeUnder(leasing, name, subject, terms, make);
      const entry = await this.#comesOf(leasing, name, subject, terms);
      if (entry) return { entry, isOwn: false };
    }
  }

  async #makeUnder(
    lease: Lease,
    name: string,
    subject: Subject,
    terms: Terms,
    make: () => Promise<Entry>,
  ): Promise<Made> {
    let { version } = lease;
    const letGo = this.#hold(lease);
    let written: Promise<unknown> = Promise.resolve();
    try {
      const [kept, failure] = await this.#outcome(name, subject);
      // By another clock what is kept may be of a later time, and is older all the same.
      version = Math.max(version, (kept?.version ?? 0) + 1);
      if (kept && kept.version !== terms.seenVersion && terms.accepts(kept))
        return { entry: kept, isOwn: false };
      if (failure && terms.acceptsHeld && failure.version > (kept?.version ?? 0)) this.#throwIfHeld(failure);
      const entry = await make();
      const writing = this.#write(name, subject, { ...entry, version });
      written = writing.catch(() => {});
      const isNewest = await this.#soon(writing);
      if (isNewest) return { entry: { ...entry, version }, isOwn: true };
      // We were taken for dead, and another call has ended since.
      return { entry: (await this.read(name, subject)) ?? entry, isOwn: true };
    } catch (error) {
      // Why this process doesn't call now is no reason for another not to.
      if (error instanceof UpstreamError && !error.isHeldBack) await this.#writeFailure(name, version, error);
      throw error;
    } finally {
      // Whose turn is next looks for it there, and would call again.
      letGo(written);
    }
  }

  /** What came of somebody else's call. Null: nothing yet, and it's time to ask again whose turn it is. */
  async #comesOf(
    { heldBy, freeInMs }: Refusal,
    name: string,
    subject: Subject,
    { seenVersion }: Terms,
  ): Promise<Entry | null> {
    const change = this.#nextChange(name, Math.min(freeInMs, lookEveryMs));
    for (const when of [null, change.promise]) {
      await when;
      const [entry, failure] = await this.#outcome(name, subject);
      if (entry && entry.version >= heldBy && entry.version !== seenVersion) {
        change.cancel();
        return entry;
      }
      if (failure && failure.version >= heldBy) {
        change.cancel();
        this.#throwIfHeld(failure);
        throw new FailedElsewhere(failure.error, null);
      }
    }
    return null;
  }

  #outcome(name: string, subject: Subject): Promise<[(Entry & KeptAnswer) | null, KeptFailure | null]> {
    return Promise.all([this.read(name, subject), this.#parsed(keys.failure(name), failureOfText)]);
  }

  #throwIfHeld(failure: KeptFailure): void {
    if (this.#isHeld(failure)) throw new FailedElsewhere(failure.error, failure.heldUntilMs);
  }

  #isHeld({ heldUntilMs }: KeptFailure): boolean {
    return heldUntilMs !== null && heldUntilMs > this.#options.now();
  }

  #write(name: string, subject: Subject, answer: KeptAnswer): Promise<boolean> {
    const { store, lifeMsOf, now } = this.#options;
    const lifeMs = answer.fetchedAtMs + lifeMsOf(subject.endpoint.name as EndpointName) - now();
    return store.set(keys.answer(name), textOfAnswer(subject, answer), { lifeMs, version: answer.version });
  }

  /** True also when it takes too long to find out. */
  #soon(written: Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      const stopTimer = this.#options.after(writtenWithinMs, () => resolve(true));
      written.then(resolve, () => resolve(true)).finally(stopTimer);
    });
  }

  async #writeFailure(name: string, version: number, error: UpstreamError): Promise<void> {
    const { store, now } = this.#options;
    const isHeld = isToBeHeld(error);
    const text = textOfFailure({ version, error, heldUntilMs: isHeld ? now() + holdMs : null });
    await store.set(keys.failure(name), text, { lifeMs: isHeld ? holdMs : failureLifeMs, version });
  }

  async #parsed<T>(key: string, parse: (text: string) => T): Promise<T | null> {
    const { store, logger } = this.#options;
    const text = await store.get(key);
    if (text === null) return null;
    try {
      return parse(text);
    } catch (error) {
      logger.warn({ key, why: String(error) }, 'What the store has there can not be read, and is left out');
      return null;
    }
  }

  /** Holds the lease as long as it takes. Returns what lets go of it, once what is under way is done. */
  #hold(lease: Lease): (underWay: Promise<unknown>) => void {
    const { after } = this.#options;
    let stopTimer: () => void;
    const extendLater = () => {
      stopTimer = after(extendEveryMs, () => {
        lease.extend(leaseMs);
        extendLater();
      });
    };
    extendLater();
    return (underWay) => {
      const released = underWay
        .then(() => {
          stopTimer();
          return lease.release();
        })
        .finally(() => this.#releasing.delete(released));
      this.#releasing.add(released);
    };
  }

  #nextChange(
    name: string,
    withinMs: number,
  ): { readonly promise: Promise<void>; readonly cancel: () => void } {
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting);
    let cancel = () => {};
    const promise = new Promise<void>((resolve) => {
      const end = () => {
        stopTimer();
        waiting.delete(end);
        if (waiting.size === 0) this.#waiting.delete(name);
        resolve();
      };
      const stopTimer = this.#options.after(withinMs, end);
      waiting.add(end);
      cancel = end;
    });
    return { promise, cancel };
  }

  #wake(key: string | null): void {
    const woken = key === null ? [...this.#waiting.values()] : [this.#waiting.get(nameIn(key)) ?? []];
    for (const end of woken.flatMap((waiting) => [...waiting])) end();
  }
}
