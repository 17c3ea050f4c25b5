import { AdaptiveThrottle } from './adaptiveThrottle.js';

/** A call in the queue. */
export interface Ticket {
  readonly endpoint: string;
  turn: number;
  readonly start: () => void;
  readonly fail: (error: Error) => void;
}

/**
 * The queued calls to one endpoint. They are served in rounds, with one call for each operation in a round, so that an
 * operation with 500 calls does not delay one with a single call.
 */
export class FairQueue {
  readonly throttle = new AdaptiveThrottle();
  /** By turn, then in the order in which they came. */
  readonly #tickets: Ticket[] = [];
  readonly #lastTurns = new WeakMap<object, number>();
  /** The round that is being served. */
  #turn = 0;

  get tickets(): readonly Ticket[] {
    return this.#tickets;
  }

  /**
   * The number of the earliest round in which one of the waiting operations has no call yet. That operation's next call
   * gets a later round. Returns `current`, and takes no round, when none is earlier than that.
   */
  turnFor(waiters: Iterable<object>, current = Number.POSITIVE_INFINITY): number {
    let earliest = current;
    let chosen: object | null = null;
    for (const waiter of waiters) {
      const turn = Math.max(this.#turn, this.#lastTurns.get(waiter) ?? 0) + 1;
      if (turn < earliest) {
        earliest = turn;
        chosen = waiter;
      }
    }
    if (chosen) this.#lastTurns.set(chosen, earliest);
    return earliest;
  }

  add(ticket: Ticket): void {
    // Most tickets belong near the end.
    let at = this.#tickets.length;
    while (at > 0 && (this.#tickets[at - 1]?.turn ?? 0) > ticket.turn) at -= 1;
    this.#tickets.splice(at, 0, ticket);
  }

  remove(ticket: Ticket): void {
    const at = this.#tickets.indexOf(ticket);
    if (at >= 0) this.#tickets.splice(at, 1);
  }

  next(): Ticket | undefined {
    const ticket = this.#tickets.shift();
    if (ticket) this.#turn = Math.max(this.#turn, ticket.turn);
    return ticket;
  }
}
