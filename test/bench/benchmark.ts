import { median, quantile } from './statistics.js';

export interface Benchmark {
  readonly name: string;
  run(): Promise<Outcome>;
}

export interface Outcome {
  readonly unit: keyof typeof digits;
  /** What was measured repeatedly. */
  readonly series: readonly Series[];
  /** What was measured once. */
  readonly figures?: readonly Figure[];
  readonly bounds: readonly Bound[];
  /** The series without our code. Their spread is the noise of the machine. */
  readonly bare: readonly Series[];
  /** What was not measured, and why. */
  readonly skipped?: readonly string[];
}

export interface Series {
  readonly name: string;
  readonly values: readonly number[];
  /** What its median is compared with; or each of its values, when both were measured in turns. */
  readonly base: number | readonly number[] | null;
  /** More columns, the same for all series of an outcome, by their titles. */
  readonly beside?: Readonly<Record<string, string>>;
}

export interface Figure {
  readonly what: string;
  /** With its unit. */
  readonly value: string;
}

export interface Bound {
  readonly what: string;
  readonly value: number;
  readonly most?: number;
  readonly least?: number;
}

export interface Rounds {
  readonly warmUp: number;
  readonly measured: number;
}

/** Measures in turns how long each takes, in milliseconds. */
export function takeTurns<Name extends string>(
  rounds: Rounds,
  measures: Readonly<Record<Name, () => Promise<unknown>>>,
): Promise<Record<Name, number[]>> {
  const timed = Object.entries<() => Promise<unknown>>(measures).map(([name, measure]) => {
    const time = async () => {
      const startedAt = performance.now();
      await measure();
      return performance.now() - startedAt;
    };
    return [name, time];
  });
  return gatherByTurns<Name, number>(rounds, Object.fromEntries(timed));
}

/**
 * Measures in turns: each round measures everything once, and begins with another one, so that other work of the machine
 * affects all alike.
 */
export async function gatherByTurns<Name extends string, Found>(
  { warmUp, measured }: Rounds,
  measures: Readonly<Record<Name, () => Promise<Found>>>,
): Promise<Record<Name, Found[]>> {
  const names = Object.keys(measures) as Name[];
  const found = Object.fromEntries(names.map((name) => [name, [] as Found[]])) as Record<Name, Found[]>;
  for (let round = 0; round < warmUp + measured; round += 1) {
    const shift = round % names.length;
    for (const name of [...names.slice(shift), ...names.slice(0, shift)]) {
      const one = await measures[name]();
      if (round >= warmUp) found[name].push(one);
    }
  }
  return found;
}

export function isMet({
  value,
  most = Number.POSITIVE_INFINITY,
  least = Number.NEGATIVE_INFINITY,
}: Bound): boolean {
  return least <= value && value <= most;
}

export function report(
  { name }: Benchmark,
  { unit, series, figures = [], bounds, bare, skipped = [] }: Outcome,
): string {
  const titles = Object.keys(series[0]?.beside ?? {});
  const rows = series.map(({ name, values, base, beside }) => [
    name,
    String(values.length),
    ...[
      median(values),
      quantile(values, 0.05),
      quantile(values, 0.95),
      Math.min(...values),
      Math.max(...values),
    ].map((value) => value.toFixed(digits[unit])),
    base === null ? '' : ratioOf(values, base).toFixed(3),
    ...titles.map((title) => beside?.[title] ?? ''),
  ]);
  return [
    table([[`${name}, ${unit}`, 'rounds', 'median', 'p5', 'p95', 'min', 'max', 'ratio', ...titles], ...rows]),
    ...(figures.length > 0 ? [table(figures.map(({ what, value }) => [what, value]))] : []),
    ...bounds.map(
      (bound) =>
        `${isMet(bound) ? 'met   ' : 'MISSED'}  ${bound.what}: ${bound.value.toFixed(bound.value < 100 ? 3 : 0)}, ${limitOf(bound)}`,
    ),
    ...bare.map(({ name, values }) => {
      const spread = (quantile(values, 0.95) - quantile(values, 0.05)) / median(values);
      return `noise   ${name}: p5 to p95 is ${(spread * 100).toFixed(1)} % of its median`;
    }),
    ...skipped.map((what) => `SKIPPED ${what}`),
  ].join('\n');
}

/** Of the medians, or the median of the ratios. */
export function ratioOf(values: readonly number[], base: number | readonly number[]): number {
  if (typeof base === 'number') return median(values) / base;
  return median(values.map((value, nth) => value / (base[nth] ?? Number.NaN)));
}

const digits = { ms: 1, µs: 3, 'requests/s': 0, MB: 0 } as const;

function limitOf({ most, least }: Bound): string {
  const limits = [
    least === undefined ? [] : [`at least ${least}`],
    most === undefined ? [] : [`at most ${most}`],
  ];
  return limits.flat().join(', ');
}

/** In columns: the first is aligned left, the others right. */
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
