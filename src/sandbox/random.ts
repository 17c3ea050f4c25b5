/** Pseudo-random numbers. The same seed gives the same sequence on every machine and in every version of Node. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer, both ends included. */
  whole(least: number, most: number): number;
  /** An integer whose logarithm is uniformly distributed, as follower counts are. */
  logarithmic(least: number, most: number): number;
  chance(probability: number): boolean;
  /** `items`: not empty. */
  pick<T>(items: readonly T[]): T;
}

/** FNV-1a for the seed, mulberry32 for the sequence. */
export function randomFrom(seed: string): Random {
  let state = 0x811c9dc5;
  for (const char of seed) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 0x01000193);

  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));

  return {
    next,
    whole,
    logarithmic: (least, most) => Math.round(least * (most / least) ** next()),
    chance: (probability) => next() < probability,
    pick: (items) => items[whole(0, items.length - 1)] as (typeof items)[number],
  };
}
