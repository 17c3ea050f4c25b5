import type { ErrorCode } from '../../../errors.js';
import { UpstreamError } from '../../errors.js';

/** A probe takes as long as upstream does, so this is a guess of when its outcome is known. */
const retryAfterProbeSeconds = 5;

/** Why a circuit is open, and what its calls fail with. */
export interface Reason {
  readonly code: ErrorCode;
  readonly upstreamCode: number | null;
  readonly message: string;
  readonly sinceMs: number;
  /** From this time on, one call is let through as a probe. */
  readonly nextProbeAtMs: number;
}

/** The stops in force, by scope: `*` for all endpoints, or an endpoint's name. */
export type Stops = Readonly<Record<string, Reason>>;

/** Permission for one attempt. */
export class Permit {
  readonly endpoint: string;
  /** The number of failovers when the attempt was sent. Null: it was not sent. */
  failovers: number | null = null;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }
}

/** A circuit that is open or being probed. Closed circuits have no object. */
export interface OpenCircuit {
  reason: Reason;
  /** The permit of the attempt that probes it. */
  probe: Permit | null;
}

/** A copy for code outside this folder. */
export interface OpenCircuitView extends Reason {
  readonly isProbing: boolean;
}

export function viewOf(circuit: OpenCircuit | undefined): OpenCircuitView | null {
  return circuit ? { ...circuit.reason, isProbing: circuit.probe !== null } : null;
}

/** The error of a call that an open circuit refuses. */
export function errorOf({ reason, probe }: OpenCircuit, endpoint: string, nowMs: number): UpstreamError {
  const waitSeconds = probe ? retryAfterProbeSeconds : Math.ceil((reason.nextProbeAtMs - nowMs) / 1000);
  return new UpstreamError(reason.code, reason.message, {
    endpoint,
    billed: 'no',
    isHeldBack: true,
    retryAfterSeconds: Math.max(1, waitSeconds),
    ...(reason.upstreamCode === null ? {} : { upstreamCode: reason.upstreamCode }),
  });
}
