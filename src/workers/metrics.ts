import { AggregatorRegistry } from 'prom-client';
import type { Metrics } from '../telemetry/metrics.js';
import type { After } from '../time.js';
import type { Report } from './messages.js';
import type { Worker } from './supervisor.js';

/** How long a scrape waits for a worker that is busy. Then what it last reported counts. */
const reportWithinMs = 1_000;

interface CountingWorker extends Worker {
  count(): Promise<void>;
}

/** What all workers have counted. One that has ended is still in it, for else a counter would fall. */
export class WorkersMetrics {
  readonly #after: After;
  readonly #last = new Map<Worker, Report>();
  #ended: Promise<Report> = Promise.resolve([]);

  constructor(after: After) {
    this.#after = after;
  }

  /** Keeps the last report of a worker, also beyond its end. One that is killed takes along what came after that. */
  note(worker: Worker, report: Report): void {
    if (!this.#last.has(worker)) worker.ended.then(() => this.#outlive(worker));
    this.#last.set(worker, report);
  }

  async scrape(workers: Iterable<CountingWorker>): Promise<readonly Report[]> {
    await Promise.all([...workers].map((worker) => this.#ask(worker)));
    return [...this.#last.values(), await this.#ended];
  }

  #ask(worker: CountingWorker): Promise<void> {
    return new Promise((resolve) => {
      const stopTimer = this.#after(reportWithinMs, resolve);
      worker.count().then(() => {
        stopTimer();
        resolve();
      });
    });
  }

  #outlive(worker: Worker): void {
    const counters = (this.#last.get(worker) ?? []).filter(isCounter);
    this.#last.delete(worker);
    this.#ended = this.#ended.then((ended) => together([ended, counters]).getMetricsAsJSON());
  }
}

/** Several processes' metrics as one's. */
export function together(reports: readonly Report[]): Metrics {
  return AggregatorRegistry.aggregate([...reports]);
}

/** Over a process' life they only grow. prom-client's types have numbers where its values have names. */
function isCounter({ type }: Report[number]): boolean {
  return ['counter', 'histogram'].includes(String(type));
}
