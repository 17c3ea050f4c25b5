import { Counter, Histogram, type Registry } from 'prom-client';
import type { Level } from '../upstream/cache/lookup.js';
import type { Observer } from './observer.js';
import type { OperationSummary } from './operationRecord.js';

/** From a response of stored sections to QUERY_TIMEOUT_MS, in seconds. */
const operationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 90];

/** Upstream takes from a tenth of a second to a minute. */
const attemptBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];

/** What is measured when it happens. What can be read at any time is read at a scrape. */
export interface Measurements extends Pick<Observer, 'attempt' | 'call' | 'lookups'> {
  operation(summary: OperationSummary): void;
}

export function createMeasurements(register: Registry): Measurements {
  const registers = [register];
  const operations = new Histogram({
    name: 'xingtu_operation_duration_seconds',
    help: 'Executed operations, by outcome: ok, partial, failed, refused, dry_run or abandoned.',
    labelNames: ['outcome'],
    buckets: operationBuckets,
    registers,
  });
  const errors = new Counter({
    name: 'xingtu_errors_total',
    help: 'Errors in responses, by code.',
    labelNames: ['code'],
    registers,
  });
  const lookupsByLevel = new Map<Level, number>();
  new Counter({
    name: 'xingtu_lookups_total',
    help: 'Sections that executed operations looked up, by outcome: memory, store, stale, remembered, coalesced, paid or failed.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of lookupsByLevel) this.inc({ outcome }, count);
    },
  });
  const attempts = new Histogram({
    name: 'xingtu_upstream_attempt_duration_seconds',
    help: 'HTTP requests to upstream, by endpoint and by code: OK or an error code.',
    labelNames: ['endpoint', 'code'],
    buckets: attemptBuckets,
    registers,
  });
  const calls = new Counter({
    name: 'xingtu_upstream_calls_total',
    help: 'Calls that have ended, by endpoint and outcome: paid, uncertain, unbilled or not_sent.',
    labelNames: ['endpoint', 'outcome'],
    registers,
  });
  const paidCalls = new Counter({
    name: 'xingtu_calls_paid_total',
    help: 'Calls that upstream has billed, by API key (empty: there are no keys) and endpoint.',
    labelNames: ['key', 'endpoint'],
    registers,
  });
  return {
    operation({ outcome, ms, errorCodes }) {
      operations.observe({ outcome }, ms / 1000);
      for (const [code, count] of errorCodes) errors.inc({ code }, count);
    },
    lookups(ended) {
      for (const { level } of ended) lookupsByLevel.set(level, (lookupsByLevel.get(level) ?? 0) + 1);
    },
    attempt(endpoint, code, ms) {
      attempts.observe({ endpoint, code }, ms / 1000);
    },
    call(endpoint, outcome, payer) {
      calls.inc({ endpoint, outcome });
      if (outcome === 'paid') paidCalls.inc({ key: payer ?? '', endpoint });
    },
  };
}
