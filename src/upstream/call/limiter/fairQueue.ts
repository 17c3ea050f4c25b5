import { Pace } from './adaptiveThrottle.js';

/** Whose turn it is: one operation. */
export type Flow = object;

/** A call that waits. */
export interface Ticket {
  readonly endpoint: string;
  turn: number;
  readonly start: () => void;
  readonly fail: (error: Error) => void;
}

/**
 * An endpoint's calls that wait, in fair order: a call's turn is the next round that its operation has no call in, so a
 * batch of 500 and a dashboard that asks for one section alternate.
 */
export class Line {
  readonly pace = new Pace();
  readonly #tickets: Ticket[] = [];
  readonly #lastTurns = new WeakMap<Flow, number>();
  /** The round that is being served. */
  #turn = 0;

  get tickets(): readonly Ticket[] {
    return this.#tickets;
  }

  /** Takes the soonest turn that one of the operations can have; `unless` it has one as soon. */
  turnFor(flows: Iterable<Flow>, unless = Number.POSITIVE_INFINITY): number {
    let best = unless;
    let taker: Flow | null = null;
    for (const flow of flows) {
      const turn = Math.max(this.#turn, this.#lastTurns.get(flow) ?? 0) + 1;
      if (turn < best) {
        best = turn;
        taker = flow;
      }
    }
    if (taker) this.#lastTurns.set(taker, best);
    return best;
  }

  add(ticket: Ticket): void {
    // Most come in order, so looking from the end is short.
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
