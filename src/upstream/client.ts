import type { Payer } from '../apiKeys.js';
import type { Config } from '../config.js';
import { type After, dayMs } from '../time.js';
import { AnswerStore } from './cache/answerStore.js';
import { type Freshness, freshnessOf } from './cache/freshness.js';
import { type EarlierOptions, History } from './cache/history.js';
import { KnownAnswers } from './cache/knownAnswers.js';
import { Operation, type OperationOptions } from './cache/operation.js';
import { type Forecast, SectionCache } from './cache/sectionCache.js';
import { SingleFlight } from './cache/singleFlight.js';
import { type BudgetState, Budgets } from './call/budget.js';
import type { CircuitStatus, Stop } from './call/circuit/status.js';
import { StopStore } from './call/circuit/stopStore.js';
import { Ledger } from './call/ledger.js';
import type { Load } from './call/limiter/limiter.js';
import { OwnRate } from './call/limiter/rate.js';
import { SharedRate } from './call/limiter/sharedRate.js';
import { createPipeline, type PipelineOptions } from './call/pipeline.js';
import { type EndpointHealth, HealthRecord } from './call/route/health.js';
import { type Spend, SpendTotals } from './call/spend.js';
import { DriftRecord } from './endpoints/drift.js';
import { keepsHistory } from './endpoints/endpoint.js';
import { type EndpointName, endpointNames, endpoints } from './endpoints/table.js';
import { SandboxState } from './sandboxState.js';
import type { Section, SectionFacts, SectionRequest } from './section.js';
import type { Store } from './store/store.js';

export interface UpstreamStatus {
  readonly isSandbox: boolean;
  readonly environment: string;
  readonly endpoints: readonly EndpointStatus[];
  readonly stop: Stop | null;
  /** Paid since midnight in China by all servers that share the store. */
  readonly callsToday: number;
  /** Paid since this process started. */
  readonly callsTotal: number;
  readonly dailyLimit: number | null;
}

export interface EndpointStatus extends EndpointHealth, CircuitStatus {
  readonly name: EndpointName;
  /** How its bodies differ from the known shape, as `DriftRecord.of` describes it. */
  readonly drift: readonly string[];
}

export interface Client {
  /** A section in memory that is fresh enough. Notes no look-up. Null: there is none. */
  peek(request: SectionRequest): Section | null;
  /** The same, noted as the operation's look-up. Null: call `lookUp`. */
  hit(request: SectionRequest, operation: Operation): Section | null;
  /**
   * Looks sections up, with one read of the store for all. Each promise settles on its own, and rejects with
   * UpstreamError.
   */
  lookUp(requests: readonly SectionRequest[], operation: Operation): readonly Promise<Section>[];
  /** The kept answers from before a section, the newest first. Makes no call. */
  earlier(section: SectionFacts, options: EarlierOptions): AsyncIterable<Section>;
  /** What look-ups would result in now. Makes no call. */
  forecast(requests: readonly SectionRequest[]): Promise<readonly Forecast[]>;
  /** How many more calls the budgets allow today; 0 while STORE_REQUIRED allows none. Infinity: unlimited. */
  leftToday(payer: Payer | null): Promise<number>;
  /** See `Circuits.dueProbes`. */
  dueProbes(endpoint: EndpointName): readonly string[] | null;
  newOperation(
    options: Pick<OperationOptions, 'signal' | 'payer' | 'operationName' | 'requestId' | 'trace'>,
  ): Operation;
  /** How long an operation's response stays valid, once its look-ups have ended. Null: it cannot be stored. */
  freshnessOf(operation: Operation): Freshness | null;
  /** How long an endpoint's answers are fresh for an operation that gives no `maxAgeSeconds`. */
  ttlSecondsOf(endpoint: EndpointName): number;
  /** Upstream's state, and the calls of a payer or (null) of all. Makes no call. */
  status(payer?: Payer | null): Promise<UpstreamStatus>;
  /** What a payer or (null) all have spent on the last `days` days, with today. See `SpendTotals`. Makes no call. */
  spend(days: number, payer: Payer | null): Promise<readonly Spend[]>;
  /** The calls that wait or are in flight. */
  load(): Load;
  /** The state of each budget today: the server's, then each API key's. */
  budgets(): Promise<readonly BudgetState[]>;
  /** Whether endpoints may be called whose answers hold contact data of people. */
  readonly allowsPersonalData: boolean;
  /** Whether upstream is known to be a sandbox. */
  isSandbox(): boolean;
  /** Sends nothing more, and fails the calls in the queue. */
  close(): void;
  /** Resolves when every in-flight call has ended, its answer is stored and it is in the ledger, or when the time is up. */
  settled(withinMs: number): Promise<void>;
}

