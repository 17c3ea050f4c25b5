/** Every `extensions.code` of our own. Syntax and validation errors keep Yoga's codes. */
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
 * An error that clients may see: the response has its message and `extensions` unchanged. Any other error is a bug of ours
 * and is masked.
 */
export class CodedError extends Error {
  override readonly name: string = 'CodedError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    // GraphQLError copies the stack, and V8 formats it for that, which takes longer than everything else.
    delete this.stack;
  }

  get extensions(): Record<string, unknown> {
    return { code: this.code };
  }
}

/** An invalid argument. A retry fails, too. */
export class BadUserInputError extends CodedError {
  override readonly name = 'BadUserInputError';

  constructor(message: string) {
    super('BAD_USER_INPUT', message);
  }

  override get extensions(): Record<string, unknown> {
    return { code: this.code, retryable: false };
  }
}
