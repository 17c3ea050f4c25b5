import { median, quantile } from './statistics.js';

export interface Benchmark {
  readonly name: string;
  run(): Promise<Outcome>;
}

export interface Outcome {
  /** What was measured, and on how many milliseconds a ratio is based. */
  readonly series: readonly Series[];
  readonly bound: Bound;
  /** The series without our server: how far it spreads is how far the machine is to be trusted. */
  readonly bare: Series;
}

export interface Series {
  readonly name: string;
  readonly tookMs: readonly number[];
  /** What its median is compared with. */
  readonly baseMs: number;
}

export interface Bound {
  readonly what: string;
  readonly ratio: number;
  readonly most: number;
}

export interface Rounds {
  readonly warmUp: number;
  readonly measured: number;
}

/**
 * Takes turns: each round measures everything once, and each round begins with another one, so that what the machine
 * does meanwhile falls on all alike.
 */
export async function takeTurns<Name extends string>(
  { warmUp, measured }: Rounds,
  measures: Readonly<Record<Name, () => Promise<unknown>>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(measures) as Name[];
  const tookMs = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < warmUp + measured; round += 1) {
    const shift = round % names.length;
    for (const name of [...names.slice(shift), ...names.slice(0, shift)]) {
      const startedAt = performance.now();
      await measures[name]();
      if (round >= warmUp) tookMs[name].push(performance.now() - startedAt);
    }
  }
  return tookMs;
}

export function isMet({ ratio, most }: Bound): boolean {
  return ratio <= most;
}

export function report({ name }: Benchmark, { series, bound, bare }: Outcome): string {
  const rows = series.map(({ name, tookMs, baseMs }) => [
    name,
    String(tookMs.length),
    ...[
      median(tookMs),
      quantile(tookMs, 0.05),
      quantile(tookMs, 0.95),
      Math.min(...tookMs),
      Math.max(...tookMs),
    ].map((ms) => ms.toFixed(1)),
    (median(tookMs) / baseMs).toFixed(3),
  ]);
  const spread = (quantile(bare.tookMs, 0.95) - quantile(bare.tookMs, 0.05)) / median(bare.tookMs);
  return [
    table([[name, 'rounds', 'median', 'p5', 'p95', 'min', 'max', 'ratio'], ...rows]),
    `${isMet(bound) ? 'met   ' : 'MISSED'}  ${bound.what}: ${bound.ratio.toFixed(3)}, at most ${bound.most}`,
    `noise   ${bare.name}: p5 to p95 is ${(spread * 100).toFixed(1)} % of its median`,
  ].join('\n');
}

/** In columns: the first to the left, figures to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column === 0 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  '),
    )
    .join('\n');
}
