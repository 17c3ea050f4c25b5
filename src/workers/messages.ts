import type { Metrics } from '../telemetry/metrics.js';

/** What one process' metrics were, as JSON. */
export type Report = Awaited<ReturnType<Metrics['getMetricsAsJSON']>>;

export type ToWorker =
  | { readonly kind: 'retire' | 'end' }
  /** Answers `leaving`. */
  | { readonly kind: 'left' }
  /** Asks for a `report`. */
  | { readonly kind: 'count' }
  /** Answers a `scrape`. */
  | { readonly kind: 'scraped'; readonly id: number; readonly reports: readonly Report[] };

export type ToPrimary =
  | { readonly kind: 'listening'; readonly line: string }
  | { readonly kind: 'failed'; readonly message: string }
  /** No connection is wanted any more. */
  | { readonly kind: 'leaving' }
  | { readonly kind: 'report'; readonly report: Report }
  /** Asks for what all workers report. */
  | { readonly kind: 'scrape'; readonly id: number };
