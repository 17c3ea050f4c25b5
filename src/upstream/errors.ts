import { CodedError, type ErrorCode } from '../errors.js';

/**
 * Whether upstream billed a call. Of a failed call, `yes`: the answer was billed but is useless; `maybe`: no complete
 * answer came, or one with an unknown code.
 */
export type Billed = 'no' | 'maybe' | 'yes';

export interface FailureFacts {
  /** The endpoint's name, such as `profile`. */
  readonly endpoint: string;
  readonly billed: Billed;
  /** The code in upstream's envelope. */
  readonly upstreamCode?: number;
  /** Of an answer without such a code, from a gateway in front of upstream. */
  readonly httpStatus?: number;
  readonly retryAfterSeconds?: number;
  /** The connection failed before upstream can have processed the request. */
  readonly isUnprocessed?: boolean;
  /** No attempt was made: a circuit is open, the queue is full, a budget is spent, or no operation waits. */
  readonly isHeldBack?: boolean;
  readonly cause?: unknown;
}

/** Trying again later may succeed although neither the client nor the operator changes anything. */
const retryable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UPSTREAM_COLLECTION_FAILED',
  'UPSTREAM_RATE_LIMITED',
  'UPSTREAM_QUOTA_EXCEEDED',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_INVALID_RESPONSE',
  'UPSTREAM_REJECTED',
  'BUDGET_EXCEEDED',
]);

/** The failure of one call. Clients read it, so it holds no URL, no token and nothing of upstream's body. */
export class UpstreamError extends CodedError {
  override readonly name = 'UpstreamError';
  readonly #facts: FailureFacts;

  constructor(code: ErrorCode, message: string, facts: FailureFacts) {
    super(code, message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.#facts = facts;
  }

  get endpoint(): string {
    return this.#facts.endpoint;
  }

  get billed(): Billed {
    return this.#facts.billed;
  }

  get upstreamCode(): number | undefined {
    return this.#facts.upstreamCode;
  }

  get httpStatus(): number | undefined {
    return this.#facts.httpStatus;
  }

  get retryAfterSeconds(): number | undefined {
    return this.#facts.retryAfterSeconds;
  }

  get isUnprocessed(): boolean {
    return this.#facts.isUnprocessed ?? false;
  }

  get isHeldBack(): boolean {
    return this.#facts.isHeldBack ?? false;
  }

  get retryable(): boolean {
    return retryable.has(this.code);
  }

  /** The same failure as it is in the negative cache, with the time until it is forgotten. */
  withRetryAfter(retryAfterSeconds: number): UpstreamError {
    return new UpstreamError(this.code, this.message, { ...this.#facts, retryAfterSeconds });
  }

  override get extensions(): Record<string, unknown> {
    return {
      code: this.code,
      endpoint: this.endpoint,
      ...(this.upstreamCode === undefined ? {} : { upstreamCode: this.upstreamCode }),
      retryable: this.retryable,
      ...(this.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: this.retryAfterSeconds }),
    };
  }
}

/** An answer came that cannot be used. `why` ends the sentence: `it is not JSON`. */
export function unusableAnswer(facts: FailureFacts, why: string): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_INVALID_RESPONSE',
    `Upstream's answer can't be used: ${why}. Try again in a minute.`,
    facts,
  );
}

/** No operation waits for the call, so no client sees this error. */
export function unwantedError(endpoint: string): UpstreamError {
  return new UpstreamError('UPSTREAM_UNAVAILABLE', 'No operation waits for this call any more.', {
    endpoint,
    billed: 'no',
    isHeldBack: true,
  });
}
