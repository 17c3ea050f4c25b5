import type { Payer } from '../../apiKeys.js';
import type { Logger } from '../../logger.js';
import { type Clock, chinaDay, dayMs, untilChinaMidnight } from '../../time.js';
import { UpstreamError } from '../errors.js';
import type { Store } from '../store/store.js';

export interface BudgetsOptions {
  readonly store: Pick<Store, 'count'>;
  /** Whose calls are counted: all servers' that use this token and this store. */
  readonly fingerprint: string;
  /** Calls that may be paid on one of China's calendar days, whoever asks for them. Null: any number. */
  readonly limit: number | null;
  /** Who has a count, and perhaps a budget, of his own. */
  readonly payers: readonly Payer[];
  readonly logger: Logger;
  readonly now: Clock;
}

/** Releases what was reserved for a call that upstream did not bill. */
export type Release = () => void;

/** What of a budget is spent today. */
export interface BudgetState {
  /** `server`, or `key` and the key's name. */
  readonly name: string;
  /** Null: any number may be. */
  readonly limit: number | null;
  readonly spent: number;
  /** Enough of it is spent that somebody should look. */
  readonly isLow: boolean;
}

/** From this share on a budget is low. */
const lowFrom = 0.8;

/** Beyond the day, for clocks that differ. */
const keptMs = 2 * dayMs;

/**
 * Calls paid on China's calendar day, the server's and each API key's, counted in the store, so that servers share a limit
 * and a restart forgets nothing. A call is reserved before it is made.
 */
export class Budgets {
  readonly #server: DayCount;
  readonly #payers: ReadonlyMap<string, DayCount>;
  readonly #now: Clock;
  readonly #paidTotals = new Map<string | null, number>();

