import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { randomFrom } from '../../src/sandbox/random.js';
import { rememberMs } from '../../src/upstream/cache/negativeCache.js';
import { Answers } from '../bench/chaos/answers.js';
import { builtServer } from '../bench/program.js';
import { Checker } from './check.js';
import { eventsOf, runEvents } from './events.js';
import { judge, type MemoryVerdict, type ProcessMemory } from './memory.js';
import { Payments } from './payments.js';
import { Reference } from './reference.js';
import { ownMb, SoakServer } from './servers.js';
import { soakRedis, soakSqlite } from './store.js';
import { apiKeys, isOnlyNamedByDryRuns, keys, manifest, type Request, requestOf } from './traffic.js';
import { startSoakUpstream } from './upstream.js';

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: string;
  /** How many servers share the store. */
  readonly processes: number;
  /** The processes that each of them has under it. 1: it serves by itself. */
  readonly workers: number;
  readonly store: 'redis' | 'sqlite';
  readonly clients: number;
  /** Seconds from one event to the next, on average. */
  readonly eventEverySeconds: number;
  /** Called every half minute. */
  readonly onProgress: (report: SoakReport) => void;
}

export interface SoakReport {
  readonly seconds: number;
  /** Requests by kind and how they ended. */
  readonly requests: ReadonlyMap<string, number>;
  readonly errors: ReadonlyMap<string, number>;
  /** Sections that clients received. */
  readonly sections: number;
  readonly events: ReadonlyMap<string, number>;
  readonly payments: Payments;
  readonly tightlyPaid: number;
  readonly memory: readonly MemoryVerdict[];
  /** What all servers hold now, in MB, after garbage collection. */
  readonly mb: number;
  /** What broke a promise. Empty: none was broken. */
  readonly broken: readonly string[];
}

const token = 'tok-soak-7b0e2c94f1aa63d8';

/** Short, so that answers get stale and are renewed all the time. */
const ttlMs = 30_000;
const staleMs = 60_000;
const upstreamTimeoutMs = 2_000;

const creators = 400;
const memoryEveryMs = 5_000;

/** A collection has ended by then, and freed pages have gone back to the system. */
const collectedMs = 1_000;
const progressEveryMs = 30_000;

/** Between two requests of a client. */
const pauseMs = 20;

/** An operation ends within `QUERY_TIMEOUT_MS`, also while a killed process's lease lasts. */
const queryTimeoutMs = 30_000;
const answeredWithinMs = queryTimeoutMs + 10_000;

