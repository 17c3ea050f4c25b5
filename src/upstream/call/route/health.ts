import type { Clock, Stopwatch } from '../../../time.js';
import { UpstreamError } from '../../errors.js';

/** The vendor's words for an endpoint's state. */
export type HealthLevel = 'HEALTHY' | 'AVAILABLE' | 'LIMITED' | 'MOSTLY_UNAVAILABLE' | 'NO_DATA';

export interface EndpointHealth {
  readonly health: HealthLevel;
  readonly attempts: number;
  readonly successRate: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

interface Attempt {
  readonly atMs: number;
  readonly tookMs: number;
  readonly succeeded: boolean;
}

const windowMs = 15 * 60_000;
const maxAttempts = 1_000;

/** The lowest success rate of each level, best first. */
const levels: readonly (readonly [lowestRate: number, level: HealthLevel])[] = [
  [0.95, 'HEALTHY'],
  [0.8, 'AVAILABLE'],
  [0.3, 'LIMITED'],
  [0, 'MOSTLY_UNAVAILABLE'],
];

/** The attempts of the last 15 minutes, by endpoint. */
export class HealthRecord {
  readonly #attempts = new Map<string, Attempt[]>();
  /** Monotonic. */
  readonly #elapsed: Clock;

  constructor(elapsed: Clock) {
    this.#elapsed = elapsed;
  }

  /** Runs one attempt, and notes whether it succeeded and how long it took. */
  async watch<T>(endpoint: string, stopwatch: Stopwatch, attempt: () => Promise<T>): Promise<T> {
    const note = (succeeded: boolean) => {
      const attempts = this.#recent(endpoint);
      attempts.push({ atMs: this.#elapsed(), tookMs: stopwatch.ms, succeeded });
      if (attempts.length > maxAttempts) attempts.shift();
    };
    try {
      const result = await attempt();
      note(true);
      return result;
    } catch (error) {
      // A client's wrong id says nothing about the endpoint.
      note(error instanceof UpstreamError && error.code === 'BAD_USER_INPUT');
      throw error;
    }
  }

  of(endpoint: string): EndpointHealth {
    const attempts = this.#recent(endpoint);
    const successRate =
      attempts.length > 0 ? attempts.filter(({ succeeded }) => succeeded).length / attempts.length : null;
    const durations = attempts.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    return {
      health: successRate === null ? 'NO_DATA' : levelOf(successRate),
      attempts: attempts.length,
      successRate,
      p50Ms: quantile(durations, 0.5),
      p95Ms: quantile(durations, 0.95),
    };
  }

  #recent(endpoint: string): Attempt[] {
    const recent = this.#attempts.get(endpoint) ?? [];
    this.#attempts.set(endpoint, recent);
    const sinceMs = this.#elapsed() - windowMs;
    while (recent[0] && recent[0].atMs < sinceMs) recent.shift();
    return recent;
  }
}

function levelOf(successRate: number): HealthLevel {
  return levels.find(([lowestRate]) => successRate >= lowestRate)?.[1] ?? 'NO_DATA';
}

/** By the nearest-rank method. */
function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? null;
}
