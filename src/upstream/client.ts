import type { Config } from '../config.js';
import type { Logger } from '../telemetry/logger.js';
import type { Clock } from '../time.js';
import { type Entry, SectionCache } from './cache.js';
import { readAnswer } from './codes.js';
import { DriftRecord } from './drift.js';
import type { Endpoint, Platform } from './endpoints/endpoint.js';
import { type EndpointName, endpointNames, endpoints, type ValueOf } from './endpoints.js';
import type { Environment } from './environment.js';
import { UpstreamError, unusableAnswer } from './errors.js';
import { type EndpointHealth, HealthRecord } from './health.js';
import type { JsonObject } from './json.js';
import type { Call, Transport } from './transport.js';

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
  get<Name extends EndpointName>(request: SectionRequest<Name>): Promise<Section<Name>>;
  /** How long an endpoint's answers count as fresh when the asker names no age. */
  ttlSecondsOf(endpoint: EndpointName): number;
  /** What is known of upstream. Calls nothing. */
  status(): UpstreamStatus;
  /** True once upstream is known to be a stand-in, whoever started it. */
  isSandbox(): boolean;
}

export interface ClientOptions {
  readonly transport: Transport;
  readonly environment: Environment;
  readonly config: Pick<Config, 'ttlSeconds' | 'staleSeconds' | 'cacheMaxBytes'>;
  readonly logger: Logger;
  readonly now: Clock;
}

/**
 * The layers a section passes, outermost first: cache with single-flight → [retry → circuit → limiter] → one watched
 * attempt → transport. A hit never gets past the first; those in brackets belong around `attempt` and are not here yet.
 */
export function createClient(options: ClientOptions): Client {
  const { transport, environment, config, logger, now } = options;
  const health = new HealthRecord(now);
  const drift = new DriftRecord(now, logger);
  const cache = new SectionCache({
    maxBytes: config.cacheMaxBytes,
    staleMs: config.staleSeconds * 1000,
    now,
  });
  const ttlSecondsOf = (name: EndpointName) => config.ttlSeconds[name] ?? endpoints[name].ttlSeconds;
  let isSandbox = environment.name === 'sandbox';

  /** One HTTP request: sent, judged, noted. */
  function attempt(call: Call): Promise<JsonObject | null> {
    return health.watch(call.endpoint.name, async () => {
      const answer = await transport.send(call);
      isSandbox ||= answer.isSandbox;
      return readAnswer(call.endpoint, answer, now());
    });
  }

  /** One paid answer, read. */
  async function fetchEntry(call: Call): Promise<Entry> {
    const { endpoint } = call;
    try {
      const data = await attempt(call);
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
    async get<Name extends EndpointName>(request: SectionRequest<Name>): Promise<Section<Name>> {
      const { endpoint: name, creatorId, platform, maxAgeSeconds } = request;
      const endpoint = endpoints[name];
      const { entry, status } = await cache.get(
        `${name}:${creatorId}:${platform}`,
        { maxAgeMs: maxAgeSeconds * 1000, freshMs: ttlSecondsOf(name) * 1000 },
        () => fetchEntry({ endpoint, creatorId, platform }),
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
      environment: environment.name,
      endpoints: endpointNames.map((name) => ({
        name,
        ...health.of(name),
        circuit: 'CLOSED',
        circuitSince: null,
        drift: drift.of(name),
      })),
      stop: null,
      callsToday: health.paidToday,
      callsTotal: health.paidTotal,
      dailyLimit: null,
    }),
    isSandbox: () => isSandbox,
  };
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
  const { code, upstreamCode, billed, message } = error;
  logger.warn({ endpoint: endpoint.name, creatorId, platform, code, upstreamCode, billed }, message);
}
