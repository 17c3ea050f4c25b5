import type { ErrorCode } from '../../../errors.js';
import type { Logger } from '../../../logger.js';
import type { Clock, Stopwatch } from '../../../time.js';
import { UpstreamError } from '../../errors.js';
import type { Transport } from '../../http/transport.js';

/** An environment's median is taken of its last 25 attempts, once it has at least 10. */
const maxAttempts = 25;
const minAttempts = 10;

/** The share of attempts that go to the other environment, to compare durations. */
const comparisonShare = 0.05;

/** The other environment is tried no more often than this while its last attempt failed. */
const retryFailingAfterMs = 60_000;

/** Calls move to the other environment when its median is below this share of the current one's. */
const fasterShare = 0.8;

/**
 * An environment is down after this many failures in a row. They must be about more than one subject, such as a
 * creator, since upstream may fail for a single one.
 */
const failuresUntilDown = 3;
const subjectsUntilDown = 2;

const failureCodes: ReadonlySet<ErrorCode> = new Set([
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_INVALID_RESPONSE',
]);

/** How an environment answers when it does not know this account. */
const accountRefusalCodes: ReadonlySet<ErrorCode> = new Set([
  'UPSTREAM_UNAUTHENTICATED',
  'UPSTREAM_FORBIDDEN',
  'UPSTREAM_QUOTA_EXCEEDED',
  'UPSTREAM_BALANCE_EXHAUSTED',
]);

/** An environment and its transport. */
export interface Route {
  readonly name: string;
  readonly transport: Transport;
}

/** An environment's recent attempts. */
interface TrackRecord {
  readonly route: Route;
  /** Durations of its last attempts, oldest first. Infinity: the attempt failed. */
  readonly tookMs: number[];
  /** The subjects of the attempts that failed since the last answer, one entry for each failure. */
  failedSubjects: string[];
  isDown: boolean;
  lastTriedAtMs: number;
}

export interface RouterOptions {
  /** One route, or two in order of preference. */
  readonly routes: readonly Route[];
  /** Monotonic. */
  readonly elapsed: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Chooses the environment of each attempt. It prefers the one with the lower median duration and leaves one that is
 * down. To compare, it sends a few of the attempts to the other environment; it makes no attempts of its own.
 */
export class Router {
  readonly #options: RouterOptions;
  #current: TrackRecord;
  #other: TrackRecord | null;
  #failovers = 0;

  constructor(options: RouterOptions) {
    const [first, second] = options.routes;
    if (!first) throw new RangeError('Expected at least one route, but got none.');
    this.#options = options;
    this.#current = newTrack(first);
    this.#other = second ? newTrack(second) : null;
  }

  /** How often calls moved away from an environment that was down. */
  get failovers(): number {
    return this.#failovers;
  }

  /** The name of the environment in use. */
  get current(): string {
    return this.#current.route.name;
  }

  /** Runs one attempt. `subject` is what the call is about, such as a creator's id. */
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
      if (track === this.#other && accountRefusalCodes.has(error.code)) {
        track.isDown = true;
        throw accountRefusedError(error);
      }
      if (failureCodes.has(error.code)) noteFailure(track, subject);
      else track.failedSubjects = [];
      throw error;
    } finally {
      this.#reconsider();
    }
  }

  #choose(): TrackRecord {
    const current = this.#current;
    const other = this.#other;
    if (!other) return current;
    // If both are down, the one that was tried longer ago is more likely to be back.
    if (current.isDown) return other.lastTriedAtMs <= current.lastTriedAtMs ? other : current;
    const isFailing = other.isDown || other.failedSubjects.length > 0;
    const mayTry = !isFailing || this.#options.elapsed() - other.lastTriedAtMs >= retryFailingAfterMs;
    return mayTry && this.#options.random() < comparisonShare ? other : current;
  }

  #reconsider(): void {
    const current = this.#current;
    const other = this.#other;
    if (!other) return;
    const isFailover = current.isDown && !other.isDown;
    if (!isFailover && !isFaster(other, current)) return;
    this.#current = other;
    this.#other = current;
    const facts = { from: current.route.name, to: other.route.name };
    if (isFailover) {
      this.#options.logger.warn(facts, 'The environment is down: calls go to the other environment');
      this.#failovers += 1;
    } else {
      this.#options.logger.info(facts, 'Calls go to the faster environment');
    }
  }
}

function newTrack(route: Route): TrackRecord {
  return { route, tookMs: [], failedSubjects: [], isDown: false, lastTriedAtMs: Number.NEGATIVE_INFINITY };
}

function noteAnswer(track: TrackRecord, tookMs: number): void {
  track.failedSubjects = [];
  track.isDown = false;
  noteDuration(track, tookMs);
}

function noteFailure(track: TrackRecord, subject: string): void {
  track.failedSubjects = [...track.failedSubjects, subject].slice(-maxAttempts);
  track.isDown ||=
    track.failedSubjects.length >= failuresUntilDown &&
    new Set(track.failedSubjects).size >= subjectsUntilDown;
  noteDuration(track, Number.POSITIVE_INFINITY);
}

function noteDuration({ tookMs }: TrackRecord, duration: number): void {
  tookMs.push(duration);
  if (tookMs.length > maxAttempts) tookMs.shift();
}

function isFaster(candidate: TrackRecord, current: TrackRecord): boolean {
  if (candidate.isDown || candidate.failedSubjects.length > 0) return false;
  if (candidate.tookMs.length < minAttempts || current.tookMs.length < minAttempts) return false;
  return median(candidate.tookMs) < median(current.tookMs) * fasterShare;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/**
 * A refusal by the environment that is not in use must not stop all calls. It was not billed, so the retry policy makes
 * another attempt, most likely with the current environment.
 */
function accountRefusedError({ endpoint }: UpstreamError): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_UNAVAILABLE',
    'One of the two environments does not accept this account. Try again in a moment.',
    { endpoint, billed: 'no', isUnprocessed: true },
  );
}
