import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultRates } from '../../src/sandbox/faults.js';
import { randomFrom } from '../../src/sandbox/random.js';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/server.js';
import type { Payments } from './payments.js';

const usualFaults: FaultRates = [
  { fault: 301, rate: 0.05 },
  { fault: 302, rate: 0.01 },
  { fault: 500, rate: 0.02 },
  { fault: 'reset', rate: 0.005 },
  { fault: 'timeout', rate: 0.002 },
  { fault: 'broken', rate: 0.002 },
  { fault: 'half', rate: 0.002 },
];

const manyFaults: FaultRates = [
  { fault: 301, rate: 0.3 },
  { fault: 503, rate: 0.1 },
  { fault: 'reset', rate: 0.1 },
  { fault: 302, rate: 0.05 },
];

/** After this, servers stop all calls. */
const noBalance: FaultRates = [{ fault: 601, rate: 1 }];

export interface SoakUpstream {
  readonly baseUrl: string;
  /** Refuses connections. */
  away(ms: number): Promise<void>;
  /** Fails half of the calls. */
  failing(ms: number): Promise<void>;
  /** Has no balance. */
  withoutBalance(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** A sandbox that has the faults of a bad day, and tells what it bills. */
export async function startSoakUpstream(seed: string, payments: Payments): Promise<SoakUpstream> {
  const { onFault, onBilled } = payments;
  let faultRates = usualFaults;
  const random = randomFrom(`${seed}:upstream`).next;
  const optionsWith = (port: number): SandboxOptions => ({
    port,
    latency: { kind: 'uniform', minMs: 5, maxMs: 80 },
    // Read for each call.
    get faultRates() {
      return faultRates;
    },
    random,
    onFault,
    onBilled,
  });
  let sandbox = await startSandbox(optionsWith(0));
  const { baseUrl } = sandbox;
  async function failAtRates(rates: FaultRates, ms: number): Promise<void> {
    faultRates = rates;
    await sleep(ms);
    faultRates = usualFaults;
  }
  return {
    baseUrl,
    away: async (ms) => {
      payments.noteReset();
      await sandbox.close();
      await sleep(ms);
      sandbox = await startSandbox(optionsWith(Number(new URL(baseUrl).port)));
    },
    failing: (ms) => failAtRates(manyFaults, ms),
    withoutBalance: (ms) => failAtRates(noBalance, ms),
    close: () => sandbox.close(),
  };
}
