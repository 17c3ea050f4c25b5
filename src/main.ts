import closeWithGrace from 'close-with-grace';
import { type Config, ConfigError, readConfig } from './config.js';
import { type HttpServer, listen } from './http.js';
import { startSandbox } from './sandbox/server.js';
import { createServer, graphqlPath } from './server.js';
import { createLogger } from './telemetry/logger.js';
import { createClient } from './upstream/client.js';
import { endpoints } from './upstream/endpoints.js';
import { chooseEnvironment, type Environment } from './upstream/environment.js';
import { createTransport } from './upstream/transport.js';

try {
  await start(readConfig(process.env, Object.values(endpoints)));
} catch (error) {
  process.stderr.write(`${messageFor(error)}\n`);
  process.exitCode = 1;
}

async function start(config: Config): Promise<void> {
  const logger = createLogger(config.logLevel);
  const sandbox = config.token === null ? await startSandbox() : null;
  const environment: Environment = sandbox
    ? { name: 'sandbox', baseUrl: sandbox.baseUrl }
    : chooseEnvironment(config);
  const transport = createTransport({
    baseUrl: environment.baseUrl,
    token: config.token ?? 'sandbox',
    timeoutMs: config.upstreamTimeoutMs,
  });
  const closeUpstream = async () => {
    await transport.close();
    await sandbox?.close();
  };

  let http: HttpServer;
  try {
    const client = createClient({
      transport,
      environment,
      config,
      logger,
      now: Date.now,
    });
    http = await listen(createServer({ client, config, logger }), config);
  } catch (error) {
    await closeUpstream();
    throw error;
  }

  closeWithGrace({ logger: false }, async ({ err }) => {
    if (err) logger.fatal(err);
    await http.close();
    await closeUpstream();
  });
  if (environment.warning) logger.warn(environment.warning);
  if (config.withoutEffect.length > 0) {
    logger.warn(`Set, but without effect in this version: ${config.withoutEffect.join(', ')}`);
  }
  process.stdout.write(`GraphiQL: ${http.origin}${graphqlPath} · ${describe(environment)} · store: memory\n`);
}

function describe({ name, baseUrl }: Environment): string {
  if (name === 'sandbox') return 'sandbox: made-up creators, nothing is paid';
  return name === 'custom' ? `upstream: ${baseUrl}` : `live: ${name}`;
}

function messageFor(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
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
