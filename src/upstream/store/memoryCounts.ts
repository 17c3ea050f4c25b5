import type { CountOptions } from './store.js';

/** Counts while the store is lost: the last known totals, and the changes that the store gets when it is back. */
export class MemoryCounts {
  readonly #totals = new Map<string, { readonly total: number; readonly lifeMs: number }>();
  readonly #pending = new Map<string, { by: number; lifeMs: number }>();

  /** 0 if the total is not known. */
  totalOf(key: string): number {
    return this.#totals.get(key)?.total ?? 0;
  }

  isKnown(key: string): boolean {
    return this.#totals.has(key);
  }

  setTotal(key: string, total: number, lifeMs: number): void {
    this.#totals.set(key, { total, lifeMs });
  }

  /** The last known totals, for a store that has lost its own. */
  totals(): readonly (readonly [key: string, known: { readonly total: number; readonly lifeMs: number }])[] {
    return [...this.#totals];
  }

  /** `total`: the result of a count. Null: `by` was not counted, so the total is above `most - by`. */
  noteResult(key: string, { by, most, lifeMs }: CountOptions, total: number | null): void {
    if (total !== null) this.setTotal(key, total, lifeMs);
    else if (most !== undefined) this.setTotal(key, Math.max(this.totalOf(key), most - by + 1), lifeMs);
  }

  /** As `Store.count`, for a change that the store gets later. The caller notes the result. */
  count(key: string, { by, most, lifeMs }: CountOptions): number | null {
    const total = this.totalOf(key) + by;
    if (most !== undefined && by > 0 && total > most) return null;
    this.addPending(key, by, lifeMs);
    return total;
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
