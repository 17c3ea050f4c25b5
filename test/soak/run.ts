import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../../src/sandbox/random.js';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.js';
import { Answers } from '../bench/chaos/answers.js';
import { Checker } from './check.js';
import { Payments } from './payments.js';
import { SoakServer } from './servers.js';
import { type SoakStore, soakRedis, soakSqlite } from './store.js';
import { requestOf } from './traffic.js';

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: string;
  readonly servers: number;
  readonly workers: number;
  readonly store: 'redis' | 'sqlite';
  readonly clients: number;
  /** Seconds from one event to the next. */
  readonly eventEverySeconds: number;
  /** Called every half minute. */
  readonly onProgress: (report: SoakReport) => void;
}

export interface SoakReport {
  readonly seconds: number;
  /** Requests by kind and how they ended. */
  readonly requests: ReadonlyMap<string, number>;
  readonly errors: ReadonlyMap<string, number>;
  /** Sections of creators by how they ended. */
  readonly sections: ReadonlyMap<string, number>;
  readonly events: ReadonlyMap<string, number>;
  readonly payments: Payments;
  /** Of a server, with its workers, in MB: one reading every five seconds. */
  readonly memoryMb: readonly number[];
  /** What broke a promise. Empty: none was broken. */
  readonly broken: readonly string[];
}

const token = 'tok-soak-7b0e2c94f1aa63d8';

/** Short, so that answers get stale and are renewed all the time. */
const ttlSeconds = 30;
const staleSeconds = 60;

const creators = 400;
const memoryEveryMs = 5_000;
const progressEveryMs = 30_000;

/** Between two requests of a client. */
const pauseMs = 20;

/** How much more a server may hold in the last quarter of a run than in the second. A run of under two minutes says nothing. */
const mostGrowth = 1.25;
const leastReadings = 24;

