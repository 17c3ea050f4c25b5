import { LRUCache } from 'lru-cache';
import type { Clock } from '../../time.js';
import { UpstreamError } from '../errors.js';

/** How long a failure stays, so that a polling page doesn't pay for it again and again. */
export const holdMs = 60_000;
const maxHolds = 10_000;

/** Whether a failure is remembered: what was or may have been billed in vain, and upstream's 400; nothing else. */
export function isToBeHeld(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && (error.billed !== 'no' || error.code === 'BAD_USER_INPUT');
}

/** A call that another process made, and that failed. */
export class FailedElsewhere extends Error {
  override readonly name = 'FailedElsewhere';
  readonly failure: UpstreamError;
  /** Until when it is held. Null: it is not. */
  readonly heldUntilMs: number | null;

  constructor(failure: UpstreamError, heldUntilMs: number | null) {
    super(failure.message);
    this.failure = failure;
    this.heldUntilMs = heldUntilMs;
  }
}

/** The failures that are remembered, by section. */
export class Holds {
  readonly #holds = new LRUCache<string, { readonly error: UpstreamError; readonly untilMs: number }>({
    max: maxHolds,
  });
  readonly #now: Clock;

  constructor(now: Clock) {
    this.#now = now;
  }

  /** Remembers what is to be remembered, and returns the error that callers get. */
  note(key: string, error: unknown): unknown {
    if (error instanceof FailedElsewhere) {
      const { failure, heldUntilMs } = error;
      if (heldUntilMs === null) return failure;
      this.#holds.set(key, { error: failure, untilMs: heldUntilMs });
      return this.errorFor(key) ?? failure;
    }
    if (!isToBeHeld(error)) return error;
    this.#holds.set(key, { error, untilMs: this.#now() + holdMs });
    return this.errorFor(key);
  }

  /** What an asker gets instead of a call. Null: nothing is held. */
  errorFor(key: string): UpstreamError | null {
    const hold = this.#holds.get(key);
    if (!hold) return null;
    const leftMs = hold.untilMs - this.#now();
    // Longer than any hold lasts: the clock was set back.
    if (leftMs <= 0 || leftMs > holdMs) {
      this.#holds.delete(key);
      return null;
    }
    return hold.error.retryable ? hold.error.withRetryAfter(Math.ceil(leftMs / 1000)) : hold.error;
  }

  forget(key: string): void {
    this.#holds.delete(key);
  }
}
