import type { Payer } from '../apiKeys.js';
import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import { entryOf, openAnswer } from './cache/entry.js';
import { type Sources, sourcesOf } from './cache/freshness.js';
import { Lookup } from './cache/lookup.js';
import { Asker } from './cache/operation.js';
import { type Forecast, SectionCache, type Wanted } from './cache/sectionCache.js';
import { SharedAnswers } from './cache/singleFlight.js';
import { type Entry, nameOf, type Subject } from './cache/storedAnswer.js';
import { type BudgetState, Budgets } from './call/budget.js';
import { StopKeeper } from './call/circuit/stopStore.js';
import type { Flight } from './call/inFlightCall.js';
import { OwnRate } from './call/limiter/rate.js';
import { SharedRate } from './call/limiter/sharedRate.js';
import { type CallerOptions, type CircuitStatus, createCaller, type Stop } from './call/pipeline.js';
import { type EndpointHealth, HealthRecord } from './call/route/health.js';
import { DriftRecord } from './endpoints/drift.js';
import type { Endpoint, Platform } from './endpoints/endpoint.js';
import { type EndpointName, endpointNames, endpoints, type ValueOf } from './endpoints/table.js';
import { UpstreamError, unusableAnswer } from './errors.js';
import type { Call } from './http/transport.js';
import type { JsonObject } from './json.js';
import type { JsonText } from './jsonText.js';
import type { Store } from './store/store.js';

/** What every answer has beside its values. */
export interface SectionFacts<Name extends EndpointName = EndpointName> {
  readonly endpoint: Name;
  readonly creatorId: string;
  readonly platform: Platform;
  /** False: upstream says that it has nothing. Then the values are nulls and empty lists. */
  readonly hasData: boolean;
  readonly fetchedAt: Date;
  /** Older than the asker's limit, served because upstream gave nothing newer, or is just being asked. */
  readonly isStale: boolean;
  /** Upstream's `data`, no digit lost. Null without data. */
  readonly raw: JsonText | null;
}

/** One endpoint's answer about one creator on one platform, in our own terms. */
export type Section<Name extends EndpointName = EndpointName> = SectionFacts<Name> & ValueOf<Name>;

export interface SectionRequest<Name extends EndpointName = EndpointName> {
  readonly endpoint: Name;
  readonly creatorId: string;
  readonly platform: Platform;
  /** How old an answer may be. 0 always pays. */
  readonly maxAgeSeconds: number;
  /** From which age on it is waited for a newer one. Below, an older answer does while it is renewed. */
  readonly awaitedFromSeconds: number;
}

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
  /** What memory has, and is young enough. Null: there is nothing such. Nobody is told that it was asked for. */
  peek(request: SectionRequest): Section | null;
  /** The same for an asker. Null: the section is to be got. */
  atHand<Name extends EndpointName>(request: SectionRequest<Name>, asker: Asker): Section<Name> | null;
  /** Rejects with UpstreamError. */
  get<Name extends EndpointName>(request: SectionRequest<Name>, asker: Asker): Promise<Section<Name>>;
  /** What would become of a request now. Calls nothing. */
  forecast(request: SectionRequest): Promise<Forecast>;
  /** Calls that could be paid for now, as far as budgets go. */
  leftToday(payer: Payer | null): Promise<number>;
  /**
   * The open circuits that would let one call to the endpoint through now, to find out, and no more. Null: they let none
   * through, for too many were in vain.
   */
  dueFor(endpoint: EndpointName): readonly string[] | null;
  /** Who asks, for the time of one operation. `signal` is aborted when the client hangs up. */
  newAsker(who: { readonly signal: AbortSignal; readonly payer: Payer | null }): Asker;
  /** What an operation took, once it has all of it. Null: nothing, or not all of it was fresh. */
  sourcesOf(asker: Asker): Sources | null;
  /** How long an endpoint's answers count as fresh when the asker names no age. */
  ttlSecondsOf(endpoint: EndpointName): number;
  /** What is known of upstream, and what is spent there: by everybody, unless a payer is named. Calls nothing. */
  status(payer?: Payer | null): Promise<UpstreamStatus>;
  /** What is spent of each budget today: the server's, then each payer's. */
  budgets(): Promise<readonly BudgetState[]>;
  /** True once upstream is known to be a stand-in, whoever started it. */
  isSandbox(): boolean;
  /** Nothing is sent any more, and what waits fails. */
  close(): void;
  isClosed(): boolean;
  /** Every call under way has ended, and what came of it is kept; or it took too long. */
  landed(withinMs: number): Promise<void>;
}

