import type { SandboxCall } from '../../src/sandbox/server.js';
import { callWithKey } from '../../src/upstream/endpoints/call.js';

/** Why a call was paid for again, although what came of the one before was still good. */
export const reasons = {
  asked: 'because a client asked for a newer answer (maxAgeSeconds)',
  killed: 'after a kill, of an answer that no client had received yet',
  away: 'while the store was away, or servers had not noticed yet that it was back',
  emptied: 'after the store had lost its data',
} as const;

export type Reason = (typeof reasons)[keyof typeof reasons];

export interface PaymentsOptions {
  /** How long an answer is fresh. */
  readonly ttlMs: number;
  /** How long a failure is remembered that was or may have been billed. */
  readonly rememberMs: number;
  /** How long a server waits for upstream. */
  readonly timeoutMs: number;
  /** The clock of this machine, which servers have, too. */
  readonly now: () => number;
}

/** The last call that was or may have been billed, and what it gave. */
interface LastCall {
  readonly fromMs: number;
  /** When it ended, at the latest. */
  readonly atMs: number;
  readonly goodUntilMs: number;
  receivedAtMs: number | null;
}

/** A client's demand for an answer that is younger than the TTL. */
interface Demand {
  readonly maxAgeMs: number;
  endedAtMs: number | null;
}

/** Unfinished calls go on after their client has gone. */
const goesOnMs = 25_000;

/** An answer takes at most this long from upstream to the store, and to the client, on a busy machine. */
const storedWithinMs = 1_500;

/** A call is billed at most this long after it was sent, also when the server that sent it is dead. */
const billedWithinMs = 500;

/** A call whose connection is reset within a second counts as not processed; on a busy machine the server sees it later. */
const unprocessedWithinMs = 1_500;

/** Faults after which the server must assume that the call was billed, which the sandbox does not bill. */
const uncertainFaults: ReadonlySet<unknown> = new Set(['timeout', 'html', 777]);

/**
 * What upstream billed, against an ideal server. The ideal pays for a call once for as long as the answer is fresh, or as long
 * as a failure is remembered that was billed. What was paid beyond that is a double payment, unless it has a reason.
 */
export class Payments {
  readonly #options: PaymentsOptions;
  readonly #lastCalls = new Map<string, LastCall>();
  readonly #billedAtMs = new Map<string, number[]>();
  readonly #demands = new Map<string, Demand[]>();
  readonly #failing = new Set<SandboxCall>();
  readonly #killsAtMs: number[] = [];
  readonly #away: { readonly fromMs: number; toMs: number }[] = [];
  readonly #emptiedAtMs: number[] = [];
  readonly #events: { readonly name: string; readonly atMs: number }[] = [];
  /** Calls that must not be made at all, since only dry runs name them. */
  readonly #isForbidden: (call: SandboxCall) => boolean;
  billed = 0;
  ideal = 0;
  /** Billed, though the vendor's answer was of no use. */
  useless = 0;
  readonly again = new Map<Reason, number>();
  readonly unexplained: string[] = [];

  constructor(options: PaymentsOptions, isForbidden: (call: SandboxCall) => boolean = () => false) {
    this.#options = options;
    this.#isForbidden = isForbidden;
  }

  /** How often the store was away. */
  get storeLosses(): number {
    return this.#away.length;
  }

  noteKill(): void {
    this.#killsAtMs.push(this.#options.now());
  }

  noteEmptied(): void {
    this.#emptiedAtMs.push(this.#options.now());
  }

  /** For `latestEvents`. */
  noteEvent(name: string): void {
    this.#events.push({ name, atMs: this.#options.now() });
  }

  /** Upstream resets all connections, also those of calls that would have timed out. */
  noteReset(): void {
    const nowMs = this.#options.now();
    for (const [key, { fromMs, atMs }] of this.#lastCalls) {
      if (atMs <= nowMs) continue;
      if (nowMs - fromMs < unprocessedWithinMs) this.#lastCalls.delete(key);
      else this.#note(key, fromMs, nowMs, nowMs + this.#options.rememberMs);
    }
  }

  /** The last of the noted events, for a message. */
  latestEvents(): string {
    const nowMs = this.#options.now();
    const latest = this.#events
      .slice(-3)
      .map(({ name, atMs }) => `${name} ${((nowMs - atMs) / 1_000).toFixed(1)} s ago`);
    return latest.length > 0 ? `, ${latest.join(', ')}` : '';
  }

