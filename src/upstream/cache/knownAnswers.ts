import { LRUCache } from 'lru-cache';
import type { Clock } from '../../time.js';
import { type Call, callWithKey } from '../endpoints/call.js';
import type { SandboxState } from '../sandboxState.js';
import type { AnswerStore, StoredEntry } from './answerStore.js';
import type { Entry } from './entry.js';
import { isYoung } from './freshness.js';

export interface KnownAnswersOptions {
  readonly maxBytes: number;
  /** Null: no other process shares the store, so the answers are only in memory. */
  readonly store: AnswerStore | null;
  readonly sandbox: SandboxState;
  readonly now: Clock;
}

/** Outdated: another process has replaced or forgotten the answer, so the store is asked first. */
type EntryInMemory = Entry & { readonly isOutdated?: true };

/** Beside the text itself: the key, the decoded section's objects, the list's own links. */
const overheadBytes = 1_024;

/** The known answers, on two levels: memory, then the store. */
export class KnownAnswers {
  readonly #memory: LRUCache<string, EntryInMemory>;
  readonly #options: KnownAnswersOptions;
  /** Reads of the store that have not ended, by call key. */
  readonly #reads = new Map<string, Promise<StoredEntry | null>>();
  #changes = 0;

  constructor(options: KnownAnswersOptions) {
    const { maxBytes, store } = options;
    this.#options = options;
    const noteChange = () => {
      this.#changes += 1;
    };
    this.#memory = new LRUCache({
      maxSize: maxBytes,
      // An answer that is larger than the whole is kept all the same, alone: it is paid for.
      sizeCalculation: (entry) => Math.min(bytesOf(entry), maxBytes),
      onInsert: noteChange,
      dispose: noteChange,
    });
    store?.onChange((change) => {
      if (change === null) return this.#outdateAll();
      if (change.kind === 'answer') this.#outdate(change.callKey);
    });
    store?.onReplaced(() => this.#restore(store));
  }

  /** Changes whenever a hit could change for any reason but age. */
  get changes(): number {
    return 2 * this.#changes + Number(this.#options.sandbox.isSandbox);
  }

  /** The answer in memory, if it is young enough. Most look-ups end here, without a promise. */
  hit(callKey: string, maxAgeMs: number): Entry | null {
    const entry = this.#memory.get(callKey);
    return entry && !entry.isOutdated && this.isYoung(entry, maxAgeMs) ? entry : null;
  }

  isYoung(entry: Entry, maxAgeMs: number): boolean {
    return isYoung(entry, maxAgeMs, this.#options.now()) && this.#isUsable(entry);
  }

  /** The newest answer to each call, of whatever age. Reads the store once for all that nobody reads just now. */
  newest(calls: readonly Call[]): readonly Promise<Entry | null>[] {
    return this.#readEach(calls).map(async (reading, at) => {
      const stored = await reading;
      const inMemory = this.#memory.get(calls[at]?.key ?? '') ?? null;
      const newest = stored && replaces(stored, inMemory) ? stored : inMemory;
      return newest && this.#isUsable(newest) ? newest : null;
    });
  }

  /** Keeps the answer to a call. */
  put(callKey: string, entry: Entry): void {
    this.#memory.set(callKey, entry);
  }

  /** The sandbox's answers can't be used once upstream is real, nor the other way round. */
  #isUsable({ isSandbox }: Entry): boolean {
    return isSandbox === this.#options.sandbox.isSandbox;
  }

  /** Writes the answers in memory to a store that has lost its data. */
  async #restore(store: AnswerStore): Promise<void> {
    for (const [callKey, entry] of [...this.#memory.entries()]) {
      const call = callWithKey(callKey);
      const { version } = entry;
      if (call && version !== null && this.#isUsable(entry))
        await store.write(call, { ...entry, version }).isOver;
    }
  }

  #outdate(callKey: string): void {
    const entry = this.#memory.get(callKey);
    if (entry) this.#memory.set(callKey, { ...entry, isOutdated: true });
    this.#reads.delete(callKey);
  }

  #outdateAll(): void {
    for (const [callKey, entry] of [...this.#memory.entries()]) {
      this.#memory.set(callKey, { ...entry, isOutdated: true });
    }
    this.#reads.clear();
  }

  #readEach(calls: readonly Call[]): readonly Promise<StoredEntry | null>[] {
    const { store } = this.#options;
    if (!store) return calls.map(() => Promise.resolve(null));
    const unread = calls.filter(({ key }) => !this.#reads.has(key));
    const reading = unread.length > 0 ? store.read(unread) : Promise.resolve([]);
    for (const [at, { key }] of unread.entries()) {
      /** False: the answer was changed meanwhile, and may have been read before that. */
      const end = () => this.#reads.get(key) === read && this.#reads.delete(key);
      const read = reading.then(
        (entries) => {
          const entry = entries[at] ?? null;
          if (end()) this.#keepRead(key, entry);
          return entry;
        },
        (error: unknown) => {
          end();
          throw error;
        },
      );
      this.#reads.set(key, read);
    }
    return calls.map(({ key }) => this.#reads.get(key) ?? Promise.resolve(null));
  }

  /** Keeps what was read, unless memory has a later answer by now. */
  #keepRead(callKey: string, stored: StoredEntry | null): void {
    const inMemory = this.#memory.get(callKey) ?? null;
    if (stored && replaces(stored, inMemory)) this.#memory.set(callKey, stored);
    else if (!stored && inMemory?.isOutdated && !this.#options.store?.isIncomplete) {
      this.#memory.delete(callKey);
    }
  }
}

function replaces(stored: StoredEntry, inMemory: EntryInMemory | null): boolean {
  if (!inMemory || inMemory.isOutdated || inMemory.version === null) return true;
  return stored.version > inMemory.version;
}

/** Chinese text takes two bytes a character in memory; the decoded section takes about as much again. */
function bytesOf(entry: Entry): number {
  return overheadBytes + 4 * (entry.body?.length ?? 0);
}
