import type { Clock } from '../../time.js';
import type { Entry } from './entry.js';
import type { Lookup } from './lookup.js';

/** An answer of age 0 is not younger than 0, so that a request for it always pays. */
export function isYoung(entry: Aged, maxAgeMs: number, nowMs: number): boolean {
  return maxAgeMs > 0 && ageMs(entry, nowMs) < maxAgeMs;
}

type Aged = Pick<Entry, 'fetchedAtMs'>;

/** Never negative: the clock may have been set back since. */
export function ageMs({ fetchedAtMs }: Aged, nowMs: number): number {
  return Math.max(0, nowMs - fetchedAtMs);
}

/** The fresh sections that an operation's response was made from. */
export interface Freshness {
  /** How many sections. */
  readonly sections: number;
  /** When the first of them gets too old for the operation. */
  readonly untilMs: number;
  /** The same operation would now get the same sections from memory, at the same cost. */
  isCurrent(): boolean;
}

/** The answers in memory. */
export interface Memory {
  hit(callKey: string, maxAgeMs: number): Entry | null;
  /** Changes whenever a hit could change for any reason but age. */
  readonly changes: number;
}

/** Null: the operation had no sections, or one that was not fresh, or one failed. */
export function freshnessOf(lookups: readonly Lookup[], memory: Memory, now: Clock): Freshness | null {
  const taken: { readonly key: string; readonly maxAgeMs: number; readonly serial: number }[] = [];
  let untilMs = Number.POSITIVE_INFINITY;
  let wereHits = true;
  for (const { request, found, outcome } of lookups) {
    if (!found || found.isStale) return null;
    const maxAgeMs = request.maxAgeSeconds * 1000;
    untilMs = Math.min(untilMs, found.entry.fetchedAtMs + maxAgeMs);
    wereHits &&= outcome === 'cached';
    taken.push({ key: request.call.key, maxAgeMs, serial: found.entry.serial });
  }
  if (taken.length === 0) return null;
  let changesWhenSame: number | null = null;
  return {
    sections: taken.length,
    untilMs,
    isCurrent() {
      if (!wereHits || now() >= untilMs) return false;
      const { changes } = memory;
      if (changes === changesWhenSame) return true;
      const areSame = taken.every(
        ({ key, maxAgeMs, serial }) => memory.hit(key, maxAgeMs)?.serial === serial,
      );
      if (areSame) changesWhenSame = changes;
      return areSame;
    },
  };
}
