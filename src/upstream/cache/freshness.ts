import type { Clock } from '../../time.js';
import type { SectionRequest } from '../client.js';
import type { Lookup } from './lookup.js';
import type { Entry } from './storedAnswer.js';

/** The answers that an operation took, each of them fresh. */
export interface Sources {
  readonly count: number;
  /** When the first of them gets too old for who asked. */
  readonly freshUntilMs: number;
  /** Each was at hand: to ask again now would take the very same, and cost the same. */
  areCurrent(): boolean;
}

/** How an operation looks for what is at hand. */
export interface AtHand {
  nameOf(request: SectionRequest): string;
  hit(name: string, maxAgeMs: number): Entry | null;
  /** Another one whenever a hit could be another for another reason than its age. */
  state(): number;
  readonly now: Clock;
}

interface Took {
  readonly name: string;
  readonly maxAgeMs: number;
  readonly serial: number;
}

/** Null: it took nothing, or something that was not fresh, or was given nothing. */
export function sourcesOf(lookups: readonly Lookup[], atHand: AtHand): Sources | null {
  const took: Took[] = [];
  let freshUntilMs = Number.POSITIVE_INFINITY;
  let wereHits = true;
  for (const { request, entry, isStale, outcome } of lookups) {
    if (!entry || isStale) return null;
    const maxAgeMs = request.maxAgeSeconds * 1000;
    freshUntilMs = Math.min(freshUntilMs, entry.fetchedAtMs + maxAgeMs);
    wereHits &&= outcome === 'cached';
    took.push({ name: atHand.nameOf(request), maxAgeMs, serial: entry.serial });
  }
  if (took.length === 0) return null;
  let stateWhenSeen: number | null = null;
  return {
    count: took.length,
    freshUntilMs,
    areCurrent() {
      if (!wereHits || atHand.now() >= freshUntilMs) return false;
      const state = atHand.state();
      if (state === stateWhenSeen) return true;
      const areSame = took.every(
        ({ name, maxAgeMs, serial }) => atHand.hit(name, maxAgeMs)?.serial === serial,
      );
      if (areSame) stateWhenSeen = state;
      return areSame;
    },
  };
}
