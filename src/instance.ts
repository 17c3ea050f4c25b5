import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from './config.js';
import { closingSeconds, type EndKind, type OnWaiting } from './ending.js';
import { type HttpServer, listen } from './http.js';
import type { Logger } from './logger.js';
import { readPersistedDocuments } from './persistedDocuments.js';
import { ResponseMemo } from './response/memo.js';
import type { Respond } from './response/message.js';
import { createServer } from './server.js';
import { startupMessage } from './startupMessage.js';
import {
  addReadMetrics,
  collectProcessMetrics,
  type Metrics,
  type MetricsText,
} from './telemetry/metrics.js';
import { createTelemetry } from './telemetry/telemetry.js';
import { elapsed, later, Stopwatch } from './time.js';
import { namespaceOf } from './upstream/cache/storedAnswer.js';
import { fingerprintOf } from './upstream/call/circuit/stopStore.js';
import { type Environment, environmentsFor } from './upstream/call/route/environment.js';
import type { Route } from './upstream/call/route/router.js';
import { type Client, createClient } from './upstream/client.js';
import { createTransport } from './upstream/http/transport.js';
import { openStore } from './upstream/store/open.js';
import type { Store } from './upstream/store/store.js';
import { version } from './version.js';

/** How long an ending server waits for the calls that it aborted. */
const abortedCallsWithinMs = 1_000;
/** How long it then takes to answer the requests whose calls have failed. */
const failedWithinMs = 300;

/** How long sending a response may take after QUERY_TIMEOUT_MS. */
const sendWithinMs = 10_000;

/** The same folder, whether this module is in `src` or, bundled, in `dist`. */
const dashboardFolder = new URL('../dist/dashboard/', import.meta.url);

export interface InstanceOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** See `Log.droppedLines`. */
  readonly droppedLines: () => number;
  /** Where the sandbox listens. Null: calls go to upstream. */
  readonly sandboxUrl: string | null;
  /** Replaces this process's own metrics in a scrape. */
  readonly scrapeOf?: (own: Metrics, changes: () => number) => MetricsText;
  readonly onWaiting?: OnWaiting;
  /** See `HttpServer.drain`. Default: nothing else listens on the port. */
  readonly mayCloseConnections?: () => Promise<void>;
}

/** The server without a port. */
export interface OpenServer {
  readonly respond: Respond;
  readonly environments: readonly Environment[];
  readonly store: Pick<Store, 'lostBecause'>;
  /** From now on `/ready` says 503. Everything else goes on. */
  announceEnd(): void;
  /** Makes no more calls, and waits for those that were sent. */
  stopCalls(withinMs: number): Promise<void>;
  /** Aborts the calls that are still in flight, and closes the connections to upstream. To be called after `stopCalls`. */
  abortCalls(): Promise<void>;
  /** Closes the store. To be called last. `withinMs`: see `Store.close`. */
  close(withinMs?: number): Promise<void>;
}

/** The server in one process. */
export interface Instance {
  readonly startupMessage: string;
  /** Stops listening, and closes its connections without failing a request. To be called before `end`. */
  retire(): Promise<void>;
  /**
   * If it is announced: says on `/ready` that it ends, and serves on for SHUTDOWN_DELAY_SECONDS; then stops listening, and
   * closes its connections as `retire` does, for SHUTDOWN_DRAIN_SECONDS. Then makes no more calls, waits for those that
   * were sent, unless the process has crashed, answers the requests that are left, and closes the port.
   */
  end(kind: EndKind): Promise<void>;
  /** Closes the store, and waits for it before if it is lost. To be called last. */
  close(): Promise<void>;
}

