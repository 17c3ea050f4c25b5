import type { Flight, Starter } from '../call/inFlightCall.js';
import type { SectionRequest } from '../client.js';
import type { Entry } from './storedAnswer.js';

/**
 * What came of a look-up, and at whose cost. `paid`: it started a call that upstream billed, whatever the answer is worth;
 * `coalesced`: it joined another's call, however that ended; `cached`, `stale`: it took what is kept, remembered failures
 * too; `failed`: the rest.
 */
export type Outcome = 'paid' | 'coalesced' | 'cached' | 'stale' | 'failed';

/** How an operation came by one section: filled in on the way, and read when its answer leaves. */
export class Lookup {
  readonly request: SectionRequest;
  readonly #asker: Starter;
  readonly #startedAtMs: number;
  #endedAtMs: number | null = null;
  /** What it gave. Null: nothing, so far. */
  entry: Entry | null = null;
  /** That is older than was asked for. */
  isStale = false;
  /** It gave a failure that is remembered. */
  isHeld = false;
  /** The last call that it waited for. */
  awaited: Flight | null = null;
  /** The call that it started, to renew what it gave at once. */
  renewal: Flight | null = null;

  constructor(request: SectionRequest, asker: Starter, nowMs: number) {
    this.request = request;
    this.#asker = asker;
    this.#startedAtMs = nowMs;
  }

  end(nowMs: number): void {
    this.#endedAtMs = nowMs;
  }

  /** How long it took. Null: it isn't over. */
  get ms(): number | null {
    return this.#endedAtMs === null ? null : this.#endedAtMs - this.#startedAtMs;
  }

  get outcome(): Outcome {
    if (this.#started?.billed === 'yes') return 'paid';
    if (this.isUncertain) return 'failed';
    if (this.awaited && (!this.#started || this.awaited.madeBy === 'others')) return 'coalesced';
    if (this.isStale) return 'stale';
    return this.entry || this.isHeld ? 'cached' : 'failed';
  }

  /** The call that it started may have been billed, or may yet be. */
  get isUncertain(): boolean {
    return this.#started !== null && this.#started.billed !== 'yes' && mayBeBilled(this.#started);
  }

  /** It set off a renewal, which is under way or has cost something. */
  get isRenewing(): boolean {
    return this.renewal !== null && mayBeBilled(this.renewal);
  }

  /** And a request went out for it, so that it is counted in every budget. */
  get isRenewalSent(): boolean {
    return this.renewal !== null && this.renewal.attempts > 0;
  }

  /** HTTP requests sent for the call that it started and waited for. */
  get attempts(): number {
    return this.#started?.attempts ?? 0;
  }

  /** What it waited for, if that is its own call, and not somebody else's that it joined. */
  get #started(): Flight | null {
    return this.awaited?.starter === this.#asker ? this.awaited : null;
  }
}

function mayBeBilled({ billed, madeBy }: Flight): boolean {
  return billed !== 'no' || madeBy === null;
}