export interface ClientOptions
  extends Omit<
    PipelineOptions,
    'isStoreMissing' | 'health' | 'stops' | 'budgets' | 'ledger' | 'rate' | 'drift' | 'sandbox'
  > {
  readonly store: Store;
  /** Live, sandbox and custom-URL answers never mix: see `namespaceOf`. */
  readonly namespace: string;
  /** Of the token and base URL: stops, budgets and the rate are separate for each. See `fingerprintOf`. */
  readonly fingerprint: string;
  readonly config: PipelineOptions['config'] &
    Pick<
      Config,
      | 'ttlSeconds'
      | 'staleSeconds'
      | 'historyDays'
      | 'cacheMaxBytes'
      | 'queryTimeoutMs'
      | 'dailyMaxCalls'
      | 'apiKeys'
      | 'upstreamCallsPerSecond'
      | 'allowsPersonalData'
      | 'isStoreRequired'
    >;
}

/** Looks sections up: in the cache, and with calls through the pipeline. */
export async function createClient(options: ClientOptions): Promise<Client> {
  const { routes, config, store, namespace, fingerprint, logger, now, elapsed, after } = options;
  const health = new HealthRecord(elapsed);
  const drift = new DriftRecord(now, logger);
  const sandbox = new SandboxState(routes[0]?.name === 'sandbox');
  const stops = new StopStore({ store, fingerprint, elapsed, logger });
  const { dailyMaxCalls: limit, apiKeys } = config;
  // A key for metrics can't spend.
  const payers = apiKeys.filter(({ role }) => role !== 'metrics');
  const budgets = new Budgets({ store, fingerprint, limit, payers, logger, now });
  const ledger = new Ledger({ store, fingerprint, logger });
  const spendTotals = new SpendTotals({ ledger, logger, now, elapsed });
  const perSecond = config.upstreamCallsPerSecond;
  const rate =
    store.isShared && perSecond !== null
      ? new SharedRate({ store, fingerprint, perSecond, after })
      : new OwnRate(perSecond);
  const isStoreMissing = () => config.isStoreRequired && store.lostBecause !== null;
  const parts = { isStoreMissing, stops, budgets, ledger, rate, health, drift, sandbox };
  const pipeline = createPipeline({ ...options, ...parts });

  const ttlSecondsOf = (name: EndpointName) => config.ttlSeconds[name] ?? endpoints[name].ttlSeconds;
  const lifeMsOf = (name: EndpointName) => (ttlSecondsOf(name) + config.staleSeconds) * 1000;
  const answers = store.isShared
    ? new AnswerStore({ store, namespace, lifeMsOf, sandbox, logger, now, after })
    : null;
  const known = new KnownAnswers({ maxBytes: config.cacheMaxBytes, store: answers, sandbox, now });
  const keepMs = config.historyDays * dayMs;
  const history = new History({ store, namespace, keepMs, sandbox, logger, now });
  const cache = new SectionCache({
    known,
    shared: answers && {
      answers,
      singleFlight: new SingleFlight({ store, namespace, answers, after }),
    },
    makeCall: async (call, inFlight) => {
      const answer = await pipeline.run(call, inFlight);
      if (keepsHistory(call.endpoint)) history.add(call, answer);
      return answer;
    },
    ttlSecondsOf,
    staleMs: config.staleSeconds * 1000,
    now,
    elapsed,
  });
  await pipeline.loadStops();

  return {
    newOperation: (operation) =>
      new Operation({ ...operation, timeoutMs: config.queryTimeoutMs, elapsed, after }),
    peek: ({ call, maxAgeSeconds }) => known.hit(call.key, 1000 * maxAgeSeconds)?.section ?? null,
    hit: (request, operation) => cache.hit(request, operation)?.section ?? null,
    lookUp: (requests, operation) =>
      cache.lookUp(requests, operation).map(async (found) => {
        const { entry, isStale } = await found;
        return isStale ? { ...entry.section, isStale } : entry.section;
      }),
    earlier: (section, options) => history.earlier(section, options),
    forecast: (requests) => cache.forecast(requests),
    leftToday: async (payer) => (isStoreMissing() ? 0 : budgets.leftToday(payer)),
    dueProbes: (endpoint) => pipeline.dueProbes(endpoint),
    freshnessOf: ({ lookups, isRepeatable }) => (isRepeatable ? freshnessOf(lookups, known, now) : null),
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
    spend: (days, payer) => spendTotals.of(days, payer?.name ?? null),
    load: () => pipeline.load(),
    budgets: () => budgets.states(),
    allowsPersonalData: config.allowsPersonalData,
    isSandbox: () => sandbox.isSandbox,
    close: () => pipeline.close(),
    settled: (withinMs) =>
      withTimeLimit(
        withinMs,
        Promise.all([cache.settled(), history.settled()]).then(() => ledger.settled()),
        after,
      ),
  };
}

/** Resolves when `done` does, or when the time is up. */
function withTimeLimit(withinMs: number, done: Promise<void>, after: After): Promise<void> {
  return new Promise((resolve) => {
    const stopTimer = after(withinMs, resolve);
    done.then(() => {
      stopTimer();
      resolve();
    });
  });
}
