import type { ErrorCode } from '../../../errors.js';
import type { Logger } from '../../../logger.js';
import type { Clock } from '../../../time.js';
import { UpstreamError } from '../../errors.js';
import { FailureWindow } from './failureWindow.js';
import {
  errorOf,
  type OpenCircuit,
  type OpenCircuitView,
  Permit,
  type Reason,
  type Stops,
  viewOf,
} from './openCircuit.js';
import {
  allEndpoints,
  codesAfterAcceptance,
  codesThatStopAll,
  isProbeDue,
  nextProbeAfter,
  probeEveryMs,
  stopScope,
} from './stopPolicy.js';

/** What counts as a failure in an endpoint's failure window. */
const failureCodes: ReadonlySet<ErrorCode> = new Set(['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT']);

/** How an attempt ended after it was sent. */
type Ending = 'answered' | UpstreamError;

export interface CircuitsOptions {
  readonly now: Clock;
  readonly logger: Logger;
  /** The number of failovers so far. Failures of the environment before say nothing about the one after. */
  readonly failovers: () => number;
  /** Called when a stop begins or (null) ends, so that it is stored. */
  readonly onStopChange: (scope: string, stop: Reason | null) => void;
  /** Called when the time of a stop's next probe changes, so that other processes do not probe as well. */
  readonly onProbe: (scope: string, nextProbeAtMs: number) => void;
  /** Called when a circuit opens, for one endpoint or (`*`) for all, so that queued calls fail. */
  readonly onOpen: (scope: string) => void;
}

/**
 * Decides whether calls are let through. There are two kinds of circuits. A stop opens when upstream says that no call
 * can succeed. An endpoint's failure circuit opens when too many attempts in its failure window failed. While a circuit
 * is open, calls fail at once with the code that opened it, except for one call a minute, the probe. A probe is a call
 * that an operation asked for: none is made for the sake of probing.
 */
export class Circuits {
  readonly #stops = new Map<string, OpenCircuit>();
  readonly #failureCircuits = new Map<string, OpenCircuit>();
  readonly #windows = new Map<string, FailureWindow>();
  readonly #options: CircuitsOptions;
  #failovers = 0;

  constructor(options: CircuitsOptions) {
    this.#options = options;
  }

  /** A permit for one attempt, which must be released. Throws the error of a circuit that refuses the call. */
  enter(endpoint: string): Permit {
    const refusing = this.#refusingCircuit(endpoint);
    if (refusing) throw errorOf(refusing, endpoint, this.#options.now());
    const permit = new Permit(endpoint);
    for (const circuit of this.#openCircuits(endpoint)) {
      circuit.probe = permit;
      // If this process dies, another one probes in a minute, and after 303 not only at midnight.
      this.#publishProbeTime(circuit, this.#options.now() + probeEveryMs);
    }
    return permit;
  }

  /**
   * The scopes of the circuits that the next call to the endpoint would probe. Each lets no other call through until
   * that one has ended. Null: the next call would be refused.
   */
  dueProbes(endpoint: string): readonly string[] | null {
    if (this.#refusingCircuit(endpoint)) return null;
    const scopes = this.#openCircuits(endpoint).map((circuit) =>
      circuit === this.#stops.get(allEndpoints) ? allEndpoints : endpoint,
    );
    return [...new Set(scopes)];
  }

  /** Runs an attempt. The circuits have changed by the time that it settles. */
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

  /** Gives back a permit. If nothing was sent with it, another call may probe. */
  release(permit: Permit): void {
    for (const circuit of this.#probedWith(permit)) {
      circuit.probe = null;
      this.#publishProbeTime(circuit, circuit.reason.nextProbeAtMs);
    }
  }

  #probedWith(permit: Permit): readonly OpenCircuit[] {
    return this.#openCircuits(permit.endpoint).filter(({ probe }) => probe === permit);
  }

  #end(permit: Permit, ending: Ending): void {
    const { endpoint } = permit;
    const probed = this.#probedWith(permit);
    for (const circuit of probed) circuit.probe = null;
    if (permit.failovers === this.#options.failovers()) this.#updateFailureCircuit(endpoint, ending, probed);
    for (const scope of [allEndpoints, endpoint]) {
      const stop = this.#stops.get(scope);
      if (stop && probed.includes(stop)) this.#endStopProbe(scope, stop, ending);
    }
    if (ending !== 'answered') this.#openStop(endpoint, ending);
  }

