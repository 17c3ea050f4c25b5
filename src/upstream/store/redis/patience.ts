const stepMs = 50;

/**
 * How long something is waited for. The time is counted in steps of the event loop, so that a process that hardly gets a
 * processor does not give up before it has looked.
 */
export class Patience {
  readonly #timer: NodeJS.Timeout;
  readonly #forMs: number;
  #leftMs: number;
  #renewals: number;
  #onOver = () => {};

  constructor(forMs: number, renewals: number) {
    this.#forMs = forMs;
    this.#leftMs = forMs;
    this.#renewals = renewals;
    this.#timer = setInterval(() => this.#step(), stepMs).unref();
  }

  get isOver(): boolean {
    return this.#leftMs <= 0;
  }

  /** Begins anew, but not for ever. */
  renew(): void {
    if (this.#renewals > 0) this.#leftMs = this.#forMs;
    this.#renewals -= 1;
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
