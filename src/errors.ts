/** Every `extensions.code` of our own. GraphQL's own refusals (syntax, validation) keep Yoga's codes. */
export const errorCodes = [
  'UPSTREAM_UNAUTHENTICATED',
  'UPSTREAM_FORBIDDEN',
  'UPSTREAM_COLLECTION_FAILED',
  'UPSTREAM_RATE_LIMITED',
  'UPSTREAM_QUOTA_EXCEEDED',
  'UPSTREAM_BALANCE_EXHAUSTED',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_INVALID_RESPONSE',
  'UPSTREAM_REJECTED',
  'BAD_USER_INPUT',
  'QUERY_TOO_EXPENSIVE',
  'BUDGET_EXCEEDED',
  'DRY_RUN',
  'RESPONSE_TOO_LARGE',
  'UNAUTHENTICATED',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_DOCUMENT_REQUIRED',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * A failure that a client may read: its message and `extensions` go into the answer as they are.
 * Anything thrown that is not one of these is a bug of ours and is masked.
 */
export class CodedError extends Error {
  override readonly name: string = 'CodedError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    // GraphQL would copy it into an error of its own, for which V8 writes it out: longer than all else takes.
    delete this.stack;
  }

  /** What GraphQL puts beside the message. */
  get extensions(): Record<string, unknown> {
    return { code: this.code };
  }
}

/** An argument that can never work, whoever asks and however often. */
export class BadUserInputError extends CodedError {
  override readonly name = 'BadUserInputError';

  constructor(message: string) {
    super('BAD_USER_INPUT', message);
  }

  override get extensions(): Record<string, unknown> {
    return { code: this.code, retryable: false };
  }
}
