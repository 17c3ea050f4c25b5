#!/usr/bin/env node
import cluster from 'node:cluster';
import closeWithGrace, { type AllEvents } from 'close-with-grace';
import { CommandLineError, readCommandLine } from './commandLine.js';
import { type Config, ConfigError, readConfig } from './config.js';
import { type EndKind, endWithinMs, type OnWaiting } from './ending.js';
import { withEnvFile } from './envFile.js';
import { messageFor } from './faultMessage.js';
import type { Logger } from './logger.js';
import { createLog, type Log } from './telemetry/log.js';
import { elapsed, laterKeepingAlive } from './time.js';
import { warningFor } from './upstream/call/route/environment.js';
import { endpoints } from './upstream/endpoints/table.js';
import { summedUp, tellsWaiting } from './waiting.js';
import type { ForkedWorker } from './workers/fork.js';
import type { ToPrimary } from './workers/messages.js';
import { Supervisor } from './workers/supervisor.js';
import { hasTerminal } from './workers/terminal.js';

// Modules are imported where the kind of process is known, since a primary serves nothing and needs few of them.

/** Set by the primary for its workers: the sandbox's URL, or an empty text if there is no sandbox. */
const workerSetting = 'XINGTU_WORKER_SANDBOX';

/** After these the process may hang in a JavaScript handler instead of ending (Node.js, "Signal events"). */
const faultSignals: AllEvents[] = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'];

/** A start that has failed sets its own exit code. */
const failedStart: AllEvents = 'beforeExit';

