import type { Config } from '../config.js';
import type { Logger } from '../telemetry/logger.js';
import type { After, Clock } from '../time.js';
import { Asker } from './asker.js';
import { type Entry, SectionCache } from './cache.js';
import { Circuits, type Ending, type OpenCircuit } from './circuits.js';
import { readAnswer } from './codes.js';
import { DriftRecord } from './drift.js';
import type { Endpoint, Platform } from './endpoints/endpoint.js';
import { type EndpointName, endpointNames, endpoints, type ValueOf } from './endpoints.js';
import { UpstreamError, unusableAnswer } from './errors.js';
import type { Flight } from './flight.js';
import { type EndpointHealth, HealthRecord } from './health.js';
import type { JsonObject } from './json.js';
import { type Flow, Limiter, unwantedError } from './limiter.js';
import { createRetry } from './policy.js';
import { type Route, Router } from './router.js';
import type { StopKeeper } from './stops.js';
import type { Call } from './transport.js';

/** What every answer has beside its values. */
export interface SectionFacts<Name extends EndpointName = EndpointName> {
  readonly endpoint: Name;
  readonly creatorId: string;
  readonly platform: Platform;
  /** False: upstream says that it has nothing. Then the values are nulls and empty lists. */
  readonly hasData: boolean;
  readonly fetchedAt: Date;
  /** Older than the asker's limit, served because upstream gave nothing newer. */
  readonly isStale: boolean;
  /** Upstream's `data`, no digit lost. */
  raw(): JsonObject | null;
}

/** One endpoint's answer about one creator on one platform, in our own terms. */
export type Section<Name extends EndpointName = EndpointName> = SectionFacts<Name> & ValueOf<Name>;

export interface SectionRequest<Name extends EndpointName = EndpointName> {
  readonly endpoint: Name;
  readonly creatorId: string;
  readonly platform: Platform;
  /** How old an answer may be. 0 always pays. */
  readonly maxAgeSeconds: number;
}

export interface UpstreamStatus {
  readonly isSandbox: boolean;
  readonly environment: string;
  readonly endpoints: readonly EndpointStatus[];
  readonly stop: Stop | null;
  /** Paid since midnight in China, and since this process started. */
  readonly callsToday: number;
  readonly callsTotal: number;
  readonly dailyLimit: number | null;
}

export interface EndpointStatus extends EndpointHealth {
  readonly name: EndpointName;
  readonly circuit: 'CLOSED' | 'OPEN' | 'PROBING';
  readonly circuitSince: Date | null;
  /** How its bodies differ from the known shape. */
  readonly drift: readonly string[];
}

/** Why every call fails at once. */
export interface Stop {
  readonly code: string;
  readonly upstreamCode: number | null;
  readonly since: Date;
  readonly nextProbeAt: Date | null;
}

export interface Client {
  /** Rejects with UpstreamError. */
  get<Name extends EndpointName>(request: SectionRequest<Name>, asker: Asker): Promise<Section<Name>>;
  /** Who asks, for the time of one operation. `signal` is aborted when the client hangs up. */
  newAsker(signal: AbortSignal): Asker;
  /** How long an endpoint's answers count as fresh when the asker names no age. */
  ttlSecondsOf(endpoint: EndpointName): number;
  /** What is known of upstream. Calls nothing. */
  status(): UpstreamStatus;
  /** True once upstream is known to be a stand-in, whoever started it. */
  isSandbox(): boolean;
}

