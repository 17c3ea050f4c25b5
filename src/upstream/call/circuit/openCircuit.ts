import type { ErrorCode } from '../../../errors.js';
import { UpstreamError } from '../../errors.js';

/** When to ask again while a probe is under way: it takes as long as upstream takes. */
const whileProbingSeconds = 5;

/** What opened a circuit, and what calls fail with while it is open. */
export interface Reason {
  readonly code: ErrorCode;
  readonly upstreamCode: number | null;
  readonly message: string;
  readonly sinceMs: number;
  /** When one call will try again. */
  readonly nextProbeAtMs: number;
}

/** The stops that hold: everything's under `*`, an endpoint's under its name. */
export type Stops = Readonly<Record<string, Reason>>;

/** Permission for one attempt. */
export class Permit {
  readonly endpoint: string;
  /** How often calls had failed over to another environment when the attempt was sent. Null: it was not sent. */
  failovers: number | null = null;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }
}

/** A circuit that is not closed. */
export interface Open {
  reason: Reason;
  probe: Permit | null;
}

/** The same, as others see it. */
export interface OpenCircuit extends Reason {
  readonly isProbing: boolean;
}

export function shown(open: Open | undefined): OpenCircuit | null {
  return open ? { ...open.reason, isProbing: open.probe !== null } : null;
}

/** What calls fail with. */
export function errorOf({ reason, probe }: Open, endpoint: string, nowMs: number): UpstreamError {
  const waitSeconds = probe ? whileProbingSeconds : Math.ceil((reason.nextProbeAtMs - nowMs) / 1000);
  return new UpstreamError(reason.code, reason.message, {
    endpoint,
    billed: 'no',
    isHeldBack: true,
    retryAfterSeconds: Math.max(1, waitSeconds),
    ...(reason.upstreamCode === null ? {} : { upstreamCode: reason.upstreamCode }),
  });
}
