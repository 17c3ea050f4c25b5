import { CodedError } from '../errors.js';
import type { Section } from '../upstream/client.js';
import { measureOf } from './measure.js';
import type { Room } from './room.js';
import type { Turns } from './turns.js';
import { bytesOf, type Weight } from './weight.js';

/** From here on an answer is made by turns with others, and takes of the room that they share. */
export const largeBytes = 524_288;

/** An entry of `errors`, with its path. */
export const errorBytes = 2_048;

const askAgainSeconds = 5;

export interface AnswerSizeOptions {
  readonly maxBytes: number;
  readonly room: Room;
  readonly turns: Turns;
  /** How long a large answer waits for room. */
  readonly enterWithinMs: number;
}

/** What one operation's answer takes, at most, from its making until it has left. */
export class AnswerSize {
  readonly #options: AnswerSizeOptions;
  #bytes = 0;
  /** Of the room that large answers share. */
  #takenBytes = 0;
  #refusal: ResponseTooLargeError | null = null;

  constructor(options: AnswerSizeOptions) {
    this.#options = options;
  }

  get maxBytes(): number {
    return this.#options.maxBytes;
  }

  get isLarge(): boolean {
    return this.#takenBytes > 0;
  }

  /** Why there is no answer. Null: there is one, so far. */
  get refusal(): ResponseTooLargeError | null {
    return this.#refusal;
  }

  /** Before a large answer is made. False: there is no room for it now. */
  async enter(bytes: number, signal: AbortSignal): Promise<boolean> {
    const { room, enterWithinMs } = this.#options;
    if (!(await room.enter(bytes, enterWithinMs, signal))) return false;
    this.#takenBytes += bytes;
    return true;
  }

  /** Hands a section over to be made part of the answer, in its turn. Throws when the answer gets too large with it. */
  admit<S extends Section>(section: S | Promise<S>, weight: Weight): S | Promise<S> {
    if (section instanceof Promise) {
      return section.then(
        (landed) => this.admit(landed, weight),
        (error: unknown) => {
          this.#add(errorBytes);
          throw error;
        },
      );
    }
    const bytes = bytesOf(weight, measureOf(section));
    this.#add(bytes);
    if (!this.isLarge) return section;
    return this.#options.turns.next(bytes).then(() => {
      if (this.#refusal) throw this.#refusal;
      return section;
    });
  }

  /** The answer has left, or there is none. */
  leave(): void {
    if (this.#takenBytes > 0) this.#options.room.leave(this.#takenBytes);
    this.#takenBytes = 0;
  }

  #add(bytes: number): void {
    const { maxBytes, room } = this.#options;
    if (this.#refusal) throw this.#refusal;
    this.#bytes += bytes;
    if (this.#bytes > maxBytes) {
      this.#refusal = tooLargeError(maxBytes, 'What was paid for is kept.');
    } else if (this.#bytes > largeBytes && this.#bytes > this.#takenBytes) {
      const moreBytes = this.#bytes - this.#takenBytes;
      if (room.grow(moreBytes)) this.#takenBytes += moreBytes;
      else this.#refusal = noRoomError('What was paid for is kept.');
    }
    if (this.#refusal) throw this.#refusal;
  }
}

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
    `The answer could be over ${maxBytes} bytes, which is the most that one may have (MAX_RESPONSE_BYTES). ${whatNow} Name each value once, or ask for fewer creators in several operations.`,
    null,
  );
}

export function noRoomError(whatNow: string): ResponseTooLargeError {
  return new ResponseTooLargeError(
    `Too many large answers are on their way. ${whatNow} Ask again in ${askAgainSeconds} seconds.`,
    askAgainSeconds,
  );
}
