const windowSeconds = 60;
const fewestAttempts = 20;
const worstFailureRate = 0.5;

interface Second {
  readonly second: number;
  attempts: number;
  failures: number;
}

/** An endpoint's attempts of the last minute, and whether too many of them failed. A second is the grain. */
export class FailureWindow {
  readonly #seconds: Second[] = [];

  note(failed: boolean, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    // The clock was set back.
    if ((this.#seconds.at(-1)?.second ?? second) > second) this.clear();
    let last = this.#seconds.at(-1);
    if (last?.second !== second) {
      last = { second, attempts: 0, failures: 0 };
      this.#seconds.push(last);
    }
    last.attempts += 1;
    if (failed) last.failures += 1;
    this.#dropUntil(second - windowSeconds);
  }

  isBad(nowMs: number): boolean {
    this.#dropUntil(Math.floor(nowMs / 1000) - windowSeconds);
    const attempts = this.#seconds.reduce((sum, second) => sum + second.attempts, 0);
    const failures = this.#seconds.reduce((sum, second) => sum + second.failures, 0);
    return attempts >= fewestAttempts && failures >= attempts * worstFailureRate;
  }

  clear(): void {
    this.#seconds.length = 0;
  }

  #dropUntil(second: number): void {
    while (this.#seconds[0] && this.#seconds[0].second <= second) this.#seconds.shift();
  }
}
