import { CodedError } from '../errors.js';
import type { Section } from '../upstream/section.js';
import type { HeldSections } from './heldSections.js';
import { measureOf } from './measure.js';
import type { Room } from './room.js';
import { type Turns, turnBytes } from './turns.js';
import { bytesOf, type SectionWeight } from './weight.js';

/** From here on an answer is made by turns with others, in the room that they share. */
export const largeBytes = 524_288;

/** Up to here an answer is written whole, to be kept and given again. */
export const wholeBytes = 4_194_304;

/** Smaller ones are counted with what is made of them. */
const largeBodyBytes = 65_536;

/** An entry of `errors`, with its path. */
export const errorBytes = 2_048;

/** Of the bytes that one may have: to write 8 MB takes 100 ms. */
const inPartsShare = 4;

const askAgainSeconds = 5;

/** What all answers of a process share. */
export interface AnswerSizeOptions {
  /** Of one answer, and of the bodies that it is made from. */
  readonly maxBytes: number;
  readonly room: Room;
  readonly held: HeldSections;
  readonly turns: Turns;
  /** How long a large answer waits for room. */
  readonly enterWithinMs: number;
}

/** What one operation's answer takes, at most, from its making until it has left. */
export class AnswerSize {
  /** It is sent in parts, of which each is written in one go. */
  isInParts = false;
  /** Called once, when there will be no answer. */
  onRefusal: (() => void) | null = null;
  readonly #options: AnswerSizeOptions;
  readonly #signal: AbortSignal;
  readonly #held = new Map<Section, number>();
  /** What it may be long. */
  #answerBytes = 0;
  /** Of the bodies that its sections were read from. */
  #bodyBytes = 0;
  #entering: Promise<boolean> | null = null;
  #claimedBytes = 0;
  #refusal: ResponseTooLargeError | null = null;

  /** `signal`: aborted when the client hangs up. */
  constructor(options: AnswerSizeOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** What it may have. */
  get maxBytes(): number {
    const { maxBytes } = this.#options;
    return this.isInParts ? maxBytes / inPartsShare : maxBytes;
  }

  get isLarge(): boolean {
    return this.#entering !== null;
  }

  /** Why there is no answer. Null: there is one, so far. */
  get refusal(): ResponseTooLargeError | null {
    return this.#refusal;
  }

  /** Waits until there is room for a large answer, and time to begin with it. False: there is no room. */
  async enter(bytes: number): Promise<boolean> {
    this.#entering ??= this.#claim(bytes);
    const isIn = await this.#entering;
    if (isIn) await this.#options.turns.next(bytes);
    return isIn;
  }

  /** Waits until there is time for what may take some milliseconds. */
  takeTurn(): Promise<void> {
    return this.#options.turns.next(turnBytes);
  }

  /** A section that the answer is made from, and that stays in memory until it is. Throws when these get too large. */
  hold<S extends Section>(section: S): S {
    if (this.#refusal) throw this.#refusal;
    const { maxBytes } = this;
    const { held } = this.#options;
    const { bodyBytes } = measureOf(section);
    this.#bodyBytes += bodyBytes;
    if (this.#bodyBytes > maxBytes) throw this.#refuse(tooLargeError(maxBytes, kept));
    if (bodyBytes <= largeBodyBytes || this.#held.has(section)) return section;
    // Its texts are in memory twice, in the body and by themselves.
    const bytes = 2 * bodyBytes;
    if (!held.hold(section, bytes)) throw this.#refuse(noRoomError(kept));
    this.#held.set(section, bytes);
    return section;
  }

  /** Hands a section over to be made part of the answer, in its turn. Throws when the answer gets too large with it. */
  admit<S extends Section>(section: S | Promise<S>, weight: SectionWeight): S | Promise<S> {
    if (section instanceof Promise) {
      return section.then(
        (landed) => this.admit(landed, weight),
        (error: unknown) => {
          this.#make(errorBytes, 0);
          throw error;
        },
      );
    }
    const { made, taken } = bytesOf(weight, measureOf(section));
    this.#make(made, taken);
    return this.#answerBytes <= largeBytes && !this.isLarge ? section : this.#inTurn(section, made);
  }

  /** The answer has left, or there is none. */
  leave(): void {
    this.#options.room.leave(this.#claimedBytes);
    this.#claimedBytes = 0;
    for (const [section, bytes] of this.#held) this.#options.held.release(section, bytes);
    this.#held.clear();
  }

  async #inTurn<S extends Section>(section: S, bytes: number): Promise<S> {
    // What else will come is not known: with room for the largest it will not have to wait half-way, holding what others
    // wait for.
    if (!(await this.enter(this.maxBytes))) throw this.#refuse(noRoomError(kept));
    await this.#options.turns.next(bytes);
    if (this.#refusal) throw this.#refusal;
    return section;
  }

  async #claim(bytes: number): Promise<boolean> {
    const { room, enterWithinMs } = this.#options;
    const isIn = await room.enter(bytes, enterWithinMs, this.#signal);
    if (isIn) this.#claimedBytes = bytes;
    return isIn;
  }

  #make(made: number, taken: number): void {
    if (this.#refusal) throw this.#refusal;
    const { maxBytes } = this;
    this.#answerBytes += made + taken;
    if (this.#answerBytes > maxBytes) throw this.#refuse(tooLargeError(maxBytes, kept));
  }

  #refuse(refusal: ResponseTooLargeError): ResponseTooLargeError {
    if (!this.#refusal) {
      this.#refusal = refusal;
      this.onRefusal?.();
    }
    return this.#refusal;
  }
}

const kept = 'What was paid for is kept.';

/** The answer would be larger than one may be, or than there is room for now. */
export class ResponseTooLargeError extends CodedError {
  override readonly name = 'ResponseTooLargeError';
  readonly #retryAfterSeconds: number | null;

  constructor(message: string, retryAfterSeconds: number | null) {
    super('RESPONSE_TOO_LARGE', message);
    this.#retryAfterSeconds = retryAfterSeconds;
  }

  /** Asking again later may help. */
  get isPassing(): boolean {
    return this.#retryAfterSeconds !== null;
  }

  override get extensions(): Record<string, unknown> {
    const retryAfterSeconds = this.#retryAfterSeconds;
    return {
      code: this.code,
      retryable: this.isPassing,
      ...(retryAfterSeconds !== null && { retryAfterSeconds }),
    };
  }
}

/** `whatNow`: what became of the calls. */
export function tooLargeError(maxBytes: number, whatNow: string): ResponseTooLargeError {
  return new ResponseTooLargeError(
    `The answer, or what it is made from, could be over ${maxBytes} bytes, the most that one may have (MAX_RESPONSE_BYTES; a quarter with @defer or @stream). ${whatNow} Name each value once, or ask for fewer creators in several operations.`,
    null,
  );
}

/** Found before anything is called. */
export function tooManyError(whatNow: string): ResponseTooLargeError {
  return new ResponseTooLargeError(
    `The operation names more creators and fields than are answered at once, however little each may hold. ${whatNow} Ask for fewer in several operations.`,
    null,
  );
}

export function noRoomError(whatNow: string): ResponseTooLargeError {
  return new ResponseTooLargeError(
    `Too many large answers are on their way. ${whatNow} Ask again in ${askAgainSeconds} seconds.`,
    askAgainSeconds,
  );
}
