import { median, quantile } from './statistics.js';

export interface Benchmark {
  readonly name: string;
  run(): Promise<Outcome>;
}

export interface Outcome {
  readonly unit: 'ms' | 'µs';
  /** What was measured over and over. */
  readonly series: readonly Series[];
  /** What was measured once. */
  readonly figures?: readonly Figure[];
  readonly bounds: readonly Bound[];
  /** The series without our code: how far they spread is how far the machine is to be trusted. */
  readonly bare: readonly Series[];
  /** What was not measured, and why. */
  readonly skipped?: readonly string[];
}

export interface Series {
  readonly name: string;
  readonly took: readonly number[];
  /** What its median is compared with. Null: nothing. */
  readonly base: number | null;
}

export interface Figure {
  readonly what: string;
  /** With its unit. */
  readonly value: string;
}

export interface Bound {
  readonly what: string;
  readonly value: number;
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

export function isMet({ value, most }: Bound): boolean {
  return value <= most;
}

export function report(
  { name }: Benchmark,
  { unit, series, figures = [], bounds, bare, skipped = [] }: Outcome,
): string {
  const rows = series.map(({ name, took, base }) => [
    name,
    String(took.length),
    ...[median(took), quantile(took, 0.05), quantile(took, 0.95), Math.min(...took), Math.max(...took)].map(
      (value) => value.toFixed(unit === 'ms' ? 1 : 3),
    ),
    base === null ? '' : (median(took) / base).toFixed(3),
  ]);
  return [
    table([[`${name}, ${unit}`, 'rounds', 'median', 'p5', 'p95', 'min', 'max', 'ratio'], ...rows]),
    ...(figures.length > 0 ? [table(figures.map(({ what, value }) => [what, value]))] : []),
    ...bounds.map(
      (bound) =>
        `${isMet(bound) ? 'met   ' : 'MISSED'}  ${bound.what}: ${bound.value.toFixed(bound.value < 100 ? 3 : 0)}, at most ${bound.most}`,
    ),
    ...bare.map(({ name, took }) => {
      const spread = (quantile(took, 0.95) - quantile(took, 0.05)) / median(took);
      return `noise   ${name}: p5 to p95 is ${(spread * 100).toFixed(1)} % of its median`;
    }),
    ...skipped.map((what) => `SKIPPED ${what}`),
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
