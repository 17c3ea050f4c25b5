import type { ErrorCode } from '../errors.js';
import type { Logger } from '../telemetry/logger.js';
import type { Clock } from '../time.js';
import { UpstreamError } from './errors.js';
import type { Transport } from './transport.js';

/** How many of its last answers an environment is judged by, and how few are too few. */
const recentAnswers = 25;
const fewestAnswers = 10;

/** The share of the calls that go elsewhere, to compare. */
const comparingShare = 0.05;

/** An environment whose last call failed is tried no more often. */
const retryDownAfterMs = 60_000;

/** Clearly faster: its median is below this share of the other's. */
const clearlyFaster = 0.8;

const failuresUntilDown = 3;

const failures: ReadonlySet<ErrorCode> = new Set([
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_INVALID_RESPONSE',
]);

/** An environment, and the way to it. */
export interface Route {
  readonly name: string;
  readonly transport: Transport;
}

interface Track {
  readonly route: Route;
  /** Full durations of its last answers, oldest first. */
  readonly tookMs: number[];
  failuresInARow: number;
  lastTriedAtMs: number;
}

export interface RouterOptions {
  /** One, or two to choose from; calls start with the first. */
  readonly routes: readonly Route[];
  readonly now: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Hears that an environment was left because it is down. */
  readonly onFailOver: () => void;
}

/**
 * Chooses the environment of each attempt: the faster by the median of real calls, a few of which go to the other one to
 * compare; and away from one that is down. No call is ever made for the comparison.
 */
export class Router {
  readonly #options: RouterOptions;
  #current: Track;
  #other: Track | null;

  constructor(options: RouterOptions) {
    const [first, second] = options.routes;
    if (!first) throw new RangeError('Expected at least one route, but got none.');
    this.#options = options;
    this.#current = newTrack(first);
    this.#other = second ? newTrack(second) : null;
  }

  /** The name of the environment in use. */
  get current(): string {
    return this.#current.route.name;
  }

  async run<T>(attempt: (transport: Transport) => Promise<T>): Promise<T> {
    const track = this.#choose();
    const startedAtMs = this.#options.now();
    track.lastTriedAtMs = startedAtMs;
    try {
      const result = await attempt(track.route.transport);
      track.failuresInARow = 0;
      track.tookMs.push(this.#options.now() - startedAtMs);
      if (track.tookMs.length > recentAnswers) track.tookMs.shift();
      return result;
    } catch (error) {
      if (error instanceof UpstreamError && failures.has(error.code)) track.failuresInARow += 1;
      else track.failuresInARow = 0;
      throw error;
    } finally {
      this.#reconsider();
    }
  }

  #choose(): Track {
    const current = this.#current;
    const other = this.#other;
    if (!other) return current;
    const isWorthATry = isDown(current) || this.#options.random() < comparingShare;
    const mayBeTried =
      other.failuresInARow === 0 || this.#options.now() - other.lastTriedAtMs >= retryDownAfterMs;
    return isWorthATry && mayBeTried ? other : current;
  }

  #reconsider(): void {
    const current = this.#current;
    const other = this.#other;
    if (!other) return;
    const isFailOver = isDown(current) && !isDown(other);
    if (!isFailOver && !isFaster(other, current)) return;
    this.#current = other;
    this.#other = current;
    const facts = { from: current.route.name, to: other.route.name };
    if (isFailOver) {
      this.#options.logger.warn(facts, 'The environment is down: calls go to the other one');
      this.#options.onFailOver();
    } else {
      this.#options.logger.info(facts, 'Calls go to the faster environment');
    }
  }
}

function newTrack(route: Route): Track {
  return { route, tookMs: [], failuresInARow: 0, lastTriedAtMs: Number.NEGATIVE_INFINITY };
}

function isDown({ failuresInARow }: Track): boolean {
  return failuresInARow >= failuresUntilDown;
}

function isFaster(one: Track, than: Track): boolean {
  if (one.failuresInARow > 0) return false;
  if (one.tookMs.length < fewestAnswers || than.tookMs.length < fewestAnswers) return false;
  return median(one.tookMs) < median(than.tookMs) * clearlyFaster;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
