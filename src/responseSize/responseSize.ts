import type { Section } from '../upstream/section.js';
import type { MemoryBudget } from './memoryBudget.js';
import { noMemoryError, type ResponseTooLargeError, tooLargeError } from './responseTooLargeError.js';
import { type Scheduler, turnBytes } from './scheduler.js';
import type { SectionMemory } from './sectionMemory.js';
import { sectionSizeOf } from './sectionSize.js';
import { maxBytesOf, type SectionSelectionSize } from './selectionSize.js';

/** A larger response reserves memory, and is made in turns. */
export const largeBytes = 524_288;

/** A larger response is written while it is sent, so it is not cached. */
export const maxWholeBytes = 4_194_304;

/** Smaller bodies are not reserved: the response's own reservation covers them. */
const largeBodyBytes = 65_536;

/** One entry of `errors`, with its path. */
export const errorBytes = 2_048;

/** An incremental response may have this share of the bytes: its parts are not written in turns, and 8 MB take 100 ms. */
const incrementalShare = 1 / 4;

/** What all responses of a process share. */
export interface ResponseSizeOptions {
  /** Of one response, and of the bodies that it is made from. */
  readonly maxBytes: number;
  readonly memory: MemoryBudget;
  readonly sectionMemory: SectionMemory;
  readonly scheduler: Scheduler;
  /** How long a large response waits for memory. */
  readonly waitForMemoryMs: number;
}

/** Bounds the size of one operation's response, and holds the memory that the response takes until it is sent. */
export class ResponseSize {
  /** Set for an operation with `@defer` or `@stream`. */
  isIncremental = false;
  /** Called once, when the response is refused. */
  onRefusal: (() => void) | null = null;
  readonly #options: ResponseSizeOptions;
  readonly #signal: AbortSignal;
  /** The sections in use with their reserved bytes. */
  readonly #sections = new Map<Section, number>();
  /** Upper bound of the response so far. */
  #responseBytes = 0;
  /** Of the bodies that its sections were decoded from. */
  #bodyBytes = 0;
  #reservation: Promise<boolean> | null = null;
  #reservedBytes = 0;
  #isReleased = false;
  #refusal: ResponseTooLargeError | null = null;

  /** `signal`: aborted when the client disconnects. */
  constructor(options: ResponseSizeOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  get maxBytes(): number {
    const { maxBytes } = this.#options;
    return this.isIncremental ? maxBytes * incrementalShare : maxBytes;
  }

  /** Whether memory was reserved, or is waited for. */
  get isLarge(): boolean {
    return this.#reservation !== null;
  }

  /** Why the response is refused. Null: it is not, so far. */
  get refusal(): ResponseTooLargeError | null {
    return this.#refusal;
  }

  /** Reserves memory for a large response, once, and waits for a turn. False: there was no memory in time. */
  async reserve(bytes: number): Promise<boolean> {
    this.#reservation ??= this.#reserveMemory(bytes);
    const isReserved = await this.#reservation;
    if (isReserved) await this.#options.scheduler.waitForTurn(bytes);
    return isReserved;
  }

  waitForTurn(bytes = turnBytes): Promise<void> {
    return this.#options.scheduler.waitForTurn(bytes);
  }

  /** Counts the body of a section, which stays in memory until the response is sent. Throws when bodies get too large. */
  use<S extends Section>(section: S): S {
    if (this.#refusal) throw this.#refusal;
    const { maxBytes } = this;
    const { sectionMemory } = this.#options;
    const { bodyBytes } = sectionSizeOf(section);
    this.#bodyBytes += bodyBytes;
    if (this.#bodyBytes > maxBytes) throw this.#refuse(tooLargeError(maxBytes, paidCallsAreStored));
    if (bodyBytes <= largeBodyBytes || this.#sections.has(section) || this.#isReleased) return section;
    // Its texts are in memory twice: in the body, and decoded.
    const bytes = 2 * bodyBytes;
    if (!sectionMemory.reserve(section, bytes)) throw this.#refuse(noMemoryError(paidCallsAreStored));
    this.#sections.set(section, bytes);
    return section;
  }

  /**
   * Counts what is selected of a section, and returns the section when the response may go on with it: at once, or for a
   * large response in its turn. Throws when the response gets too large.
   */
  add<S extends Section>(section: S | Promise<S>, selection: SectionSelectionSize): S | Promise<S> {
    if (section instanceof Promise) {
      return section.then(
        (resolved) => this.add(resolved, selection),
        (error: unknown) => {
          this.#count(errorBytes);
          throw error;
        },
      );
    }
    const { newBytes, bodyBytes } = maxBytesOf(selection, sectionSizeOf(section));
    return this.addBytes(section, newBytes + bodyBytes, newBytes);
  }

  /** The same for anything else whose bytes are known. `newBytes`: those that memory does not have yet. */
  addBytes<T>(value: T, bytes: number, newBytes = bytes): T | Promise<T> {
    this.#count(bytes);
    return this.#responseBytes <= largeBytes && !this.isLarge ? value : this.#inTurn(value, newBytes);
  }

  /** To be called when the response is sent, or when there is none. */
  release(): void {
    this.#isReleased = true;
    this.#options.memory.release(this.#reservedBytes);
    this.#reservedBytes = 0;
    for (const [section, bytes] of this.#sections) this.#options.sectionMemory.release(section, bytes);
    this.#sections.clear();
  }

  async #inTurn<T>(value: T, bytes: number): Promise<T> {
    // The sections to come are not known. A reservation for the largest response never has to be raised, which could mean
    // waiting for memory while holding some that other responses wait for.
    if (!(await this.reserve(this.maxBytes))) throw this.#refuse(noMemoryError(paidCallsAreStored));
    await this.#options.scheduler.waitForTurn(bytes);
    if (this.#refusal) throw this.#refusal;
    return value;
  }

  async #reserveMemory(bytes: number): Promise<boolean> {
    const { memory, waitForMemoryMs } = this.#options;
    const isReserved = await memory.reserve(bytes, waitForMemoryMs, this.#signal);
    if (!isReserved) return false;
    if (this.#isReleased) {
      memory.release(bytes);
      return false;
    }
    this.#reservedBytes = bytes;
    return true;
  }

  #count(bytes: number): void {
    if (this.#refusal) throw this.#refusal;
    const { maxBytes } = this;
    this.#responseBytes += bytes;
    if (this.#responseBytes > maxBytes) throw this.#refuse(tooLargeError(maxBytes, paidCallsAreStored));
  }

  #refuse(refusal: ResponseTooLargeError): ResponseTooLargeError {
    if (!this.#refusal) {
      this.#refusal = refusal;
      this.onRefusal?.();
    }
    return this.#refusal;
  }
}

const paidCallsAreStored = 'The answers that were paid for are stored.';
