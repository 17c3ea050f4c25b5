import type { ErrorCode } from '../../../errors.js';
import type { Logger } from '../../../logger.js';
import type { Clock } from '../../../time.js';
import { UpstreamError } from '../../errors.js';
import { FailureWindow } from './failureWindow.js';
import {
  errorOf,
  type Open,
  type OpenCircuit,
  Permit,
  type Reason,
  type Stops,
  shown,
} from './openCircuit.js';
import {
  behindTheGate,
  everything,
  isDue,
  nextProbeAfter,
  probeEveryMs,
  stopScope,
  stopsEverything,
} from './stopPolicy.js';

const troubles: ReadonlySet<ErrorCode> = new Set(['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT']);

/** How an attempt that was sent ended. */
type Ending = 'answered' | UpstreamError;

export interface CircuitsOptions {
  readonly now: Clock;
  readonly logger: Logger;
  /** How often calls have failed over: what an environment did that was left says nothing of the one in use. */
  readonly failovers: () => number;
  /** Hears of every stop that begins or (null) ends, so that it is kept. */
  readonly onStopChange: (scope: string, stop: Reason | null) => void;
  /** Hears when the next call may find out whether a stop still holds, so that other processes leave it to that one. */
  readonly onProbe: (scope: string, nextProbeAtMs: number) => void;
  /** Hears that an endpoint (or everything) must not be called: what waits in a queue must fail, too. */
  readonly onOpen: (scope: string) => void;
}

/**
 * Whether calls are let through. A stop holds them up because upstream has said that they are in vain; trouble, because
 * most of an endpoint's attempts of the last minute failed. Meanwhile calls fail at once with the code that opened the
 * circuit, but for one a minute that finds out: a call that somebody asked for, never one more.
 */
export class Circuits {
  readonly #stops = new Map<string, Open>();
  readonly #troubles = new Map<string, Open>();
  readonly #windows = new Map<string, FailureWindow>();
  readonly #options: CircuitsOptions;
  #failovers = 0;

  constructor(options: CircuitsOptions) {
    this.#options = options;
  }

  /** Leave for one attempt, which must be ended, or the error that stands in the way. */
  enter(endpoint: string): Permit {
    const shut = this.#shutFor(endpoint);
    if (shut) throw errorOf(shut, endpoint, this.#options.now());
    const permit = new Permit(endpoint);
    for (const open of this.#inTheWayOf(endpoint)) {
      open.probe = permit;
      // Others leave it to this one; not until midnight, should it never be heard of again.
      this.#keepProbe(open, this.#options.now() + probeEveryMs);
    }
    return permit;
  }

  /**
   * What the next call to the endpoint would find out about, by scope: each lets that one through, and no other until it
   * has ended. Null: not even that one.
   */
  dueFor(endpoint: string): readonly string[] | null {
    if (this.#shutFor(endpoint)) return null;
    const scopes = this.#inTheWayOf(endpoint).map((open) =>
      open === this.#stops.get(everything) ? everything : endpoint,
    );
    return [...new Set(scopes)];
  }

  /** Watches an attempt that is sent now, and judges how it ended before anything else happens. */
  async watch<T>(permit: Permit, attempt: () => Promise<T>): Promise<T> {
    permit.failovers = this.#options.failovers();
    try {
      const result = await attempt();
      this.#end(permit, 'answered');
      return result;
    } catch (error) {
      if (error instanceof UpstreamError) this.#end(permit, error);
      throw error;
    }
  }

  /** Takes back a permit that was not used: nothing was sent. */
  release(permit: Permit): void {
    for (const open of this.#probedWith(permit)) {
      open.probe = null;
      this.#keepProbe(open, open.reason.nextProbeAtMs);
    }
  }

  #probedWith(permit: Permit): readonly Open[] {
    return this.#inTheWayOf(permit.endpoint).filter(({ probe }) => probe === permit);
  }

  #end(permit: Permit, ending: Ending): void {
    const { endpoint } = permit;
    const probed = this.#probedWith(permit);
    for (const open of probed) open.probe = null;
    if (permit.failovers === this.#options.failovers()) this.#noteTrouble(endpoint, ending, probed);
    for (const scope of [everything, endpoint]) {
      const stop = this.#stops.get(scope);
      if (stop && probed.includes(stop)) this.#endStopProbe(scope, stop, ending);
    }
    if (ending !== 'answered') this.#openStop(endpoint, ending);
  }

