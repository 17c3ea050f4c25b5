import type { Payer } from '../apiKeys.js';
import type { Config } from '../config.js';
import type { After } from '../time.js';
import { AnswerStore } from './cache/answerStore.js';
import { type Freshness, freshnessOf } from './cache/freshness.js';
import { KnownAnswers } from './cache/knownAnswers.js';
import { Operation } from './cache/operation.js';
import { type Forecast, SectionCache } from './cache/sectionCache.js';
import { SingleFlight } from './cache/singleFlight.js';
import { type BudgetState, Budgets } from './call/budget.js';
import type { CircuitStatus, Stop } from './call/circuit/status.js';
import { StopStore } from './call/circuit/stopStore.js';
import { OwnRate } from './call/limiter/rate.js';
import { SharedRate } from './call/limiter/sharedRate.js';
import { createPipeline, type PipelineOptions } from './call/pipeline.js';
import { type EndpointHealth, HealthRecord } from './call/route/health.js';
import { DriftRecord } from './endpoints/drift.js';
import { type EndpointName, endpointNames, endpoints } from './endpoints/table.js';
import { SandboxState } from './sandboxState.js';
import type { Section, SectionRequest } from './section.js';
import type { Store } from './store/store.js';

export interface UpstreamStatus {
  readonly isSandbox: boolean;
  readonly environment: string;
  readonly endpoints: readonly EndpointStatus[];
  readonly stop: Stop | null;
  /** Paid since midnight in China through all servers that share the store, and since this process started. */
  readonly callsToday: number;
  readonly callsTotal: number;
  readonly dailyLimit: number | null;
}

export interface EndpointStatus extends EndpointHealth, CircuitStatus {
  readonly name: EndpointName;
  /** How its bodies differ from the known shape. */
  readonly drift: readonly string[];
}

export interface Client {
  /** A section that memory has and that is young enough, without noting that it was looked up. Null: there is none. */
  peek(request: SectionRequest): Section | null;
  /** The same for an operation, which notes it. Null: it is to be looked up. */
  hit(request: SectionRequest, operation: Operation): Section | null;
  /** Looks sections up, with one read of the store for all. Each settles by itself, and rejects with UpstreamError. */
  lookUp(requests: readonly SectionRequest[], operation: Operation): readonly Promise<Section>[];
  /** What would become of look-ups now. Calls nothing. */
  forecast(requests: readonly SectionRequest[]): Promise<readonly Forecast[]>;
  /** Calls that could be paid for now, as far as budgets go. */
  leftToday(payer: Payer | null): Promise<number>;
  /**
   * The open circuits that would let one call to the endpoint through now, to find out, and no more. Null: they let none
   * through, for too many were in vain.
   */
  dueFor(endpoint: EndpointName): readonly string[] | null;
  /** `signal` is aborted when the client hangs up. */
  newOperation(options: { readonly signal: AbortSignal; readonly payer: Payer | null }): Operation;
  /** Of what an operation took, once it has all of it. Null: it took nothing, or not all of it was fresh. */
  freshnessOf(operation: Operation): Freshness | null;
  /** How long an endpoint's answers are fresh for an operation that names no age. */
  ttlSecondsOf(endpoint: EndpointName): number;
  /** What is known of upstream, and what is spent there: by a payer, or by all. Calls nothing. */
  status(payer?: Payer | null): Promise<UpstreamStatus>;
  /** What is spent of each budget today: the server's, then each key's. */
  budgets(): Promise<readonly BudgetState[]>;
  /** True once upstream is known to be a stand-in, whoever started it. */
  isSandbox(): boolean;
  /** Nothing is sent any more, and calls in the queue fail. */
  close(): void;
  isClosed(): boolean;
  /** Every call in flight has ended, and what came of it is stored; or it took too long. */
  settled(withinMs: number): Promise<void>;
}

export interface ClientOptions
  extends Omit<PipelineOptions, 'health' | 'stops' | 'budgets' | 'rate' | 'drift' | 'sandbox'> {
  readonly store: Store;
  /** Keeps answers of different upstreams apart: see `namespaceOf`. */
  readonly namespace: string;
  /** Of the token and where it is for: stops, counts and the rate are its own. */
  readonly fingerprint: string;
  readonly config: PipelineOptions['config'] &
    Pick<
      Config,
      | 'ttlSeconds'
      | 'staleSeconds'
      | 'cacheMaxBytes'
      | 'queryTimeoutMs'
      | 'dailyMaxCalls'
      | 'apiKeys'
      | 'upstreamCallsPerSecond'
    >;
}