/** Opens everything from the store to the port. Rejects with nothing left open. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { config } = options;
  const server = await openServer(options);
  let http: HttpServer;
  try {
    http = await listen(server.respond, config, {
      onAcceptError: (error) => options.logger.error(error, 'A connection could not be accepted'),
    });
  } catch (error) {
    await server.stopCalls(0);
    await server.abortCalls();
    await server.close();
    throw error;
  }
  let storeWithinMs = () => 0;
  return {
    startupMessage: startupMessage({ ...server, origin: http.origin, config }),
    retire: () => http.drain(config.queryTimeoutMs + sendWithinMs, options.mayCloseConnections),
    end: async (kind) => {
      const stopwatch = new Stopwatch(elapsed);
      const callsEndMs = (config.shutdownTimeoutSeconds - closingSeconds) * 1_000;
      const leftMs = () => Math.max(0, callsEndMs - stopwatch.ms);
      server.announceEnd();
      if (kind === 'announced') {
        await pause(config.shutdownDelaySeconds * 1_000);
        await http.drain(config.shutdownDrainSeconds * 1_000, options.mayCloseConnections);
      }
      // The sandbox bills nothing, so a person at a terminal need not wait for it.
      const isAtOnce = kind === 'crashed' || (kind === 'interrupted' && options.sandboxUrl !== null);
      if (!isAtOnce) storeWithinMs = leftMs;
      await server.stopCalls(isAtOnce ? 0 : leftMs());
      await server.abortCalls();
      await http.close(Math.max(kind === 'announced' ? leftMs() : 0, failedWithinMs));
    },
    close: () => server.close(storeWithinMs()),
  };
}

/** Opens everything but the port. Rejects with nothing left open. */
export async function openServer(options: InstanceOptions): Promise<OpenServer> {
  const { config, logger, droppedLines, sandboxUrl, scrapeOf, onWaiting = () => {} } = options;
  const documents = await readPersistedDocuments(config.persistedDocuments);
  const store = await openStore(config, logger);
  const environments: readonly Environment[] =
    sandboxUrl === null ? environmentsFor(config) : [{ name: 'sandbox', baseUrl: sandboxUrl }];
  const token = config.token ?? 'sandbox';
  const routes = environments.map(
    ({ name, baseUrl }): Route => ({
      name,
      transport: createTransport({ baseUrl, token, timeoutMs: config.upstreamTimeoutMs }),
    }),
  );
  const closeRoutes = () => Promise.all(routes.map(({ transport }) => transport.close()));

  const telemetry = createTelemetry({ logger, after: later });
  const { register, tally, observer } = telemetry;
  let client: Client;
  let respond: Respond;
  let isEnding = false;
  try {
    client = await createClient({
      routes,
      store,
      namespace: namespaceOf(config),
      fingerprint: fingerprintOf(token, config.baseUrl),
      observer,
      config,
      logger,
      now: Date.now,
      elapsed,
      after: later,
      random: Math.random,
    });
    const memo = config.responseMemo ? new ResponseMemo({ maxBytes: config.cacheMaxBytes }) : null;
    addReadMetrics({ register, client, store, tally, droppedLines, version: version() });
    collectProcessMetrics(register);
    const scraped = scrapeOf?.(register, () => telemetry.changes) ?? register;
    respond = createServer({
      client,
      store,
      metrics: scraped,
      documents,
      memo,
      tally,
      observer,
      config,
      dashboardFolder,
      isEnding: () => isEnding,
      logger,
      now: Date.now,
      elapsed,
      after: later,
    });
  } catch (error) {
    await closeRoutes();
    await store.close();
    throw error;
  }

  return {
    respond,
    environments,
    store,
    announceEnd: () => {
      isEnding = true;
    },
    stopCalls: async (withinMs) => {
      client.close();
      if (withinMs === 0) return;
      const calls = client.load().inFlight;
      if (calls > 0 && sandboxUrl === null) onWaiting(calls, withinMs);
      // Calls that may be billed should end, so that their answers are stored.
      await client.settled(withinMs);
    },
    abortCalls: async () => {
      await closeRoutes();
      // Aborted calls store their failures, since they may be billed, and release their leases.
      await client.settled(abortedCallsWithinMs);
    },
    close: async (withinMs) => {
      telemetry.flush();
      await store.close(withinMs);
    },
  };
}
