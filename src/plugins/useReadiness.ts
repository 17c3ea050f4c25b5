import type { Plugin } from 'graphql-yoga';
import type { UpstreamStatus } from '../upstream/client.js';

export interface ReadinessOptions {
  readonly endpoint: string;
  readonly status: () => Promise<UpstreamStatus>;
  /** Why memory stands in for the store. Null: it doesn't. */
  readonly storeLostBecause: () => string | null;
}

/**
 * Answers 200 as long as the server answers at all, for one that is in trouble still serves what it has: taking every
 * instance away at once would help nobody. What it is in trouble with is in `degraded`.
 */
export function useReadiness({ endpoint, status, storeLostBecause }: ReadinessOptions): Plugin {
  return {
    async onRequest({ url, endResponse, fetchAPI }) {
      if (url.pathname !== endpoint) return;
      const { stop, endpoints } = await status();
      const lost = storeLostBecause();
      const degraded = [
        ...(lost === null ? [] : [`store: ${lost}`]),
        ...(stop ? [`upstream: stopped by ${stop.code}`] : []),
        ...endpoints
          .filter(({ circuit }) => !stop && circuit !== 'CLOSED')
          .map(({ name, circuit }) => `${name}: circuit ${circuit}`),
      ];
      endResponse(
        fetchAPI.Response.json({ ready: true, degraded }, { headers: { 'cache-control': 'no-store' } }),
      );
    },
  };
}