  constructor({ store, fingerprint, limit, payers, logger, now }: BudgetsOptions) {
    const key = `calls:${fingerprint}`;
    this.#server = new DayCount({
      store,
      key,
      name: 'server',
      setting: 'DAILY_MAX_CALLS',
      limit,
      logger,
      now,
    });
    this.#payers = new Map(
      payers.map(({ name, dailyMaxCalls }) => [
        name,
        new DayCount({
          store,
          key: `${key}:key:${name}`,
          name: `key ${name}`,
          setting: `API_KEYS, ${name}`,
          limit: dailyMaxCalls,
          logger,
          now,
        }),
      ]),
    );
    this.#now = now;
  }

  /** Reserves a call before it is made. Rejects with BUDGET_EXCEEDED; without any limit there is nothing to wait for. */
  reserve(endpoint: string, payer: Payer | null): Release | Promise<Release> {
    const counts = this.#countsOf(payer);
    if (counts.some(({ limit }) => limit !== null)) return this.#reserveAll(endpoint, counts);
    const dayNow = chinaDay(this.#now());
    for (const count of counts) count.add(1, dayNow);
    return () => {
      for (const count of counts) count.add(-1, dayNow);
    };
  }

  /** Billed or maybe billed today, and under way: a payer's, or everybody's. */
  spentToday(payer: Payer | null): Promise<number> {
    return this.#countOf(payer).spentOn(chinaDay(this.#now()));
  }

  limitOf(payer: Payer | null): number | null {
    return this.#countOf(payer).limit;
  }

  /** Upstream bills a call, for certain. */
  notePaid(payer: Payer | null): void {
    for (const name of payer ? [payer.name, null] : [null]) {
      this.#paidTotals.set(name, (this.#paidTotals.get(name) ?? 0) + 1);
    }
  }

  /** What was noted since this process started: a payer's, or everybody's. */
  paidTotal(payer: Payer | null): number {
    return this.#paidTotals.get(payer?.name ?? null) ?? 0;
  }

  /** How many more calls may be paid today. */
  async leftToday(payer: Payer | null): Promise<number> {
    const dayNow = chinaDay(this.#now());
    const left = await Promise.all(this.#countsOf(payer).map((count) => count.leftOn(dayNow)));
    return Math.min(...left);
  }

  /** The server's, then each payer's. */
  states(): Promise<readonly BudgetState[]> {
    const dayNow = chinaDay(this.#now());
    return Promise.all([this.#server, ...this.#payers.values()].map((count) => count.stateOn(dayNow)));
  }

  async #reserveAll(endpoint: string, counts: readonly DayCount[]): Promise<Release> {
    const dayNow = chinaDay(this.#now());
    const reserved: DayCount[] = [];
    const release = () => {
      for (const count of reserved) count.add(-1, dayNow);
    };
    for (const count of counts) {
      if (!(await count.reserve(dayNow))) {
        release();
        throw count.spentError(endpoint);
      }
      reserved.push(count);
    }
    return release;
  }

  /** The narrower one first: what it refuses shows nowhere else. */
  #countsOf(payer: Payer | null): readonly DayCount[] {
    return payer ? [this.#countOf(payer), this.#server] : [this.#server];
  }

  #countOf(payer: Payer | null): DayCount {
    if (!payer) return this.#server;
    const count = this.#payers.get(payer.name);
    if (!count) throw new TypeError(`Expected the name of a key, but got ${payer.name}`);
    return count;
  }
}

interface DayCountOptions {
  readonly store: Pick<Store, 'count'>;
  /** Where it is counted. */
  readonly key: string;
  /** As the metrics call it. */
  readonly name: string;
  /** What the operator would change. */
  readonly setting: string;
  readonly limit: number | null;
  readonly logger: Logger;
  readonly now: Clock;
}

/** One count of calls by the day, and its limit. */
class DayCount {
  readonly #options: DayCountOptions;
  /** The days on which the log was last told that it is low, and spent. */
  #toldLowOn = 0;
  #toldSpentOn = 0;

  constructor(options: DayCountOptions) {
    this.#options = options;
  }

  get limit(): number | null {
    return this.#options.limit;
  }

  async leftOn(day: number): Promise<number> {
    const { limit } = this.#options;
    return limit === null ? Number.POSITIVE_INFINITY : Math.max(0, limit - (await this.spentOn(day)));
  }

  async stateOn(day: number): Promise<BudgetState> {
    const { name, limit } = this.#options;
    const spent = await this.spentOn(day);
    return { name, limit, spent, isLow: this.#isLow(spent) };
  }

  /** Counts, whatever the limit. Nobody waits for it. */
  add(by: number, day: number): void {
    void this.#count(by, day);
  }

  async spentOn(day: number): Promise<number> {
    return (await this.#count(0, day)) ?? 0;
  }

  /** False: it is spent. */
  async reserve(day: number): Promise<boolean> {
    const { limit } = this.#options;
    if (limit === null) {
      this.add(1, day);
      return true;
    }
    const spent = await this.#count(1, day, limit);
    if (spent !== null && this.#isLow(spent) && this.#toldLowOn !== day) {
      this.#toldLowOn = day;
      const { logger, name, setting } = this.#options;
      logger.warn(
        { budget: name, spent, limit },
        `${spent} of the ${limit} paid calls that the day may have (${setting}) are spent`,
      );
    }
    return spent !== null;
  }

  spentError(endpoint: string): UpstreamError {
    const { logger, now, name, limit, setting } = this.#options;
    const day = chinaDay(now());
    const message = `The day's budget of ${limit} paid calls (${setting}) is spent. It starts anew at midnight in China; what is kept is still served.`;
    if (this.#toldSpentOn !== day) {
      this.#toldSpentOn = day;
      logger.warn({ budget: name, limit }, message);
    }
    return new UpstreamError('BUDGET_EXCEEDED', message, {
      endpoint,
      billed: 'no',
      isHeldBack: true,
      retryAfterSeconds: Math.ceil(untilChinaMidnight(now()) / 1000),
    });
  }

  #count(by: number, day: number, most?: number): Promise<number | null> {
    const { store, key } = this.#options;
    return store.count(`${key}:${day}`, { by, lifeMs: keptMs, ...(most === undefined ? {} : { most }) });
  }

  #isLow(spent: number): boolean {
    const { limit } = this.#options;
    // One of 0 is meant to be, and no news.
    return limit !== null && limit > 0 && spent >= lowFrom * limit;
  }
}