  /** What holds everything up. Null: nothing does. */
  get stop(): OpenCircuit | null {
    return shown(this.#stops.get(everything));
  }

  /** What holds an endpoint up, be it everything's stop. Null: its circuit is closed. */
  of(endpoint: string): OpenCircuit | null {
    return shown(this.#inTheWayOf(endpoint)[0]);
  }

  /** What a call to the endpoint fails with. Null: its circuit is closed. */
  errorFor(endpoint: string): UpstreamError | null {
    const [open] = this.#inTheWayOf(endpoint);
    return open ? errorOf(open, endpoint, this.#options.now()) : null;
  }

  get areStopsHolding(): boolean {
    return this.#stops.size > 0;
  }

  /** Takes over the stops as they are kept: after a restart, or when another process has begun or lifted one. */
  replaceStops(kept: Stops): void {
    for (const [scope, { reason }] of [...this.#stops]) {
      if (kept[scope]) continue;
      this.#stops.delete(scope);
      this.#options.logger.info({ scope, code: reason.code }, 'A stop was lifted: calls are made again');
    }
    for (const [scope, reason] of Object.entries(kept)) {
      const stop = this.#stops.get(scope);
      // Another process may have tried meanwhile.
      if (stop) stop.reason = stop.probe ? stop.reason : reason;
      else {
        this.#stops.set(scope, { reason, probe: null });
        this.#options.onOpen(scope);
      }
    }
  }

  /** When the next probe is due, for other processes. */
  #keepProbe(open: Open, nextProbeAtMs: number): void {
    for (const [scope, stop] of this.#stops) {
      if (stop === open) this.#options.onProbe(scope, nextProbeAtMs);
    }
  }

  #noteTrouble(endpoint: string, ending: Ending, probed: readonly Open[]): void {
    const nowMs = this.#options.now();
    const failure = ending !== 'answered' && troubles.has(ending.code) ? ending : null;
    const window = this.#windowOf(endpoint);
    window.note(failure !== null, nowMs);
    const trouble = this.#troubles.get(endpoint);
    if (trouble && probed.includes(trouble)) {
      if (failure) trouble.reason = { ...trouble.reason, nextProbeAtMs: nowMs + probeEveryMs };
      else this.#closeTrouble(endpoint);
    } else if (!trouble && failure && window.isBad(nowMs)) {
      this.#openTrouble(endpoint, failure);
    }
  }

  #inTheWayOf(endpoint: string): readonly Open[] {
    this.#forgetTroubleOfLeftEnvironment();
    const open = [this.#stops.get(everything), this.#stops.get(endpoint), this.#troubles.get(endpoint)];
    return open.filter((one) => one !== undefined);
  }

  #forgetTroubleOfLeftEnvironment(): void {
    const failovers = this.#options.failovers();
    if (failovers === this.#failovers) return;
    this.#failovers = failovers;
    this.#troubles.clear();
    this.#windows.clear();
  }

  #shutFor(endpoint: string): Open | undefined {
    const nowMs = this.#options.now();
    return this.#inTheWayOf(endpoint).find(({ reason, probe }) => probe !== null || !isDue(reason, nowMs));
  }

  #windowOf(endpoint: string): FailureWindow {
    const window = this.#windows.get(endpoint) ?? new FailureWindow();
    this.#windows.set(endpoint, window);
    return window;
  }

  #openTrouble(endpoint: string, failure: UpstreamError): void {
    const sinceMs = this.#options.now();
    const message =
      'Half or more of the calls to this endpoint failed within a minute, so it is left alone; one call a minute finds out whether it is back.';
    this.#troubles.set(endpoint, {
      reason: {
        code: failure.code,
        upstreamCode: failure.upstreamCode ?? null,
        message,
        sinceMs,
        nextProbeAtMs: sinceMs + probeEveryMs,
      },
      probe: null,
    });
    this.#options.logger.error({ endpoint, code: failure.code }, message);
    this.#options.onOpen(endpoint);
  }

  #closeTrouble(endpoint: string): void {
    this.#troubles.delete(endpoint);
    this.#windowOf(endpoint).clear();
    this.#options.logger.info({ endpoint }, 'The endpoint is back: calls are made again');
  }

  #openStop(endpoint: string, { code, upstreamCode, message: why }: UpstreamError): void {
    const scope = stopScope(endpoint, upstreamCode);
    if (scope === null || upstreamCode === undefined || this.#stops.has(scope)) return;
    const sinceMs = this.#options.now();
    const nextProbeAtMs = nextProbeAfter(upstreamCode, sinceMs);
    const message =
      upstreamCode === 303 ? why : `${why} Calls are stopped; one a minute finds out whether they may go on.`;
    const reason: Reason = { code, upstreamCode, message, sinceMs, nextProbeAtMs };
    this.#stops.set(scope, { reason, probe: null });
    this.#options.logger.error({ scope, code, upstreamCode }, message);
    this.#options.onStopChange(scope, reason);
    this.#options.onOpen(scope);
  }

  #endStopProbe(scope: string, stop: Open, ending: Ending): void {
    const failure = ending === 'answered' ? null : ending;
    const upstreamCode = failure?.upstreamCode ?? null;
    const hasPassed = !failure || failure.billed === 'yes' || behindTheGate.has(upstreamCode ?? 0);
    // For another reason now: it is opened anew.
    const isReplaced =
      scope === everything &&
      upstreamCode !== stop.reason.upstreamCode &&
      stopsEverything.has(upstreamCode ?? 0);
    if (hasPassed || isReplaced) this.#stops.delete(scope);
    else {
      const nextProbeAtMs = nextProbeAfter(upstreamCode, this.#options.now());
      stop.reason = { ...stop.reason, nextProbeAtMs };
      this.#options.onProbe(scope, nextProbeAtMs);
    }
    if (!hasPassed) return;
    this.#options.logger.info({ scope }, 'Upstream answers again: calls are made again');
    this.#options.onStopChange(scope, null);
  }
}