export interface ClientOptions {
  readonly routes: readonly Route[];
  readonly stops: StopKeeper;
  readonly config: Pick<
    Config,
    | 'ttlSeconds'
    | 'staleSeconds'
    | 'cacheMaxBytes'
    | 'upstreamConcurrency'
    | 'upstreamCallsPerSecond'
    | 'upstreamQueueMax'
    | 'upstreamRetries'
    | 'queryTimeoutMs'
  >;
  readonly logger: Logger;
  readonly now: Clock;
  readonly after: After;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

/**
 * The layers a section passes, outermost first: cache with single-flight → retry → circuit → limiter → one watched attempt
 * → transport. A hit never gets past the first; each attempt asks the circuit and takes its turn anew.
 */
export async function createClient(options: ClientOptions): Promise<Client> {
  const { routes, stops, config, logger, now, after, random } = options;
  const health = new HealthRecord(now);
  const drift = new DriftRecord(now, logger);
  const limiter = new Limiter({ config, now, after });
  const circuits = new Circuits({
    now,
    logger,
    onStopsChange: (changed) => stops.save(changed),
    onOpen: () => limiter.refuse((endpoint) => circuits.errorFor(endpoint)),
  });
  const router = new Router({ routes, now, random, logger, onFailOver: () => circuits.forgetTrouble() });
  const retry = createRetry({ retries: config.upstreamRetries, random });
  const cache = new SectionCache({
    maxBytes: config.cacheMaxBytes,
    staleMs: config.staleSeconds * 1000,
    now,
    queue: limiter,
  });
  const ttlSecondsOf = (name: EndpointName) => config.ttlSeconds[name] ?? endpoints[name].ttlSeconds;
  let isSandbox = router.current === 'sandbox';
  await stops.read((kept) => circuits.replaceStops(kept));

  /** One HTTP request: sent, judged, noted. */
  function send(call: Call): Promise<JsonObject | null> {
    return health.watch(call.endpoint.name, () =>
      router.run(async (transport) => {
        const answer = await transport.send(call);
        isSandbox ||= answer.isSandbox;
        return readAnswer(call.endpoint, answer, now());
      }),
    );
  }

  /** One attempt, once the circuit and the limiter let it through. */
  async function attempt(call: Call, flow: Flow, flight: Flight): Promise<JsonObject | null> {
    const endpoint = call.endpoint.name;
    if (circuits.areStopsHolding) await stops.read((kept) => circuits.replaceStops(kept));
    if (!flight.isWanted) {
      flight.abandon();
      throw unwantedError(endpoint);
    }
    // From leave to line without a pause: what stops everything meanwhile fails whatever stands in line.
    const pass = circuits.enter(endpoint);
    let ending: Ending = 'unsent';
    const sendAndJudge = async () => {
      try {
        const data = await send(call);
        ending = 'answered';
        return data;
      } catch (error) {
        ending = error instanceof UpstreamError ? error : 'answered';
        throw error;
      } finally {
        // Before the next in line may start.
        circuits.end(pass, ending);
      }
    };
    try {
      return await limiter.run({ endpoint, flow, waiting: flight }, sendAndJudge);
    } finally {
      if (ending === 'unsent') circuits.end(pass, ending);
    }
  }

  /** One paid answer, read. */
  async function fetchEntry(call: Call, flow: Flow, flight: Flight): Promise<Entry> {
    const { endpoint } = call;
    try {
      const data = await retry(
        () => attempt(call, flow, flight),
        () => flight.isWanted,
      );
      if (data) drift.noteBody(call, data);
      return {
        data: data && JSON.stringify(data),
        value: decode(endpoint, data ?? {}, (path) => drift.noteUnreadable(endpoint.name, path)),
        fetchedAtMs: now(),
      };
    } catch (error) {
      logFailure(logger, call, error);
      throw error;
    }
  }

  return {
    newAsker: (signal) => new Asker({ signal, timeoutMs: config.queryTimeoutMs, now, after }),
    async get<Name extends EndpointName>(
      request: SectionRequest<Name>,
      asker: Asker,
    ): Promise<Section<Name>> {
      const { endpoint: name, creatorId, platform, maxAgeSeconds } = request;
      const endpoint = endpoints[name];
      const { entry, status } = await cache.get(
        {
          key: `${name}:${creatorId}:${platform}`,
          endpoint: name,
          maxAgeMs: maxAgeSeconds * 1000,
          freshMs: ttlSecondsOf(name) * 1000,
          asker,
        },
        (flight) => fetchEntry({ endpoint, creatorId, platform }, asker.flow, flight),
      );
      const facts: SectionFacts<Name> = {
        endpoint: name,
        creatorId,
        platform,
        hasData: entry.data !== null,
        fetchedAt: new Date(entry.fetchedAtMs),
        isStale: status === 'stale',
        raw: () => entry.data && JSON.parse(entry.data),
      };
      return { ...entry.value, ...facts } as Section<Name>;
    },
    ttlSecondsOf,
    status: () => ({
      isSandbox,
      environment: router.current,
      endpoints: endpointNames.map((name) => ({
        name,
        ...health.of(name),
        ...circuitStatus(circuits.of(name)),
        drift: drift.of(name),
      })),
      stop: stopStatus(circuits.stop),
      callsToday: health.paidToday,
      callsTotal: health.paidTotal,
      dailyLimit: null,
    }),
    isSandbox: () => isSandbox,
  };
}

function circuitStatus(open: OpenCircuit | null): Pick<EndpointStatus, 'circuit' | 'circuitSince'> {
  if (!open) return { circuit: 'CLOSED', circuitSince: null };
  return { circuit: open.isProbing ? 'PROBING' : 'OPEN', circuitSince: new Date(open.sinceMs) };
}

function stopStatus(open: OpenCircuit | null): Stop | null {
  return (
    open && {
      code: open.code,
      upstreamCode: open.upstreamCode,
      since: new Date(open.sinceMs),
      nextProbeAt: open.isProbing ? null : new Date(open.nextProbeAtMs),
    }
  );
}

/** Decoders never throw. Should one do so all the same, the answer is held like any other that was billed in vain. */
function decode(endpoint: Endpoint, data: JsonObject, onDrift: (what: string) => void): object {
  try {
    return endpoint.decode(data, onDrift);
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
