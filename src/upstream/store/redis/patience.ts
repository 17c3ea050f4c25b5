const stepMs = 50;

/**
 * How long something is waited for. The time is counted in steps of the event loop, so that a process that hardly gets a
 * processor does not give up before it has looked.
 */
export class Patience {
  readonly #timer: NodeJS.Timeout;
  #leftMs: number;
  #onOver = () => {};

  constructor(forMs: number) {
    this.#leftMs = forMs;
    this.#timer = setInterval(() => this.#step(), stepMs).unref();
  }

  get isOver(): boolean {
    return this.#leftMs <= 0;
  }

  /** Called when it is over. Replaces the listener before. */
  onOver(listener: () => void): void {
    if (this.isOver) listener();
    else this.#onOver = listener;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #step(): void {
    this.#leftMs -= stepMs;
    if (!this.isOver) return;
    this.end();
    this.#onOver();
  }
}