/** Sections of upstream: the cache in front, and the pipeline that makes what calls are needed. */
export async function createClient(options: ClientOptions): Promise<Client> {
  const { routes, config, store, namespace, fingerprint, logger, now, elapsed, after } = options;
  const health = new HealthRecord(elapsed);
  const drift = new DriftRecord(now, logger);
  const sandbox = new SandboxState(routes[0]?.name === 'sandbox');
  const stops = new StopStore({ store, fingerprint, elapsed, logger });
  const { dailyMaxCalls: limit, apiKeys: payers } = config;
  const budgets = new Budgets({ store, fingerprint, limit, payers, logger, now });
  const most = config.upstreamCallsPerSecond;
  const isRateShared = store.isShared && most !== null;
  const rate = isRateShared ? new SharedRate({ store, fingerprint, most, after }) : new OwnRate(most);
  const pipeline = createPipeline({ ...options, stops, budgets, rate, health, drift, sandbox });

  const ttlSecondsOf = (name: EndpointName) => config.ttlSeconds[name] ?? endpoints[name].ttlSeconds;
  const lifeMsOf = (name: EndpointName) => (ttlSecondsOf(name) + config.staleSeconds) * 1000;
  const answers = store.isShared
    ? new AnswerStore({ store, namespace, lifeMsOf, sandbox, logger, now, after })
    : null;
  const known = new KnownAnswers({ maxBytes: config.cacheMaxBytes, store: answers, sandbox, now });
  const cache = new SectionCache({
    known,
    shared: answers && {
      answers,
      singleFlight: new SingleFlight({ store, namespace, answers, after }),
    },
    makeCall: (call, inFlight) => pipeline.run(call, inFlight),
    ttlSecondsOf,
    staleMs: config.staleSeconds * 1000,
    now,
    elapsed,
  });
  let isClosed = false;
  await pipeline.loadStops();

  return {
    newOperation: (who) => new Operation({ ...who, timeoutMs: config.queryTimeoutMs, elapsed, after }),
    peek: ({ call, maxAgeSeconds }) => known.hit(call.key, 1000 * maxAgeSeconds)?.section ?? null,
    hit: (request, operation) => cache.hit(request, operation)?.section ?? null,
    lookUp: (requests, operation) =>
      cache.lookUp(requests, operation).map(async (looking) => {
        const { entry, isStale } = await looking;
        return isStale ? { ...entry.section, isStale } : entry.section;
      }),
    forecast: (requests) => cache.forecast(requests),
    leftToday: (payer) => budgets.leftToday(payer),
    dueFor: (endpoint) => pipeline.dueFor(endpoint),
    freshnessOf: ({ lookups, sawStatus }) => (sawStatus ? null : freshnessOf(lookups, known, now)),
    ttlSecondsOf,
    status: async (payer = null) => ({
      isSandbox: sandbox.isSandbox,
      environment: pipeline.environment(),
      endpoints: endpointNames.map((name) => ({
        name,
        ...health.of(name),
        ...pipeline.circuitOf(name),
        drift: drift.of(name),
      })),
      stop: pipeline.stop(),
      callsToday: await budgets.spentToday(payer),
      callsTotal: budgets.paidTotal(payer),
      dailyLimit: budgets.limitOf(payer),
    }),
    budgets: () => budgets.states(),
    isSandbox: () => sandbox.isSandbox,
    close: () => {
      isClosed = true;
      pipeline.close();
    },
    isClosed: () => isClosed,
    settled: (withinMs) => atMost(withinMs, cache.settled(), after),
  };
}

/** Resolves when a promise does, or when that takes too long. */
function atMost(withinMs: number, done: Promise<void>, after: After): Promise<void> {
  return new Promise((resolve) => {
    const stopTimer = after(withinMs, resolve);
    done.then(() => {
      stopTimer();
      resolve();
    });
  });
}
