const windowSeconds = 60;
const minAttempts = 20;
const tooHighFailureRate = 0.5;

interface SecondCount {
  readonly second: number;
  attempts: number;
  failures: number;
}

/** Counts an endpoint's attempts and failures of the last minute, by the second. */
export class FailureWindow {
  readonly #counts: SecondCount[] = [];

  note(failed: boolean, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    // The clock was set back.
    if ((this.#counts.at(-1)?.second ?? second) > second) this.clear();
    let last = this.#counts.at(-1);
    if (last?.second !== second) {
      last = { second, attempts: 0, failures: 0 };
      this.#counts.push(last);
    }
    last.attempts += 1;
    if (failed) last.failures += 1;
    this.#dropUntil(second - windowSeconds);
  }

  /** At least 20 attempts, and half or more of them failed. */
  hasTooManyFailures(nowMs: number): boolean {
    this.#dropUntil(Math.floor(nowMs / 1000) - windowSeconds);
    const attempts = this.#counts.reduce((sum, count) => sum + count.attempts, 0);
    const failures = this.#counts.reduce((sum, count) => sum + count.failures, 0);
    return attempts >= minAttempts && failures >= attempts * tooHighFailureRate;
  }

  clear(): void {
    this.#counts.length = 0;
  }

  #dropUntil(second: number): void {
    while (this.#counts[0] && this.#counts[0].second <= second) this.#counts.shift();
  }
}
