import cluster, { type Worker as ClusterWorker } from 'node:cluster';
import type { OnWaiting } from '../ending.js';
import type { Report, ToPrimary, ToWorker } from './messages.js';
import { StartError, type Worker } from './supervisor.js';

export interface ForkOptions {
  /** Added to the primary's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly onWaiting: OnWaiting;
  readonly onReport: (worker: ForkedWorker, report: Report) => void;
  readonly onCounters: (worker: ForkedWorker, report: Report) => void;
  /** The reports of all workers, for a worker whose metrics are scraped. */
  readonly scrape: () => Promise<readonly Report[]>;
}

export interface ForkedWorker extends Worker {
  /** Asks the worker for a report. Resolves when a report has come, or when none will come. */
  askForReport(): Promise<void>;
}

/** Starts a worker. The result is the primary's end of the channel between the two. */
export function forkWorker(options: ForkOptions): ForkedWorker {
  const { env, onWaiting, onReport, onCounters, scrape } = options;
  let worker: ClusterWorker;
  try {
    worker = cluster.fork(env);
  } catch (error) {
    // Such as ENOMEM.
    return stillborn(`A worker could not be started (${String(error)}).`);
  }
  const send = (message: ToWorker) => {
    // A worker that is ending receives nothing, and `ended` tells of its end.
    if (worker.isConnected()) worker.send(message, () => {});
  };
  // The last messages of a worker may come after its exit.
  const disconnected = new Promise<void>((resolve) => void worker.on('disconnect', resolve));
  const ended = new Promise<string>((resolve) => {
    worker.on('exit', (code, signal) => disconnected.then(() => resolve(signal ?? `exit code ${code}`)));
    // The event also comes for a message that could not be sent, which does not end the worker.
    worker.on('error', (error) => {
      if (worker.process.pid === undefined) resolve(error.message);
    });
  });
  let isListening = false;
  const listening = new Promise<string>((resolve, reject) => {
    worker.on('message', (message: ToPrimary) => {
      if (message.kind === 'listening') {
        isListening = true;
        resolve(message.startupMessage);
      }
      if (message.kind === 'failed') reject(new StartError(message.message));
    });
    ended.then((how) => reject(new StartError(`A worker ended before it listened (${how}).`)));
  });
  let onStoppedListening = () => {};
  const stoppedListening = new Promise<void>((resolve) => {
    onStoppedListening = resolve;
  });
  let reportWaiters: (() => void)[] = [];
  const stopWaiting = () => {
    for (const resolve of reportWaiters) resolve();
    reportWaiters = [];
  };
  ended.then(stopWaiting);
  const forked: ForkedWorker = {
    pid: worker.process.pid ?? 0,
    listening,
    ended,
    retire: () => send({ kind: 'retire' }),
    end: (how) => send({ kind: 'end', how }),
    stoppedListening,
    closeConnections: () => send({ kind: 'closeConnections' }),
    kill: () => void worker.process.kill('SIGKILL'),
    askForReport: () =>
      new Promise((resolve) => {
        if (!isListening || !worker.isConnected()) return resolve();
        reportWaiters.push(resolve);
        send({ kind: 'askForReport' });
      }),
  };
  worker.on('message', async (message: ToPrimary) => {
    if (message.kind === 'report') {
      onReport(forked, message.report);
      stopWaiting();
    }
    if (message.kind === 'counters') onCounters(forked, message.report);
    if (message.kind === 'waiting') onWaiting(message.calls, message.withinMs);
    if (message.kind === 'stoppedListening') onStoppedListening();
    if (message.kind === 'scrape') send({ kind: 'scraped', id: message.id, reports: await scrape() });
  });
  return forked;
}

/** A worker for which there is no process. */
function stillborn(message: string): ForkedWorker {
  const listening = Promise.reject(new StartError(message));
  // Nobody may be waiting for it.
  listening.catch(() => {});
  const nothing = () => {};
  return {
    pid: 0,
    listening,
    stoppedListening: Promise.resolve(),
    ended: Promise.resolve(message),
    retire: nothing,
    end: nothing,
    closeConnections: nothing,
    kill: nothing,
    askForReport: async () => {},
  };
}
