import type { Logger } from '../telemetry/logger.js';
import { type Clock, chinaDay, dayMs, untilChinaMidnight } from '../time.js';
import { UpstreamError } from '../upstream/errors.js';
import type { Store } from '../upstream/store/store.js';

export interface DayBudgetOptions {
  readonly store: Pick<Store, 'count'>;
  /** Whose calls are counted: all servers' that use this token and this store. */
  readonly fingerprint: string;
  /** Calls that may be paid on one of China's calendar days. Null: any number. */
  readonly limit: number | null;
  readonly logger: Logger;
  readonly now: Clock;
}

/** Takes back what was taken for a call that upstream didn't bill. */
export type GiveBack = () => void;

/** Calls paid on China's calendar day, counted in the store, so that servers share one limit and a restart forgets nothing. */
export class DayBudget {
  readonly #options: DayBudgetOptions;
  #toldOn = 0;

  constructor(options: DayBudgetOptions) {
    this.#options = options;
  }

  get limit(): number | null {
    return this.#options.limit;
  }

  /** Before a call is sent. Rejects with BUDGET_EXCEEDED; without a limit there is nothing to wait for. */
  take(endpoint: string): GiveBack | Promise<GiveBack> {
    const { store, limit, now } = this.#options;
    const key = this.#keyOf(now());
    const giveBack = () => void store.count(key, { by: -1, lifeMs: keptMs });
    const total = store.count(key, { by: 1, lifeMs: keptMs, ...(limit === null ? {} : { most: limit }) });
    if (limit === null) return giveBack;
    return total.then((spent) => {
      if (spent === null) throw this.#spentError(endpoint, limit);
      return giveBack;
    });
  }

  /** Billed or maybe billed today, and under way. */
  async spentToday(): Promise<number> {
    const { store, now } = this.#options;
    return (await store.count(this.#keyOf(now()), { by: 0, lifeMs: keptMs })) ?? 0;
  }

  #keyOf(nowMs: number): string {
    return `calls:${this.#options.fingerprint}:${chinaDay(nowMs)}`;
  }

  #spentError(endpoint: string, limit: number): UpstreamError {
    const { logger, now } = this.#options;
    const message = `The day's budget of ${limit} paid calls (DAILY_MAX_CALLS) is spent. It starts anew at midnight in China; what is kept is still served.`;
    if (this.#toldOn !== chinaDay(now())) {
      this.#toldOn = chinaDay(now());
      logger.warn(message);
    }
    return new UpstreamError('BUDGET_EXCEEDED', message, {
      endpoint,
      billed: 'no',
      isHeldBack: true,
      retryAfterSeconds: Math.ceil(untilChinaMidnight(now()) / 1000),
    });
  }
}

/** Beyond the day, for clocks that differ. */
const keptMs = 2 * dayMs;
