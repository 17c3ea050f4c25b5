/** How long answers take, in milliseconds. */
export type Latency =
  | { readonly kind: 'constant'; readonly ms: number }
  /** Uniformly distributed. */
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number }
  /** Log-normally distributed, with this median and 95th percentile: mostly fast and sometimes very slow, as a live site. */
  | { readonly kind: 'lognormal'; readonly p50Ms: number; readonly p95Ms: number };

/** Creators whose answers take long enough to see the rest of a response come first. docs/reliability.md lists them. */
export const slowIds: ReadonlyMap<string, Latency> = new Map([
  ['9000000000000000931', { kind: 'constant', ms: 2_000 }],
]);

/** The 95th percentile of the standard normal distribution. */
const normalP95 = 1.6448536269514722;

/** Node fires longer timers at once. */
const longestTimerMs = 2 ** 31 - 1;

/** A random latency in milliseconds. `random`: returns numbers in [0, 1). */
export function drawLatency(latency: Latency, random: () => number): number {
  switch (latency.kind) {
    case 'constant':
      return latency.ms;
    case 'uniform':
      return latency.minMs + random() * (latency.maxMs - latency.minMs);
    case 'lognormal': {
      const sigma = Math.log(latency.p95Ms / latency.p50Ms) / normalP95;
      return Math.min(latency.p50Ms * Math.exp(sigma * drawNormal(random)), longestTimerMs);
    }
  }
}

/** The Box-Muller transform. */
function drawNormal(random: () => number): number {
  // 1 - random() is never 0, whose logarithm is infinite.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Parses `200`, `200-800` or `p50=800,p95=5000` of the command line. */
export function parseLatency(text: string): Latency {
  const [, constant, min, max, p50, p95] =
    /^(?:(\d{1,6})|(\d{1,6})-(\d{1,6})|p50=(\d{1,6}),p95=(\d{1,6}))$/.exec(text)?.map(Number) ?? [];
  if (isNumber(constant)) return { kind: 'constant', ms: constant };
  if (isNumber(min) && isNumber(max) && min <= max) {
    return { kind: 'uniform', minMs: min, maxMs: max };
  }
  if (isNumber(p50) && isNumber(p95) && p50 > 0 && p50 <= p95) {
    return { kind: 'lognormal', p50Ms: p50, p95Ms: p95 };
  }
  throw new Error(
    `Expected a latency in milliseconds such as 200, 200-800 or p50=800,p95=5000, but got "${text}".`,
  );
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined && !Number.isNaN(value);
}
