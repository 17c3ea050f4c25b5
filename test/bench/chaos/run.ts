import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { FaultRates } from '../../../src/sandbox/faults.js';
import { randomFrom } from '../../../src/sandbox/random.js';
import { startSandbox } from '../../../src/sandbox/server.js';
import { type Program, startProgram } from '../program.js';
import { Answers } from './answers.js';
import { Ledger } from './ledger.js';
import { operationOf } from './operations.js';

export interface ChaosOptions {
  readonly seed: string;
  readonly operations: number;
  /** How many creators the operations are about. */
  readonly creators: number;
  readonly callsPerSecond: number;
  /** What Node is given to start the server. */
  readonly server: readonly string[];
}

export interface ChaosReport {
  readonly checks: readonly Check[];
  readonly answers: Answers;
  readonly ledger: Ledger;
  readonly tookMs: readonly number[];
  readonly disconnected: number;
  readonly durationMs: number;
  /** Resident memory after the first quarter of the operations and at the end. Null: unknown on this system. */
  readonly memoryKb: readonly [number | null, number | null];
}

/** A promise of the server, in how many cases it was checked, and what broke it. */
export interface Check {
  readonly promise: string;
  readonly cases: number;
  readonly broken: readonly string[];
}

const clients = 32;

/** They start one after the other, because a server is slow at first. */
const betweenClientsMs = 25;

/** A recognisable text, so that it is found where it must not be. */
const token = 'tok-chaos-4c1f7ab2e9d05836';

const faultRates: FaultRates = [
  { fault: 301, rate: 0.2 },
  { fault: 302, rate: 0.05 },
  { fault: 500, rate: 0.02 },
  { fault: 'reset', rate: 0.01 },
  { fault: 'timeout', rate: 0.01 },
  { fault: 'broken', rate: 0.004 },
  { fault: 'html', rate: 0.002 },
  { fault: 'half', rate: 0.002 },
  { fault: 'base_resp', rate: 0.002 },
  { fault: 777, rate: 0.002 },
];

/** Runs many clients against a server with a bad upstream, and checks the server's promises. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, operations, creators, callsPerSecond } = options;
  const ledger = new Ledger();
  const sandbox = await startSandbox({
    latency: { kind: 'uniform', minMs: 1, maxMs: 10 },
    faultRates,
    random: randomFrom(`${seed}:upstream`).next,
    onCall: ledger.onCall,
    onFault: ledger.onFault,
    onBilled: ledger.onBilled,
  });
  const server = await startProgram(options.server, {
    PORT: '0',
    STORE_URL: 'memory:',
    LOG_LEVEL: 'trace',
    JUSTONEAPI_TOKEN: token,
    JUSTONEAPI_BASE_URL: sandbox.baseUrl,
    UPSTREAM_TIMEOUT_MS: '1000',
    UPSTREAM_CONCURRENCY: '50',
    QUERY_MAX_CALLS: '500',
    UPSTREAM_CALLS_PER_SECOND: String(callsPerSecond),
    // An answer that is dropped for lack of memory would be paid again.
    CACHE_MAX_BYTES: String(2 ** 30),
  });
  const url = new URL(server.url);
  const pool = new Pool(url.origin, { connections: clients });
  const answers = new Answers();
  const leaks: string[] = [];
  const lost: string[] = [];
  const tookMs: number[] = [];
  let disconnected = 0;
  let memoryAtQuarter: number | null = null;
  let next = 0;

  async function ask(n: number): Promise<void> {
    const { query, variables, disconnectMs } = operationOf(seed, n, creators);
    const signal = disconnectMs === null ? null : AbortSignal.timeout(disconnectMs);
    const startedAt = performance.now();
    const request = {
      method: 'POST',
      path: url.pathname,
      headers: { 'content-type': 'application/json' },
    } as const;
    try {
      const { body } = await pool.request({ ...request, body: JSON.stringify({ query, variables }), signal });
      const text = await body.text();
      tookMs.push(performance.now() - startedAt);
      if (text.includes(token)) leaks.push(`answer ${n}`);
      await answers.check(text);
    } catch (error) {
      if (signal?.aborted) disconnected += 1;
      else lost.push(`operation ${n}: ${error}`);
    }
  }

  async function runClient(_: unknown, nth: number): Promise<void> {
    await sleep(nth * betweenClientsMs);
    while (next < operations) {
      const n = next++;
      if (n === Math.floor(operations / 4)) memoryAtQuarter = await residentKb(server);
      await ask(n);
    }
  }

  const startedAt = performance.now();
  await Promise.all(Array.from({ length: clients }, runClient));
  const durationMs = performance.now() - startedAt;
  const memoryKb = [memoryAtQuarter, await residentKb(server)] as const;
  const health = await pool
    .request({ method: 'GET', path: '/health' })
    .then(async ({ statusCode, body }) => `HTTP ${statusCode} ${await body.text()}`.trim(), String);
  await pool.close();
  const exitCode = await server.end();
  await sandbox.close();
  ledger.close();

  const sections = [...answers.outcomes.values()].reduce((sum, count) => sum + count, 0);
  const fullest = ledger.fullestSecond;
  const lines = server.output().split('\n').filter(Boolean);
  leaks.push(...lines.filter((line) => line.includes(token)));
  const checks: Check[] = [
    { promise: 'no wrong data', cases: answers.outcomes.get('OK') ?? 0, broken: answers.wrongData },
    { promise: 'no section paid twice', cases: ledger.billed, broken: ledger.paidTwice },
    {
      promise: 'no call made again within a minute that may have been billed',
      cases: ledger.calls,
      broken: ledger.retriedTooSoon,
    },
    { promise: 'every null has an error with a known code', cases: sections, broken: answers.unexplained },
    { promise: 'every operation is answered', cases: operations - disconnected, broken: lost },
    {
      promise: `at most ${callsPerSecond} calls in any second`,
      cases: ledger.calls,
      broken:
        fullest.calls > callsPerSecond
          ? [`${fullest.calls} from ${fullest.atSeconds.toFixed(1)} s after the first`]
          : [],
    },
    { promise: 'no token in any output or answer', cases: lines.length + tookMs.length, broken: leaks },
    {
      promise: 'no crash, no bug in the logs',
      cases: lines.length,
      broken: lines.slice(1).filter(isAlarming),
    },
    { promise: 'alive to the end', cases: 1, broken: health.startsWith('HTTP 200') ? [] : [health] },
    { promise: 'ends cleanly', cases: 1, broken: exitCode === 0 ? [] : [`exit code ${exitCode}`] },
  ];
  return { checks, answers, ledger, tookMs, disconnected, durationMs, memoryKb };
}

/** Anything but our own lines of JSON below `fatal`, such as a stack trace or a warning of Node. */
function isAlarming(line: string): boolean {
  return !/^\{"level":[1-5]0,/.test(line) || /unhandled|uncaught|mistake/i.test(line);
}

async function residentKb({ process: { pid } }: Program): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kb] = /^VmRSS:\s+(\d+)/m.exec(status) ?? [];
  return kb === undefined ? null : Number(kb);
}
