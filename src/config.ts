import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { type ApiKey, contradictionsIn } from './apiKeys.js';
import { closingSeconds } from './ending.js';
import { misspeltIn } from './misspeltSettings.js';
import { type logLevels, mayHoldSecrets, type Settings, settings, whole } from './settings.js';

/** The settings, read once from the environment. docs/operations.md describes each. */
export interface Config {
  /** Null: no account, so the sandbox stands in for upstream. */
  readonly token: string | null;
  readonly environment: 'prod-global' | 'prod-cn' | 'auto';
  /** Overrides the environment: a proxy or a test upstream. */
  readonly baseUrl: string | null;
  readonly port: number;
  readonly host: string;
  /** Empty: requests need no key. */
  readonly apiKeys: readonly ApiKey[];
  /** Origins whose pages may send requests. Empty: only the server's own. */
  readonly corsOrigins: readonly string[];
  /** Allowed names in the Host header beside loopback's, as `URL.hostname` spells them. */
  readonly allowedHosts: readonly string[];
  /** How long an answer counts as fresh, by endpoint name. */
  readonly ttlSeconds: Readonly<Record<string, number>>;
  /** How long after that it may be served when upstream fails. */
  readonly staleSeconds: number;
  /** How long earlier answers are kept. 0: not at all. */
  readonly historyDays: number;
  /** The memory of stored answers, and again that of whole responses. */
  readonly cacheMaxBytes: number;
  /** Whether whole responses are cached. */
  readonly responseMemo: boolean;
  /** Where answers, stops and counts are stored: `memory:`, `sqlite:PATH` or `redis://…`. */
  readonly storeUrl: string;
  /** Whether no call is made while the store is lost. */
  readonly isStoreRequired: boolean;
  readonly upstreamTimeoutMs: number;
  /** How many calls may be in flight at once. */
  readonly upstreamConcurrency: number;
  /** How many attempts may start in any one second. Null: no limit. */
  readonly upstreamCallsPerSecond: number | null;
  /** How many calls may wait in the queue. */
  readonly upstreamQueueMax: number;
  /** How many more attempts a call gets, only after unbilled failures. */
  readonly upstreamRetries: number;
  /** How many calls one operation may ask for. */
  readonly queryMaxCalls: number;
  /** How many calls may be paid on one calendar day in China. Null: no limit. */
  readonly dailyMaxCalls: number | null;
  /** The price of a call in yuan, as a decimal number. Null: not set. */
  readonly callPrice: string | null;
  /** The largest response. */
  readonly maxResponseBytes: number;
  /** How long one operation may take. */
  readonly queryTimeoutMs: number;
  /** The folder of the documents that clients may name by an id. Null: there are none. */
  readonly persistedDocuments: string | null;
  /** Whether all other documents are refused. */
  readonly isPersistedOnly: boolean;
  /** Whether endpoints may be called whose answers hold contact data of people. */
  readonly allowsPersonalData: boolean;
  readonly logLevel: (typeof logLevels)[number];
  /** Whether the schema is also a subgraph of Apollo Federation. */
  readonly isSubgraph: boolean;
  /** How long an idle connection stays open. */
  readonly keepAliveSeconds: number;
  /** How long a server that ends still serves as before, while `/ready` says 503. */
  readonly shutdownDelaySeconds: number;
  /** How long its open connections then have for another request. */
  readonly shutdownDrainSeconds: number;
  /** The bound of the whole end. */
  readonly shutdownTimeoutSeconds: number;
  /** How many processes serve the port. */
  readonly workers: number;
}

