import type { SandboxCall, SandboxOptions } from '../../../src/sandbox/server.js';

type Fault = Parameters<NonNullable<SandboxOptions['onFault']>>[1];

/** After these nobody knows whether the call was billed, or it was, in vain: not again for a minute. */
const heldAfter: ReadonlySet<Fault> = new Set<Fault>([
  'timeout',
  'broken',
  'html',
  'half',
  'gzip',
  'base_resp',
  777,
]);

const holdMs = 60_000;

/** How often it is looked whether this process was kept from reading what had come. */
const turnMs = 2;

/** A call can have come at any time from `earliestMs`, when what had come was last read, to `latestMs`. */
interface Arrival {
  readonly earliestMs: number;
  readonly latestMs: number;
}

interface Account {
  calls: number;
  /** When the last call came that ended in a fault to be held, or in a right answer. */
  heldAtMs: number | null;
  answeredAtMs: number | null;
}

/** What upstream saw and billed, section by section, and what of it breaks a promise. */
export class Ledger {
  readonly #accounts = new Map<string, Account>();
  readonly #arrivals: Arrival[] = [];
  readonly #fails = new Set<SandboxCall>();
  readonly faults = new Map<Fault, number>();
  billed = 0;
  /** Billed in vain, and asked again a minute later or not at all. */
  billedInVain = 0;
  /** Asked again, a minute or more after a fault that may have been billed. */
  askedAgain = 0;
  readonly paidTwice: string[] = [];
  readonly retriedInVain: string[] = [];

  #turns: readonly [number, number] = [performance.now(), performance.now()];
  readonly #turning = setInterval(() => {
    this.#turns = [this.#turns[1], performance.now()];
  }, turnMs);

  readonly onCall = (call: SandboxCall): void => {
    const nowMs = performance.now();
    this.#arrivals.push({ earliestMs: this.#turns[0], latestMs: nowMs });
    const account = this.#accountOf(call);
    account.calls += 1;
    if (account.heldAtMs === null) return;
    const sinceMs = nowMs - account.heldAtMs;
    if (sinceMs < holdMs) this.retriedInVain.push(`${keyOf(call)} after ${sinceMs.toFixed(0)} ms`);
    else this.askedAgain += 1;
    account.heldAtMs = null;
  };

  readonly onFault = (call: SandboxCall, fault: Fault): void => {
    this.#fails.add(call);
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    if (heldAfter.has(fault)) this.#accountOf(call).heldAtMs = performance.now();
  };

  readonly onBilled = (call: SandboxCall): void => {
    this.billed += 1;
    const account = this.#accountOf(call);
    if (account.answeredAtMs !== null) this.paidTwice.push(keyOf(call));
    if (this.#fails.has(call)) this.billedInVain += 1;
    else account.answeredAtMs = performance.now();
  };

  get calls(): number {
    return this.#arrivals.length;
  }

  /** How many sections took how many calls. */
  get callsPerSection(): ReadonlyMap<number, number> {
    const counts = [...this.#accounts.values()].map(({ calls }) => calls).sort((a, b) => a - b);
    return counts.reduce((sections, calls) => sections.set(calls, (sections.get(calls) ?? 0) + 1), new Map());
  }

  /**
   * The most calls that must have come within one second, and when it began, in seconds since the first call. What only
   * seems so, for this process had no time to read them as they came, doesn't count.
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
    const account = this.#accounts.get(key) ?? { calls: 0, heldAtMs: null, answeredAtMs: null };
    this.#accounts.set(key, account);
    return account;
  }
}

function keyOf({ path, creatorId, platform }: SandboxCall): string {
  return `${path} ${creatorId} ${platform}`;
}
