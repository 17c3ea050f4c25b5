import type { Payer } from '../../apiKeys.js';
import type { Logger } from '../../logger.js';
import { type Clock, chinaDay, dayMs, untilChinaMidnight } from '../../time.js';
import { UpstreamError } from '../errors.js';
import type { Store } from '../store/store.js';

export interface BudgetsOptions {
  readonly store: Pick<Store, 'count'>;
  /** Of the token. All servers that use the same token and store share the counts. */
  readonly fingerprint: string;
  /** Paid calls that the server may make on one calendar day in China. Null: unlimited. */
  readonly limit: number | null;
  /** Each API key has a count of its own, and may have a limit. */
  readonly payers: readonly Payer[];
  readonly logger: Logger;
  readonly now: Clock;
}

/** Releases a reserved call that upstream did not bill. */
export type Release = () => void;

/** One budget's state today. */
export interface BudgetState {
  /** `server`, or `key NAME` for an API key. */
  readonly name: string;
  /** Null: unlimited. */
  readonly limit: number | null;
  readonly spent: number;
  /** Four fifths or more of the limit are spent. */
  readonly isLow: boolean;
}

const lowShare = 0.8;

/** Longer than the day, because servers' clocks may differ. */
const countLifeMs = 2 * dayMs;

/**
 * Counts the paid calls of a calendar day in China, for the server and for each API key. The counts are in the store,
 * so that servers share a limit and a restart keeps them. A call is reserved before it is made.
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

  /**
   * Reserves a call before it is made. Rejects with BUDGET_EXCEEDED. Without a limit it returns no promise, since the
   * store need not be awaited.
   */
  reserve(endpoint: string, payer: Payer | null): Release | Promise<Release> {
    const counts = this.#countsOf(payer);
    if (counts.some(({ limit }) => limit !== null)) return this.#reserveAll(endpoint, counts);
    const dayNow = chinaDay(this.#now());
    for (const count of counts) count.add(1, dayNow);
    return () => {
      for (const count of counts) count.add(-1, dayNow);
    };
  }

  /** Today's calls that were or may have been billed, and those in flight: a payer's, or (null) everybody's. */
  spentToday(payer: Payer | null): Promise<number> {
    return this.#countOf(payer).spentOn(chinaDay(this.#now()));
  }

  /** Null: unlimited. */
  limitOf(payer: Payer | null): number | null {
    return this.#countOf(payer).limit;
  }

  /** Notes a call that was billed for certain. */
  notePaid(payer: Payer | null): void {
    for (const name of payer ? [payer.name, null] : [null]) {
      this.#paidTotals.set(name, (this.#paidTotals.get(name) ?? 0) + 1);
    }
  }

  /** Calls noted since this process started: a payer's, or (null) everybody's. */
  paidTotal(payer: Payer | null): number {
    return this.#paidTotals.get(payer?.name ?? null) ?? 0;
  }

  /** How many more calls may be paid today. Infinity: unlimited. */
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

  /** The API key's first: a call that it refuses must not count in the server's. */
  #countsOf(payer: Payer | null): readonly DayCount[] {
    return payer ? [this.#countOf(payer), this.#server] : [this.#server];
  }

  #countOf(payer: Payer | null): DayCount {
    if (!payer) return this.#server;
    const count = this.#payers.get(payer.name);
    if (!count) throw new TypeError(`Expected an API key's name, but got ${payer.name}`);
    return count;
  }
}

interface DayCountOptions {
  readonly store: Pick<Store, 'count'>;
  /** In the store; the day is appended. */
  readonly key: string;
  /** The `budget` label of the metrics. */
  readonly name: string;
  /** The setting that holds the limit, for messages. */
  readonly setting: string;
  readonly limit: number | null;
  readonly logger: Logger;
  readonly now: Clock;
}

/** The calls of each day, and their limit. */
class DayCount {
  readonly #options: DayCountOptions;
  /** The days of the last log messages. */
  #lowLoggedOn = 0;
  #spentLoggedOn = 0;

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

  /** Ignores the limit, and does not wait for the store. */
  add(by: number, day: number): void {
    void this.#count(by, day);
  }

  async spentOn(day: number): Promise<number> {
    return (await this.#count(0, day)) ?? 0;
  }

  /** False: the budget is spent. */
  async reserve(day: number): Promise<boolean> {
    const { limit } = this.#options;
    if (limit === null) {
      this.add(1, day);
      return true;
    }
    const spent = await this.#count(1, day, limit);
    if (spent !== null && this.#isLow(spent) && this.#lowLoggedOn !== day) {
      this.#lowLoggedOn = day;
      const { logger, name, setting } = this.#options;
      logger.warn(
        { budget: name, spent, limit },
        `${spent} of the day's ${limit} paid calls (${setting}) are spent`,
      );
    }
    return spent !== null;
  }

  spentError(endpoint: string): UpstreamError {
    const { logger, now, name, limit, setting } = this.#options;
    const day = chinaDay(now());
    const message = `The day's budget of ${limit} paid calls (${setting}) is spent. It is reset at midnight in China. Stored answers are still served.`;
    if (this.#spentLoggedOn !== day) {
      this.#spentLoggedOn = day;
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
    return store.count(`${key}:${day}`, { by, lifeMs: countLifeMs, ...(most === undefined ? {} : { most }) });
  }

  #isLow(spent: number): boolean {
    const { limit } = this.#options;
    // A limit of 0 is intended, so there is nothing to warn of.
    return limit !== null && limit > 0 && spent >= lowShare * limit;
  }
}
