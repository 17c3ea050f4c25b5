import { median } from '../bench/statistics.js';

/** What a process holds after garbage collections: readings at times since the start of the run. */
export interface ProcessMemory {
  readonly name: string;
  readonly readings: { readonly seconds: number; readonly mb: number }[];
}

export interface MemoryVerdict {
  readonly name: string;
  /** Ten readings, over the process's life. */
  readonly mb: readonly number[];
  readonly fromSeconds: number;
  /** The trend after the warm-up. Null: the process did not live long enough for one. */
  readonly mbPerMinute: number | null;
  readonly isGrowing: boolean;
}

/** Caches get their size, and V8 its heap, in the first third of a run. */
export const warmUpShare = 1 / 3;

/** A process that begins later is still warming up when those of the beginning have done so. */
const latestBeginSeconds = 20;

/** A run must go on for this long after the warm-up, or its trend is noise. */
const leastSeconds = 240;

/** What the trend may add from the warm-up to the end, as a share of what the process holds. */
export const mostGrowth = 0.15;

/**
 * Whether a process grows: the median of the slopes between all pairs of readings after the warm-up (Theil and Sen), times
 * that time, is more than 15 % of the median reading. Single peaks between two garbage collections do not change a median.
 */
export function judge({ name, readings }: ProcessMemory, runSeconds: number): MemoryVerdict {
  const mb = Array.from(
    { length: 10 },
    (_, nth) => readings[Math.floor((nth * readings.length) / 10)]?.mb ?? Number.NaN,
  );
  const [first] = readings;
  const warm = readings.filter(({ seconds }) => seconds >= runSeconds * warmUpShare);
  const span = (warm.at(-1)?.seconds ?? 0) - (warm[0]?.seconds ?? 0);
  const fromSeconds = first?.seconds ?? 0;
  const isWhole = fromSeconds <= latestBeginSeconds && span >= 0.6 * runSeconds && span >= leastSeconds;
  if (!isWhole) return { name, mb, fromSeconds, mbPerMinute: null, isGrowing: false };
  const slopes = warm.flatMap((a, nth) =>
    warm.slice(nth + 1).map((b) => (b.mb - a.mb) / (b.seconds - a.seconds)),
  );
  const slope = median(slopes);
  return {
    name,
    mb,
    fromSeconds,
    mbPerMinute: 60 * slope,
    isGrowing: slope * span > mostGrowth * median(warm.map((reading) => reading.mb)),
  };
}