  /** The store is away. Returns a function to call when every server has noticed that it is back. */
  storeAway(): () => void {
    const interval = { fromMs: this.#options.now() - storedWithinMs, toMs: Number.POSITIVE_INFINITY };
    this.#away.push(interval);
    return () => {
      interval.toMs = this.#options.now();
    };
  }

  /** A client asks for an answer of at most this age. Returns a function to call when it has its response. */
  demand(callKey: string, maxAgeSeconds: number): () => void {
    const key = keyOfCall(callKey);
    const demand: Demand = { maxAgeMs: 1_000 * maxAgeSeconds, endedAtMs: null };
    this.#demands.set(key, [...this.#openDemands(key), demand]);
    return () => {
      demand.endedAtMs = this.#options.now();
    };
  }

  /** A client received an answer. Returns what is wrong with that. Null: nothing. */
  received(callKey: string, fetchedAtMs: number): string | null {
    const key = keyOfCall(callKey);
    const last = this.#lastCalls.get(key);
    const nowMs = this.#options.now();
    if (last && last.receivedAtMs === null && fetchedAtMs >= last.atMs) last.receivedAtMs = nowMs;
    const isPaid = this.#billedAtMs
      .get(key)
      ?.some((atMs) => atMs <= fetchedAtMs && fetchedAtMs - atMs < goesOnMs);
    return isPaid ? null : `an answer of ${new Date(fetchedAtMs).toISOString()} that nobody paid for: ${key}`;
  }

  readonly onFault = (call: SandboxCall, fault: unknown): void => {
    this.#failing.add(call);
    if (!uncertainFaults.has(fault)) return;
    const fromMs = this.#options.now();
    const atMs = fault === 'timeout' ? fromMs + this.#options.timeoutMs : fromMs;
    this.#note(keyOf(call), fromMs, atMs, atMs + this.#options.rememberMs);
  };

  readonly onBilled = (call: SandboxCall): void => {
    const { now, ttlMs, rememberMs } = this.#options;
    const nowMs = now();
    const key = keyOf(call);
    const isUseless = this.#failing.delete(call);
    this.billed += 1;
    if (isUseless) this.useless += 1;
    else this.#billedAtMs.set(key, [...(this.#billedAtMs.get(key) ?? []), nowMs]);
    if (this.#isForbidden(call)) this.unexplained.push(`${key}: named by dry runs only`);
    const last = this.#lastCalls.get(key);
    this.#note(key, nowMs, nowMs, nowMs + (isUseless ? rememberMs : ttlMs));
    if (!last || nowMs >= last.goodUntilMs) {
      this.ideal += 1;
      return;
    }
    const reason = this.#reasonFor(key, last, nowMs);
    // Servers that went on for themselves each have an answer, and the store gets the one whose call began last.
    if (reason === reasons.away)
      this.#note(key, nowMs, nowMs, Math.min(last.goodUntilMs, this.#goodUntilMs(key)));
    if (reason) this.again.set(reason, (this.again.get(reason) ?? 0) + 1);
    else
      this.unexplained.push(
        `${key}: again after ${((nowMs - last.atMs) / 1_000).toFixed(1)} s${this.latestEvents()}`,
      );
  };

  #note(key: string, fromMs: number, atMs: number, goodUntilMs: number): void {
    this.#lastCalls.set(key, { fromMs, atMs, goodUntilMs, receivedAtMs: null });
  }

  #reasonFor(key: string, last: LastCall, nowMs: number): Reason | null {
    const { fromMs, atMs, receivedAtMs } = last;
    const demands = this.#openDemands(key);
    const asked = demands.find(({ maxAgeMs }) => nowMs - atMs >= maxAgeMs);
    if (asked) {
      // Each of those justifies one call, of which others may take the answer.
      this.#demands.set(
        key,
        demands.filter((demand) => demand !== asked),
      );
      return reasons.asked;
    }
    const isLostBy = (killMs: number) =>
      fromMs - billedWithinMs <= killMs &&
      killMs <= atMs + storedWithinMs &&
      (receivedAtMs === null || receivedAtMs > killMs);
    if (this.#killsAtMs.some(isLostBy)) return reasons.killed;
    if (this.#away.some((away) => away.fromMs <= nowMs && nowMs <= away.toMs)) return reasons.away;
    if (this.#emptiedAtMs.some((emptiedMs) => atMs <= emptiedMs + storedWithinMs)) return reasons.emptied;
    return null;
  }

  #goodUntilMs(key: string): number {
    return this.#lastCalls.get(key)?.goodUntilMs ?? 0;
  }

  #openDemands(key: string): readonly Demand[] {
    const nowMs = this.#options.now();
    return (this.#demands.get(key) ?? []).filter(
      ({ endedAtMs }) => endedAtMs === null || nowMs - endedAtMs < goesOnMs,
    );
  }
}

function keyOf({ path, query }: SandboxCall): string {
  return `${path}?${query}`;
}

/** The same of a call's key. */
function keyOfCall(callKey: string): string {
  const call = callWithKey(callKey);
  if (!call) throw new Error(`Expected the key of a call, but got ${callKey}.`);
  const { endpoint, args } = call;
  return `${endpoint.path}?${new URLSearchParams(endpoint.query(args))}`;
}
