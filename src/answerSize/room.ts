import type { After } from '../time.js';

interface Waiter {
  readonly bytes: number;
  readonly enter: () => void;
}

export interface RoomOptions {
  readonly maxBytes: number;
  readonly after: After;
}

/** The memory that large answers are made in. Those that it is too full for wait for their turn, first come, first served. */
export class Room {
  readonly #maxBytes: number;
  readonly #after: After;
  readonly #waiters: Waiter[] = [];
  #usedBytes = 0;

  constructor({ maxBytes, after }: RoomOptions) {
    this.#maxBytes = maxBytes;
    this.#after = after;
  }

  /** Waits for room. False: there was none in time, or the answer is not wanted any more. */
  enter(bytes: number, withinMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.#waiters.length === 0 && this.#hasRoomFor(bytes)) {
      this.#usedBytes += bytes;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const settle = (isIn: boolean) => {
        stopTimer();
        signal.removeEventListener('abort', giveUp);
        resolve(isIn);
      };
      const giveUp = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        settle(false);
        this.#letIn();
      };
      const waiter: Waiter = { bytes, enter: () => settle(true) };
      const stopTimer = this.#after(withinMs, giveUp);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiters.push(waiter);
    });
  }

  leave(bytes: number): void {
    this.#usedBytes -= bytes;
    this.#letIn();
  }

  #letIn(): void {
    for (let first = this.#waiters[0]; first && this.#hasRoomFor(first.bytes); first = this.#waiters[0]) {
      this.#waiters.shift();
      this.#usedBytes += first.bytes;
      first.enter();
    }
  }

  /** One that is larger than the whole goes alone. */
  #hasRoomFor(bytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + bytes <= this.#maxBytes;
  }
}
