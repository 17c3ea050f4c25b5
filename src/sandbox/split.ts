import type { Random } from './random.js';

/** Splits a count at random. A few in ten thousand belong to no part, as in the vendor's sample. */
export function split(
  random: Random,
  whole: number,
  names: readonly string[],
): { cnt: number; name: string }[] {
  const weighted = names.map((name) => ({ name, weight: 0.2 + random.next() }));
  let weightLeft = weighted.reduce((sum, { weight }) => sum + weight, 0);
  let left = Math.round(whole * 0.9998);
  return weighted.map(({ name, weight }) => {
    // A share of what is left, so that rounding errors do not add up: the last part gets the rest.
    const cnt = Math.round((left * weight) / weightLeft);
    left -= cnt;
    weightLeft -= weight;
    return { cnt, name };
  });
}
