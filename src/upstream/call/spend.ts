import { LRUCache } from 'lru-cache';
import { BadUserInputError, CodedError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import { type Clock, chinaDate, chinaDay, dayMs, sinceChinaMidnight } from '../../time.js';
import type { EndpointName } from '../endpoints/table.js';
import type { Ledger } from './ledger.js';

/** The calls of one day that one API key paid for, to one endpoint, for operations of one name. */
export interface Spend {
  /** China's calendar day: `2026-03-01`. */
  readonly day: string;
  /** The name of the API key. Null: there were no keys. */
  readonly payer: string | null;
  readonly endpoint: EndpointName;
  /** Null: the operations had no name, or the payer's day had too many names. */
  readonly operationName: string | null;
  /** With those that may have been billed. */
  readonly calls: number;
}

/** Clients choose the names of their operations. Further names of a payer's day are counted as none. */
export const maxNames = 500;

export const maxRows = 5_000;

/** A day that others are writing to is read again after this, or after ten times as long as reading takes. */
const rereadMs = 1_000;
const rereadFactor = 10;

/** A day that has ended may get entries for some minutes, of calls that were in the queue at its end. */
const settlesWithinMs = 15 * 60_000;
/** It gets later ones only from a server whose store was lost. */
const rereadEndedMs = 3_600_000;

/** Of all remembered days. A row takes some 200 bytes. */
const maxRememberedRows = 100_000;

interface Remembered {
  readonly rows: Promise<readonly Spend[]>;
  readonly untilMs: number;
}

export interface SpendTotalsOptions {
  readonly ledger: Pick<Ledger, 'entriesOf'>;
  readonly logger: Logger;
  readonly now: Clock;
  /** Monotonic. */
  readonly elapsed: Clock;
}

/** The ledger in totals. Days that were read before are remembered, since a dashboard may ask every few seconds. */
export class SpendTotals {
  readonly #options: SpendTotalsOptions;
  readonly #days = new LRUCache<number, Remembered>({ maxSize: maxRememberedRows });
  #hasLoggedUnreadable = false;

  constructor(options: SpendTotalsOptions) {
    this.#options = options;
  }

  /**
   * The newest day first, then most calls first. `days`: with today. `payer`: only what this key has paid for; null: all.
   * Rejects with CodedError if the store fails, or if there are too many rows.
   */
  async of(days: number, payer: string | null): Promise<readonly Spend[]> {
    const today = chinaDay(this.#options.now());
    const rows: Spend[] = [];
    for (let day = today; day > today - days; day -= 1) {
      for (const row of await this.#rowsOf(day)) {
        if (payer === null || row.payer === payer) rows.push(row);
      }
      if (rows.length > maxRows) {
        throw new BadUserInputError(
          `${days} days have more than ${maxRows} rows of spend. Ask for fewer days.`,
        );
      }
    }
    return rows;
  }

  #rowsOf(day: number): Promise<readonly Spend[]> {
    const { elapsed } = this.#options;
    const remembered = this.#days.get(day);
    if (remembered && elapsed() < remembered.untilMs) return remembered.rows;
    const startedAtMs = elapsed();
    const rows = this.#read(day);
    this.#days.set(day, { rows, untilMs: Number.POSITIVE_INFINITY }, { size: 1 });
    rows.then(
      ({ length }) => {
        const nowMs = elapsed();
        const untilMs = nowMs + this.#rememberedForMs(day, nowMs - startedAtMs);
        this.#days.set(day, { rows, untilMs }, { size: 1 + length });
      },
      () => this.#days.delete(day),
    );
    return rows;
  }

  #rememberedForMs(day: number, readMs: number): number {
    const nowMs = this.#options.now();
    const sinceEndMs = (chinaDay(nowMs) - day - 1) * dayMs + sinceChinaMidnight(nowMs);
    return sinceEndMs > settlesWithinMs ? rereadEndedMs : Math.max(rereadMs, rereadFactor * readMs);
  }

  async #read(day: number): Promise<readonly Spend[]> {
    const { ledger, logger } = this.#options;
    const groups = new DayGroups(chinaDate(day));
    let unreadable = 0;
    try {
      for await (const entry of ledger.entriesOf(day)) {
        if (entry) groups.add(entry.payer, entry.call.endpoint.name, entry.operationName);
        else unreadable += 1;
      }
    } catch (cause) {
      throw new LedgerUnavailableError(cause);
    }
    if (unreadable > 0 && !this.#hasLoggedUnreadable) {
      this.#hasLoggedUnreadable = true;
      logger.warn(
        { day: chinaDate(day), unreadable },
        'Entries of the ledger could not be read, and are skipped',
      );
    }
    return groups.sorted();
  }
}

class DayGroups {
  readonly #day: string;
  readonly #groups = new Map<string, Spend & { calls: number }>();
  readonly #names = new Map<string | null, Set<string>>();

  constructor(day: string) {
    this.#day = day;
  }

  add(payer: string | null, endpoint: EndpointName, name: string | null): void {
    const operationName = name !== null && this.#admits(payer, name) ? name : null;
    const key = JSON.stringify([payer, endpoint, operationName]);
    const group = this.#groups.get(key);
    if (group) group.calls += 1;
    else this.#groups.set(key, { day: this.#day, payer, endpoint, operationName, calls: 1 });
  }

  sorted(): readonly Spend[] {
    const entries = [...this.#groups].sort(
      ([a, one], [b, other]) => other.calls - one.calls || (a < b ? -1 : 1),
    );
    return entries.map(([, group]) => group);
  }

  #admits(payer: string | null, name: string): boolean {
    const names = this.#names.get(payer) ?? new Set();
    this.#names.set(payer, names);
    if (names.size < maxNames) names.add(name);
    return names.has(name);
  }
}

/** The ledger is in the store, and nothing stands in for it when that is lost. */
class LedgerUnavailableError extends CodedError {
  override readonly name = 'LedgerUnavailableError';

  constructor(cause: unknown) {
    super(
      'UPSTREAM_UNAVAILABLE',
      'What was spent is not known now, because the store is not available. Try again in a minute.',
      { cause },
    );
  }

  override get extensions(): Record<string, unknown> {
    return { code: this.code, retryable: true };
  }
}
