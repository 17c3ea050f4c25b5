/** How long answers take, in milliseconds. */
export type Latency =
  | { readonly kind: 'constant'; readonly ms: number }
  /** Anything between these is as likely as anything else. */
  | { readonly kind: 'even'; readonly leastMs: number; readonly mostMs: number }
  /** Mostly quick and sometimes very slow, as collecting from a live site is: half take up to `p50Ms`, 95 % up to `p95Ms`. */
  | { readonly kind: 'lognormal'; readonly p50Ms: number; readonly p95Ms: number };

/** Where 95 % of a standard normal distribution lie below. */
const normalP95 = 1.6448536269514722;

/** A timer set for longer would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** One latency in milliseconds. `random` gives numbers of at least 0 and less than 1. */
export function drawLatency(latency: Latency, random: () => number): number {
  switch (latency.kind) {
    case 'constant':
      return latency.ms;
    case 'even':
      return latency.leastMs + random() * (latency.mostMs - latency.leastMs);
    case 'lognormal': {
      const sigma = Math.log(latency.p95Ms / latency.p50Ms) / normalP95;
      return Math.min(latency.p50Ms * Math.exp(sigma * drawNormal(random)), longestTimerMs);
    }
  }
}

/** Box-Muller. */
function drawNormal(random: () => number): number {
  // 1 - random(), for the logarithm of 0 is infinite.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** `200`, `200-800` or `p50=800,p95=5000`, as the command line has it. */
export function parseLatency(text: string): Latency {
  const [, only, least, most, p50, p95] =
    /^(?:(\d{1,6})|(\d{1,6})-(\d{1,6})|p50=(\d{1,6}),p95=(\d{1,6}))$/.exec(text)?.map(Number) ?? [];
  if (isNumber(only)) return { kind: 'constant', ms: only };
  if (isNumber(least) && isNumber(most) && least <= most) {
    return { kind: 'even', leastMs: least, mostMs: most };
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
