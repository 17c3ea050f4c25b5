import type { Config } from '../config.js';
import type { Logger } from '../telemetry/logger.js';
import { Asker } from './asker.js';
import { type Entry, SectionCache } from './cache.js';
import { type CallerOptions, type CircuitStatus, createCaller, type Stop } from './caller.js';
import { dataOf } from './codes.js';
import { DriftRecord } from './drift.js';
import type { Endpoint, Platform } from './endpoints/endpoint.js';
import { type EndpointName, endpointNames, endpoints, type ValueOf } from './endpoints.js';
import { UpstreamError, unusableAnswer } from './errors.js';
import type { Flight } from './flight.js';
import { type EndpointHealth, HealthRecord } from './health.js';
import type { JsonObject } from './json.js';
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

export interface EndpointStatus extends EndpointHealth, CircuitStatus {
  readonly name: EndpointName;
  /** How its bodies differ from the known shape. */
  readonly drift: readonly string[];
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
  /** Nothing is sent any more, and what waits fails. */
  close(): void;
}

export interface ClientOptions extends Omit<CallerOptions, 'health'> {
  readonly config: CallerOptions['config'] &
    Pick<Config, 'ttlSeconds' | 'staleSeconds' | 'cacheMaxBytes' | 'queryTimeoutMs'>;
}

/** The outermost layer: answers that are kept, and read. Below it the caller makes what calls are needed. */
export async function createClient(options: ClientOptions): Promise<Client> {
  const { config, logger, now, elapsed, after } = options;
  const health = new HealthRecord({ now, elapsed });
  const drift = new DriftRecord(now, logger);
  const caller = createCaller({ ...options, health });
  const cache = new SectionCache({
    maxBytes: config.cacheMaxBytes,
    staleMs: config.staleSeconds * 1000,
    now,
    queue: caller.queue,
  });
  const ttlSecondsOf = (name: EndpointName) => config.ttlSeconds[name] ?? endpoints[name].ttlSeconds;
  await caller.loadStops();

  /** One paid answer, read. */
  async function fetchEntry(call: Call, flight: Flight): Promise<Entry> {
    const { endpoint } = call;
    try {
      const body = await caller.call(call, flight);
      if (body) drift.noteBody(call, body.data);
      return {
        body: body?.text ?? null,
        value: decode(endpoint, body?.data ?? {}, (path) => drift.noteUnreadable(endpoint.name, path)),
        fetchedAtMs: now(),
      };
    } catch (error) {
      logFailure(logger, call, error);
      throw error;
    }
  }

  return {
    newAsker: (signal) => new Asker({ signal, timeoutMs: config.queryTimeoutMs, elapsed, after }),
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
        (flight) => fetchEntry({ endpoint, creatorId, platform }, flight),
      );
      const facts: SectionFacts<Name> = {
        endpoint: name,
        creatorId,
        platform,
        hasData: entry.body !== null,
        fetchedAt: new Date(entry.fetchedAtMs),
        isStale: status === 'stale',
        raw: () => (entry.body === null ? null : dataOf(entry.body)),
      };
      return { ...entry.value, ...facts } as Section<Name>;
    },
    ttlSecondsOf,
    status: () => ({
      isSandbox: caller.isSandbox(),
      environment: caller.environment(),
      endpoints: endpointNames.map((name) => ({
        name,
        ...health.of(name),
        ...caller.circuitOf(name),
        drift: drift.of(name),
      })),
      stop: caller.stop(),
      callsToday: health.paidToday,
      callsTotal: health.paidTotal,
      dailyLimit: null,
    }),
    isSandbox: caller.isSandbox,
    close: caller.close,
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
  const { code, upstreamCode, billed, message, isHeldBack } = error;
  // While a circuit is open there may be thousands, and its opening was told.
  logger[isHeldBack ? 'debug' : 'warn'](
    { endpoint: endpoint.name, creatorId, platform, code, upstreamCode, billed },
    message,
  );
}
