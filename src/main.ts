import './nodeEnv.js';
import cluster from 'node:cluster';
import closeWithGrace, { type AllEvents } from 'close-with-grace';
import { CommandLineError, readCommandLine } from './commandLine.js';
import { type Config, ConfigError, readConfig } from './config.js';
import { createLogger, type Logger } from './logger.js';
import { UsageError } from './operator/usageError.js';
import { elapsed } from './time.js';
import { warningFor } from './upstream/call/route/environment.js';
import { endpoints } from './upstream/endpoints/table.js';
import type { ForkedWorker } from './workers/fork.js';
import { StartError, Supervisor } from './workers/supervisor.js';
import { hasTerminal } from './workers/terminal.js';

// What a process needs is loaded where it is known what it is: a primary serves nothing itself.

/** A worker's own setting, which its primary makes: where the sandbox listens, or nothing where there is none. */
const workerSetting = 'XINGTU_WORKER_SANDBOX';

/** From these no process recovers: handled in JavaScript, they make it run in circles instead of ending. */
const faults: AllEvents[] = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'];

/** What a terminal sends to all processes at once, and others may, too. */
const signals: NodeJS.Signals[] & AllEvents[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Workers end by themselves before, and Docker waits for ten seconds. */
const primaryEndsWithinMs = 9_800;

try {
  const asked = readCommandLine(process.argv.slice(2));
  switch (asked.kind) {
    case 'print':
      process.stdout.write(asked.text);
      break;
    case 'store':
      await operate(asked.args);
      break;
    case 'serve':
      await start(readConfig(process.env, Object.values(endpoints)));
  }
} catch (error) {
  process.stderr.write(`${messageFor(error)}\n`);
  process.exitCode = error instanceof CommandLineError ? 2 : 1;
}

async function operate(args: readonly string[]): Promise<void> {
  const { readStoreCommand, runStoreCommand, storeUsage } = await import('./operator/storeCommand.js');
  const command = readStoreCommand(args);
  if (!command) {
    process.stdout.write(storeUsage);
    return;
  }
  const config = readConfig(process.env, Object.values(endpoints));
  process.stdout.write(`${await runStoreCommand(command, config, createLogger(config.logLevel))}\n`);
}

async function start(config: Config): Promise<void> {
  const workerSandbox = process.env[workerSetting];
  if (cluster.isWorker && workerSandbox !== undefined) await work(config, workerSandbox || null);
  else if (config.workers > 1) await lead(config);
  else await serve(config);
}

/** Everything in this one process. */
async function serve(config: Config): Promise<void> {
  const { endWithinMs, startInstance } = await import('./instance.js');
  const logger = createLogger(config.logLevel);
  const sandbox = await sandboxFor(config);
  const closeSandbox = async () => sandbox?.close();
  const instance = await startInstance({ config, logger, sandboxUrl: sandbox?.baseUrl ?? null }).catch(
    async (error) => {
      await closeSandbox();
      throw error;
    },
  );
  // A second signal ends what is waited for, too.
  closeWithGrace({ logger: false, delay: endWithinMs, skip: faults }, async ({ err }) => {
    if (err) logger.fatal(err);
    await instance.end(err !== undefined);
    await instance.close();
    await closeSandbox();
  });
  warn(config, logger);
  process.stdout.write(`${instance.line}\n`);
}

/** One of several processes, told by their primary what to do. */
async function work(config: Config, sandboxUrl: string | null): Promise<void> {
  // The primary gets them, too, and tells what is to be done.
  for (const signal of signals) process.on(signal, () => {});
  const { connectToPrimary } = await import('./workers/primary.js');
  const primary = connectToPrimary();
  const { endWithinMs, startInstance } = await import('./instance.js');
  const logger = createLogger(config.logLevel, { pid: process.pid });
  try {
    const { scrapeOf } = primary;
    const instance = await startInstance({ config, logger, sandboxUrl, scrapeOf });
    const { close } = closeWithGrace(
      { logger: false, delay: endWithinMs, skip: [...faults, ...signals] },
      async ({ err }) => {
        if (err) logger.fatal(err);
        await instance.end(err !== undefined);
        await primary.leave();
        await primary.report();
        await instance.close();
      },
    );
    let isEnding = false;
    const end = () => {
      if (!isEnding) close();
      isEnding = true;
    };
    primary.run({ end, retire: () => instance.retire().then(end) });
    await primary.send({ kind: 'listening', startupMessage: instance.line });
  } catch (error) {
    await primary.send({ kind: 'failed', message: messageFor(error) });
    process.exit(1);
  }
}

/** The one process that starts the others, and serves nothing. */
async function lead(config: Config): Promise<void> {
  const { forkWorker } = await import('./workers/fork.js');
  const { WorkersMetrics } = await import('./workers/metrics.js');
  const logger = createLogger(config.logLevel);
  const sandbox = await sandboxFor(config);
  const metrics = new WorkersMetrics(laterForSure);
  const supervisor: Supervisor<ForkedWorker> = new Supervisor({
    count: config.workers,
    fork: () =>
      forkWorker({
        env: { [workerSetting]: sandbox?.baseUrl ?? '' },
        onReport: (worker, report) => metrics.note(worker, report),
        scrape: () => metrics.scrape(supervisor.alive),
      }),
    logger,
    elapsed,
    after: laterForSure,
  });
  process.on('exit', () => supervisor.kill());
  const hadTerminal = hasTerminal();
  process.on('SIGHUP', () => {
    // This signal also says that the terminal is gone.
    if (hadTerminal && !hasTerminal()) process.kill(process.pid, 'SIGTERM');
    else supervisor.reload();
  });
  // Reloading is no end, and a start that failed has an exit code of its own.
  const skip: AllEvents[] = [...faults, 'SIGHUP', 'beforeExit'];
  closeWithGrace({ logger: false, delay: primaryEndsWithinMs, skip }, async ({ err }) => {
    if (err) logger.fatal(err);
    await supervisor.end();
    await sandbox?.close();
  });
  warn(config, logger);
  const startupMessage = await supervisor.start().catch(async (error) => {
    await sandbox?.close();
    throw error;
  });
  if (startupMessage !== null) process.stdout.write(`${startupMessage} · ${config.workers} workers\n`);
}

/** Keeps the process alive, which with every worker dead nothing else does. */
function laterForSure(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}

async function sandboxFor({ token }: Config) {
  if (token !== null) return null;
  const { startSandbox } = await import('./sandbox/server.js');
  return startSandbox();
}

/** Said once, before the line that says that all is well. */
function warn(config: Config, logger: Logger): void {
  const warning = config.token === null ? null : warningFor(config);
  if (warning) logger.warn(warning);
}

function messageFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ([CommandLineError, ConfigError, UsageError, StartError].some((told) => error instanceof told))
    return error.message;
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
