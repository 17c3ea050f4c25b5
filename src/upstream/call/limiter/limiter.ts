import type { Config } from '../../../config.js';
import type { After, Clock } from '../../../time.js';
import { UpstreamError, unwantedError } from '../../errors.js';
import { FairQueue, type Ticket } from './fairQueue.js';
import type { Rate } from './rate.js';

/** A call that the adaptive throttle would hold longer than this fails at once. */
const longestWaitMs = 30_000;

/** `retryAfterSeconds` of calls that the limiter refuses. */
const queueFullSeconds = 5;
const shutdownSeconds = 5;

/** Called while a call is in the queue, when its waiters change. */
export interface QueueListener {
  /** Another operation waits for the call. */
  onJoined(): void;
  /** No operation waits for the call any more. */
  onUnwanted(): void;
}

/** An in-flight call, as the limiter sees it. */
export interface QueuedCall {
  /** The operations that wait for it. It gets the earliest turn that one of them can have. */
  readonly waiters: Iterable<object>;
  /** Called when it enters the queue. Returns a function to call when it leaves the queue. */
  queued(listener: QueueListener): () => void;
}

/** The limiter's room for one attempt. */
export interface Slot {
  /** Call it when the request is sent: the rate counts from then on. */
  onSent(): void;
  /** Gives the slot to the next call before this attempt has ended. */
  free(): void;
}

export interface LimiterOptions {
  readonly rate: Rate;
  readonly config: Pick<Config, 'upstreamConcurrency' | 'upstreamQueueMax'>;
  /** Monotonic. */
  readonly elapsed: Clock;
  readonly after: After;
}

/**
 * Bounds, over all operations, how many attempts are made at once and how many are sent in a second. Endpoints take
 * turns, and within each endpoint operations take turns.
 */
export class Limiter {
  readonly #queues = new Map<string, FairQueue>();
  readonly #tickets = new Set<Ticket>();
  readonly #rate: Rate;
  readonly #options: LimiterOptions;
  #inFlight = 0;
  #stopWaking: (() => void) | null = null;
  #isClosed = false;

  constructor(options: LimiterOptions) {
    this.#options = options;
    this.#rate = options.rate;
    this.#rate.onAvailable(() => this.#startNext());
  }