  /** The stop for all endpoints. Null: there is none. */
  get stop(): OpenCircuitView | null {
    return viewOf(this.#stops.get(allEndpoints));
  }

  /** The endpoint's open circuit; a stop for all endpoints counts, too. Null: calls are let through. */
  of(endpoint: string): OpenCircuitView | null {
    return viewOf(this.#openCircuits(endpoint)[0]);
  }

  /** What a call to the endpoint fails with. Null: its circuits are closed. */
  errorFor(endpoint: string): UpstreamError | null {
    const [circuit] = this.#openCircuits(endpoint);
    return circuit ? errorOf(circuit, endpoint, this.#options.now()) : null;
  }

  get hasStops(): boolean {
    return this.#stops.size > 0;
  }

  /** Adopts the stored stops: after a restart, or when another process or the operator has changed them. */
  replaceStops(stored: Stops): void {
    for (const [scope, { reason }] of [...this.#stops]) {
      if (stored[scope]) continue;
      this.#stops.delete(scope);
      this.#options.logger.info({ scope, code: reason.code }, 'A stop was lifted: calls are made again');
    }
    for (const [scope, reason] of Object.entries(stored)) {
      const stop = this.#stops.get(scope);
      // Another process may have probed it since.
      if (stop) stop.reason = stop.probe ? stop.reason : reason;
      else {
        this.#stops.set(scope, { reason, probe: null });
        this.#options.onOpen(scope);
      }
    }
  }

  /** Failure circuits are not shared between processes, so only stops are published. */
  #publishProbeTime(circuit: OpenCircuit, nextProbeAtMs: number): void {
    for (const [scope, stop] of this.#stops) {
      if (stop === circuit) this.#options.onProbe(scope, nextProbeAtMs);
    }
  }

  #openCircuits(endpoint: string): readonly OpenCircuit[] {
    this.#clearFailuresAfterFailover();
    const circuits = [
      this.#stops.get(allEndpoints),
      this.#stops.get(endpoint),
      this.#failureCircuits.get(endpoint),
    ];
    return circuits.filter((circuit) => circuit !== undefined);
  }

  #clearFailuresAfterFailover(): void {
    const failovers = this.#options.failovers();
    if (failovers === this.#failovers) return;
    this.#failovers = failovers;
    this.#failureCircuits.clear();
    this.#windows.clear();
  }

  /** An open circuit that does not let a probe through now. */
  #refusingCircuit(endpoint: string): OpenCircuit | undefined {
    const nowMs = this.#options.now();
    return this.#openCircuits(endpoint).find(
      ({ reason, probe }) => probe !== null || !isProbeDue(reason, nowMs),
    );
  }

  #windowOf(endpoint: string): FailureWindow {
    const window = this.#windows.get(endpoint) ?? new FailureWindow();
    this.#windows.set(endpoint, window);
    return window;
  }

  #updateFailureCircuit(endpoint: string, ending: Ending, probed: readonly OpenCircuit[]): void {
    const nowMs = this.#options.now();
    const failure = ending !== 'answered' && failureCodes.has(ending.code) ? ending : null;
    const window = this.#windowOf(endpoint);
    window.note(failure !== null, nowMs);
    const circuit = this.#failureCircuits.get(endpoint);
    if (circuit && probed.includes(circuit)) {
      if (failure) circuit.reason = { ...circuit.reason, nextProbeAtMs: nowMs + probeEveryMs };
      else this.#closeFailureCircuit(endpoint);
    } else if (!circuit && failure && window.hasTooManyFailures(nowMs)) {
      this.#openFailureCircuit(endpoint, failure);
    }
  }

  #openFailureCircuit(endpoint: string, failure: UpstreamError): void {
    const sinceMs = this.#options.now();
    const message =
      'Half or more of the calls to this endpoint failed within a minute, so calls to it are stopped; one call a minute tests whether it works again.';
    this.#failureCircuits.set(endpoint, {
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

  #closeFailureCircuit(endpoint: string): void {
    this.#failureCircuits.delete(endpoint);
    this.#windowOf(endpoint).clear();
    this.#options.logger.info({ endpoint }, 'The endpoint works again: calls are made again');
  }

  #openStop(endpoint: string, { code, upstreamCode, message: why }: UpstreamError): void {
    const scope = stopScope(endpoint, upstreamCode);
    if (scope === null || upstreamCode === undefined || this.#stops.has(scope)) return;
    const sinceMs = this.#options.now();
    const nextProbeAtMs = nextProbeAfter(upstreamCode, sinceMs);
    const message =
      upstreamCode === 303
        ? why
        : `${why} Calls are stopped; one call a minute tests whether upstream accepts them again.`;
    const reason: Reason = { code, upstreamCode, message, sinceMs, nextProbeAtMs };
    this.#stops.set(scope, { reason, probe: null });
    this.#options.logger.error({ scope, code, upstreamCode }, message);
    this.#options.onStopChange(scope, reason);
    this.#options.onOpen(scope);
  }

  #endStopProbe(scope: string, stop: OpenCircuit, ending: Ending): void {
    const failure = ending === 'answered' ? null : ending;
    const upstreamCode = failure?.upstreamCode ?? null;
    const wasAccepted = !failure || failure.billed === 'yes' || codesAfterAcceptance.has(upstreamCode ?? 0);
    // `#openStop` then opens it again, for the new reason.
    const hasOtherReason =
      scope === allEndpoints &&
      upstreamCode !== stop.reason.upstreamCode &&
      codesThatStopAll.has(upstreamCode ?? 0);
    if (wasAccepted || hasOtherReason) this.#stops.delete(scope);
    else {
      const nextProbeAtMs = nextProbeAfter(upstreamCode, this.#options.now());
      stop.reason = { ...stop.reason, nextProbeAtMs };
      this.#options.onProbe(scope, nextProbeAtMs);
    }
    if (!wasAccepted) return;
    this.#options.logger.info({ scope }, 'Upstream accepts calls again: calls are made again');
    this.#options.onStopChange(scope, null);
  }
}
