import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { apiKeyForm } from './apiKeys.js';
import { parseRedisUrl } from './upstream/store/redis/address.js';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
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

/** Without a user, a query or a fragment, which calls would drop. */
const httpUrl = z.url({ protocol: /^https?$/ }).regex(/^[^?#@]+$/);

const zeroOrOne = oneOf(['0', '1']);

const hostName = z
  .string()
  .toLowerCase()
  .transform((host) => (isIPv6(host) ? `[${host}]` : host))
  .refine((host) => /^([a-z\d_.-]+|\[[^\]]+\])$/.test(host) && URL.canParse(`http://${host}`))
  .transform((host) => new URL(`http://${host}`).hostname.replace(/\.$/, ''));

/** All settings with a fixed name. A schema's description completes the message "expected …". */
export const settings = {
  JUSTONEAPI_TOKEN: z.string().regex(/^\S+$/).describe('a token, which has no spaces'),
  JUSTONEAPI_ENVIRONMENT: oneOf(['prod-global', 'prod-cn', 'auto']),
  JUSTONEAPI_BASE_URL: httpUrl.describe('an http or https URL without user, query or fragment'),
  PORT: whole(0, 65_535),
  HOST: z
    .string()
    .toLowerCase()
    .transform((host) => host.replace(/^\[(.*)\]$/, '$1')),
  API_KEYS: listOf(
    apiKeyForm,
    'name:key,name:key:1000,name:key:admin,name:key:metrics with keys of at least 8 characters, each optionally followed by its calls a day, and by its role',
  ),
  STORE_URL: z
    .string()
    .regex(/^(memory:$|sqlite:[^?]+$|rediss?:\/\/.)/)
    .refine((url) => !url.startsWith('redis') || parseRedisUrl(url) !== null)
    .describe(
      'memory:, sqlite:PATH without parameters, redis://HOST, redis://HOST,HOST,HOST for a cluster, or redis://SENTINEL,SENTINEL?sentinel=NAME, optionally with ?prefix=NAME of word characters, dots and dashes (in a password, write % # / ? and @ as %25 %23 %2F %3F %40)',
    ),
  STORE_REQUIRED: zeroOrOne,
  CACHE_TTL_SECONDS: whole(1),
  CACHE_STALE_SECONDS: whole(0),
  CACHE_MAX_BYTES: whole(1_048_576),
  HISTORY_DAYS: whole(0, 36_500),
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
  KEEP_ALIVE_SECONDS: whole(1, 3_600),
  SHUTDOWN_DELAY_SECONDS: whole(0, 3_600),
  SHUTDOWN_DRAIN_SECONDS: whole(0, 3_600),
  SHUTDOWN_TIMEOUT_SECONDS: whole(1, 86_400),
  WORKERS: whole(1, 256),
  RESPONSE_MEMO: zeroOrOne,
  PERSISTED_DOCUMENTS: z.string(),
  PERSISTED_ONLY: zeroOrOne,
  ALLOW_PERSONAL_DATA: zeroOrOne,
  FEDERATION: zeroOrOne,
  LOG_LEVEL: oneOf(logLevels),
} as const;

/** Messages end up in logs, so they never repeat the values of these settings. */
export const mayHoldSecrets: ReadonlySet<string> = new Set([
  'JUSTONEAPI_TOKEN',
  'JUSTONEAPI_BASE_URL',
  'API_KEYS',
  'STORE_URL',
]);

export type Settings = { [Name in keyof typeof settings]?: z.output<(typeof settings)[Name]> };
