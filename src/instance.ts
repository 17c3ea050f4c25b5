import type { Config } from './config.js';
import { type HttpServer, listen } from './http.js';
import type { Logger } from './logger.js';
import { readPersistedDocuments } from './persistedDocuments.js';
import { ResponseMemo } from './response/memo.js';
import { createServer } from './server.js';
import { startupMessage } from './startupMessage.js';
import { collectProcessMetrics, createMetrics, type Metrics, type MetricsText } from './telemetry/metrics.js';
import { elapsed, later } from './time.js';
import { namespaceOf } from './upstream/cache/storedAnswer.js';
import { fingerprintOf } from './upstream/call/circuit/stopStore.js';
import { type Environment, environmentsFor } from './upstream/call/route/environment.js';
import type { Route } from './upstream/call/route/router.js';
import { type Client, createClient } from './upstream/client.js';
import { createTransport } from './upstream/http/transport.js';
import { openStore } from './upstream/store/open.js';

/** How long an ending server waits for its calls, and altogether: less than the ten seconds that Docker gives it. */
const callsWithinMs = 7_000;
const cutOffWithinMs = 1_000;
export const endWithinMs = 9_500;

/** What an operation may take beyond QUERY_TIMEOUT_MS until its answer has left. */
const leaveWithinMs = 10_000;

export interface InstanceOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** Where the stand-in for upstream listens. Null: upstream itself is asked. */
  readonly sandboxUrl: string | null;
  /** What a scrape gets, instead of this process' own metrics. */
  readonly scrapeOf?: (own: Metrics) => MetricsText;
}

/** The server, as one process runs it. */
export interface Instance {
  /** Where it listens, whom it asks, and where it keeps the answers. */
  readonly line: string;
  /** Takes no new clients, and lets go of those it has without failing a request. Then it is to be ended. */
  retire(): Promise<void>;
  /** Makes no more calls, waits for those under way, unless all is lost, and lets go of the port. */
  end(isLost: boolean): Promise<void>;
  /** To be called last: closes the store. */
  close(): Promise<void>;
}

/** Opens everything from the store to the port. Rejects with nothing left open. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { config, logger, sandboxUrl, scrapeOf } = options;
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

  let http: HttpServer;
  let client: Client;
  try {
    client = await createClient({
      routes,
      store,
      namespace: namespaceOf(config),
      fingerprint: fingerprintOf(token, config.baseUrl),
      config,
      logger,
      now: Date.now,
      elapsed,
      after: later,
      random: Math.random,
    });
    const memo = config.responseMemo ? new ResponseMemo({ maxBytes: config.cacheMaxBytes }) : null;
    const tally = { memo: 0, executed: 0 };
    const metrics = createMetrics({ client, store, tally });
    collectProcessMetrics(metrics);
    const page = scrapeOf?.(metrics) ?? metrics;
    http = await listen(
      createServer({
        client,
        store,
        metrics: page,
        documents,
        memo,
        tally,
        config,
        logger,
        now: Date.now,
        after: later,
      }),
      config,
    );
  } catch (error) {
    await closeRoutes();
    await store.close();
    throw error;
  }

  return {
    line: startupMessage({ origin: http.origin, environments, config, store }),
    retire: () => http.drain(config.queryTimeoutMs + leaveWithinMs),
    end: async (isLost) => {
      client.close();
      // What is being paid for is kept.
      if (!isLost && sandboxUrl === null) await client.settled(callsWithinMs);
      await http.close();
      await closeRoutes();
      // What was cut off is remembered as billed in vain, and its leases are let go of.
      await client.settled(cutOffWithinMs);
    },
    close: () => store.close(),
  };
}
