import type { Plugin } from 'graphql-yoga';
import type { UpstreamStatus } from '../upstream/client.js';

interface ReadinessOptions {
  readonly endpoint: string;
  readonly status: () => Promise<UpstreamStatus>;
  readonly isStoreLost: () => boolean;
  /** No call is made while the store is lost. */
  readonly isStoreRequired: boolean;
  /** What is wrong with a store that works. */
  readonly storeWarnings: () => readonly string[];
  /** The server takes no more requests. */
  readonly isEnding: () => boolean;
}

/**
 * Answers 200 until the server ends. A server in trouble still serves stored answers, and a load balancer that took every
 * instance away at once would help nobody. `degraded` names what is in trouble. The reason is only in the log, because
 * this page needs no key.
 */
export function useReadiness({
  endpoint,
  status,
  isStoreLost,
  isStoreRequired,
  storeWarnings,
  isEnding,
}: ReadinessOptions): Plugin {
  const whileLost = isStoreRequired
    ? 'so no call is made until it is back (STORE_REQUIRED)'
    : 'memory stands in for it';
  return {
    async onRequest({ url, endResponse, fetchAPI }) {
      if (url.pathname !== endpoint) return;
      const { stop, endpoints } = await status();
      const degraded = [
        ...(isStoreLost() ? [`store: lost, ${whileLost}`] : []),
        ...storeWarnings().map((warning) => `store: ${warning}`),
        ...(stop ? [`upstream: stopped by ${stop.code}`] : []),
        ...endpoints
          .filter(({ circuit }) => !stop && circuit !== 'CLOSED')
          .map(({ name, circuit }) => `${name}: circuit ${circuit}`),
      ];
      const ready = !isEnding();
      const headers = { 'cache-control': 'no-store' };
      endResponse(fetchAPI.Response.json({ ready, degraded }, { status: ready ? 200 : 503, headers }));
    },
  };
}