/** Runs servers that share a store, clients that check what they get, and what may happen on a bad day. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { seconds, seed, workers, onProgress } = options;
  const random = randomFrom(`${seed}:events`);
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + seconds * 1_000;
  const isOver = () => performance.now() >= endsAtMs;
  const payments = new Payments({ ttlMs: ttlSeconds * 1_000, now: () => performance.now() });
  const upstream: SandboxOptions = {
    latency: { kind: 'uniform', minMs: 5, maxMs: 80 },
    faultRates: [
      { fault: 301, rate: 0.05 },
      { fault: 302, rate: 0.01 },
      { fault: 500, rate: 0.02 },
      { fault: 'reset', rate: 0.005 },
      { fault: 'timeout', rate: 0.002 },
      { fault: 'broken', rate: 0.002 },
      { fault: 'half', rate: 0.002 },
    ],
    random: randomFrom(`${seed}:upstream`).next,
    onFault: payments.onFault,
    onBilled: payments.onBilled,
  };
  let sandbox: Sandbox = await startSandbox(upstream);
  const store: SoakStore = await (options.store === 'redis' ? soakRedis() : soakSqlite());
  const env = {
    LOG_LEVEL: 'error',
    WORKERS: String(workers),
    STORE_URL: store.url,
    JUSTONEAPI_TOKEN: token,
    JUSTONEAPI_BASE_URL: sandbox.baseUrl,
    CACHE_TTL_SECONDS: String(ttlSeconds),
    CACHE_STALE_SECONDS: String(staleSeconds),
    UPSTREAM_TIMEOUT_MS: '2000',
    DAILY_MAX_CALLS: '10000000',
  };
  const servers: SoakServer[] = [];
  for (let nth = 0; nth < options.servers; nth += 1) servers.push(await SoakServer.start(env));

  const answers = new Answers();
  const checker = new Checker(answers, { ttlMs: ttlSeconds * 1_000, staleMs: staleSeconds * 1_000 });
  const requests = new Map<string, number>();
  const events = new Map<string, number>();
  const memoryMb: number[] = [];
  const leaks: string[] = [];
  let next = 0;
  const count = (counts: Map<string, number>, what: string) => counts.set(what, (counts.get(what) ?? 0) + 1);

  async function ask(n: number): Promise<string> {
    const request = requestOf(seed, n, creators);
    const { path, method, headers, body, disconnectMs } = request;
    const server = servers[n % servers.length] as SoakServer;
    const sentAtMs = Date.now();
    try {
      const response = await fetch(server.url + path, {
        method,
        headers: { ...headers, ...checker.headersFor(request) },
        body,
        signal: AbortSignal.timeout(disconnectMs ?? 120_000),
      });
      return await checker.check(request, response, sentAtMs);
    } catch (error) {
      if (disconnectMs !== null) return 'disconnected';
      if (error instanceof SyntaxError) throw error;
      // A server that is killed, or starts again, answers nothing.
      return 'no answer';
    }
  }

  async function runClient(): Promise<void> {
    while (!isOver()) {
      const n = next++;
      const { kind } = requestOf(seed, n, creators);
      count(requests, `${kind}: ${await ask(n)}`);
      await sleep(pauseMs);
    }
  }

  /** Runs what happens as something that may cost calls. */
  const costing = (reason: Parameters<Payments['begin']>[0], happen: () => Promise<void>) => async () => {
    const end = payments.begin(reason);
    await happen();
    end();
  };
  const anyServer = () => random.pick(servers);
  const happenings: Record<string, () => Promise<void>> = {
    'server killed': async () => {
      const server = anyServer();
      await costing('after a kill', () => server.end('SIGKILL'))();
      await server.start();
    },
    'server restarted': async () => {
      const server = anyServer();
      await server.end('SIGTERM');
      await server.start();
    },
    'server paused': async () => {
      const server = anyServer();
      server.signal('SIGSTOP');
      await sleep(3_000);
      server.signal('SIGCONT');
    },
    'upstream away': async () => {
      await sandbox.close();
      await sleep(3_000);
      sandbox = await startSandbox({ ...upstream, port: Number(new URL(env.JUSTONEAPI_BASE_URL).port) });
    },
    ...(workers > 1 && {
      'worker killed': costing('after a kill', async () => {
        anyServer().killWorker(random.whole(0, workers - 1));
        await sleep(500);
      }),
      'workers reloaded': async () => anyServer().signal('SIGHUP'),
    }),
    ...Object.fromEntries(
      Object.entries(store.events).map(([name, happen]) => [
        name,
        costing('after a loss of the store', happen),
      ]),
    ),
  };

  async function runEvents(): Promise<void> {
    const names = Object.keys(happenings);
    // Each happens once before any happens again.
    let left: string[] = [];
    for (;;) {
      await sleep(options.eventEverySeconds * 1_000);
      if (isOver()) return;
      if (left.length === 0) left = [...names];
      const name = random.pick(left);
      left = left.filter((other) => other !== name);
      count(events, name);
      await happenings[name]?.();
    }
  }

  const report = (): SoakReport => ({
    seconds: (performance.now() - startedAtMs) / 1_000,
    requests,
    errors: checker.errors,
    sections: answers.outcomes,
    events,
    payments,
    memoryMb,
    broken: [
      ...checker.wrong,
      ...answers.wrongData,
      ...answers.unexplained,
      ...payments.unexplained.map((what) => `paid twice: ${what}`),
      ...servers.flatMap(({ crashes }) => crashes.map((what) => `crashed: ${what}`)),
      ...leaks,
      ...growthIn(memoryMb),
    ],
  });
  const watching = setInterval(() => {
    memoryMb.push(servers.reduce((sum, server) => sum + server.residentMb(), 0) / servers.length);
  }, memoryEveryMs);
  const telling = setInterval(() => onProgress(report()), progressEveryMs);
  await Promise.all([runEvents(), ...Array.from({ length: options.clients }, runClient)]);
  clearInterval(watching);
  clearInterval(telling);
  for (const server of servers) {
    await server.end('SIGTERM');
    if (server.output().includes(token)) leaks.push('the token is in the output of a server');
  }
  await store.close();
  await sandbox.close();
  return report();
}

/** Compares the most of the last quarter with the most of the second. */
function growthIn(readings: readonly number[]): string[] {
  if (readings.length < leastReadings) return [];
  const quarter = Math.floor(readings.length / 4);
  const [early, late] = [
    Math.max(...readings.slice(quarter, 2 * quarter)),
    Math.max(...readings.slice(-quarter)),
  ];
  return late > mostGrowth * early
    ? [`memory grows: ${early.toFixed(0)} MB in the second quarter, ${late.toFixed(0)} MB in the last`]
    : [];
}
