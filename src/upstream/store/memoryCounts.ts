import type { CountOptions } from './store.js';

interface Known {
  readonly total: number;
  /**
   * The highest total so far, less what was subtracted here since then. A store that has lost its counts says less, and gets
   * this. What others have subtracted is not known, so it may be too high by what they had in flight.
   */
  readonly highest: number;
  readonly lifeMs: number;
}

/** Counts while the store is lost: the last known totals, and the changes that the store gets when it is back. */
export class MemoryCounts {
  readonly #totals = new Map<string, Known>();
  readonly #pending = new Map<string, { by: number; lifeMs: number }>();

  /** 0 if the total is not known. */
  totalOf(key: string): number {
    return this.#totals.get(key)?.total ?? 0;
  }

  isKnown(key: string): boolean {
    return this.#totals.has(key);
  }

  /** `by`: what was added here, or subtracted, to make it the total. */
  setTotal(key: string, total: number, lifeMs: number, by = 0): void {
    const before = this.#totals.get(key)?.highest ?? 0;
    this.#totals.set(key, { total, highest: Math.max(before + Math.min(by, 0), total), lifeMs });
  }

  /** For a store that has lost its own. */
  totals(): readonly (readonly [key: string, known: Known])[] {
    return [...this.#totals];
  }

  /** `total`: the result of a count. Null: `by` was not counted, so the total is above `most - by`. */
  noteResult(key: string, { by, most, lifeMs }: CountOptions, total: number | null): void {
    if (total !== null) this.setTotal(key, total, lifeMs, by);
    else if (most !== undefined) this.setTotal(key, Math.max(this.totalOf(key), most - by + 1), lifeMs);
  }

  /** As `Store.count`, for a change that the store gets later. The caller notes the result. */
  count(key: string, { by, most, lifeMs }: CountOptions): number | null {
    const total = this.totalOf(key) + by;
    if (most !== undefined && by > 0 && total > most) return null;
    this.addPending(key, by, lifeMs);
    return total;
  }

  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  addPending(key: string, by: number, lifeMs: number): void {
    this.#pending.set(key, { by: (this.#pending.get(key)?.by ?? 0) + by, lifeMs });
  }

  /** Removes and returns the pending changes. */
  takePending(): readonly (readonly [
    key: string,
    change: { readonly by: number; readonly lifeMs: number },
  ])[] {
    const pending = [...this.#pending];
    this.#pending.clear();
    return pending;
  }
}
