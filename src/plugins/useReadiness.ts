import type { Plugin } from 'graphql-yoga';
import type { UpstreamStatus } from '../upstream/client.js';

export interface ReadinessOptions {
  readonly endpoint: string;
  readonly status: () => Promise<UpstreamStatus>;
  readonly isStoreLost: () => boolean;
  /** No more requests are wanted. */
  readonly isEnding: () => boolean;
}

/**
 * Answers 200 until the server ends, for one that is in trouble still serves what it has: taking every instance away at
 * once would help nobody. What it is in trouble with is in `degraded`; why, in the log, for anybody may ask here.
 */
export function useReadiness({ endpoint, status, isStoreLost, isEnding }: ReadinessOptions): Plugin {
  return {
    async onRequest({ url, endResponse, fetchAPI }) {
      if (url.pathname !== endpoint) return;
      const { stop, endpoints } = await status();
      const degraded = [
        ...(isStoreLost() ? ['store: lost, memory stands in for it'] : []),
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
