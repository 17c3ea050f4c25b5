/** Some milliseconds of executing and writing. */
export const turnBytes = 65_536;

interface Waiter {
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * Large answers are made piece by piece, all of them by turns, and the event loop looks at everything else in between: so
 * a small query beside them waits for a few pieces, not for whole answers.
 */
export class Turns {
  readonly #waiters: Waiter[] = [];

  /** Resolves when there is time for a piece of about so many bytes. */
  next(bytes: number): Promise<void> {
    return new Promise((go) => {
      this.#waiters.push({ bytes, go });
      if (this.#waiters.length === 1) setImmediate(() => this.#take());
    });
  }

  #take(): void {
    let count = 0;
    for (let bytes = 0; count < this.#waiters.length && bytes < turnBytes; count += 1) {
      bytes += this.#waiters[count]?.bytes ?? 0;
      this.#waiters[count]?.go();
    }
    this.#waiters.splice(0, count);
    if (this.#waiters.length > 0) setImmediate(() => this.#take());
  }
}
