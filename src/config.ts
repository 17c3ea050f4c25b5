import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { type ApiKey, apiKeyForm, contradictionsIn } from './apiKeys.js';

/** The settings, read once from the environment. README's table says what each does. */
export interface Config {
  /** Null: no account, so the sandbox stands in for upstream. */
  readonly token: string | null;
  readonly environment: 'prod-global' | 'prod-cn' | 'auto';
  /** Overrides the environment: a proxy or a test upstream. */
  readonly baseUrl: string | null;
  readonly port: number;
  readonly host: string;
  /** Empty: whoever reaches the port may ask. */
  readonly apiKeys: readonly ApiKey[];
  /** Whose pages may ask. Empty: none but the server's own. */
  readonly corsOrigins: readonly string[];
  /** The names that the server is asked by beside loopback's, as a URL's `hostname` has them. */
  readonly allowedHosts: readonly string[];
  /** How long an answer counts as fresh, by endpoint name. */
  readonly ttlSeconds: Readonly<Record<string, number>>;
  readonly staleSeconds: number;
  readonly cacheMaxBytes: number;
  /** Whole answers are kept, too, in as much memory again. */
  readonly responseMemo: boolean;
  /** Where what must outlive the server is kept, or be shared: `memory:`, `lmdb:PATH` or `redis://…`. */
  readonly storeUrl: string;
  readonly upstreamTimeoutMs: number;
  /** Calls in flight at once. */
  readonly upstreamConcurrency: number;
  /** Calls started in any one second. Null: no limit. */
  readonly upstreamCallsPerSecond: number | null;
  /** Calls that may wait for their turn. */
  readonly upstreamQueueMax: number;
  /** Extra attempts of one call, only after what is unbilled. */
  readonly upstreamRetries: number;
  /** Calls that one operation may name. */
  readonly queryMaxCalls: number;
  /** Calls that may be paid on one of China's calendar days. Null: no limit. */
  readonly dailyMaxCalls: number | null;
  /** What a call costs, in yuan, as a decimal number. Null: nobody said. */
  readonly callPrice: string | null;
  /** What one answer may hold. */
  readonly maxResponseBytes: number;
  /** How long one operation is waited for. */
  readonly queryTimeoutMs: number;
  /** The folder of the documents that clients may ask by their ids. Null: there is none. */
  readonly persistedDocuments: string | null;
  /** Whether those are all that is answered. */
  readonly isPersistedOnly: boolean;
  readonly logLevel: (typeof logLevels)[number];
  /** Processes that serve one port. */
  readonly workers: number;
}

/** What the configuration needs to know of an endpoint. */
export interface TtlDefault {
  readonly name: string;
  readonly ttlSeconds: number;
}

/** Thrown once, with every fault in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(faults: readonly string[]) {
    super(`The configuration can't be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  }
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Names that are nobody else's, so that an unknown one is a slip: JUSTONEAPI_TOKN would start the sandbox. */
const ownName = /^(JUSTONEAPI_|CACHE_TTL_\w+_SECONDS$)/;

/** Node's own switch, which no program can take back once it runs. */
const printsRequests = /(^|,)\s*(undici|[^,]*\*)/i;

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most)
    .describe(
      most === Number.MAX_SAFE_INTEGER
        ? `a whole number of at least ${least}`
        : `a whole number from ${least} to ${most}`,
    );

const listOf = <T>(item: z.ZodType<T, string>, expected: string) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .pipe(z.array(item).min(1))
    .describe(expected);

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values).describe(`one of ${values.join(', ')}`);

