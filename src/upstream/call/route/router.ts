import type { ErrorCode } from '../../../errors.js';
import type { Logger } from '../../../logger.js';
import type { Clock, Stopwatch } from '../../../time.js';
import { UpstreamError } from '../../errors.js';
import type { Transport } from '../../http/transport.js';

/** How many of its last calls an environment is judged by, and how few are too few. */
const recentCalls = 25;
const fewestCalls = 10;

/** The share of the calls that go elsewhere, to compare. */
const comparingShare = 0.05;

/** An environment whose last call failed is tried no more often. */
const retryFailingAfterMs = 60_000;

/** Clearly faster: its median is below this share of the other's. */
const clearlyFaster = 0.8;

/** Down: this many failures in a row, about more than one subject, since upstream may stumble over a single one. */
const failuresUntilDown = 3;
const subjectsUntilDown = 2;

const failures: ReadonlySet<ErrorCode> = new Set([
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_INVALID_RESPONSE',
]);

/** What an environment says that doesn't know this account. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  'UPSTREAM_UNAUTHENTICATED',
  'UPSTREAM_FORBIDDEN',
  'UPSTREAM_QUOTA_EXCEEDED',
  'UPSTREAM_BALANCE_EXHAUSTED',
]);

/** An environment, and the way to it. */
export interface Route {
  readonly name: string;
  readonly transport: Transport;
}

/** How an environment did lately. */
interface Track {
  readonly route: Route;
  /** Full durations of its last calls, oldest first; Infinity for those that failed. */
  readonly tookMs: number[];
  /** The subjects of the calls that failed since the last answer, one entry for each failure. */
  failed: string[];
  isDown: boolean;
  lastTriedAtMs: number;
}

export interface RouterOptions {
  /** One, or two to choose from; calls start with the first. */
  readonly routes: readonly Route[];
  /** A clock that never steps. */
  readonly elapsed: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Chooses the environment of each attempt: the faster by the median of real calls, a few of which go to the other one to
 * compare; and away from one that is down. No call is ever made for the comparison.
 */
export class Router {
  readonly #options: RouterOptions;
  #current: Track;
  #other: Track | null;
  #failovers = 0;

  constructor(options: RouterOptions) {
    const [first, second] = options.routes;
    if (!first) throw new RangeError('Expected at least one route, but got none.');
    this.#options = options;
    this.#current = newTrack(first);
    this.#other = second ? newTrack(second) : null;
  }

  /** How often an environment was left because it was down. */
  get failovers(): number {
    return this.#failovers;
  }

  /** The name of the environment in use. */
  get current(): string {
    return this.#current.route.name;
  }

  async run<T>(
    subject: string,
    stopwatch: Stopwatch,
    attempt: (transport: Transport) => Promise<T>,
  ): Promise<T> {
    const track = this.#choose();
    track.lastTriedAtMs = this.#options.elapsed();
    try {
      const result = await attempt(track.route.transport);
      noteAnswer(track, stopwatch.ms);
      return result;
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      if (track === this.#other && refusals.has(error.code)) {
        track.isDown = true;
        throw elsewhereError(error);
      }
      if (failures.has(error.code)) noteFailure(track, subject);
      else track.failed = [];
      throw error;
    } finally {
      this.#reconsider();
    }
  }

  #choose(): Track {
    const current = this.#current;
    const other = this.#other;
    if (!other) return current;
    // Both are: whichever has had the longer time to come back.
    if (current.isDown) return other.lastTriedAtMs <= current.lastTriedAtMs ? other : current;
    const isFailing = other.isDown || other.failed.length > 0;
    const mayBeTried = !isFailing || this.#options.elapsed() - other.lastTriedAtMs >= retryFailingAfterMs;
    return mayBeTried && this.#options.random() < comparingShare ? other : current;
  }

  #reconsider(): void {
    const current = this.#current;
    const other = this.#other;
    if (!other) return;
    const isFailOver = current.isDown && !other.isDown;
    if (!isFailOver && !isFaster(other, current)) return;
    this.#current = other;
    this.#other = current;
    const facts = { from: current.route.name, to: other.route.name };
    if (isFailOver) {
      this.#options.logger.warn(facts, 'The environment is down: calls go to the other one');
      this.#failovers += 1;
    } else {
      this.#options.logger.info(facts, 'Calls go to the faster environment');
    }
  }
}

function newTrack(route: Route): Track {
  return { route, tookMs: [], failed: [], isDown: false, lastTriedAtMs: Number.NEGATIVE_INFINITY };
}

function noteAnswer(track: Track, tookMs: number): void {
  track.failed = [];
  track.isDown = false;
  noteDuration(track, tookMs);
}

function noteFailure(track: Track, subject: string): void {
  track.failed = [...track.failed, subject].slice(-recentCalls);
  track.isDown ||=
    track.failed.length >= failuresUntilDown && new Set(track.failed).size >= subjectsUntilDown;
  noteDuration(track, Number.POSITIVE_INFINITY);
}

function noteDuration({ tookMs }: Track, duration: number): void {
  tookMs.push(duration);
  if (tookMs.length > recentCalls) tookMs.shift();
}

function isFaster(one: Track, than: Track): boolean {
  if (one.isDown || one.failed.length > 0) return false;
  if (one.tookMs.length < fewestCalls || than.tookMs.length < fewestCalls) return false;
  return median(one.tookMs) < median(than.tookMs) * clearlyFaster;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/**
 * What the environment that was only compared says of the account is not the account's state; the call is unbilled, so it
 * may be made again, where calls usually go.
 */
function elsewhereError({ endpoint }: UpstreamError): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_UNAVAILABLE',
    'One of the two environments does not take this account. Ask again in a moment.',
    { endpoint, billed: 'no', isUnprocessed: true },
  );
}
