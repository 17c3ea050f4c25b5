import type { SandboxCall } from '../../src/sandbox/server.js';
import { endpoints } from '../../src/upstream/endpoints/table.js';
import { documentedEndpoints } from '../documentedEndpoints.js';

/** Why a section was paid for again although its answer was fresh. */
export type Reason =
  /** The answer came when a process was killed, which may not have stored it. */
  | 'after a kill'
  /** The store was away, full or emptied since, so servers went on for themselves, or the answer was gone. */
  | 'after a loss of the store';

export interface PaymentsOptions {
  /** How long an answer is fresh. */
  readonly ttlMs: number;
  readonly now: () => number;
}

interface Interval {
  readonly reason: Reason;
  readonly fromMs: number;
  toMs: number;
}

/** A server notices that the store is back within seconds, and then writes what it has. */
const afterLossMs = 8_000;

/** The answer takes this long from upstream to the store. */
const storedWithinMs = 1_500;

const paths: ReadonlyMap<string, string> = new Map(
  documentedEndpoints.map((name) => [endpoints[name].path, name]),
);

/**
 * What upstream billed, against the ideal: one call for a section as long as its answer is fresh. Only sections whose
 * arguments are a creator and a platform count, since upstream's record has no others.
 */
export class Payments {
  readonly #options: PaymentsOptions;
  readonly #answeredAtMs = new Map<string, number>();
  readonly #intervals: Interval[] = [];
  readonly #failing = new Set<SandboxCall>();
  billed = 0;
  /** Calls that an ideal server would have made, too. */
  ideal = 0;
  /** Billed, but useless: the vendor's answer could not be read. */
  useless = 0;
  readonly explained = new Map<Reason, number>();
  readonly unexplained: string[] = [];

  constructor(options: PaymentsOptions) {
    this.#options = options;
  }

  /** Something happens that may cost calls. Returns a function to call when it is over. */
  begin(reason: Reason): () => void {
    const interval: Interval = {
      reason,
      fromMs: this.#options.now() - storedWithinMs,
      toMs: Number.POSITIVE_INFINITY,
    };
    this.#intervals.push(interval);
    return () => {
      interval.toMs = this.#options.now() + (reason === 'after a loss of the store' ? afterLossMs : 0);
    };
  }

  readonly onFault = (call: SandboxCall): void => void this.#failing.add(call);

  readonly onBilled = (call: SandboxCall): void => {
    this.billed += 1;
    const name = paths.get(call.path);
    if (this.#failing.has(call)) {
      this.useless += 1;
      return;
    }
    if (name === undefined) return;
    const key = `${name} ${call.creatorId} ${call.platform}`;
    const nowMs = this.#options.now();
    const answeredAtMs = this.#answeredAtMs.get(key);
    this.#answeredAtMs.set(key, nowMs);
    // The server's clock starts when the answer has come, and it renews what has just become stale.
    if (answeredAtMs === undefined || nowMs - answeredAtMs >= this.#options.ttlMs) {
      this.ideal += 1;
      return;
    }
    const interval = this.#intervals.find(
      ({ reason, fromMs, toMs }) =>
        answeredAtMs <= toMs && fromMs <= (reason === 'after a kill' ? answeredAtMs : nowMs),
    );
    if (!interval)
      this.unexplained.push(`${key}: again after ${((nowMs - answeredAtMs) / 1000).toFixed(1)} s`);
    else this.explained.set(interval.reason, (this.explained.get(interval.reason) ?? 0) + 1);
  };
}
