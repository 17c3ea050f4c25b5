import cluster from 'node:cluster';
import { Counter, Histogram } from 'prom-client';
import type { EndKind } from '../ending.js';
import type { Metrics, MetricsText } from '../telemetry/metrics.js';
import type { Report, ToPrimary, ToWorker } from './messages.js';
import { aggregate } from './metrics.js';

export interface Commands {
  retire(): void;
  end(how: EndKind): void;
}

/** The primary, as a worker sees it. */
export interface Primary {
  send(message: ToPrimary): Promise<void>;
  /**
   * To be called once this worker has stopped listening. Resolves when the primary passes no more connections to it, and,
   * if all workers end, when each of them has stopped listening. Until then, a connection on its way goes back to the
   * primary and on to another worker; if this worker ended, its client would wait in vain.
   */
  mayCloseConnections(): Promise<void>;
  /** Sends this worker's metrics. */
  report(): Promise<void>;
  /** Runs the primary's commands from now on, and those that came earlier. The end of the primary counts as `end`, too. */
  run(commands: Commands): void;
  /**
   * The metrics of all workers. `own` has those of this worker alone. From now on its counters are sent whenever `changes`
   * does, so that they outlive it.
   */
  scrapeOf(own: Metrics, changes: () => number): MetricsText;
}

/** How often counters are sent, if they have changed. */
const countersEveryMs = 200;

/** A worker's end of the channel to its primary. */
export function connectToPrimary(): Primary {
  let run: Primary['run'] = () => {};
  let isRunning = false;
  const commands = new Promise<Commands>((resolve) => {
    run = (given) => {
      isRunning = true;
      resolve(given);
    };
  });
  const scrapes = new Map<number, (reports: readonly Report[]) => void>();
  let scrapeCount = 0;
  let permission: Promise<void> | null = null;
  let permit = () => {};
  let ownMetrics: Metrics | null = null;

  const send = (message: ToPrimary) =>
    new Promise<void>((resolve) => {
      if (!cluster.worker?.isConnected()) return resolve();
      cluster.worker.send(message, () => resolve());
    });

  const report = async () => {
    // What can't be counted now is in the next report.
    const counted = await ownMetrics?.getMetricsAsJSON().catch(() => null);
    if (counted) await send({ kind: 'report', report: counted });
  };

  process.on('message', async (message: ToWorker) => {
    switch (message.kind) {
      case 'retire':
        return (await commands).retire();
      case 'end':
        return (await commands).end(message.how);
      case 'closeConnections':
        return permit();
      case 'askForReport':
        return report();
      case 'scraped':
        scrapes.get(message.id)?.(message.reports);
        scrapes.delete(message.id);
    }
  });
  cluster.worker?.on('disconnect', async () => {
    for (const resolve of scrapes.values()) resolve([]);
    scrapes.clear();
    // node:cluster exits the process, which has no clients yet.
    if (!isRunning) return;
    // Without this, node:cluster exits it now, too.
    if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
    permit();
    (await commands).end('announced');
  });

  return {
    send,
    report,
    mayCloseConnections: () => {
      permission ??= new Promise((resolve) => {
        if (!cluster.worker?.isConnected()) return resolve();
        permit = resolve;
        send({ kind: 'stoppedListening' });
      });
      return permission;
    },
    run,
    scrapeOf: (metrics, changes) => {
      ownMetrics = metrics;
      let told = changes();
      setInterval(async () => {
        const count = changes();
        if (count === told) return;
        told = count;
        await send({ kind: 'counters', report: await countersOf(metrics) });
      }, countersEveryMs).unref();
      return {
        contentType: metrics.contentType,
        metrics: async () => {
          if (!cluster.worker?.isConnected()) return metrics.metrics();
          const id = scrapeCount++;
          const answered = new Promise<readonly Report[]>((resolve) => scrapes.set(id, resolve));
          await send({ kind: 'scrape', id });
          const reports = await answered;
          // Without its primary, a worker knows its own.
          return reports.length === 0 ? metrics.metrics() : aggregate(reports).metrics();
        },
      };
    },
  };
}

function countersOf(metrics: Metrics): Promise<Report> {
  const counting = metrics
    .getMetricsAsArray()
    .filter((metric) => metric instanceof Counter || metric instanceof Histogram);
  return Promise.all(counting.map((metric) => metric.get())) as Promise<Report>;
}