/** What the configuration needs to know about an endpoint. */
export interface TtlDefault {
  readonly name: string;
  readonly ttlSeconds: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Names every fault of the configuration. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(faults: readonly string[]) {
    super(`The configuration can't be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

/** Values of NODE_DEBUG that make undici print requests. Node reads them before the program can change them. */
const printsRequests = /(^|,)\s*(undici|[^,]*\*)/i;

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** Reads the whole environment, or throws one `ConfigError` that names every fault. */
export function readConfig(env: Environment, endpoints: readonly TtlDefault[]): Config {
  const faults: string[] = [];

  /** A setting's text, from the environment or from the file that `…_FILE` names. */
  function readText(name: string): string | undefined {
    const text = env[name]?.trim() || undefined;
    const path = env[`${name}_FILE`]?.trim() || undefined;
    if (path === undefined) return text;
    if (text !== undefined) {
      faults.push(`${name}_FILE: ${name} is set, too; remove one of them`);
      return undefined;
    }
    try {
      const content = readFileSync(path, 'utf8').trim();
      if (content !== '') return content;
      faults.push(`${name}_FILE: the file that it names is empty`);
    } catch (error) {
      // Without the path: someone may have written the secret itself there.
      faults.push(`${name}_FILE: the file that it names can't be read (${codeOf(error)})`);
    }
    return undefined;
  }

  function readSetting<T>(name: string, form: z.ZodType<T>): T | undefined {
    const text = readText(name);
    if (text === undefined) return undefined;
    const parsed = form.safeParse(text);
    if (parsed.success) return parsed.data;
    const isSecret = mayHoldSecrets.has(name) || !env[name]?.trim();
    const got = isSecret ? 'something else' : JSON.stringify(text);
    faults.push(`${name}: expected ${form.description}, but got ${got}`);
    return undefined;
  }

  const given: Settings = Object.fromEntries(
    Object.entries(settings).map(([name, form]) => [name, readSetting(name, form as z.ZodType<unknown>)]),
  );
  const ttlSeconds = Object.fromEntries(
    endpoints.map(({ name, ttlSeconds }) => [
      name,
      readSetting(ttlName(name), whole(1)) ?? given.CACHE_TTL_SECONDS ?? ttlSeconds,
    ]),
  );

  faults.push(...misspeltIn(env, [...Object.keys(settings), ...endpoints.map(({ name }) => ttlName(name))]));
  if (isTokenMissing(env)) {
    faults.push(
      'JUSTONEAPI_TOKEN: is set but empty, so a secret may be missing; give it a value, or remove it to use the sandbox',
    );
  }

  const isPersistedOnly = given.PERSISTED_ONLY === '1';
  if (isPersistedOnly && given.PERSISTED_DOCUMENTS === undefined) {
    faults.push('PERSISTED_ONLY: needs PERSISTED_DOCUMENTS, the folder of the allowed documents');
  }
  const token = given.JUSTONEAPI_TOKEN ?? null;
  const host = given.HOST ?? '127.0.0.1';
  const apiKeys = given.API_KEYS ?? [];
  const isTokenAtFault = faults.some((fault) => fault.startsWith('JUSTONEAPI_TOKEN'));
  if (given.JUSTONEAPI_BASE_URL && token === null && !isTokenAtFault) {
    faults.push('JUSTONEAPI_BASE_URL: needs JUSTONEAPI_TOKEN; without a token the built-in sandbox answers');
  }
  faults.push(...contradictionsIn(apiKeys));
  const areKeysAtFault = faults.some((fault) => fault.startsWith('API_KEYS'));
  if (!loopbackHost.test(host) && apiKeys.length === 0 && !areKeysAtFault) {
    faults.push(
      `HOST: ${JSON.stringify(host)} is reachable from other machines, and with a token every query spends money; set API_KEYS, or leave HOST at 127.0.0.1`,
    );
  }
  const workers = given.WORKERS ?? 1;
  const storeUrl = given.STORE_URL ?? (token === null ? 'memory:' : 'sqlite:./.data/xingtu.db');
  if (workers > 1 && storeUrl === 'memory:') {
    faults.push(
      `WORKERS: ${workers} processes cannot share the store memory:, so each would pay for the same answers; set STORE_URL to sqlite:./.data/xingtu.db or redis://HOST, or leave WORKERS at 1`,
    );
  }
  const isStoreRequired = given.STORE_REQUIRED === '1';
  if (isStoreRequired && storeUrl === 'memory:') {
    faults.push(
      'STORE_REQUIRED: memory: is a store that is never lost and forgets at a restart; set STORE_URL to sqlite:./.data/xingtu.db or redis://HOST, or leave STORE_REQUIRED at 0',
    );
  }
  const shutdown = {
    shutdownDelaySeconds: given.SHUTDOWN_DELAY_SECONDS ?? 5,
    shutdownDrainSeconds: given.SHUTDOWN_DRAIN_SECONDS ?? 3,
    shutdownTimeoutSeconds: given.SHUTDOWN_TIMEOUT_SECONDS ?? 25,
  };
  const leastSeconds = shutdown.shutdownDelaySeconds + shutdown.shutdownDrainSeconds + closingSeconds;
  if (shutdown.shutdownTimeoutSeconds < leastSeconds) {
    faults.push(
      `SHUTDOWN_TIMEOUT_SECONDS: ${shutdown.shutdownTimeoutSeconds} is less than SHUTDOWN_DELAY_SECONDS + SHUTDOWN_DRAIN_SECONDS + ${closingSeconds} s for the store; set it to ${leastSeconds} or more, and what ends the server must wait as long`,
    );
  }
  if (token !== null && printsRequests.test(env['NODE_DEBUG'] ?? '')) {
    faults.push(
      'NODE_DEBUG: with undici in it Node prints every request, and the token with it; remove undici from it',
    );
  }
  if (faults.length > 0) throw new ConfigError(faults);

