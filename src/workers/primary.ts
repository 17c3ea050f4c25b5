import cluster from 'node:cluster';
import type { Metrics, MetricsText } from '../telemetry/metrics.js';
import type { Report, ToPrimary, ToWorker } from './messages.js';
import { together } from './metrics.js';

export interface Orders {
  retire(): void;
  end(): void;
}

/** The primary, as a worker sees it. */
export interface Primary {
  tell(message: ToPrimary): Promise<void>;
  /**
   * Resolves when it hands over no more connections, once the port is closed. One that is on its way goes back to it and
   * to another worker, as long as this one lives: its end would leave the client waiting.
   */
  leave(): Promise<void>;
  /** Tells what this worker has counted. */
  report(): Promise<void>;
  /** What it has ordered before is obeyed, too. A worker whose primary is gone is ordered to end. */
  obey(orders: Orders): void;
  /** The metrics of all workers, for `own` is only of this one. */
  scrapeOf(own: Metrics): MetricsText;
}

/** A worker's end of the line to its primary. */
export function connectToPrimary(): Primary {
  let obey: Primary['obey'] = () => {};
  const obeying = new Promise<Orders>((resolve) => {
    obey = resolve;
  });
  const scrapes = new Map<number, (reports: readonly Report[]) => void>();
  let scrapeCount = 0;
  let left = () => {};
  let own: Metrics | null = null;

  const tell = (message: ToPrimary) =>
    new Promise<void>((resolve) => {
      if (!cluster.worker?.isConnected()) return resolve();
      cluster.worker.send(message, () => resolve());
    });

  const report = async () => {
    // What can't be counted now is in the next report.
    const counted = await own?.getMetricsAsJSON().catch(() => null);
    if (counted) await tell({ kind: 'report', report: counted });
  };

  process.on('message', async (message: ToWorker) => {
    switch (message.kind) {
      case 'retire':
      case 'end':
        return (await obeying)[message.kind]();
      case 'left':
        return left();
      case 'count':
        return report();
      case 'scraped':
        scrapes.get(message.id)?.(message.reports);
        scrapes.delete(message.id);
    }
  });
  cluster.worker?.on('disconnect', async () => {
    // Or else node:cluster ends the process at once.
    if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
    left();
    (await obeying).end();
  });

  return {
    tell,
    report,
    leave: () =>
      new Promise((resolve) => {
        if (!cluster.worker?.isConnected()) return resolve();
        left = resolve;
        tell({ kind: 'leaving' });
      }),
    obey,
    scrapeOf: (metrics) => {
      own = metrics;
      return {
        contentType: metrics.contentType,
        metrics: async () => {
          const id = scrapeCount++;
          const reports = new Promise<readonly Report[]>((resolve) => scrapes.set(id, resolve));
          await tell({ kind: 'scrape', id });
          return together(await reports).metrics();
        },
      };
    },
  };
}