  /** Waits for a slot, then sends. Rejects with UpstreamError when the call cannot wait, or cannot wait any longer. */
  run<T>(endpoint: string, call: QueuedCall, send: (slot: Slot) => Promise<T>): Promise<T> {
    const queue = this.#queueOf(endpoint);
    const refusal = this.#refusalOf(endpoint, queue);
    if (refusal) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const leaveQueue = () => {
        this.#tickets.delete(ticket);
        noteDequeued();
      };
      const ticket: Ticket = {
        endpoint,
        turn: queue.turnFor(call.waiters),
        start: () => {
          leaveQueue();
          this.#send(queue, send).then(resolve, reject);
        },
        fail: (error) => {
          leaveQueue();
          queue.remove(ticket);
          reject(error);
        },
      };
      const noteDequeued = call.queued({
        onJoined: () => moveForward(queue, ticket, call.waiters),
        onUnwanted: () => ticket.fail(unwantedError(endpoint)),
      });
      this.#tickets.add(ticket);
      queue.add(ticket);
      this.#startNext();
    });
  }

  /** How many attempts hold a slot. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Calls are in a queue. */
  get hasWaiting(): boolean {
    return this.#tickets.size > 0;
  }

  /** Fails the queued calls to each endpoint for which `errorFor` gives an error. */
  refuse(errorFor: (endpoint: string) => UpstreamError | null): void {
    for (const ticket of [...this.#tickets]) {
      const error = errorFor(ticket.endpoint);
      if (error) ticket.fail(error);
    }
  }

  /** Starts no more calls, and fails the queued ones. */
  close(): void {
    this.#isClosed = true;
    this.#stopWaking?.();
    this.refuse(shutdownError);
  }

  /** Starts calls from the queues until the limits are reached, then sets a timer for when one more may start. */
  #startNext(): void {
    while (!this.#isClosed && this.#inFlight < this.#options.config.upstreamConcurrency) {
      const nowMs = this.#options.elapsed();
      const queue = this.#nextQueue(nowMs);
      const freeAtMs = queue
        ? Math.max(this.#rate.freeAtMs(nowMs), queue.throttle.freeAtMs)
        : Number.POSITIVE_INFINITY;
      const ticket = freeAtMs > nowMs ? undefined : queue?.next();
      if (!queue || !ticket) {
        this.#wakeAt(freeAtMs);
        return;
      }
      // A map keeps the order of insertion, so this endpoint comes last now.
      this.#queues.delete(ticket.endpoint);
      this.#queues.set(ticket.endpoint, queue);
      this.#inFlight += 1;
      this.#rate.reserve();
      queue.throttle.started(nowMs);
      ticket.start();
    }
  }

  /**
   * The first queue with a call that its throttle lets start now, else the one that its throttle opens soonest. Null:
   * all are empty.
   */
  #nextQueue(nowMs: number): FairQueue | null {
    let soonest: FairQueue | null = null;
    for (const queue of this.#queues.values()) {
      if (queue.tickets.length === 0) continue;
      if (queue.throttle.freeAtMs <= nowMs) return queue;
      if (!soonest || queue.throttle.freeAtMs < soonest.throttle.freeAtMs) soonest = queue;
    }
    return soonest;
  }

  #wakeAt(atMs: number): void {
    this.#stopWaking?.();
    this.#stopWaking = null;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#stopWaking = this.#options.after(atMs - this.#options.elapsed(), () => this.#startNext());
  }

  async #send<T>(queue: FairQueue, send: (slot: Slot) => Promise<T>): Promise<T> {
    const { elapsed } = this.#options;
    const startedAtMs = elapsed();
    let isSent = false;
    let isFree = false;
    const slot: Slot = {
      onSent: () => {
        isSent = true;
        this.#rate.sent(elapsed());
        // Only now does the rate know when the next call may start.
        this.#startNext();
      },
      free: () => {
        if (isFree) return;
        isFree = true;
        if (!isSent) this.#rate.release();
        this.#inFlight -= 1;
        this.#startNext();
      },
    };
    try {
      const result = await send(slot);
      queue.throttle.answered(startedAtMs);
      return result;
    } catch (error) {
      if (error instanceof UpstreamError && error.code === 'UPSTREAM_RATE_LIMITED') {
        queue.throttle.limited(startedAtMs, (error.retryAfterSeconds ?? 0) * 1000, elapsed());
        this.#failLongWaits(queue);
      }
      throw error;
    } finally {
      slot.free();
    }
  }

  #queueOf(endpoint: string): FairQueue {
    const queue = this.#queues.get(endpoint) ?? new FairQueue();
    if (!this.#queues.has(endpoint)) this.#queues.set(endpoint, queue);
    return queue;
  }

  /** Null: the call may wait. */
  #refusalOf(endpoint: string, queue: FairQueue): UpstreamError | null {
    if (this.#isClosed) return shutdownError(endpoint);
    const { upstreamQueueMax } = this.#options.config;
    if (this.#tickets.size >= upstreamQueueMax) return queueFullError(endpoint, upstreamQueueMax);
    const waitMs = queue.throttle.waitMs(queue.tickets.length, this.#options.elapsed());
    return waitMs > longestWaitMs ? longWaitError(endpoint, waitMs) : null;
  }

  #failLongWaits(queue: FairQueue): void {
    const nowMs = this.#options.elapsed();
    for (const [ahead, ticket] of [...queue.tickets].entries()) {
      const waitMs = queue.throttle.waitMs(ahead, nowMs);
      if (waitMs > longestWaitMs) ticket.fail(longWaitError(ticket.endpoint, waitMs));
    }
  }
}

function queueFullError(endpoint: string, upstreamQueueMax: number): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_UNAVAILABLE',
    `The queue for upstream is full (${upstreamQueueMax} calls). Try again in a moment, with fewer calls at once.`,
    { endpoint, billed: 'no', isHeldBack: true, retryAfterSeconds: queueFullSeconds },
  );
}

function longWaitError(endpoint: string, waitMs: number): UpstreamError {
  return new UpstreamError(
    'UPSTREAM_RATE_LIMITED',
    'Upstream limits the rate of calls, and this one would have to wait too long. Try again later.',
    { endpoint, billed: 'no', isHeldBack: true, retryAfterSeconds: Math.ceil(waitMs / 1000) },
  );
}

function shutdownError(endpoint: string): UpstreamError {
  return new UpstreamError('UPSTREAM_UNAVAILABLE', 'This server is shutting down. Try again in a moment.', {
    endpoint,
    billed: 'no',
    isHeldBack: true,
    retryAfterSeconds: shutdownSeconds,
  });
}

/** Gives a queued call an earlier turn if one of its waiters can have it. */
function moveForward(queue: FairQueue, ticket: Ticket, waiters: Iterable<object>): void {
  const turn = queue.turnFor(waiters, ticket.turn);
  if (turn === ticket.turn) return;
  ticket.turn = turn;
  queue.remove(ticket);
  queue.add(ticket);
}