  return {
    token,
    environment: given.JUSTONEAPI_ENVIRONMENT ?? 'prod-global',
    baseUrl: given.JUSTONEAPI_BASE_URL ?? null,
    port: given.PORT ?? 4000,
    host,
    apiKeys,
    corsOrigins: given.CORS_ORIGINS ?? [],
    allowedHosts: given.ALLOWED_HOSTS ?? [],
    ttlSeconds,
    staleSeconds: given.CACHE_STALE_SECONDS ?? 604_800,
    historyDays: given.HISTORY_DAYS ?? 400,
    cacheMaxBytes: given.CACHE_MAX_BYTES ?? 64 * 1_048_576,
    responseMemo: given.RESPONSE_MEMO !== '0',
    storeUrl,
    isStoreRequired,
    upstreamTimeoutMs: given.UPSTREAM_TIMEOUT_MS ?? 60_000,
    upstreamConcurrency: given.UPSTREAM_CONCURRENCY ?? 16,
    upstreamCallsPerSecond: given.UPSTREAM_CALLS_PER_SECOND ?? null,
    upstreamQueueMax: given.UPSTREAM_QUEUE_MAX ?? 2_000,
    upstreamRetries: given.UPSTREAM_RETRIES ?? 3,
    queryMaxCalls: given.QUERY_MAX_CALLS ?? 200,
    maxResponseBytes: given.MAX_RESPONSE_BYTES ?? 32 * 1_048_576,
    dailyMaxCalls: given.DAILY_MAX_CALLS ?? null,
    callPrice: given.CALL_PRICE ?? null,
    queryTimeoutMs: given.QUERY_TIMEOUT_MS ?? 90_000,
    persistedDocuments: given.PERSISTED_DOCUMENTS ?? null,
    isPersistedOnly,
    allowsPersonalData: given.ALLOW_PERSONAL_DATA === '1',
    isSubgraph: given.FEDERATION === '1',
    logLevel: given.LOG_LEVEL ?? 'info',
    keepAliveSeconds: given.KEEP_ALIVE_SECONDS ?? 65,
    ...shutdown,
    workers,
  };
}

/** Whether a token was intended, since its setting exists, but is empty. */
function isTokenMissing({ JUSTONEAPI_TOKEN: token, JUSTONEAPI_TOKEN_FILE: path }: Environment): boolean {
  return !token?.trim() && !path?.trim() && (token !== undefined || path !== undefined);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no such path';
}

/** `cpMetrics` → `CACHE_TTL_CP_METRICS_SECONDS` */
function ttlName(endpoint: string): string {
  return `CACHE_TTL_${endpoint.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}_SECONDS`;
}
