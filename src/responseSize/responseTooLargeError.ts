import { CodedError } from '../errors.js';

const memoryRetryAfterSeconds = 5;

/** The response would have more bytes than one may have, or than there is memory for now. */
export class ResponseTooLargeError extends CodedError {
  override readonly name = 'ResponseTooLargeError';
  readonly #retryAfterSeconds: number | null;

  /** `retryAfterSeconds`: null if a retry fails, too. */
  constructor(message: string, retryAfterSeconds: number | null) {
    super('RESPONSE_TOO_LARGE', message);
    this.#retryAfterSeconds = retryAfterSeconds;
  }

  get isRetryable(): boolean {
    return this.#retryAfterSeconds !== null;
  }

  override get extensions(): Record<string, unknown> {
    const retryAfterSeconds = this.#retryAfterSeconds;
    return {
      code: this.code,
      retryable: this.isRetryable,
      ...(retryAfterSeconds !== null && { retryAfterSeconds }),
    };
  }
}

/** A `callsSentence` for operations that are refused before they are executed. */
export const nothingCalled = 'Nothing was called.';

/** `callsSentence`: what happened to the operation's calls. */
export function tooLargeError(maxBytes: number, callsSentence: string): ResponseTooLargeError {
  return new ResponseTooLargeError(
    `The response, or the answers that it is made from, could have over ${maxBytes} bytes, the most that one response may have (MAX_RESPONSE_BYTES; a quarter of it with @defer or @stream). ${callsSentence} Select each value once, or ask for fewer creators in several operations.`,
    null,
  );
}

/** For a response that would be too large even without its sections. */
export function tooManyFieldsError(callsSentence: string): ResponseTooLargeError {
  return new ResponseTooLargeError(
    `The operation selects more creators and fields than one response may have, however small each of them is. ${callsSentence} Ask for fewer in several operations.`,
    null,
  );
}

export function noMemoryError(callsSentence: string): ResponseTooLargeError {
  return new ResponseTooLargeError(
    `Too many large responses are being sent. ${callsSentence} Try again in ${memoryRetryAfterSeconds} seconds.`,
    memoryRetryAfterSeconds,
  );
}
