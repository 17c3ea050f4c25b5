import type { OpenCircuit } from './openCircuit.js';

export interface CircuitStatus {
  readonly circuit: 'CLOSED' | 'OPEN' | 'PROBING';
  readonly circuitSince: Date | null;
}

/** Why every call fails at once. */
export interface Stop {
  readonly code: string;
  readonly upstreamCode: number | null;
  readonly since: Date;
  readonly nextProbeAt: Date | null;
}

export function circuitStatus(open: OpenCircuit | null): CircuitStatus {
  if (!open) return { circuit: 'CLOSED', circuitSince: null };
  return { circuit: open.isProbing ? 'PROBING' : 'OPEN', circuitSince: new Date(open.sinceMs) };
}

export function stopStatus(open: OpenCircuit | null): Stop | null {
  return (
    open && {
      code: open.code,
      upstreamCode: open.upstreamCode,
      since: new Date(open.sinceMs),
      nextProbeAt: open.isProbing ? null : new Date(open.nextProbeAtMs),
    }
  );
}