/** Anything but the first line and our own JSON below `fatal`, such as a stack trace, a warning of Node, or a bug. */
const alarming =
  /^(?!\{"level":[1-5]0,|.*Page: http|collected$).+|.*(unhandled|uncaught|INTERNAL_SERVER_ERROR).*/gim;

/** Runs servers that share a store, clients that check what they get, and what may happen on a bad day. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { seconds, seed, processes, workers, onProgress } = options;
  const startedAtMs = performance.now();
  const elapsedSeconds = () => (performance.now() - startedAtMs) / 1_000;
  const payments = new Payments(
    { ttlMs, rememberMs, timeoutMs: upstreamTimeoutMs, now: Date.now },
    ({ creatorId }) => isOnlyNamedByDryRuns(creatorId),
  );
  const folder = await mkdtemp(join(tmpdir(), 'xingtu-soak-'));
  await writeFile(join(folder, 'soak.json'), JSON.stringify(manifest));
  const [upstream, store, reference] = await Promise.all([
    startSoakUpstream(seed, payments),
    options.store === 'redis' ? soakRedis() : soakSqlite(),
    Reference.start({ API_KEYS: apiKeys.unlimited, PERSISTED_DOCUMENTS: folder }),
  ]);
  const env = {
    LOG_LEVEL: 'error',
    WORKERS: String(workers),
    STORE_URL: store.url,
    JUSTONEAPI_TOKEN: token,
    JUSTONEAPI_BASE_URL: upstream.baseUrl,
    API_KEYS: apiKeys.limited,
    PERSISTED_DOCUMENTS: folder,
    CACHE_TTL_SECONDS: String(ttlMs / 1_000),
    CACHE_STALE_SECONDS: String(staleMs / 1_000),
    UPSTREAM_TIMEOUT_MS: String(upstreamTimeoutMs),
    QUERY_TIMEOUT_MS: String(queryTimeoutMs),
    DAILY_MAX_CALLS: '10000000',
    SHUTDOWN_DELAY_SECONDS: '1',
    SHUTDOWN_DRAIN_SECONDS: '1',
  };
  const servers = await Promise.all(Array.from({ length: processes }, () => SoakServer.start(env)));
  const answers = new Answers();
  const checker = new Checker({ reference, payments, answers, ttlMs, staleMs });
  const requests = new Map<string, number>();
  const events = new Map<string, number>();
  const memories = new Map<number, ProcessMemory>();
  const lost: string[] = [];
  const endsAtMs = performance.now() + seconds * 1_000;
  const isOver = () => performance.now() >= endsAtMs;
  let next = 0;

  /** As a balancer does, with the servers in rotation in turns. */
  async function serverFor(n: number): Promise<SoakServer> {
    for (;;) {
      const inRotation = servers.filter((server) => server.isInRotation);
      const server = inRotation[n % inRotation.length];
      if (server) return server;
      await sleep(pauseMs);
    }
  }

  async function ask(n: number, request: Request): Promise<string> {
    const { path, method, headers, body, disconnectMs, demand } = request;
    const server = await serverFor(n);
    const sentAtMs = Date.now();
    const isAnswered = demand && payments.demand(demand.callKey, demand.maxAgeSeconds);
    try {
      const response = await fetch(server.url + path, {
        method,
        headers: { ...headers, ...checker.headersFor(request) },
        body,
        signal: AbortSignal.timeout(disconnectMs ?? answeredWithinMs),
      });
      return await checker.check(request, response, sentAtMs);
    } catch (error) {
      if (disconnectMs !== null && (error as Error).name === 'TimeoutError') return 'disconnected';
      if (server.hadTroubleSince(sentAtMs)) return 'no answer, from a server that was killed or paused';
      const { message, cause, stack } = error as Error;
      lost.push(
        `${request.kind}: no answer after ${Date.now() - sentAtMs} ms: ${message} ${cause ?? stack} (${body ?? path})`,
      );
      return 'no answer';
    } finally {
      isAnswered?.();
    }
  }

  async function runClient(): Promise<void> {
    while (!isOver()) {
      const n = next++;
      const request = requestOf(seed, n, creators);
      count(requests, `${request.kind}: ${await ask(n, request)}`);
      await sleep(pauseMs);
    }
  }

  async function readMemory(): Promise<void> {
    for (const server of servers) server.collectGarbage();
    await sleep(collectedMs);
    for (const [nth, server] of servers.entries()) {
      for (const [at, pid] of server.pids().entries()) {
        const mb = ownMb(pid);
        if (mb === null) continue;
        const role = workers === 1 ? '' : at === 0 ? ', primary' : ', worker';
        const memory = memories.get(pid) ?? { name: `server ${nth + 1}${role}, ${pid}`, readings: [] };
        memory.readings.push({ seconds: elapsedSeconds(), mb });
        memories.set(pid, memory);
      }
    }
  }

  function report(): SoakReport {
    const memory = [...memories.values()].map((one) => judge(one, seconds));
    const output = servers.map((server) => server.output()).join('\n');
    const secrets = [token, ...Object.values(keys)].filter((secret) => output.includes(secret));
    const mb = servers
      .flatMap((server) => server.pids())
      .reduce((sum, pid) => sum + (memories.get(pid)?.readings.at(-1)?.mb ?? 0), 0);
    return {
      seconds: elapsedSeconds(),
      requests,
      errors: checker.errors,
      sections: checker.values,
      events,
      payments,
      tightlyPaid: checker.tightlyPaid,
      memory,
      mb,
      broken: [
        ...checker.wrong.map((what) => `wrong answer: ${what}`),
        ...answers.wrongData.map((what) => `wrong data: ${what}`),
        ...answers.unexplained.map((what) => `unexplained: ${what}`),
        ...payments.unexplained.map((what) => `paid twice: ${what}`),
        ...lost.map((what) => `lost: ${what}`),
        ...servers.flatMap(({ crashes }) => crashes.map((what) => `crashed: ${what}`)),
        ...(output.match(alarming) ?? []).map((line) => `logged: ${line.slice(0, 500)}`),
        ...secrets.map(() => 'a token or a key is in the output of a server'),
        ...memory
          .filter(({ isGrowing }) => isGrowing)
          .map(({ name, mbPerMinute }) => `memory grows: ${name}, ${mbPerMinute?.toFixed(1)} MB a minute`),
      ],
    };
  }

  const watching = setInterval(() => void readMemory(), memoryEveryMs);
  const telling = setInterval(() => onProgress(report()), progressEveryMs);
  const happening = eventsOf({
    servers,
    workers,
    store,
    upstream,
    payments,
    random: randomFrom(`${seed}:victims`),
    resume: async () => {
      const command = [...builtServer, 'store', 'resume'];
      // Not in the root, whose .env has the settings of a developer.
      await promisify(execFile)(process.execPath, command, { env, cwd: folder }).catch((error) =>
        lost.push(`the operator could not lift the stops: ${error}`),
      );
    },
  });
  await Promise.all([
    runEvents(happening, {
      random: randomFrom(`${seed}:events`),
      everySeconds: options.eventEverySeconds,
      isOver,
      onEvent: (name) => count(events, name),
    }),
    ...Array.from({ length: options.clients }, runClient),
  ]);
  clearInterval(watching);
  clearInterval(telling);
  await Promise.all(servers.map((server) => server.end()));
  await Promise.all([reference.close(), store.close(), upstream.close()]);
  await rm(folder, { recursive: true, force: true });
  return report();
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
