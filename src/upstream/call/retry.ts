import type { After } from '../../time.js';
import { UpstreamError } from '../errors.js';

interface RetryRule {
  /** Extra attempts of one call, at most. */
  readonly most: number;
  /** The longest wait before the first of them; it doubles with each. */
  readonly firstDelayMs: number;
}

const again: RetryRule = { most: Number.POSITIVE_INFINITY, firstDelayMs: 300 };
const onceOrTwice: RetryRule = { most: 2, firstDelayMs: 500 };

/** Upstream's codes after which a call is made again: all of them unbilled, by the vendor's own list. */
const afterCode: Readonly<Record<number, RetryRule>> = {
  300: again,
  301: again,
  // The wait for the whole endpoint is the limiter's.
  302: again,
  500: onceOrTwice,
  503: onceOrTwice,
};

/** The same for what a gateway says before the request has reached anything that bills. */
const afterStatus: Readonly<Record<number, RetryRule>> = {
  429: again,
  502: onceOrTwice,
  503: onceOrTwice,
  521: onceOrTwice,
  522: onceOrTwice,
  523: onceOrTwice,
};

/** The connection failed before upstream can have taken the request: refused, DNS, an early reset. */
const afterUnprocessed: RetryRule = { most: Number.POSITIVE_INFINITY, firstDelayMs: 500 };

const longestDelayMs = 10_000;

/** Null: never again by itself. Timeouts, half answers, broken bodies and unknown codes may have been billed. */
export function retryRuleFor(error: unknown): RetryRule | null {
  if (!(error instanceof UpstreamError) || error.billed !== 'no' || error.isHeldBack) return null;
  if (error.isUnprocessed) return afterUnprocessed;
  return afterCode[error.upstreamCode ?? 0] ?? afterStatus[error.httpStatus ?? 0] ?? null;
}

/** Full jitter: anywhere up to a bound that doubles, so that what failed together doesn't come back together. */
export function retryDelayMs(rule: RetryRule, retriesSoFar: number, random: () => number): number {
  return Math.floor(random() * Math.min(longestDelayMs, rule.firstDelayMs * 2 ** retriesSoFar));
}

export interface RetryOptions {
  /** Extra attempts of one call, whatever the rules allow. */
  readonly retries: number;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly after: After;
}

/** Makes `attempt` until it succeeds, the rules say no, or nobody waits for it any more. */
export type Retry = <T>(call: { readonly isWanted: boolean }, attempt: () => Promise<T>) => Promise<T>;

/** The only layer that tries anything again. */
export function createRetry({ retries, random, after }: RetryOptions): Retry {
  return async (call, attempt) => {
    for (let made = 0; ; made += 1) {
      try {
        return await attempt();
      } catch (error) {
        const rule = retryRuleFor(error);
        if (!rule || made >= Math.min(retries, rule.most) || !call.isWanted) throw error;
        const delayMs = retryDelayMs(rule, made, random);
        if (delayMs > 0) await new Promise<void>((resolve) => after(delayMs, resolve));
      }
    }
  };
}
