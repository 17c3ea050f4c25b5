import './production.js';
import closeWithGrace from 'close-with-grace';
import { type Config, ConfigError, readConfig } from './config.js';
import { type HttpServer, listen } from './http.js';
import { readPersistedDocuments } from './persistedDocuments.js';
import { ResponseMemo } from './response/memo.js';
import { startSandbox } from './sandbox/server.js';
import { createServer, graphqlPath } from './server.js';
import { createLogger } from './telemetry/logger.js';
import { collectProcessMetrics, createMetrics } from './telemetry/metrics.js';
import { elapsed, later } from './time.js';
import { type Client, createClient } from './upstream/client.js';
import { endpoints } from './upstream/endpoints.js';
import { type Environment, environmentsFor, warningFor } from './upstream/environment.js';
import { realmOf } from './upstream/kept.js';
import type { Route } from './upstream/router.js';
import { fingerprintOf } from './upstream/stops.js';
import { runStoreCommand } from './upstream/store/command.js';
import { openStore } from './upstream/store/open.js';
import type { Store } from './upstream/store/store.js';
import { UsageError } from './upstream/store/usage.js';
import { createTransport } from './upstream/transport.js';

/** How long an ending server waits for its calls, and altogether: less than the ten seconds that Docker gives it. */
const callsWithinMs = 7_000;
const cutOffWithinMs = 1_000;
const endWithinMs = 9_500;

try {
  const config = readConfig(process.env, Object.values(endpoints));
  const [command, ...args] = process.argv.slice(2);
  if (command === 'store') {
    process.stdout.write(`${await runStoreCommand(args, config, createLogger(config.logLevel))}\n`);
  } else await start(config);
} catch (error) {
  process.stderr.write(`${messageFor(error)}\n`);
  process.exitCode = 1;
}

async function start(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel);
  const documents = await readPersistedDocuments(config.persistedDocuments);
  const store = await openStore(config, logger);
  const sandbox = config.token === null ? await startSandbox() : null;
  const environments: readonly Environment[] = sandbox
    ? [{ name: 'sandbox', baseUrl: sandbox.baseUrl }]
    : environmentsFor(config);
  const token = config.token ?? 'sandbox';
  const routes = environments.map(
    ({ name, baseUrl }): Route => ({
      name,
      transport: createTransport({ baseUrl, token, timeoutMs: config.upstreamTimeoutMs }),
    }),
  );
  const closeRoutes = async () => {
    await Promise.all(routes.map(({ transport }) => transport.close()));
    await sandbox?.close();
  };

  let http: HttpServer;
  let client: Client;
  try {
    client = await createClient({
      routes,
      store,
      realm: realmOf(config),
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
    http = await listen(
      createServer({ client, store, metrics, documents, memo, tally, config, logger, now: Date.now }),
      config,
    );
  } catch (error) {
    await closeRoutes();
    await store.close();
    throw error;
  }

  closeWithGrace({ logger: false, delay: endWithinMs }, async ({ err }) => {
    if (err) logger.fatal(err);
    client.close();
    // What is being paid for is kept. A second signal ends that, too.
    if (!err && !sandbox) await client.landed(callsWithinMs);
    await http.close();
    await closeRoutes();
    // What was cut off is remembered as billed in vain, and its leases are let go of.
    await client.landed(cutOffWithinMs);
    await store.close();
  });
  const warning = sandbox ? null : warningFor(config);
  if (warning) logger.warn(warning);
  if (config.withoutEffect.length > 0) {
    logger.warn(`Set, but without effect in this version: ${config.withoutEffect.join(', ')}`);
  }
  const where = sandbox ? 'sandbox: made-up creators, nothing is paid' : describe(environments, config);
  process.stdout.write(
    `GraphiQL: ${http.origin}${graphqlPath} · ${where} · store: ${describeStore(config, store)}\n`,
  );
}

function describe(environments: readonly Environment[], { baseUrl }: Config): string {
  return baseUrl === null
    ? `live: ${environments.map(({ name }) => name).join(' or ')}`
    : `upstream: ${baseUrl}`;
}

function describeStore({ storeUrl }: Config, { lostBecause }: Store): string {
  if (storeUrl === 'memory:') return 'memory: a restart forgets';
  return `${withoutSecrets(storeUrl)}${lostBecause === null ? '' : ' (lost; memory until it is back)'}`;
}

function withoutSecrets(storeUrl: string): string {
  if (storeUrl.startsWith('lmdb:')) return storeUrl;
  const { protocol, host, pathname } = new URL(storeUrl);
  return `${protocol}//${host}${pathname}`;
}

function messageFor(error: unknown): string {
  if (error instanceof ConfigError || error instanceof UsageError) return error.message;
  if (!(error instanceof Error)) return String(error);
  switch ('code' in error ? error.code : undefined) {
    case 'EADDRINUSE':
      return `${error.message}: something listens there already. Stop it, or set PORT to another.`;
    case 'ENOTFOUND':
    case 'EADDRNOTAVAIL':
      return `${error.message}: this machine has no such address. Set HOST to one of its own, such as 127.0.0.1.`;
    case 'EACCES':
      return `${error.message}: this user may not listen there. Set PORT to one above 1023.`;
    default:
      return error.stack ?? error.message;
  }
}
