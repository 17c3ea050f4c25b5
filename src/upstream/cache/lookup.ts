import { CodedError } from '../../errors.js';
import type { Clock } from '../../time.js';
import { startSectionSpan, type TraceParent } from '../../tracing.js';
import type { InFlightCall, Waiter } from '../call/inFlightCall.js';
import type { UpstreamError } from '../errors.js';
import type { SectionRequest } from '../section.js';
import type { Entry } from './entry.js';
import type { CallResult } from './singleFlight.js';

/**
 * How an operation got a section, and who paid. `paid`: it started a call that upstream billed, even if the answer can't
 * be used. `coalesced`: it joined another operation's call, whatever came of that. `cached`: a fresh stored answer, or a
 * remembered failure. `stale`: a stale stored answer. `failed`: anything else.
 */
export type Outcome = 'paid' | 'coalesced' | 'cached' | 'stale' | 'failed';

/** The same, with the level of the cache. `remembered`: a failure of a moment ago. */
export type Level = Exclude<Outcome, 'cached'> | 'memory' | 'store' | 'remembered';

/** An answer that a look-up found. */
export interface Found {
  readonly entry: Entry;
  /** It is older than the operation accepts. */
  readonly isStale: boolean;
  /** The call that the look-up started to renew it. Null: it started none. */
  readonly renewal: InFlightCall<CallResult> | null;
}

/** A failure that is remembered. */
export interface Remembered {
  readonly remembered: UpstreamError;
}

/** Waits for a call, as long as the operation does. */
export type Wait = (call: InFlightCall<CallResult>) => Promise<CallResult>;

export interface LookupOptions {
  readonly request: SectionRequest;
  readonly operation: Waiter & { readonly trace: TraceParent };
  readonly elapsed: Clock;
}

/** How an operation looks up one section, and what came of it. */
export class Lookup {
  readonly request: SectionRequest;
  readonly #operation: LookupOptions['operation'];
  readonly #elapsed: Clock;
  readonly #startedAtMs: number;
  #endedAtMs: number | null = null;
  #found: Found | null = null;
  #isRemembered = false;
  #isMemoryHit = false;
  /** The last call that it waited for. */
  #awaited: InFlightCall<CallResult> | null = null;

  constructor({ request, operation, elapsed }: LookupOptions) {
    this.request = request;
    this.#operation = operation;
    this.#elapsed = elapsed;
    this.#startedAtMs = elapsed();
  }

  /** A look-up that memory answered. */
  static hit(options: LookupOptions, entry: Entry): Lookup {
    const lookup = new Lookup(options);
    lookup.#found = { entry, isStale: false, renewal: null };
    lookup.#endedAtMs = lookup.#startedAtMs;
    lookup.#isMemoryHit = true;
    return lookup;
  }

  /** Looks the section up with `find`. Rejects with UpstreamError. */
  async run(
    wait: Wait,
    find: (wait: Wait, trace: TraceParent) => Promise<Found | Remembered>,
  ): Promise<Found> {
    const span = startSectionSpan(this.#operation.trace, this.request.call.endpoint.name);
    let errorCode: string | null = null;
    try {
      const found = await find((call) => {
        this.#awaited = call;
        if (call.startedBy !== this.#operation) span.link(call.trace);
        return wait(call);
      }, span.parent);
      if ('remembered' in found) {
        this.#isRemembered = true;
        throw found.remembered;
      }
      this.#found = found;
      return found;
    } catch (error) {
      errorCode = error instanceof CodedError ? error.code : 'INTERNAL_SERVER_ERROR';
      throw error;
    } finally {
      this.#endedAtMs = this.#elapsed();
      span.set({ 'xingtu.outcome': this.level });
      span.end(errorCode);
    }
  }

  /** Null: nothing, or nothing yet. */
  get found(): Found | null {
    return this.#found;
  }

  /** How long it took. Null: it is not over. */
  get ms(): number | null {
    return this.#endedAtMs === null ? null : this.#endedAtMs - this.#startedAtMs;
  }

  get outcome(): Outcome {
    if (this.#started?.billed === 'yes') return 'paid';
    if (this.isUncertain) return 'failed';
    if (this.#awaited && (!this.#started || this.#awaited.madeBy === 'others')) return 'coalesced';
    if (this.#found?.isStale) return 'stale';
    return this.#found || this.#isRemembered ? 'cached' : 'failed';
  }

  get level(): Level {
    const { outcome } = this;
    if (outcome !== 'cached') return outcome;
    if (this.#isRemembered) return 'remembered';
    return this.#isMemoryHit ? 'memory' : 'store';
  }

  /** The call that it started may have been billed, or may yet be. */
  get isUncertain(): boolean {
    return this.#started !== null && this.#started.billed !== 'yes' && mayBeBilled(this.#started);
  }

  /** It started a renewal that is in flight, or may have been billed. */
  get isRenewing(): boolean {
    const renewal = this.#found?.renewal ?? null;
    return renewal !== null && mayBeBilled(renewal);
  }

  /** Budgets already count the renewal. */
  get isRenewalReserved(): boolean {
    return this.#found?.renewal?.isReserved ?? false;
  }

  /** HTTP requests sent for the call that it started and waited for. */
  get attempts(): number {
    return this.#started?.attempts ?? 0;
  }

  /** The call that it waited for, if it started that itself. */
  get #started(): InFlightCall<CallResult> | null {
    return this.#awaited?.startedBy === this.#operation ? this.#awaited : null;
  }
}

function mayBeBilled({ billed, madeBy }: InFlightCall<CallResult>): boolean {
  return billed !== 'no' || madeBy === null;
}
