import type { EndKind } from '../ending.js';
import type { Metrics } from '../telemetry/metrics.js';

/** The metrics of one process, as JSON. */
export type Report = Awaited<ReturnType<Metrics['getMetricsAsJSON']>>;

/** What the primary sends to a worker. */
export type ToWorker =
  | { readonly kind: 'retire' }
  | { readonly kind: 'end'; readonly how: EndKind }
  /** The answer to `stoppedListening`: its connections may be closed. */
  | { readonly kind: 'closeConnections' }
  /** Asks for a `report`. */
  | { readonly kind: 'askForReport' }
  /** The answer to the `scrape` with this id. */
  | { readonly kind: 'scraped'; readonly id: number; readonly reports: readonly Report[] };

/** What a worker sends to the primary. */
export type ToPrimary =
  | { readonly kind: 'listening'; readonly startupMessage: string }
  /** It could not start. */
  | { readonly kind: 'failed'; readonly message: string }
  /** It has stopped listening. */
  | { readonly kind: 'stoppedListening' }
  /** It ends, and has to wait for calls that were sent. */
  | { readonly kind: 'waiting'; readonly calls: number; readonly withinMs: number }
  | { readonly kind: 'report'; readonly report: Report }
  /** A report without values that belong to a moment, such as the length of the queue. Sent unasked. */
  | { readonly kind: 'counters'; readonly report: Report }
  /** Asks for the reports of all workers. */
  | { readonly kind: 'scrape'; readonly id: number };
