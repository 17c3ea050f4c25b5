import type { SandboxCall, SandboxOptions } from '../../../src/sandbox/server.js';

type Fault = Parameters<NonNullable<SandboxOptions['onFault']>>[1];

/** After these, the call was or may have been billed, so it is not made again for a minute. */
const rememberedAfter: ReadonlySet<Fault> = new Set<Fault>([
  'timeout',
  'broken',
  'html',
  'half',
  'gzip',
  'base_resp',
  777,
]);

const rememberMs = 60_000;

/** How often this process notes that it can read what has come. */
const turnMs = 2;

/** A call came between `earliestMs`, when this process last read what had come, and `latestMs`. */
interface Arrival {
  readonly earliestMs: number;
  readonly latestMs: number;
}

interface Account {
  calls: number;
  /** When the last fault that the negative cache has was sent, and the last right answer. */
  failedAtMs: number | null;
  answeredAtMs: number | null;
}

/** What upstream saw and billed of each section, and the calls that break a promise. */
export class Ledger {
  readonly #accounts = new Map<string, Account>();
  readonly #arrivals: Arrival[] = [];
  readonly #fails = new Set<SandboxCall>();
  readonly faults = new Map<Fault, number>();
  billed = 0;
  /** Billed calls that failed. */
  billedFailures = 0;
  /** Calls that were made again, a minute or more after a fault that may have been billed. */
  askedAgain = 0;
  readonly paidTwice: string[] = [];
  readonly retriedTooSoon: string[] = [];

  #turns: readonly [number, number] = [performance.now(), performance.now()];
  readonly #turning = setInterval(() => {
    this.#turns = [this.#turns[1], performance.now()];
  }, turnMs);

  readonly onCall = (call: SandboxCall): void => {
    const nowMs = performance.now();
    this.#arrivals.push({ earliestMs: this.#turns[0], latestMs: nowMs });
    const account = this.#accountOf(call);
    account.calls += 1;
    if (account.failedAtMs === null) return;
    const sinceMs = nowMs - account.failedAtMs;
    if (sinceMs < rememberMs) this.retriedTooSoon.push(`${keyOf(call)} after ${sinceMs.toFixed(0)} ms`);
    else this.askedAgain += 1;
    account.failedAtMs = null;
  };

  readonly onFault = (call: SandboxCall, fault: Fault): void => {
    this.#fails.add(call);
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    if (rememberedAfter.has(fault)) this.#accountOf(call).failedAtMs = performance.now();
  };

  readonly onBilled = (call: SandboxCall): void => {
    this.billed += 1;
    const account = this.#accountOf(call);
    if (account.answeredAtMs !== null) this.paidTwice.push(keyOf(call));
    if (this.#fails.has(call)) this.billedFailures += 1;
    else account.answeredAtMs = performance.now();
  };

  get calls(): number {
    return this.#arrivals.length;
  }

  /** The number of sections by their number of calls. */
  get callsPerSection(): ReadonlyMap<number, number> {
    const counts = [...this.#accounts.values()].map(({ calls }) => calls).sort((a, b) => a - b);
    return counts.reduce((sections, calls) => sections.set(calls, (sections.get(calls) ?? 0) + 1), new Map());
  }

  /**
   * The most calls that must have come within one second, and when that began, in seconds since the first call. Calls that
   * only seem to come together, because this process was too busy to read them, do not count.
   */
  get fullestSecond(): { readonly calls: number; readonly atSeconds: number } {
    let fullest = { calls: 0, atSeconds: 0 };
    let first = 0;
    const startMs = this.#arrivals[0]?.earliestMs ?? 0;
    for (const [last, { latestMs }] of this.#arrivals.entries()) {
      while (latestMs - (this.#arrivals[first]?.earliestMs ?? latestMs) >= 1000) first += 1;
      const calls = last - first + 1;
      if (calls <= fullest.calls) continue;
      fullest = { calls, atSeconds: ((this.#arrivals[first]?.earliestMs ?? 0) - startMs) / 1000 };
    }
    return fullest;
  }

  close(): void {
    clearInterval(this.#turning);
  }

  #accountOf(call: SandboxCall): Account {
    const key = keyOf(call);
    const account = this.#accounts.get(key) ?? { calls: 0, failedAtMs: null, answeredAtMs: null };
    this.#accounts.set(key, account);
    return account;
  }
}

function keyOf({ path, creatorId, platform }: SandboxCall): string {
  return `${path} ${creatorId} ${platform}`;
}
