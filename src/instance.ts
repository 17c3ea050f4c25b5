import type { Config } from './config.js';
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
import { elapsed, later } from './time.js';
import { namespaceOf } from './upstream/cache/storedAnswer.js';
import { fingerprintOf } from './upstream/call/circuit/stopStore.js';
import { type Environment, environmentsFor } from './upstream/call/route/environment.js';
import type { Route } from './upstream/call/route/router.js';
import { type Client, createClient } from './upstream/client.js';
import { createTransport } from './upstream/http/transport.js';
import { openStore } from './upstream/store/open.js';
import type { Store } from './upstream/store/store.js';
import { version } from './version.js';

/** How long an ending server waits for its in-flight calls. */
const callsWithinMs = 7_000;
/** How long it then waits for the calls that it aborted. */
const abortedCallsWithinMs = 1_000;
/** The bound of the whole end: less than the ten seconds after which Docker kills the server. */
export const endWithinMs = 9_500;

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
}

/** The server without a port. */
export interface OpenServer {
  readonly respond: Respond;
  readonly environments: readonly Environment[];
  readonly store: Pick<Store, 'lostBecause'>;
  /** Makes no more calls, and waits for in-flight ones unless the process has crashed. */
  stopCalls(hasCrashed: boolean): Promise<void>;
  /** Aborts the calls that are still in flight, and closes the connections to upstream. To be called after `stopCalls`. */
  abortCalls(): Promise<void>;
  /** Closes the store. To be called last. */
  close(): Promise<void>;
}

/** The server in one process. */
export interface Instance {
  readonly startupMessage: string;
  /** Stops listening, and closes its connections without failing a request. To be called before `end`. */
  retire(): Promise<void>;
  /** Makes no more calls, waits for in-flight ones unless the process has crashed, and closes the port. */
  end(hasCrashed: boolean): Promise<void>;
  /** Closes the store. To be called last. */
  close(): Promise<void>;
}

/** Opens everything from the store to the port. Rejects with nothing left open. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { config } = options;
  const server = await openServer(options);
  let http: HttpServer;
  try {
    http = await listen(server.respond, config);
  } catch (error) {
    await server.stopCalls(true);
    await server.abortCalls();
    await server.close();
    throw error;
  }
  return {
    startupMessage: startupMessage({ ...server, origin: http.origin, config }),
    retire: () => http.drain(config.queryTimeoutMs + sendWithinMs),
    end: async (hasCrashed) => {
      await server.stopCalls(hasCrashed);
      await http.close();
      await server.abortCalls();
    },
    close: server.close,
  };
}

/** Opens everything but the port. Rejects with nothing left open. */
export async function openServer(options: InstanceOptions): Promise<OpenServer> {
  const { config, logger, droppedLines, sandboxUrl, scrapeOf } = options;
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
    stopCalls: async (hasCrashed) => {
      client.close();
      // Calls that may be billed should end, so that their answers are stored.
      if (!hasCrashed && sandboxUrl === null) await client.settled(callsWithinMs);
    },
    abortCalls: async () => {
      await closeRoutes();
      // Aborted calls store their failures, since they may be billed, and release their leases.
      await client.settled(abortedCallsWithinMs);
    },
    close: async () => {
      telemetry.flush();
      await store.close();
    },
  };
}