/** Signals that a terminal sends to the primary and its workers at once. */
const terminalSignals: NodeJS.Signals[] & AllEvents[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Settings for all that this program starts in the folder. */
const envFile = '.env';

try {
  const command = readCommandLine(process.argv.slice(2));
  switch (command.kind) {
    case 'print':
      process.stdout.write(command.text);
      break;
    case 'store':
      await runStore(command.args);
      break;
    case 'export':
      await exportCreators(command.args);
      break;
    case 'serve':
      await serve();
  }
} catch (error) {
  process.stderr.write(`${messageFor(error)}\n`);
  process.exitCode = error instanceof CommandLineError ? 2 : 1;
}

function environment() {
  return withEnvFile(process.env, envFile);
}

function configOf(env: ReturnType<typeof environment>): Config {
  return readConfig(env, Object.values(endpoints));
}

async function runStore(args: readonly string[]): Promise<void> {
  const { readStoreCommand, runStoreCommand, storeUsage } = await import('./operator/storeCommand.js');
  const command = readStoreCommand(args);
  if (!command) {
    process.stdout.write(storeUsage);
    return;
  }
  const config = configOf(environment());
  const text = await runStoreCommand(command, config, createLog({ level: config.logLevel }).logger);
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

async function exportCreators(args: readonly string[]): Promise<void> {
  const { runExport } = await import('./export/exportCommand.js');
  const env = environment();
  const interruption = new AbortController();
  const { signal } = interruption;
  // A second signal ends the process at once, whichever it is.
  const interrupts: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
  const interrupt = (by: NodeJS.Signals) => {
    for (const name of interrupts) process.off(name, interrupt);
    interruption.abort(by);
  };
  for (const name of interrupts) process.on(name, interrupt);
  const { stdin, stdout, stderr } = process;
  process.exitCode = await runExport(args, env, {
    stdin,
    stdout,
    stderr,
    confirm: stdin.isTTY && stderr.isTTY ? (question) => isConfirmed(question, signal) : null,
    inProcess: async () => {
      const config = configOf(env);
      // What is logged would be written into the progress line.
      const { logger, droppedLines } = createLog({
        level: env['LOG_LEVEL'] ? config.logLevel : 'warn',
      });
      logWarning(config, logger);
      const sandbox = await sandboxFor(config);
      const closeSandbox = async () => sandbox?.close();
      return { config, logger, droppedLines, sandboxUrl: sandbox?.baseUrl ?? null, closeSandbox };
    },
    interruption: signal,
  });
}

/** Any other answer than yes is no, and so is an interruption. */
async function isConfirmed(question: string, signal: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  // As no terminal, because readline would take Ctrl-C for itself.
  const terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return /^\s*(y|yes|是)\s*$/i.test(await terminal.question(question, { signal }).catch(() => ''));
  } finally {
    terminal.close();
  }
}

async function serve(): Promise<void> {
  const workerSandbox = process.env[workerSetting];
  if (cluster.isWorker && workerSandbox !== undefined) return runWorker(workerSandbox || null);
  const config = configOf(environment());
  if (config.workers > 1) await runPrimary(config);
  else await runAlone(config);
}

/** Serves from this process only. */
async function runAlone(config: Config): Promise<void> {
  const log = createLog({ level: config.logLevel });
  const { logger, flush } = log;
  const starting = startAlone(config, log);
  // Before the start is over, because a signal that nobody handles does nothing to process 1, as which a container runs this.
  const skip = [...faultSignals, failedStart];
  closeWithGrace({ ...endOptions(config, 'server', log), skip }, async ({ err, signal }) => {
    if (err) logger.fatal(err);
    const started = await starting.catch(() => null);
    await started?.instance.end(err ? 'crashed' : endKindOf(signal));
    await started?.close();
    await flush();
  });
  const { instance } = await starting;
  logWarning(config, logger);
  process.stdout.write(`${instance.startupMessage}\n`);
}

async function startAlone(config: Config, { logger, droppedLines }: Log) {
  const { startInstance } = await import('./instance.js');
  const sandbox = await sandboxFor(config);
  const sandboxUrl = sandbox?.baseUrl ?? null;
  const onWaiting = tellsWaiting(logger);
  try {
    const instance = await startInstance({ config, logger, droppedLines, sandboxUrl, onWaiting });
    const close = async () => {
      await instance.close();
      await sandbox?.close();
    };
    return { instance, close };
  } catch (error) {
    await sandbox?.close();
    throw error;
  }
}

/** What both kinds of processes want of close-with-grace: a second signal ends the process at once, and faults are logged. */
function endOptions(
  config: Config,
  kind: Parameters<typeof endWithinMs>[1],
  { logger, flush }: Pick<Log, 'logger' | 'flush'>,
) {
  const error = (what: unknown) => {
    logger.fatal(what);
    // The process exits now.
    flush();
  };
  const delay = endWithinMs(config.shutdownTimeoutSeconds, kind);
  return { delay, logger: { error }, onSecondSignal: () => {} };
}

/** Serves as one of several processes, on the primary's commands. */
async function runWorker(sandboxUrl: string | null): Promise<void> {
  // The primary receives these signals, too, and sends commands.
  for (const signal of terminalSignals) process.on(signal, () => {});
  try {
    await startWorker(sandboxUrl);
  } catch (error) {
    const failed: ToPrimary = { kind: 'failed', message: messageFor(error) };
    // Its channel to the primary would keep it alive.
    cluster.worker?.send(failed, () => process.exit(1));
  }
}

async function startWorker(sandboxUrl: string | null): Promise<void> {
  const config = configOf(environment());
  if ((config.token === null) !== (sandboxUrl !== null)) {
    throw new ConfigError([
      'JUSTONEAPI_TOKEN: a reload can replace a token, but it can neither add nor remove one; restart the server',
    ]);
  }
  const { connectToPrimary } = await import('./workers/primary.js');
  const primary = connectToPrimary();
  const { startInstance } = await import('./instance.js');
  const log = createLog({ level: config.logLevel, base: { pid: process.pid } });
  const { logger, droppedLines, flush } = log;
  const onWaiting: OnWaiting = (calls, withinMs) => void primary.send({ kind: 'waiting', calls, withinMs });
  const instance = await startInstance({
    config,
    logger,
    droppedLines,
    sandboxUrl,
    scrapeOf: primary.scrapeOf,
    onWaiting,
    mayCloseConnections: primary.mayCloseConnections,
  });
  let endKind: EndKind | null = null;
  const skip = [...faultSignals, ...terminalSignals];
  const { close } = closeWithGrace({ ...endOptions(config, 'server', log), skip }, async ({ err }) => {
    if (err) logger.fatal(err);
    await instance.end(err ? 'crashed' : (endKind ?? 'interrupted'));
    await primary.report();
    await instance.close();
    await flush();
    await primary.mayCloseConnections();
  });
  const end = (how: EndKind) => {
    const isFirst = endKind === null;
    endKind ??= how;
    if (isFirst) close();
  };
  // When it has retired, it has no connections, which an announcement would be for.
  primary.run({ end, retire: () => instance.retire().then(() => end('interrupted')) });
  await primary.send({ kind: 'listening', startupMessage: instance.startupMessage });
}

/** Starts and supervises the workers, and serves nothing itself. */
async function runPrimary(config: Config): Promise<void> {
  const { forkWorker } = await import('./workers/fork.js');
  const { WorkersMetrics } = await import('./workers/metrics.js');
  const log = createLog({ level: config.logLevel });
  const { logger, flush } = log;
  const sandbox = await sandboxFor(config);
  const metrics = new WorkersMetrics(laterKeepingAlive);
  const tellSum = summedUp(tellsWaiting(logger));
  let isEnding = false;
  // A worker that retires may wait, too, but nobody waits for it.
  const onWaiting: OnWaiting = (calls, withinMs) => isEnding && tellSum(calls, withinMs);
  const supervisor: Supervisor<ForkedWorker> = new Supervisor({
    count: config.workers,
    fork: () =>
      forkWorker({
        env: { [workerSetting]: sandbox?.baseUrl ?? '' },
        onWaiting,
        onReport: (worker, report) => metrics.note(worker, report),
        onCounters: (worker, report) => metrics.noteCounters(worker, report),
        scrape: () => metrics.scrape(supervisor.alive),
      }),
    logger,
    elapsed,
    after: laterKeepingAlive,
  });
  process.on('exit', () => supervisor.kill());
  const hadTerminal = hasTerminal();
  process.on('SIGHUP', () => {
    // SIGHUP also means that the terminal was closed.
    if (hadTerminal && !hasTerminal()) process.kill(process.pid, 'SIGTERM');
    else supervisor.reload();
  });
  const skip: AllEvents[] = [...faultSignals, 'SIGHUP', failedStart];
  closeWithGrace({ ...endOptions(config, 'primary', log), skip }, async ({ err, signal }) => {
    if (err) logger.fatal(err);
    isEnding = true;
    await supervisor.end(endKindOf(signal));
    await sandbox?.close();
    await flush();
  });
  logWarning(config, logger);
  const startupMessage = await supervisor.start().catch(async (error) => {
    await sandbox?.close();
    throw error;
  });
  if (startupMessage !== null) process.stdout.write(`${startupMessage} · ${config.workers} workers\n`);
}

/** Ctrl-C in a terminal ends a server without telling balancers. From elsewhere, SIGINT is as any other signal. */
function endKindOf(signal: string | undefined): EndKind {
  return signal === undefined || isCtrlC(signal) ? 'interrupted' : 'announced';
}

function isCtrlC(signal: string): boolean {
  return signal === 'SIGINT' && hasTerminal();
}

async function sandboxFor({ token }: Config) {
  if (token !== null) return null;
  const { startSandbox } = await import('./sandbox/server.js');
  return startSandbox();
}

/** Logged once, before the startup message. */
function logWarning(config: Config, logger: Logger): void {
  const warning = config.token === null ? null : warningFor(config);
  if (warning) logger.warn(warning);
}
