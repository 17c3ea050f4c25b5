import { AggregatorRegistry } from 'prom-client';
import type { Metrics } from '../telemetry/metrics.js';
import type { After } from '../time.js';
import type { Report } from './messages.js';
import type { Worker } from './supervisor.js';

/** How long a scrape waits for a busy worker. After that, its last report counts. */
const reportWithinMs = 1_000;

interface ReportingWorker extends Worker {
  askForReport(): Promise<void>;
}

/** The metrics of all workers, including those that have ended: without them, counters would fall. */
export class WorkersMetrics {
  readonly #after: After;
  readonly #last = new Map<Worker, Report>();
  #ended: Promise<Report> = Promise.resolve([]);

  constructor(after: After) {
    this.#after = after;
  }

  /** Replaces the counters in a worker's last report. What a killed worker counted after that is lost. */
  noteCounters(worker: Worker, counters: Report): void {
    const names = new Set(counters.map(({ name }) => name));
    const rest = (this.#last.get(worker) ?? []).filter(({ name }) => !names.has(name));
    this.note(worker, [...rest, ...counters]);
  }

  /** Stores a worker's report until its next one. */
  note(worker: Worker, report: Report): void {
    if (!this.#last.has(worker)) worker.ended.then(() => this.#addToEnded(worker));
    this.#last.set(worker, report);
  }

  async scrape(workers: Iterable<ReportingWorker>): Promise<readonly Report[]> {
    await Promise.all([...workers].map((worker) => this.#askForReport(worker)));
    return [...this.#last.values(), await this.#ended];
  }

  #askForReport(worker: ReportingWorker): Promise<void> {
    return new Promise((resolve) => {
      const stopTimer = this.#after(reportWithinMs, resolve);
      worker.askForReport().then(() => {
        stopTimer();
        resolve();
      });
    });
  }

  #addToEnded(worker: Worker): void {
    const counters = (this.#last.get(worker) ?? []).filter(isCounter);
    this.#last.delete(worker);
    this.#ended = this.#ended.then((ended) => aggregate([ended, counters]).getMetricsAsJSON());
  }
}

/** The metrics of several processes as those of one. */
export function aggregate(reports: readonly Report[]): Metrics {
  return AggregatorRegistry.aggregate([...reports]);
}

/** A metric that only grows while a process lives. prom-client's types have numbers where its values have names. */
function isCounter({ type }: Report[number]): boolean {
  return ['counter', 'histogram'].includes(String(type));
}
