import { AdaptiveThrottle } from './adaptiveThrottle.js';

/** A call that waits. */
export interface Ticket {
  readonly endpoint: string;
  turn: number;
  readonly start: () => void;
  readonly fail: (error: Error) => void;
}

/**
 * The calls to one endpoint that wait, in fair order: a call's turn is the next round in which its operation has no call,
 * so that a batch of 500 calls and a dashboard that asks for one section alternate.
 */
export class FairQueue {
  readonly throttle = new AdaptiveThrottle();
  readonly #tickets: Ticket[] = [];
  readonly #lastTurns = new WeakMap<object, number>();
  /** The round that is being served. */
  #turn = 0;

  get tickets(): readonly Ticket[] {
    return this.#tickets;
  }

  /** Takes the soonest turn that one of the waiting operations can have, unless `current` is as soon. */
  turnFor(waiters: Iterable<object>, current = Number.POSITIVE_INFINITY): number {
    let best = current;
    let taker: object | null = null;
    for (const waiter of waiters) {
      const turn = Math.max(this.#turn, this.#lastTurns.get(waiter) ?? 0) + 1;
      if (turn < best) {
        best = turn;
        taker = waiter;
      }
    }
    if (taker) this.#lastTurns.set(taker, best);
    return best;
  }

  add(ticket: Ticket): void {
    // Most come in order, so that looking from the end is short.
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