/** Without what a call would lose of it: a user, a query, a fragment. */
const httpUrl = z.url({ protocol: /^https?$/ }).regex(/^[^?#@]+$/);

function isRedisUrl(text: string): boolean {
  try {
    const { username, password, pathname } = new URL(text);
    decodeURIComponent(username + password);
    return /^(\/\d*)?$/.test(pathname);
  } catch {
    return false;
  }
}

const yesNo = oneOf(['0', '1']);

const hostName = z
  .string()
  .toLowerCase()
  .transform((host) => (isIPv6(host) ? `[${host}]` : host))
  .refine((host) => /^([a-z\d_.-]+|\[[^\]]+\])$/.test(host) && URL.canParse(`http://${host}`))
  .transform((host) => new URL(`http://${host}`).hostname);

/** Name, form, and the words for it. A form's description is what a fault tells the operator to write. */
const settings = {
  JUSTONEAPI_TOKEN: z.string(),
  JUSTONEAPI_ENVIRONMENT: oneOf(['prod-global', 'prod-cn', 'auto']),
  JUSTONEAPI_BASE_URL: httpUrl.describe('an http or https URL without user, query or fragment'),
  PORT: whole(0, 65_535),
  HOST: z
    .string()
    .toLowerCase()
    .transform((host) => host.replace(/^\[(.*)\]$/, '$1')),
  API_KEYS: listOf(
    apiKeyForm,
    'name:key,name:key:1000,name:key:admin with keys of at least 8 characters, each followed by its calls a day, or admin, or both, or nothing',
  ),
  STORE_URL: z
    .string()
    .regex(/^(memory:$|lmdb:.|rediss?:\/\/.)/)
    .refine((url) => !url.startsWith('redis') || isRedisUrl(url))
    .describe(
      'memory:, lmdb:PATH or redis://HOST (in a password % # / ? and @ are written as %25 %23 %2F %3F %40)',
    ),
  CACHE_TTL_SECONDS: whole(1),
  CACHE_STALE_SECONDS: whole(0),
  CACHE_MAX_BYTES: whole(1_048_576),
  UPSTREAM_TIMEOUT_MS: whole(1, 600_000),
  UPSTREAM_CONCURRENCY: whole(1),
  UPSTREAM_CALLS_PER_SECOND: whole(1),
  UPSTREAM_QUEUE_MAX: whole(1),
  UPSTREAM_RETRIES: whole(0, 10),
  QUERY_TIMEOUT_MS: whole(1),
  QUERY_MAX_CALLS: whole(1),
  MAX_RESPONSE_BYTES: whole(65_536),
  DAILY_MAX_CALLS: whole(0),
  CALL_PRICE: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .describe('a price in yuan such as 0.05'),
  CORS_ORIGINS: listOf(
    z.string().regex(/^https?:\/\/[^/?#\s]+$/),
    'origins without a path, such as https://dashboard.example',
  ),
  ALLOWED_HOSTS: listOf(
    hostName,
    'host names or addresses without scheme, port or path, such as api.example',
  ),
  WORKERS: whole(1, 256),
  RESPONSE_MEMO: yesNo,
  PERSISTED_DOCUMENTS: z.string(),
  PERSISTED_ONLY: yesNo,
  LOG_LEVEL: oneOf(logLevels),
} as const;

/** Their values are never repeated in a message, which would end up in a log. */
const mayHoldSecrets: ReadonlySet<string> = new Set(['API_KEYS', 'STORE_URL', 'JUSTONEAPI_BASE_URL']);

type Settings = { [Name in keyof typeof settings]?: z.output<(typeof settings)[Name]> };

/** Reads the whole environment, or throws one `ConfigError` that names every fault. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  endpoints: readonly TtlDefault[],
): Config {
  const faults: string[] = [];

  function read<T>(name: string, form: z.ZodType<T>): T | undefined {
    const text = env[name]?.trim();
    if (text === undefined || text === '') return undefined;
    const parsed = form.safeParse(text);
    if (parsed.success) return parsed.data;
    const got = mayHoldSecrets.has(name) ? 'something else' : JSON.stringify(text);
    faults.push(`${name}: expected ${form.description}, got ${got}`);
    return undefined;
  }

  const given: Settings = Object.fromEntries(
    Object.entries(settings).map(([name, form]) => [name, read(name, form as z.ZodType<unknown>)]),
  );
  const ttlSeconds = Object.fromEntries(
    endpoints.map(({ name, ttlSeconds }) => [
      name,
      read(ttlName(name), whole(1)) ?? given.CACHE_TTL_SECONDS ?? ttlSeconds,
    ]),
  );

  const known = new Set([...Object.keys(settings), ...endpoints.map(({ name }) => ttlName(name))]);
  for (const name of Object.keys(env)) {
    if (ownName.test(name) && !known.has(name)) faults.push(`${name}: no setting has this name`);
  }

  const isPersistedOnly = given.PERSISTED_ONLY === '1';
  if (isPersistedOnly && given.PERSISTED_DOCUMENTS === undefined) {
    faults.push('PERSISTED_ONLY: needs PERSISTED_DOCUMENTS, the folder of the documents that may be asked');
  }
  const token = given.JUSTONEAPI_TOKEN ?? null;
  const host = given.HOST ?? '127.0.0.1';
  const apiKeys = given.API_KEYS ?? [];
  if (given.JUSTONEAPI_BASE_URL && token === null) {
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
  const storeUrl = given.STORE_URL ?? (token === null ? 'memory:' : 'lmdb:./.data');
  if (workers > 1 && storeUrl === 'memory:') {
    faults.push(
      `WORKERS: ${workers} processes share nothing in memory:, so each would pay for itself; set STORE_URL to lmdb:./.data or redis://HOST, or leave WORKERS at 1`,
    );
  }
  if (token !== null && printsRequests.test(env['NODE_DEBUG'] ?? '')) {
    faults.push(
      'NODE_DEBUG: with undici in it every request is printed, and with it the token; leave that out',
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
    cacheMaxBytes: given.CACHE_MAX_BYTES ?? 64 * 1_048_576,
    responseMemo: given.RESPONSE_MEMO !== '0',
    storeUrl,
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
    logLevel: given.LOG_LEVEL ?? 'info',
    workers,
  };
}

/** `cpMetrics` → `CACHE_TTL_CP_METRICS_SECONDS` */
function ttlName(endpoint: string): string {
  return `CACHE_TTL_${endpoint.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}_SECONDS`;
}
