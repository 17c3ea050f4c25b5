import { createHash } from 'node:crypto';
import type { Logger } from '../../logger.js';
import type { Clock } from '../../time.js';
import type { PaidAnswer } from '../call/pipeline.js';
import { type Call, callOf } from '../endpoints/call.js';
import type { SandboxState } from '../sandboxState.js';
import type { Section, SectionFacts } from '../section.js';
import type { LatestOptions, SeriesEntry, Store } from '../store/store.js';
import { decodedValue, entryOf } from './entry.js';
import { type Answer, decodeAnswer, encodeAnswer, storeKey } from './storedAnswer.js';

/** How many answers a series keeps at most: with one paid answer a day, those of almost three years. */
export const maxSeriesLength = 1_000;

/** How much text of a series is read at once. */
const pageBytes = 2_097_152;
const maxPageLength = 128;

export interface HistoryOptions {
  readonly store: Pick<Store, 'append' | 'latest'>;
  readonly namespace: string;
  /** How long answers are kept. 0: not at all. */
  readonly keepMs: number;
  readonly sandbox: SandboxState;
  readonly logger: Logger;
  readonly now: Clock;
}

export interface EarlierOptions {
  readonly most: number;
  /** Resolves when about this many bytes may be decoded. */
  readonly waitForTurn: (bytes: number) => Promise<void>;
}

/** An entry of a series as the decoder of today reads it. */
interface Decoded {
  readonly section: Section;
  readonly digest: string;
}

/**
 * The paid answers of each call as a series in the store. An answer is added when its decoded values differ from those of
 * the newest one, so an entry says since when its values held.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #appending = new Set<Promise<void>>();

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /**
   * Adds a paid answer. To be called before the answer itself is written, so that a store that has the answer has this, too.
   * A failure is logged, and never fails the call.
   */
  add(call: Call, answer: PaidAnswer): void {
    if (this.#options.keepMs === 0) return;
    const appended = this.#append(call, answer)
      .catch((error: unknown) => this.#warn(call, error, 'A paid answer could not be added to the history'))
      .finally(() => this.#appending.delete(appended));
    this.#appending.add(appended);
  }

  /** Resolves when everything added is stored. */
  async settled(): Promise<void> {
    await Promise.all(this.#appending);
  }

  /**
   * The kept answers from before a section, the newest first. An answer is left out if it has the same values as the one
   * before it, as answers may that an earlier version's decoder told apart.
   */
  async *earlier(section: SectionFacts, { most, waitForTurn }: EarlierOptions): AsyncGenerator<Section> {
    const call = callOf(section.endpoint, section.args as never);
    const pageLength = pageLengthFor(section);
    let beforeMs = section.fetchedAt.getTime();
    let newer: Decoded | null = null;
    let left = most;
    for (;;) {
      // One more than what is left, since the last one must differ from the one before it.
      const length = Math.min(left + 1, pageLength);
      const page = await this.#page(call, { beforeMs, most: length });
      for (const entry of page) {
        beforeMs = entry.atMs;
        await waitForTurn(entry.value.length);
        const decoded = this.#decoded(call, entry);
        if (!decoded) continue;
        if (newer && newer.digest !== decoded.digest) {
          yield newer.section;
          left -= 1;
          if (left === 0) return;
        }
        newer = decoded;
      }
      if (page.length < length) break;
    }
    if (newer) yield newer.section;
  }

  async #append(call: Call, answer: PaidAnswer): Promise<void> {
    const { store, namespace, keepMs } = this.#options;
    const { fetchedAtMs: atMs, value } = answer;
    // The version is that of a lease at that time. Nothing depends on it.
    const text = encodeAnswer(call, { ...answer, version: 1000 * atMs });
    const entry = { atMs, value: text, digest: digestOf(answer, value) };
    const options = { lifeMs: keepMs, most: maxSeriesLength };
    await store.append(storeKey('history', namespace, call), entry, options);
  }

  async #page(call: Call, options: LatestOptions): Promise<readonly SeriesEntry[]> {
    const { store, namespace, keepMs, now } = this.#options;
    if (keepMs === 0) return [];
    const entries = await store.latest(storeKey('history', namespace, call), options);
    // A series that gets no more answers may have older ones.
    const oldestMs = now() - keepMs;
    return entries.filter(({ atMs }) => atMs > oldestMs);
  }

  /** Null: it can't be read, or is of a sandbox while upstream is real, or the other way round. */
  #decoded(call: Call, { value: text, atMs }: SeriesEntry): Decoded | null {
    try {
      const answer = decodeAnswer(call, text);
      if (!answer || answer.isSandbox !== this.#options.sandbox.isSandbox) return null;
      const value = decodedValue(call, answer);
      const { section } = entryOf(call, answer, value);
      return { section: { ...section, key: `${call.key}@${atMs}` }, digest: digestOf(answer, value) };
    } catch (error) {
      this.#warn(call, error, 'An answer in the history can not be read, and is left out');
      return null;
    }
  }

  #warn({ key }: Call, error: unknown, message: string): void {
    this.#options.logger.warn({ call: key, why: String(error) }, message);
  }
}

/** Earlier answers are likely about as large as the section. */
function pageLengthFor({ raw }: SectionFacts): number {
  const bytes = Math.max(1, raw?.byteLength ?? 0);
  return Math.min(maxPageLength, Math.ceil(pageBytes / bytes));
}

/** Of the decoded values of an answer: 16 hexadecimal digits. */
export function digestOf({ body, isSandbox }: Pick<Answer, 'body' | 'isSandbox'>, value: object): string {
  const text = JSON.stringify([body !== null, isSandbox, value], (_, inner) =>
    typeof inner === 'string' ? comparable(inner) : inner,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** No two parts can match the same character, so it takes linear time: texts are as long as upstream makes them. */
const httpUrl = /^https?:\/\/[^\s/?#]*((?:\/[^\s?#]*)?)(?:[?#]\S*)?$/i;

/** Of a link only the path: its host is one of several with the same files, and its query a signature that expires. */
function comparable(text: string): string {
  return httpUrl.exec(text)?.[1] ?? text;
}
