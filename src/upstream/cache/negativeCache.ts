import { LRUCache } from 'lru-cache';
import { atMost } from '../../lruCache.js';
import type { Clock } from '../../time.js';
import { UpstreamError } from '../errors.js';

/** How long a failure is remembered, so that a polling page does not pay for it again and again. */
export const rememberMs = 60_000;
const maxFailures = 10_000;

/** Whether a failure is remembered: what was or may have been billed in vain, and upstream's 400; nothing else. */
export function isRemembered(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && (error.billed !== 'no' || error.code === 'BAD_USER_INPUT');
}

/** A call that another process made, and that failed. */
export class FailedElsewhere extends Error {
  override readonly name = 'FailedElsewhere';
  readonly failure: UpstreamError;
  /** Null: it is not remembered. */
  readonly rememberedUntilMs: number | null;

  constructor(failure: UpstreamError, rememberedUntilMs: number | null) {
    super(failure.message);
    this.failure = failure;
    this.rememberedUntilMs = rememberedUntilMs;
  }
}

/** The failures that are remembered, by call key. */
export class NegativeCache {
  readonly #failures = new LRUCache<string, { readonly error: UpstreamError; readonly untilMs: number }>(
    atMost(maxFailures),
  );
  readonly #now: Clock;

  constructor(now: Clock) {
    this.#now = now;
  }

  /** Remembers a failure if it is to be remembered. Returns the error that operations get. */
  note(key: string, error: unknown): unknown {
    if (error instanceof FailedElsewhere) {
      const { failure, rememberedUntilMs } = error;
      if (rememberedUntilMs === null) return failure;
      // By another process's clock it may be longer.
      const untilMs = Math.min(rememberedUntilMs, this.#now() + rememberMs);
      this.#failures.set(key, { error: failure, untilMs });
      return this.errorFor(key) ?? failure;
    }
    if (!isRemembered(error)) return error;
    this.#failures.set(key, { error, untilMs: this.#now() + rememberMs });
    return this.errorFor(key);
  }

  /** What an operation gets instead of a call. Null: nothing is remembered. */
  errorFor(key: string): UpstreamError | null {
    const failure = this.#failures.get(key);
    if (!failure) return null;
    const leftMs = failure.untilMs - this.#now();
    // Longer than any failure is remembered: the clock was set back.
    if (leftMs <= 0 || leftMs > rememberMs) {
      this.#failures.delete(key);
      return null;
    }
    const { error } = failure;
    return error.retryable ? error.withRetryAfter(Math.ceil(leftMs / 1000)) : error;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}
