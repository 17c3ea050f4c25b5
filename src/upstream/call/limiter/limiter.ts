import type { Config } from '../../../config.js';
import type { After, Clock } from '../../../time.js';
import { UpstreamError } from '../../errors.js';
import { type Flow, Line, type Ticket } from './fairQueue.js';
import type { Rate } from './rate.js';

/** Calls that would wait longer for an endpoint that upstream holds back fail at once. */
const longestWaitMs = 30_000;

/** When to come back to a full queue, and to a server that ends. */
const queueFullSeconds = 5;
const endingSeconds = 5;

/** A call that may have to wait, as one and the same object each time that it is made. */
export interface Waiting {
  /** The operations that it is wanted by. */
  readonly flows: Iterable<Flow>;
}

/** One of the places that calls are let into. */
export interface Place {
  /** The request goes out. */
  onSent(): void;
  /** Lets the next in before the call is over: there is nothing more to come for it. */
  free(): void;
}

export interface LimiterOptions {
  readonly rate: Rate;
  readonly config: Pick<Config, 'upstreamConcurrency' | 'upstreamQueueMax'>;
  /** A clock that never steps. */
  readonly elapsed: Clock;
  readonly after: After;
}

/**
 * How many calls are in flight and how many go out in a second, over everybody. The endpoints take turns, and within
 * each the operations do.
 */
export class Limiter {
  readonly #lines = new Map<string, Line>();
  readonly #tickets = new Map<Waiting, Ticket>();
  readonly #rate: Rate;
  readonly #options: LimiterOptions;
  #inFlight = 0;
  #stopWaking: (() => void) | null = null;
  #isClosed = false;

  constructor(options: LimiterOptions) {
    this.#options = options;
    this.#rate = options.rate;
    this.#rate.onFree(() => this.#startWhatMay());
  }

  /**
   * Waits for its turn, then sends. Rejects with UpstreamError when the call may not wait, or not any longer; of that
   * `onUnsent` hears, too.
   */
  run<T>(
    endpoint: string,
    waiting: Waiting,
    send: (place: Place) => Promise<T>,
    onUnsent: () => void,
  ): Promise<T> {
    const line = this.#lineOf(endpoint);
    const obstacle = this.#obstacleTo(endpoint, line);
    if (obstacle) {
      onUnsent();
      return Promise.reject(obstacle);
    }
    return new Promise((resolve, reject) => {
      const ticket: Ticket = {
        endpoint,
        turn: line.turnFor(waiting.flows),
        start: () => {
          this.#tickets.delete(waiting);
          this.#send(line, send).then(resolve, reject);
        },
        fail: (error) => {
          this.#tickets.delete(waiting);
          line.remove(ticket);
          onUnsent();
          reject(error);
        },
      };
      this.#tickets.set(waiting, ticket);
      line.add(ticket);
      this.#startWhatMay();
    });
  }

  /** Calls wait for the places that answers make. */
  get hasWaiting(): boolean {
    return this.#tickets.size > 0;
  }

  /** Another operation wants a call that may still wait: the sooner of their turns counts. */
  promote(waiting: Waiting): void {
    const ticket = this.#tickets.get(waiting);
    if (!ticket) return;
    const line = this.#lineOf(ticket.endpoint);
    const turn = line.turnFor(waiting.flows, ticket.turn);
    if (turn === ticket.turn) return;
    ticket.turn = turn;
    line.remove(ticket);
    line.add(ticket);
  }

  /** Nobody wants the call any more. False: it isn't waiting, so it is too late. */
  leave(waiting: Waiting): boolean {
    const ticket = this.#tickets.get(waiting);
    ticket?.fail(unwantedError(ticket.endpoint));
    return ticket !== undefined;
  }