export interface ClientOptions extends Omit<CallerOptions, 'health' | 'stops' | 'budgets' | 'rate'> {
  readonly store: Store;
  /** Whose answers are kept together: see `nameOf`. */
  readonly realm: string;
  /** Of the token and where it is for: whose stops, counts and rate are kept together. */
  readonly fingerprint: string;
  readonly config: CallerOptions['config'] &
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

/** The outermost layer: answers that are kept, and read. Below it the caller makes what calls are needed. */
export async function createClient(options: ClientOptions): Promise<Client> {
  const { config, store, realm, fingerprint, logger, now, elapsed, after } = options;
  const health = new HealthRecord(elapsed);
  const drift = new DriftRecord(now, logger);
  const stops = new StopKeeper({ store, fingerprint, elapsed, logger });
  const { dailyMaxCalls: limit, apiKeys: payers } = config;
  const budgets = new Budgets({ store, fingerprint, limit, payers, logger, now });
  const most = config.upstreamCallsPerSecond;
  const isRateShared = store.isShared && most !== null;
  const rate = isRateShared ? new SharedRate({ store, fingerprint, most, after }) : new OwnRate(most);
  const caller = createCaller({ ...options, stops, budgets, rate, health });
  const ttlSecondsOf = (name: EndpointName) => config.ttlSeconds[name] ?? endpoints[name].ttlSeconds;
  const lifeMsOf = (name: EndpointName) => (ttlSecondsOf(name) + config.staleSeconds) * 1000;
  /** What answers out of the store say of upstream, until it answers itself. */
  let wasSandbox: boolean | null = null;
  const isSandbox = () => caller.isSandbox() ?? wasSandbox ?? false;
  const cache = new SectionCache({
    maxBytes: config.cacheMaxBytes,
    staleMs: config.staleSeconds * 1000,
    now,
    queue: caller.queue,
    isUsable: (answer) => {
      wasSandbox ??= answer.isSandbox;
      return answer.isSandbox === isSandbox();
    },
    shared: store.isShared
      ? new SharedAnswers({ store, lifeMsOf, open: openAnswer, logger, now, after })
      : null,
  });
  let isClosed = false;
  await caller.loadStops();

  /** One paid answer, read. */
  async function fetchEntry(call: Call, flight: Flight): Promise<Entry> {
    const { endpoint } = call;
    try {
      const { body, isSandbox } = await caller.call(call, flight);
      if (body) drift.noteBody(call, body.data);
      const fetchedAtMs = now();
      const tell = (path: string) => drift.noteUnreadable(endpoint.name, path);
      const value = decode(endpoint, body?.data ?? {}, tell, fetchedAtMs);
      return entryOf(call, { body: body?.text ?? null, fetchedAtMs, isSandbox }, value);
    } catch (error) {
      logFailure(logger, call, error);
      throw error;
    }
  }

  function wantedOf(request: SectionRequest): Wanted {
    const { creatorId, platform, maxAgeSeconds, awaitedFromSeconds } = request;
    const subject: Subject = { endpoint: endpoints[request.endpoint], creatorId, platform };
    return {
      name: nameOf(realm, subject),
      subject,
      maxAgeMs: maxAgeSeconds * 1000,
      awaitedFromMs: awaitedFromSeconds * 1000,
      freshMs: ttlSecondsOf(request.endpoint) * 1000,
    };
  }

  async function look(wanted: Wanted, asker: Asker, lookup: Lookup): Promise<Section> {
    try {
      const { section } = await cache.get(wanted, asker, lookup, (flight) =>
        fetchEntry(wanted.subject, flight),
      );
      return lookup.isStale ? { ...section, isStale: true } : section;
    } finally {
      lookup.end(elapsed());
    }
  }

  return {
    newAsker: (who) => new Asker({ ...who, timeoutMs: config.queryTimeoutMs, elapsed, after }),
    peek: (request) => {
      const { name, maxAgeMs } = wantedOf(request);
      return cache.hit(name, maxAgeMs)?.section ?? null;
    },
    atHand<Name extends EndpointName>(request: SectionRequest<Name>, asker: Asker) {
      const { name, maxAgeMs } = wantedOf(request);
      const entry = cache.hit(name, maxAgeMs);
      if (!entry) return null;
      const lookup = new Lookup(request, asker, elapsed());
      lookup.entry = entry;
      lookup.end(elapsed());
      asker.lookups.push(lookup);
      return entry.section as unknown as Section<Name>;
    },
    get<Name extends EndpointName>(request: SectionRequest<Name>, asker: Asker) {
      const lookup = new Lookup(request, asker, elapsed());
      asker.lookups.push(lookup);
      return look(wantedOf(request), asker, lookup) as unknown as Promise<Section<Name>>;
    },
    forecast: (request) => cache.forecast(wantedOf(request)),
    leftToday: (payer) => budgets.leftToday(payer),
    dueFor: (endpoint) => caller.dueFor(endpoint),
    sourcesOf: ({ lookups }) =>
      sourcesOf(lookups, {
        nameOf: (request) => wantedOf(request).name,
        hit: (name, maxAgeMs) => cache.hit(name, maxAgeMs),
        state: () => 2 * cache.changes + Number(isSandbox()),
        now,
      }),
    ttlSecondsOf,
    status: async (payer = null) => ({
      isSandbox: isSandbox(),
      environment: caller.environment(),
      endpoints: endpointNames.map((name) => ({
        name,
        ...health.of(name),
        ...caller.circuitOf(name),
        drift: drift.of(name),
      })),
      stop: caller.stop(),
      callsToday: await budgets.spentToday(payer),
      callsTotal: budgets.paidTotal(payer),
      dailyLimit: budgets.limitOf(payer),
    }),
    budgets: () => budgets.states(),
    isSandbox,
    close: () => {
      isClosed = true;
      caller.close();
    },
    isClosed: () => isClosed,
    landed: (withinMs) =>
      new Promise((resolve) => {
        const stopTimer = after(withinMs, resolve);
        cache.landed().then(() => {
          stopTimer();
          resolve();
        });
      }),
  };
}

/** Decoders never throw. Should one do so all the same, the answer is held like any other that was billed in vain. */
function decode(
  endpoint: Endpoint,
  data: JsonObject,
  onDrift: (what: string) => void,
  fetchedAtMs: number,
): object {
  try {
    return endpoint.decode(data, onDrift, fetchedAtMs);
  } catch (cause) {
    throw unusableAnswer({ endpoint: endpoint.name, billed: 'yes', cause }, "its values can't be read");
  }
}

function logFailure(logger: Logger, { endpoint, creatorId, platform }: Call, error: unknown): void {
  if (!(error instanceof UpstreamError)) return;
  const { code, upstreamCode, billed, message, isHeldBack } = error;
  // While a circuit is open there may be thousands, and its opening was told.
  logger[isHeldBack ? 'debug' : 'warn'](
    { endpoint: endpoint.name, creatorId, platform, code, upstreamCode, billed },
    message,
  );
}
