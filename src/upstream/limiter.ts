import PQueue from 'p-queue';
import type { Config } from '../config.js';
import type { After, Clock } from '../time.js';
import { UpstreamError } from './errors.js';
import { Pace } from './pace.js';
import { type Place, WaitingCalls } from './waiting.js';

/**
 * Upstream counts its seconds by arrivals, we by departures. What the network adds to one and not to the next must not
 * put more into one of upstream's seconds than into ours.
 */
const secondMs = 1_050;

/** Calls of an endpoint that upstream holds back for longer fail at once: nobody would wait for them. */
const longestWaitMs = 30_000;

/** When to come back to a full queue. */
const queueFullSeconds = 5;

/** Who asks, as far as the order matters: the calls of one operation take turns with those of others. */
export interface Flow {
  /** The turn of its last call. */
  lastTurn: number;
}

/** What waits, as one and the same object from `run` to `leave`. */
type Waiting = object;

export interface CallToLimit {
  readonly endpoint: string;
  readonly flow: Flow;
  readonly waiting: Waiting;
}

export interface LimiterOptions {
  readonly config: Pick<Config, 'upstreamConcurrency' | 'upstreamCallsPerSecond' | 'upstreamQueueMax'>;
  readonly now: Clock;
  readonly after: After;
}

interface Ticket {
  readonly id: string;
  readonly endpoint: string;
  readonly controller: AbortController;
  turn: number;
}

/**
 * How many calls are in flight and how many start in a second, over everybody. Fair queueing: a call's turn is the next
 * one that its operation has not had, so a batch of 500 and a dashboard that asks for one section take turns.
 */
export class Limiter {
  readonly #queue: PQueue<WaitingCalls, Place>;
  readonly #queueMax: number;
  readonly #paces = new Map<string, Pace>();
  readonly #wakeUps = new Map<string, () => void>();
  readonly #tickets = new Map<Waiting, Ticket>();
  readonly #now: Clock;
  readonly #after: After;
  #turn = 0;
  #nextId = 1;

  constructor({ config, now, after }: LimiterOptions) {
    this.#now = now;
    this.#after = after;
    this.#queueMax = config.upstreamQueueMax;
    const mayGo = (endpoint: string) => this.#paceOf(endpoint).freeAtMs <= now();
    const onGo = (endpoint: string, priority: number) => {
      this.#turn = Math.max(this.#turn, -priority);
      this.#paceOf(endpoint).started(now());
      this.#wakeUpWhenFree(endpoint);
    };
    this.#queue = new PQueue<WaitingCalls, Place>({
      concurrency: config.upstreamConcurrency,
      queueClass: class extends WaitingCalls {
        constructor() {
          super(mayGo, onGo);
        }
      },
      ...(config.upstreamCallsPerSecond === null
        ? {}
        : { intervalCap: config.upstreamCallsPerSecond, interval: secondMs, strict: true }),
    });
  }

  /** Waits for its turn, then sends. Rejects with UpstreamError when it may not wait, or not any more. */
  async run<T>({ endpoint, flow, waiting }: CallToLimit, send: () => Promise<T>): Promise<T> {
    this.#throwIfFull(endpoint);
    this.#throwIfHeldBack(endpoint);
    const ticket: Ticket = {
      id: String(this.#nextId++),
      endpoint,
      controller: new AbortController(),
      turn: this.#nextTurn(flow),
    };
    this.#tickets.set(waiting, ticket);
    try {
      return await this.#queue.add(
        () => {
          this.#tickets.delete(waiting);
          return this.#paced(endpoint, send);
        },
        { id: ticket.id, priority: -ticket.turn, endpoint, signal: ticket.controller.signal },
      );
    } finally {
      this.#tickets.delete(waiting);
    }
  }

  /** Another operation waits for a call that is still queued: the sooner of their turns counts. */
  promote(waiting: Waiting, flow: Flow): void {
    const ticket = this.#tickets.get(waiting);
    if (!ticket) return;
    const turn = this.#nextTurn(flow);
    if (turn >= ticket.turn) return;
    ticket.turn = turn;
    this.#queue.setPriority(ticket.id, -turn);
  }

  /** Nobody wants the call any more. False: it isn't waiting, so it is too late. */
  leave(waiting: Waiting): boolean {
    const ticket = this.#tickets.get(waiting);
    ticket?.controller.abort(unwantedError(ticket.endpoint));
    return ticket !== undefined;
  }

  /** Fails what waits for endpoints that must not be called any more. */
  refuse(errorFor: (endpoint: string) => UpstreamError | null): void {
    for (const { endpoint, controller } of [...this.#tickets.values()]) {
      const error = errorFor(endpoint);
      if (error) controller.abort(error);
    }
  }

  /** The round after the one being served, or after the operation's own last. */
  #nextTurn(flow: Flow): number {
    flow.lastTurn = Math.max(this.#turn, flow.lastTurn) + 1;
    return flow.lastTurn;
  }

  async #paced<T>(endpoint: string, send: () => Promise<T>): Promise<T> {
    const pace = this.#paceOf(endpoint);
    const startedAtMs = this.#now();
    try {
      const result = await send();
      pace.answered();
      return result;
    } catch (error) {
      if (error instanceof UpstreamError && error.code === 'UPSTREAM_RATE_LIMITED') {
        pace.limited(startedAtMs, (error.retryAfterSeconds ?? 0) * 1000, this.#now());
        this.#wakeUpWhenFree(endpoint);
      }
      throw error;
    }
  }

  #paceOf(endpoint: string): Pace {
    const pace = this.#paces.get(endpoint) ?? new Pace();
    this.#paces.set(endpoint, pace);
    return pace;
  }

  #wakeUpWhenFree(endpoint: string): void {
    const inMs = this.#paceOf(endpoint).freeAtMs - this.#now();
    if (inMs <= 0) return;
    this.#wakeUps.get(endpoint)?.();
    this.#wakeUps.set(
      endpoint,
      this.#after(inMs, () => this.#wakeUp(endpoint)),
    );
  }

  #wakeUp(endpoint: string): void {
    this.#wakeUps.delete(endpoint);
    // A timer may be a moment early by the clock.
    this.#wakeUpWhenFree(endpoint);
    // p-queue's way to look again at a queue that has changed by itself.
    this.#queue.pause();
    this.#queue.start();
  }

  #throwIfFull(endpoint: string): void {
    if (this.#tickets.size < this.#queueMax) return;
    throw new UpstreamError(
      'UPSTREAM_UNAVAILABLE',
      `${this.#queueMax} calls wait for upstream already. Ask again in a moment, for less at once.`,
      { endpoint, billed: 'no', isHeldBack: true, retryAfterSeconds: queueFullSeconds },
    );
  }

  #throwIfHeldBack(endpoint: string): void {
    const inMs = this.#paceOf(endpoint).freeAtMs - this.#now();
    if (inMs <= longestWaitMs) return;
    throw new UpstreamError(
      'UPSTREAM_RATE_LIMITED',
      'Upstream limits the rate of calls, and has asked for a longer pause. Ask again later.',
      { endpoint, billed: 'no', isHeldBack: true, retryAfterSeconds: Math.ceil(inMs / 1000) },
    );
  }
}

/** Of a call that nobody waits for, so nobody reads it. */
export function unwantedError(endpoint: string): UpstreamError {
  return new UpstreamError('UPSTREAM_UNAVAILABLE', 'Nobody waits for this call any more.', {
    endpoint,
    billed: 'no',
    isHeldBack: true,
  });
}
