import type { Logger } from '../../logger.js';
import type { After, Clock } from '../../time.js';
import type { Call } from '../endpoints/call.js';
import type { EndpointName } from '../endpoints/table.js';
import type { UpstreamError } from '../errors.js';
import type { SandboxState } from '../sandboxState.js';
import { maxClockDifferenceMs } from '../store/records.js';
import type { Store } from '../store/store.js';
import { type Entry, openAnswer } from './entry.js';
import { isRemembered, rememberMs } from './negativeCache.js';
import {
  decodeAnswer,
  decodeFailure,
  encodeAnswer,
  encodeFailure,
  parseChange,
  type StoredChange,
  type StoredFailure,
  storeKey,
} from './storedAnswer.js';

/** How long other processes that waited for a call can read how it failed. */
const failureLifeMs = 10_000;

/** A response waits at most this long until an answer is stored. */
const storedWithinMs = 300;

export interface AnswerStoreOptions {
  readonly store: Store;
  readonly namespace: string;
  /** How long an endpoint's answers may be of use. */
  readonly lifeMsOf: (endpoint: EndpointName) => number;
  readonly sandbox: SandboxState;
  readonly logger: Logger;
  readonly now: Clock;
  readonly after: After;
}

/** An entry that is in the store. */
export type StoredEntry = Entry & { readonly version: number };

/** How the last call of several processes ended, as far as the store knows. */
export interface StoredOutcome {
  readonly entry: StoredEntry | null;
  /** The last failure, if it came after the entry. */
  readonly failure: StoredFailure | null;
}

/** Answers and failures in the store that processes share. */
export class AnswerStore {
  readonly #options: AnswerStoreOptions;

  constructor(options: AnswerStoreOptions) {
    this.#options = options;
  }

  /** The store can't be read now, or has lost its data: what it does not have was not forgotten for that reason. */
  get isIncomplete(): boolean {
    const { lostBecause, isIncomplete } = this.#options.store;
    return lostBecause !== null || isIncomplete;
  }

  /** Calls the listener after each change by another process. Null: some may have been missed. */
  onChange(listener: (change: StoredChange | null) => void): void {
    const { store, namespace } = this.#options;
    store.onChange((key) => {
      if (key === null) return listener(null);
      const change = parseChange(key, namespace);
      if (change) listener(change);
    });
  }

  /** Calls the listener when the store has lost its data. */
  onReplaced(listener: () => void | Promise<void>): void {
    this.#options.store.onReplaced(listener);
  }

  /** One read of the store. Null: there is no answer to the call, or none that can be read. */
  async read(calls: readonly Call[]): Promise<readonly (StoredEntry | null)[]> {
    const keys = calls.map((call) => this.#keyOf('answer', call));
    const texts = await this.#options.store.getMany(keys);
    return calls.map((call, at) => this.#entryIn(call, texts[at] ?? null));
  }

  /** One read of the store, for answers and failures. */
  async readOutcomes(calls: readonly Call[]): Promise<readonly StoredOutcome[]> {
    const keys = calls.flatMap((call) => [this.#keyOf('answer', call), this.#keyOf('failure', call)]);
    const texts = await this.#options.store.getMany(keys);
    return calls.map((call, at) => {
      const entry = this.#entryIn(call, texts[2 * at] ?? null);
      const failure = this.#parsed(call, texts[2 * at + 1] ?? null, decodeFailure);
      const isLast = failure !== null && failure.version > (entry?.version ?? 0);
      return { entry, failure: isLast ? failure : null };
    });
  }

  /** Nobody may repeat the call yet. */
  isRemembered({ rememberedUntilMs }: StoredFailure): boolean {
    const leftMs = (rememberedUntilMs ?? 0) - this.#options.now();
    // Longer than any failure is remembered: the clock was set back.
    return leftMs > 0 && leftMs <= rememberMs + maxClockDifferenceMs;
  }

  /**
   * Stores an answer. `isNewest` resolves with false if the store has a later one; with true otherwise, also if the store
   * takes too long to say so. `isOver` resolves when the write has ended in any way.
   */
  write(
    call: Call,
    entry: StoredEntry,
  ): { readonly isNewest: Promise<boolean>; readonly isOver: Promise<unknown> } {
    const { store, lifeMsOf, now, after } = this.#options;
    const { version, fetchedAtMs } = entry;
    const lifeMs = fetchedAtMs + lifeMsOf(call.endpoint.name) - now();
    const key = this.#keyOf('answer', call);
    const written = store.set(key, encodeAnswer(call, entry), { lifeMs, version });
    const isNewest = new Promise<boolean>((resolve) => {
      const stopTimer = after(storedWithinMs, () => resolve(true));
      written.then(resolve, () => resolve(true)).finally(stopTimer);
    });
    return { isNewest, isOver: written.catch(() => {}) };
  }

  async writeFailure(call: Call, version: number, error: UpstreamError): Promise<void> {
    const { store, now } = this.#options;
    const rememberedUntilMs = isRemembered(error) ? now() + rememberMs : null;
    const lifeMs = rememberedUntilMs === null ? failureLifeMs : rememberMs;
    const text = encodeFailure({ version, error, rememberedUntilMs });
    await store.set(this.#keyOf('failure', call), text, { lifeMs, version });
  }

  #keyOf(kind: 'answer' | 'failure', call: Call): string {
    return storeKey(kind, this.#options.namespace, call);
  }

  #entryIn(call: Call, text: string | null): StoredEntry | null {
    return this.#parsed(call, text, (text) => {
      const answer = decodeAnswer(call, text);
      if (!answer) return null;
      // Fetched by a process whose clock is ahead of ours, it ages from now on.
      const fetchedAtMs = Math.min(answer.fetchedAtMs, this.#options.now());
      const entry = { ...openAnswer(call, { ...answer, fetchedAtMs }), version: answer.version };
      this.#options.sandbox.noteStored(entry.isSandbox);
      return entry;
    });
  }

  #parsed<T>({ key }: Call, text: string | null, parse: (text: string) => T): T | null {
    if (text === null) return null;
    try {
      return parse(text);
    } catch (error) {
      const why = String(error);
      this.#options.logger.warn(
        { call: key, why },
        'What the store has there can not be read, and is left out',
      );
      return null;
    }
  }
}
