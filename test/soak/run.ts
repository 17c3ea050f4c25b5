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
import { judge, type MemoryVerdict } from './memory.js';
import { MemoryWatch } from './memoryWatch.js';
import { Payments } from './payments.js';
import { Reference } from './reference.js';
import { SoakServer } from './servers.js';
import { answeredWithinMs, environmentOf, staleMs, token, ttlMs, upstreamTimeoutMs } from './settings.js';
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
  /** Only events with this text in their names happen. */
  readonly onlyEvents: string;
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

const creators = 400;
const progressEveryMs = 30_000;

/** Between two requests of a client. */
const pauseMs = 20;

/** Anything but the first line and our own JSON below `fatal`, such as a stack trace, a warning of Node, or a bug. */
const alarming =
  /^(?!\{"level":[1-5]0,|.*Page: http|collected$).+|.*(unhandled|uncaught|INTERNAL_SERVER_ERROR).*/gim;

/** Runs servers that share a store, clients that check what they get, and what may happen on a bad day. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    return await run(options, (end) => ends.unshift(end));
  } finally {
    for (const end of ends) await end();
  }
}

/** `atEnd`: takes what ends a part, also when another part fails. */
async function run(options: SoakOptions, atEnd: (end: () => Promise<unknown>) => void): Promise<SoakReport> {
  const { seconds, seed, processes, workers, onProgress } = options;
  const startedAtMs = performance.now();
  const elapsedSeconds = () => (performance.now() - startedAtMs) / 1_000;
  const payments = new Payments(
    { ttlMs, rememberMs, timeoutMs: upstreamTimeoutMs, now: Date.now },
    ({ creatorId }) => isOnlyNamedByDryRuns(creatorId),
  );
  const folder = await mkdtemp(join(tmpdir(), 'xingtu-soak-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'soak.json'), JSON.stringify(manifest));
  const upstream = await startSoakUpstream(seed, payments);
  atEnd(() => upstream.close());
  const store = await (options.store === 'redis' ? soakRedis() : soakSqlite());
  atEnd(() => store.close());
  const reference = await Reference.start({ API_KEYS: apiKeys.unlimited, PERSISTED_DOCUMENTS: folder });
  atEnd(() => reference.close());
  const env = environmentOf({
    workers,
    storeUrl: store.url,
    upstreamUrl: upstream.baseUrl,
    documents: folder,
  });
  const servers: SoakServer[] = [];
  atEnd(() => Promise.all(servers.map((server) => server.kill())));
  for (let nth = 0; nth < processes; nth += 1) servers.push(await SoakServer.start(env));
  const watch = new MemoryWatch(servers, elapsedSeconds);
  atEnd(async () => watch.close());
  const answers = new Answers();
  const checker = new Checker({
    reference,
    payments,
    answers,
    ttlMs,
    staleMs,
    processes: processes * workers,
  });
  const requests = new Map<string, number>();
  const events = new Map<string, number>();
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
        `${request.kind}: no answer after ${Date.now() - sentAtMs} ms${payments.latestEvents()}: ${message} ${cause ?? stack} (${body ?? path})`,
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

  function report(): SoakReport {
    const memory = watch.memories.map((one) => judge(one, seconds));
    const output = servers.map((server) => server.output()).join('\n');
    const secrets = [token, ...Object.values(keys)].filter((secret) => output.includes(secret));
    return {
      seconds: elapsedSeconds(),
      requests,
      errors: checker.errors,
      sections: checker.values,
      events,
      payments,
      tightlyPaid: checker.tightlyPaid,
      memory,
      mb: watch.mb,
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

  const telling = setInterval(() => onProgress(report()), progressEveryMs);
  atEnd(async () => clearInterval(telling));
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
  const chosen = Object.fromEntries(
    Object.entries(happening).filter(([name]) => name.includes(options.onlyEvents)),
  );
  await Promise.all([
    runEvents(chosen, {
      random: randomFrom(`${seed}:events`),
      everySeconds: options.eventEverySeconds,
      isOver,
      onEvent: (name) => {
        count(events, name);
        payments.noteEvent(name);
      },
      onOver: (name) => payments.noteEvent(`${name}, over`),
    }),
    ...Array.from({ length: options.clients }, runClient),
  ]);
  await Promise.all(servers.map((server) => server.end()));
  return report();
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
