import cluster from 'node:cluster';
import type { Report, ToPrimary, ToWorker } from './messages.js';
import { StartError, type Worker } from './supervisor.js';

export interface ForkOptions {
  /** Beside what the primary's own environment has. */
  readonly env: Readonly<Record<string, string>>;
  readonly onReport: (worker: ForkedWorker, report: Report) => void;
  /** What a worker that is scraped is told. */
  readonly scrape: () => Promise<readonly Report[]>;
}

export interface ForkedWorker extends Worker {
  /** Asks for a report. Resolves when one has come, or none will. */
  count(): Promise<void>;
}

/** The primary's end of the line to one worker, from the start of its process on. */
export function forkWorker({ env, onReport, scrape }: ForkOptions): ForkedWorker {
  const worker = cluster.fork(env);
  const tell = (message: ToWorker) => {
    // One that is just ending doesn't hear, and its end is noticed elsewhere.
    if (worker.isConnected()) worker.send(message, () => {});
  };
  // What it said last may come after it is gone.
  const silent = new Promise<void>((resolve) => void worker.on('disconnect', resolve));
  const ended = new Promise<string>((resolve) => {
    worker.on('exit', (code, signal) => silent.then(() => resolve(signal ?? `exit code ${code}`)));
    // Also for a message that could not be sent, which doesn't end it.
    worker.on('error', (error) => {
      if (worker.process.pid === undefined) resolve(error.message);
    });
  });
  let isListening = false;
  const listening = new Promise<string>((resolve, reject) => {
    worker.on('message', (message: ToPrimary) => {
      if (message.kind === 'listening') {
        isListening = true;
        resolve(message.line);
      }
      if (message.kind === 'failed') reject(new StartError(message.message));
    });
    ended.then((how) => reject(new StartError(`A worker ended before it listened (${how}).`)));
  });
  let waiting: (() => void)[] = [];
  const stopWaiting = () => {
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  ended.then(stopWaiting);
  const forked: ForkedWorker = {
    pid: worker.process.pid ?? 0,
    listening,
    ended,
    retire: () => tell({ kind: 'retire' }),
    end: () => tell({ kind: 'end' }),
    kill: () => void worker.process.kill('SIGKILL'),
    count: () =>
      new Promise((resolve) => {
        if (!isListening || !worker.isConnected()) return resolve();
        waiting.push(resolve);
        tell({ kind: 'count' });
      }),
  };
  worker.on('message', async (message: ToPrimary) => {
    if (message.kind === 'report') {
      onReport(forked, message.report);
      stopWaiting();
    }
    if (message.kind === 'leaving') tell({ kind: 'left' });
    if (message.kind === 'scrape') tell({ kind: 'scraped', id: message.id, reports: await scrape() });
  });
  return forked;
}
