import type { After } from '../../time.js';
import { UpstreamError } from '../errors.js';

interface RetryRule {
  /** Extra attempts of one call. `UPSTREAM_RETRIES` limits them, too. */
  readonly maxRetries: number;
  /** The longest delay before the first retry. It doubles with each retry. */
  readonly firstDelayMs: number;
}

const unlimited: RetryRule = { maxRetries: Number.POSITIVE_INFINITY, firstDelayMs: 300 };
const atMostTwice: RetryRule = { maxRetries: 2, firstDelayMs: 500 };

/** By upstream's code. The vendor lists all of these as unbilled. */
const rulesByCode: Readonly<Record<number, RetryRule>> = {
  300: unlimited,
  301: unlimited,
  // The limiter delays the endpoint's calls after 302.
  302: unlimited,
  500: atMostTwice,
  503: atMostTwice,
};

/** By the HTTP status of a gateway in front of upstream, which refused the request before it could be billed. */
const rulesByHttpStatus: Readonly<Record<number, RetryRule>> = {
  429: unlimited,
  502: atMostTwice,
  503: atMostTwice,
  521: atMostTwice,
  522: atMostTwice,
  523: atMostTwice,
};

/** For connections that failed before upstream can have processed the request: refused, DNS, an early reset. */
const unprocessedRule: RetryRule = { maxRetries: Number.POSITIVE_INFINITY, firstDelayMs: 500 };

const longestDelayMs = 10_000;

/** Null: no retry. Timeouts, incomplete or unreadable answers and unknown codes may have been billed. */
export function retryRuleFor(error: unknown): RetryRule | null {
  if (!(error instanceof UpstreamError) || error.billed !== 'no' || error.isHeldBack) return null;
  if (error.isUnprocessed) return unprocessedRule;
  return rulesByCode[error.upstreamCode ?? 0] ?? rulesByHttpStatus[error.httpStatus ?? 0] ?? null;
}

/**
 * Full jitter: random between 0 and a bound that doubles, so that calls that failed together are not retried together.
 */
export function retryDelayMs(rule: RetryRule, retried: number, random: () => number): number {
  return Math.floor(random() * Math.min(longestDelayMs, rule.firstDelayMs * 2 ** retried));
}

export interface RetryOptions {
  /** `UPSTREAM_RETRIES`: extra attempts of one call at most, whatever its rule allows. */
  readonly retries: number;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly after: After;
}

/** Runs `attempt` until it succeeds, its failure allows no retry, or no operation waits for the call. */
export type Retry = <T>(call: { readonly isWanted: boolean }, attempt: () => Promise<T>) => Promise<T>;

/** The only layer that retries. */
export function createRetry({ retries, random, after }: RetryOptions): Retry {
  return async (call, attempt) => {
    for (let retried = 0; ; retried += 1) {
      try {
        return await attempt();
      } catch (error) {
        const rule = retryRuleFor(error);
        if (!rule || retried >= Math.min(retries, rule.maxRetries) || !call.isWanted) throw error;
        const delayMs = retryDelayMs(rule, retried, random);
        if (delayMs > 0) await new Promise<void>((resolve) => after(delayMs, resolve));
      }
    }
  };
}
