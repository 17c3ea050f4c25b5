import type { Config } from '../../../config.js';
import type { After, Clock } from '../../../time.js';
import { UpstreamError, unwantedError } from '../../errors.js';
import { FairQueue, type Ticket } from './fairQueue.js';
import type { Rate } from './rate.js';

/** Calls that would wait longer for an endpoint that upstream holds back fail at once. */
const longestWaitMs = 30_000;

/** When to come back to a full queue, and to a server that ends. */
const queueFullSeconds = 5;
const endingSeconds = 5;

/** What the queue does when the waiters of a call in it change. */
export interface WhileQueued {
  /** One more operation waits for the call. */
  onJoined(): void;
  /** No operation waits for it any more, so it is not to be sent. */
  onUnwanted(): void;
}

/** A call that may have to wait. */
export interface QueuedCall {
  /** The operations that wait for it: the soonest of their turns counts. */
  readonly waiters: Iterable<object>;
  /** Tells it that it is queued. Returns what tells it that it is no longer. */
  queued(whileQueued: WhileQueued): () => void;
}

/** One of the places for calls in flight. */
export interface Slot {
  /** The request goes out. */
  onSent(): void;
  /** Lets the next call in before this one is over: its answer has come. */
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
 * Bounds the calls in flight and the calls that go out in a second, over all operations. The endpoints take turns, and
 * within each endpoint the operations do.
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
    this.#rate.onFree(() => this.#startWhatMay());
  }

  /** Waits for a slot, then sends. Rejects with UpstreamError when the call may not wait, or not any longer. */
  run<T>(endpoint: string, call: QueuedCall, send: (slot: Slot) => Promise<T>): Promise<T> {
    const queue = this.#queueOf(endpoint);
    const obstacle = this.#obstacleTo(endpoint, queue);
    if (obstacle) return Promise.reject(obstacle);
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#tickets.delete(ticket);
        dequeued();
      };
      const ticket: Ticket = {
        endpoint,
        turn: queue.turnFor(call.waiters),
        start: () => {
          leave();
          this.#send(queue, send).then(resolve, reject);
        },
        fail: (error) => {
          leave();
          queue.remove(ticket);
          reject(error);
        },
      };
      const dequeued = call.queued({
        onJoined: () => promote(queue, ticket, call.waiters),
        onUnwanted: () => ticket.fail(unwantedError(endpoint)),
      });
      this.#tickets.add(ticket);
      queue.add(ticket);
      this.#startWhatMay();
    });
  }

  /** Calls wait for the slots that answers free. */
  get hasWaiting(): boolean {
    return this.#tickets.size > 0;
  }

  /** Fails what waits for endpoints that must not be called any more. */
  refuse(errorFor: (endpoint: string) => UpstreamError | null): void {
    for (const ticket of [...this.#tickets]) {
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
      const queue = this.#nextQueue(nowMs);
      const freeAtMs = queue
        ? Math.max(this.#rate.freeAtMs(nowMs), queue.throttle.freeAtMs)
        : Number.POSITIVE_INFINITY;
      const ticket = freeAtMs > nowMs ? undefined : queue?.next();
      if (!queue || !ticket) {
        this.#wakeAt(freeAtMs);
        return;
      }
      // To the end, so that the endpoints take turns.
      this.#queues.delete(ticket.endpoint);
      this.#queues.set(ticket.endpoint, queue);
      this.#inFlight += 1;
      this.#rate.handedOver();
      queue.throttle.started(nowMs);
      ticket.start();
    }
  }

  /** Of the lines that calls wait in, the first whose pace lets one start, else the one whose pace will soonest. */
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
    this.#stopWaking = this.#options.after(atMs - this.#options.elapsed(), () => this.#startWhatMay());
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
      const result = await send(slot);
      queue.throttle.answered(startedAtMs);
      return result;
    } catch (error) {
      if (error instanceof UpstreamError && error.code === 'UPSTREAM_RATE_LIMITED') {
        queue.throttle.limited(startedAtMs, (error.retryAfterSeconds ?? 0) * 1000, elapsed());
        this.#failHopeless(queue);
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

  /** Why a call can't wait. */
  #obstacleTo(endpoint: string, queue: FairQueue): UpstreamError | null {
    if (this.#isClosed) return endingError(endpoint);
    const { upstreamQueueMax } = this.#options.config;
    if (this.#tickets.size >= upstreamQueueMax) return queueFullError(endpoint, upstreamQueueMax);
    const waitMs = queue.throttle.waitMs(queue.tickets.length, this.#options.elapsed());
    return waitMs > longestWaitMs ? hopelessError(endpoint, waitMs) : null;
  }

  #failHopeless(queue: FairQueue): void {
    const nowMs = this.#options.elapsed();
    for (const [ahead, ticket] of [...queue.tickets].entries()) {
      const waitMs = queue.throttle.waitMs(ahead, nowMs);
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

/** Another operation waits for a queued call, so that it may have a sooner turn. */
function promote(queue: FairQueue, ticket: Ticket, waiters: Iterable<object>): void {
  const turn = queue.turnFor(waiters, ticket.turn);
  if (turn === ticket.turn) return;
  ticket.turn = turn;
  queue.remove(ticket);
  queue.add(ticket);
}
