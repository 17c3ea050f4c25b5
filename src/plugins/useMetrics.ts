import type { Plugin } from 'graphql-yoga';
import type { MetricsText } from '../telemetry/metrics.js';

interface MetricsEndpointOptions {
  readonly endpoint: string;
  readonly metrics: MetricsText;
}

/** Serves metrics in Prometheus' text format. */
export function useMetrics({ endpoint, metrics }: MetricsEndpointOptions): Plugin {
  return {
    async onRequest({ url, endResponse, fetchAPI }) {
      if (url.pathname !== endpoint) return;
      const headers = { 'content-type': metrics.contentType, 'cache-control': 'no-store' };
      endResponse(new fetchAPI.Response(await metrics.metrics(), { headers }));
    },
  };
}
