import type { Plugin } from 'graphql-yoga';
import type { MetricsText } from '../telemetry/metrics.js';

/** Prometheus' text format on a path of its own. */
export function useMetrics({
  endpoint,
  metrics,
}: {
  readonly endpoint: string;
  readonly metrics: MetricsText;
}): Plugin {
  return {
    async onRequest({ url, endResponse, fetchAPI }) {
      if (url.pathname !== endpoint) return;
      const headers = { 'content-type': metrics.contentType, 'cache-control': 'no-store' };
      endResponse(new fetchAPI.Response(await metrics.metrics(), { headers }));
    },
  };
}
