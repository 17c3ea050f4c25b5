import { apiKeys } from './traffic.js';

export const token = 'tok-soak-7b0e2c94f1aa63d8';

/** Short, so that answers get stale and are renewed all the time. */
export const ttlMs = 30_000;
export const staleMs = 60_000;
export const upstreamTimeoutMs = 2_000;

/** The cache in memory is full after a minute, so that it evicts, and a growth after that is not its own. */
const cacheMaxBytes = 8 * 1_048_576;

/** Longer than a killed process's lease. */
const queryTimeoutMs = 30_000;

export const answeredWithinMs = queryTimeoutMs + 10_000;

/** The settings of the servers, without their ports. */
export function environmentOf({
  workers,
  storeUrl,
  upstreamUrl,
  documents,
}: {
  readonly workers: number;
  readonly storeUrl: string;
  readonly upstreamUrl: string;
  readonly documents: string;
}): Readonly<Record<string, string>> {
  return {
    LOG_LEVEL: 'error',
    WORKERS: String(workers),
    STORE_URL: storeUrl,
    JUSTONEAPI_TOKEN: token,
    JUSTONEAPI_BASE_URL: upstreamUrl,
    API_KEYS: apiKeys.limited,
    PERSISTED_DOCUMENTS: documents,
    CACHE_MAX_BYTES: String(cacheMaxBytes),
    CACHE_TTL_SECONDS: String(ttlMs / 1_000),
    CACHE_STALE_SECONDS: String(staleMs / 1_000),
    UPSTREAM_TIMEOUT_MS: String(upstreamTimeoutMs),
    QUERY_TIMEOUT_MS: String(queryTimeoutMs),
    DAILY_MAX_CALLS: '10000000',
    SHUTDOWN_DELAY_SECONDS: '1',
    SHUTDOWN_DRAIN_SECONDS: '1',
  };
}
