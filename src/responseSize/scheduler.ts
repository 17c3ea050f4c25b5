/** How much of a response is executed or written in one turn. It takes some milliseconds. */
export const turnBytes = 65_536;

interface Waiter {
  readonly bytes: number;
  readonly run: () => void;
}

/**
 * A cooperative scheduler. Large responses are made in pieces and take turns, and between two turns the event loop handles
 * everything else. So a small query waits for a few pieces of other responses, not for whole responses.
 */
export class Scheduler {
  readonly #waiters: Waiter[] = [];

  /** Resolves when a piece of about this many bytes may be made. Small pieces share a turn. */
  waitForTurn(bytes: number): Promise<void> {
    return new Promise((run) => {
      this.#waiters.push({ bytes, run });
      if (this.#waiters.length === 1) setImmediate(() => this.#runTurn());
    });
  }

  #runTurn(): void {
    let count = 0;
    for (let bytes = 0; count < this.#waiters.length && bytes < turnBytes; count += 1) {
      bytes += this.#waiters[count]?.bytes ?? 0;
      this.#waiters[count]?.run();
    }
    this.#waiters.splice(0, count);
    if (this.#waiters.length > 0) setImmediate(() => this.#runTurn());
  }
}
