import { CodedError, type ErrorCode } from '../errors.js';

/**
 * What a failure cost. `yes`: a billed code came, yet the answer is useless. `maybe`: no whole answer came, or one
 * with a code that nobody knows.
 */
export type Billed = 'no' | 'maybe' | 'yes';

export interface FailureFacts {
  /** The endpoint's name, such as `profile`. */
  readonly endpoint: string;
  readonly billed: Billed;
  /** Upstream's own code, when one came. */
  readonly upstreamCode?: number;
  /** Of an answer without such a code, from what stands in front of upstream. */
  readonly httpStatus?: number;
  /** When asking again may help. */
  readonly retryAfterSeconds?: number;
  /** The connection failed before upstream can have taken the request. */
  readonly isUnprocessed?: boolean;
  /** Nothing was tried: a circuit is open, the queue is full, the endpoint is slowed down. */
  readonly isHeldBack?: boolean;
  readonly cause?: unknown;
}

/** Asking again later may succeed without anyone changing anything first. */
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

/** One call's failure. It holds no URL, no token and none of upstream's body: only what a client may read. */
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

  /** The same failure, told to somebody who came while it is still remembered. */
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

/** An answer came, and nothing can be made of it. `why` goes on from "can't be used". */
export function unusableAnswer(facts: FailureFacts, why: string): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_INVALID_RESPONSE',
    `Upstream's answer can't be used: ${why}. Ask again in a minute.`,
    facts,
  );
}

/** The failure of a call that nobody waits for, so nobody reads it. */
export function unwantedError(endpoint: string): UpstreamError {
  return new UpstreamError('UPSTREAM_UNAVAILABLE', 'Nobody waits for this call any more.', {
    endpoint,
    billed: 'no',
    isHeldBack: true,
  });
}
