import type { After } from '../time.js';

interface Waiter {
  readonly bytes: number;
  readonly onReserved: () => void;
}

export interface MemoryBudgetOptions {
  readonly maxBytes: number;
  readonly after: After;
}

/** The memory that large responses share. Reservations that do not fit wait in a queue, first come, first served. */
export class MemoryBudget {
  readonly #maxBytes: number;
  readonly #after: After;
  readonly #waiters: Waiter[] = [];
  #reservedBytes = 0;

  constructor({ maxBytes, after }: MemoryBudgetOptions) {
    this.#maxBytes = maxBytes;
    this.#after = after;
  }

  /** Resolves with whether the bytes were reserved. False: not within `withinMs`, or `signal` was aborted. */
  reserve(bytes: number, withinMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.#waiters.length === 0 && this.#hasRoomFor(bytes)) {
      this.#reservedBytes += bytes;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const settle = (isReserved: boolean) => {
        stopTimer();
        signal.removeEventListener('abort', giveUp);
        resolve(isReserved);
      };
      const giveUp = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        settle(false);
        this.#serveWaiters();
      };
      const waiter: Waiter = { bytes, onReserved: () => settle(true) };
      const stopTimer = this.#after(withinMs, giveUp);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiters.push(waiter);
    });
  }

  release(bytes: number): void {
    this.#reservedBytes -= bytes;
    this.#serveWaiters();
  }

  #serveWaiters(): void {
    for (let first = this.#waiters[0]; first && this.#hasRoomFor(first.bytes); first = this.#waiters[0]) {
      this.#waiters.shift();
      this.#reservedBytes += first.bytes;
      first.onReserved();
    }
  }

  /** A reservation larger than the whole budget is made when there is no other. */
  #hasRoomFor(bytes: number): boolean {
    return this.#reservedBytes === 0 || this.#reservedBytes + bytes <= this.#maxBytes;
  }
}
