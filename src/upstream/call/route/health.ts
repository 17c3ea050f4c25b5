import type { Clock, Stopwatch } from '../../../time.js';
import { UpstreamError } from '../../errors.js';

/** The vendor's own words for an endpoint's state. */
export type HealthWord = 'HEALTHY' | 'AVAILABLE' | 'LIMITED' | 'MOSTLY_UNAVAILABLE' | 'NO_DATA';

export interface EndpointHealth {
  readonly health: HealthWord;
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

/** What is looked back on. */
const windowMs = 15 * 60_000;
const maxAttempts = 1_000;

/** The least success rate for each word, best first. */
const words: readonly (readonly [leastRate: number, word: HealthWord])[] = [
  [0.95, 'HEALTHY'],
  [0.8, 'AVAILABLE'],
  [0.3, 'LIMITED'],
  [0, 'MOSTLY_UNAVAILABLE'],
];

/** What this server saw of upstream lately. */
export class HealthRecord {
  readonly #attempts = new Map<string, Attempt[]>();
  /** A clock that never steps. */
  readonly #elapsed: Clock;

  constructor(elapsed: Clock) {
    this.#elapsed = elapsed;
  }

  /** Runs one attempt and notes how it went and how long it took. */
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
      // A caller's wrong id says nothing about the endpoint.
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
      health: successRate === null ? 'NO_DATA' : wordFor(successRate),
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

function wordFor(successRate: number): HealthWord {
  return words.find(([leastRate]) => successRate >= leastRate)?.[1] ?? 'NO_DATA';
}

/** Nearest rank. */
function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? null;
}
