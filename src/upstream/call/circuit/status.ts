import type { OpenCircuitView } from './openCircuit.js';

export interface CircuitStatus {
  readonly circuit: 'CLOSED' | 'OPEN' | 'PROBING';
  readonly circuitSince: Date | null;
}

/** Why every call fails at once. */
export interface Stop {
  readonly code: string;
  readonly upstreamCode: number | null;
  readonly since: Date;
  /** Null: a probe is being made. */
  readonly nextProbeAt: Date | null;
}

export function circuitStatus(circuit: OpenCircuitView | null): CircuitStatus {
  if (!circuit) return { circuit: 'CLOSED', circuitSince: null };
  return { circuit: circuit.isProbing ? 'PROBING' : 'OPEN', circuitSince: new Date(circuit.sinceMs) };
}

export function stopStatus(circuit: OpenCircuitView | null): Stop | null {
  return (
    circuit && {
      code: circuit.code,
      upstreamCode: circuit.upstreamCode,
      since: new Date(circuit.sinceMs),
      nextProbeAt: circuit.isProbing ? null : new Date(circuit.nextProbeAtMs),
    }
  );
}