  /** Fails what waits for endpoints that must not be called any more. */
  refuse(errorFor: (endpoint: string) => UpstreamError | null): void {
    for (const ticket of [...this.#tickets.values()]) {
      const error = errorFor(ticket.endpoint);
      if (error) ticket.fail(error);
    }
  }

  /** Nothing is started any more, and what waits fails. */
  close(): void {
    this.#isClosed = true;
    this.#stopWaking?.();
    this.refuse(endingError);
  }

  #startWhatMay(): void {
    while (!this.#isClosed && this.#inFlight < this.#options.config.upstreamConcurrency) {
      const nowMs = this.#options.elapsed();
      const line = this.#nextLine(nowMs);
      const freeAtMs = line
        ? Math.max(this.#rate.freeAtMs(nowMs), line.pace.freeAtMs)
        : Number.POSITIVE_INFINITY;
      const ticket = freeAtMs > nowMs ? undefined : line?.next();
      if (!line || !ticket) {
        this.#wakeAt(freeAtMs);
        return;
      }
      // To the end, so that the endpoints take turns.
      this.#lines.delete(ticket.endpoint);
      this.#lines.set(ticket.endpoint, line);
      this.#inFlight += 1;
      this.#rate.handedOver();
      line.pace.started(nowMs);
      ticket.start();
    }
  }

  /** Of the lines that calls wait in, the first whose pace lets one start, else the one whose pace will soonest. */
  #nextLine(nowMs: number): Line | null {
    let soonest: Line | null = null;
    for (const line of this.#lines.values()) {
      if (line.tickets.length === 0) continue;
      if (line.pace.freeAtMs <= nowMs) return line;
      if (!soonest || line.pace.freeAtMs < soonest.pace.freeAtMs) soonest = line;
    }
    return soonest;
  }

  #wakeAt(atMs: number): void {
    this.#stopWaking?.();
    this.#stopWaking = null;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#stopWaking = this.#options.after(atMs - this.#options.elapsed(), () => this.#startWhatMay());
  }

  async #send<T>(line: Line, send: (place: Place) => Promise<T>): Promise<T> {
    const { elapsed } = this.#options;
    const startedAtMs = elapsed();
    let isSent = false;
    let isFree = false;
    const place: Place = {
      onSent: () => {
        isSent = true;
        this.#rate.sent(elapsed());
        // Who waits for the rate knows only now until when.
        this.#startWhatMay();
      },
      free: () => {
        if (isFree) return;
        isFree = true;
        if (!isSent) this.#rate.givenBack();
        this.#inFlight -= 1;
        this.#startWhatMay();
      },
    };
    try {
      const result = await send(place);
      line.pace.answered(startedAtMs);
      return result;
    } catch (error) {
      if (error instanceof UpstreamError && error.code === 'UPSTREAM_RATE_LIMITED') {
        line.pace.limited(startedAtMs, (error.retryAfterSeconds ?? 0) * 1000, elapsed());
        this.#failHopeless(line);
      }
      throw error;
    } finally {
      place.free();
    }
  }

  #lineOf(endpoint: string): Line {
    const line = this.#lines.get(endpoint) ?? new Line();
    if (!this.#lines.has(endpoint)) this.#lines.set(endpoint, line);
    return line;
  }

  /** Why a call can't wait. */
  #obstacleTo(endpoint: string, line: Line): UpstreamError | null {
    if (this.#isClosed) return endingError(endpoint);
    const { upstreamQueueMax } = this.#options.config;
    if (this.#tickets.size >= upstreamQueueMax) return queueFullError(endpoint, upstreamQueueMax);
    const waitMs = line.pace.waitMs(line.tickets.length, this.#options.elapsed());
    return waitMs > longestWaitMs ? hopelessError(endpoint, waitMs) : null;
  }

  #failHopeless(line: Line): void {
    const nowMs = this.#options.elapsed();
    for (const [ahead, ticket] of [...line.tickets].entries()) {
      const waitMs = line.pace.waitMs(ahead, nowMs);
      if (waitMs > longestWaitMs) ticket.fail(hopelessError(ticket.endpoint, waitMs));
    }
  }
}

function queueFullError(endpoint: string, upstreamQueueMax: number): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_UNAVAILABLE',
    `${upstreamQueueMax} calls wait for upstream already. Ask again in a moment, for less at once.`,
    { endpoint, billed: 'no', isHeldBack: true, retryAfterSeconds: queueFullSeconds },
  );
}

function hopelessError(endpoint: string, waitMs: number): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_RATE_LIMITED',
    'Upstream limits the rate of calls, and this one would have to wait too long. Ask again later.',
    { endpoint, billed: 'no', isHeldBack: true, retryAfterSeconds: Math.ceil(waitMs / 1000) },
  );
}

function endingError(endpoint: string): UpstreamError {
  return new UpstreamError('UPSTREAM_UNAVAILABLE', 'This server is ending. Ask again in a moment.', {
    endpoint,
    billed: 'no',
    isHeldBack: true,
    retryAfterSeconds: endingSeconds,
  });
}

/** Of a call that nobody waits for, so nobody reads it. */
export function unwantedError(endpoint: string): UpstreamError {
  return new UpstreamError('UPSTREAM_UNAVAILABLE', 'Nobody waits for this call any more.', {
    endpoint,
    billed: 'no',
    isHeldBack: true,
  });
}
