import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../src/config.js';
import { commonNames, misspeltIn } from '../src/misspeltSettings.js';
import { settings } from '../src/settings.js';
import { endpointNames, endpoints } from '../src/upstream/endpoints/table.js';
import { temporaryFolder } from './fixtures.js';

const read = (env: Record<string, string | undefined> = {}) => readConfig(env, Object.values(endpoints));

/** The lines of the one error that `env` gives. */
function faultsOf(env: Record<string, string>): string[] {
  try {
    read(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const [headline, ...faults] = (error as ConfigError).message.split('\n');
    expect(headline).toBe("The configuration can't be used:");
    return faults.map((fault) => fault.replace('  - ', ''));
  }
  return [];
}

describe('defaults', () => {
  it('are those of the table', () => {
    expect(read()).toEqual({
      token: null,
      environment: 'prod-global',
      baseUrl: null,
      port: 4000,
      host: '127.0.0.1',
      apiKeys: [],
      corsOrigins: [],
      allowedHosts: [],
      ttlSeconds: {
        ...Object.fromEntries(endpointNames.map((name) => [name, 86_400])),
        recommendedVideos: 21_600,
        latestVideos: 21_600,
        homepageVideos: 21_600,
        videoTrend: 21_600,
        videoReport: 21_600,
        videoAnalysis: 21_600,
        searchCreators: 3_600,
      },
      staleSeconds: 604_800,
      historyDays: 400,
      cacheMaxBytes: 67_108_864,
      responseMemo: true,
      storeUrl: 'memory:',
      isStoreRequired: false,
      isSubgraph: false,
      upstreamTimeoutMs: 60_000,
      upstreamConcurrency: 16,
      upstreamCallsPerSecond: null,
      upstreamQueueMax: 2_000,
      upstreamRetries: 3,
      queryMaxCalls: 200,
      maxResponseBytes: 33_554_432,
      dailyMaxCalls: null,
      callPrice: null,
      queryTimeoutMs: 90_000,
      persistedDocuments: null,
      isPersistedOnly: false,
      allowsPersonalData: false,
      logLevel: 'info',
      keepAliveSeconds: 65,
      shutdownDelaySeconds: 5,
      shutdownDrainSeconds: 3,
      shutdownTimeoutSeconds: 25,
      workers: 1,
    });
  });

  it('store answers in a folder with a token', () => {
    expect(read({ JUSTONEAPI_TOKEN: 'tok' }).storeUrl).toBe('sqlite:./.data/xingtu.db');
  });

  it.each(['', '   ', undefined])('apply where a name is set to %j', (blank) => {
    const others = names.filter(({ name }) => name !== 'JUSTONEAPI_TOKEN');
    const blanks = Object.fromEntries(others.map(({ name }) => [name, blank]));
    expect(read(blanks)).toEqual(read());
  });
});

/** Every name of the table, with a value that changes the configuration, and an invalid one where there is one. */
const names: readonly { name: string; good: string; bad?: string; with?: Record<string, string> }[] = [
  { name: 'JUSTONEAPI_TOKEN', good: 'tok', bad: 'tok tok' },
  { name: 'JUSTONEAPI_ENVIRONMENT', good: 'prod-cn', bad: 'prod' },
  {
    name: 'JUSTONEAPI_BASE_URL',
    good: 'http://127.0.0.1:9',
    bad: 'ftp://a',
    with: { JUSTONEAPI_TOKEN: 't' },
  },
  { name: 'PORT', good: '65535', bad: '65536' },
  { name: 'HOST', good: '::1' },
  { name: 'API_KEYS', good: 'alice:alices-key', bad: 'alice' },
  { name: 'STORE_URL', good: 'sqlite:./.data/store.db', bad: 'postgres://a' },
  { name: 'STORE_REQUIRED', good: '1', bad: 'yes', with: { STORE_URL: 'sqlite:./.data/store.db' } },
  { name: 'CACHE_TTL_SECONDS', good: '60', bad: '0' },
  { name: 'CACHE_TTL_PROFILE_SECONDS', good: '60', bad: '1h' },
  { name: 'CACHE_TTL_PRICES_SECONDS', good: '60', bad: '1.5' },
  { name: 'CACHE_TTL_CP_METRICS_SECONDS', good: '60', bad: '-1' },
  { name: 'CACHE_TTL_RECOMMENDED_VIDEOS_SECONDS', good: '60', bad: '6e1' },
  { name: 'CACHE_TTL_AUDIENCE_TOUCH_SECONDS', good: '60', bad: '0x3c' },
  { name: 'CACHE_TTL_AUDIENCE_SECONDS', good: '60', bad: '1d' },
  { name: 'CACHE_TTL_FOLLOWERS_SECONDS', good: '60', bad: '0' },
  { name: 'CACHE_STALE_SECONDS', good: '0', bad: 'never' },
  { name: 'HISTORY_DAYS', good: '0', bad: '1y' },
  { name: 'CACHE_MAX_BYTES', good: '1048576', bad: '64MB' },
  { name: 'UPSTREAM_TIMEOUT_MS', good: '1000', bad: '0' },
  { name: 'UPSTREAM_CONCURRENCY', good: '4', bad: '0' },
  { name: 'UPSTREAM_CALLS_PER_SECOND', good: '5', bad: '0' },
  { name: 'UPSTREAM_QUEUE_MAX', good: '10', bad: '0' },
  { name: 'UPSTREAM_RETRIES', good: '0', bad: 'many' },
  { name: 'QUERY_TIMEOUT_MS', good: '1000', bad: '0' },
  { name: 'QUERY_MAX_CALLS', good: '5', bad: '0' },
  { name: 'DAILY_MAX_CALLS', good: '1000', bad: '-1' },
  { name: 'CALL_PRICE', good: '0.05', bad: '¥0.05' },
  { name: 'CORS_ORIGINS', good: 'https://dashboard.example', bad: 'https://dashboard.example/' },
  { name: 'ALLOWED_HOSTS', good: 'api.example', bad: 'api.example:4000' },
  { name: 'WORKERS', good: '2', bad: '0', with: { STORE_URL: 'sqlite:./.data/store.db' } },
  { name: 'RESPONSE_MEMO', good: '0', bad: 'yes' },
  { name: 'PERSISTED_DOCUMENTS', good: './documents' },
  { name: 'PERSISTED_ONLY', good: '1', bad: 'true', with: { PERSISTED_DOCUMENTS: './documents' } },
  { name: 'ALLOW_PERSONAL_DATA', good: '1', bad: 'yes' },
  { name: 'KEEP_ALIVE_SECONDS', good: '5', bad: '0' },
  { name: 'SHUTDOWN_DELAY_SECONDS', good: '0', bad: '5s' },
  { name: 'SHUTDOWN_DRAIN_SECONDS', good: '0', bad: '-1' },
  { name: 'SHUTDOWN_TIMEOUT_SECONDS', good: '29', bad: '0' },
  { name: 'LOG_LEVEL', good: 'debug', bad: 'loud' },
];

describe('a name of the table', () => {
  it.each(names)('is accepted: $name', ({ name, good, with: others = {} }) => {
    expect(read({ ...others, [name]: good })).not.toEqual(read(others));
    expect(read({ ...others, [name]: `  ${good} ` })).toEqual(read({ ...others, [name]: good }));
  });

  it.each(names.filter(({ bad }) => bad))('is checked: $name=$bad', ({ name, bad = '', with: others }) => {
    expect(faultsOf({ ...others, [name]: bad })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: expected .+, but got .+`)),
    ]);
  });
});

describe('values', () => {
  it('are read into their own types', () => {
    expect(
      read({
        JUSTONEAPI_TOKEN: 'tok',
        JUSTONEAPI_BASE_URL: 'https://proxy.example/justone',
        JUSTONEAPI_ENVIRONMENT: 'auto',
        HOST: '0.0.0.0',
        PORT: '8080',
        API_KEYS:
          'alice:alices-key, bob-2:0123456789abcdef=:1000,carol:carols-key:admin,dan:dans-key-1:0:admin,scraper:scrapers-key:metrics,',
        QUERY_MAX_CALLS: '500',
        CALL_PRICE: '0.055',
        CORS_ORIGINS: 'https://a.example, http://localhost:3000',
      }),
    ).toMatchObject({
      token: 'tok',
      baseUrl: 'https://proxy.example/justone',
      environment: 'auto',
      host: '0.0.0.0',
      port: 8080,
      apiKeys: [
        { name: 'alice', key: 'alices-key', dailyMaxCalls: null, role: 'client' },
        { name: 'bob-2', key: '0123456789abcdef=', dailyMaxCalls: 1_000, role: 'client' },
        { name: 'carol', key: 'carols-key', dailyMaxCalls: null, role: 'admin' },
        { name: 'dan', key: 'dans-key-1', dailyMaxCalls: 0, role: 'admin' },
        { name: 'scraper', key: 'scrapers-key', dailyMaxCalls: null, role: 'metrics' },
      ],
      queryMaxCalls: 500,
      callPrice: '0.055',
      corsOrigins: ['https://a.example', 'http://localhost:3000'],
    });
  });

  it.each([
    'memory:',
    'sqlite:./.data/store.db',
    'redis://cache:6379/0',
    'rediss://:pw@cache',
    'redis://a,b',
    'redis://s?sentinel=main',
  ])('accept %s for STORE_URL', (url) => {
    expect(faultsOf({ STORE_URL: url })).toEqual([]);
  });

  it.each([
    'redis://:p#w@cache',
    'redis://:100%@cache',
    'redis://cache:port',
    'redis://cache/db',
    'redis://:secret@cache?prefix={a}',
    'redis://:secret@cache?nonsense=1',
    'redis://:secret@cache?prefix=a&prefix=b',
    'sqlite:./.data/store.db?mode=ro',
    'memory:?size=1',
  ])('refuse %s for STORE_URL, and repeat no password', (url) => {
    expect(faultsOf({ STORE_URL: url })).toEqual([
      expect.stringMatching(/^STORE_URL: .+ got something else$/),
    ]);
  });
});

describe('ALLOWED_HOSTS', () => {
  it('are names and addresses, normalised as those of a Host header', () => {
    const hosts = 'API.example, xingtu_api, 10.0.0.7, ::1, [2001:DB8:0::1],';
    expect(read({ ALLOWED_HOSTS: hosts }).allowedHosts).toEqual([
      'api.example',
      'xingtu_api',
      '10.0.0.7',
      '[::1]',
      '[2001:db8::1]',
    ]);
  });

  it.each([
    'https://api.example',
    'api.example/graphql',
    'api.example:443',
    '[::1]:4000',
    '[api.example]',
    '*.example',
    'me@api.example',
    'api example',
    '10.0.0.256',
    '[::1',
    'api.example, https://b.example',
  ])('can not be %s', (hosts) => {
    expect(faultsOf({ ALLOWED_HOSTS: hosts })).toEqual([
      `ALLOWED_HOSTS: expected host names or addresses without scheme, port or path, such as api.example, but got "${hosts}"`,
    ]);
  });
});

describe('how long an answer is fresh', () => {
  it('is CACHE_TTL_SECONDS for every endpoint, also recommendedVideos', () => {
    expect(new Set(Object.values(read({ CACHE_TTL_SECONDS: '60' }).ttlSeconds))).toEqual(new Set([60]));
  });

  it("is the endpoint's own setting, or else CACHE_TTL_SECONDS, or else the default", () => {
    const env = { CACHE_TTL_SECONDS: '60', CACHE_TTL_CP_METRICS_SECONDS: '5' };
    expect(read(env).ttlSeconds).toMatchObject({ profile: 60, cpMetrics: 5, recommendedVideos: 60 });
    expect(read({ CACHE_TTL_CP_METRICS_SECONDS: '5' }).ttlSeconds).toMatchObject({
      profile: 86_400,
      cpMetrics: 5,
      recommendedVideos: 21_600,
    });
  });
});

describe('faults', () => {
  it('come all in one error', () => {
    const faults = faultsOf({
      PORT: 'http',
      CACHE_TTL_PRICES_SECONDS: 'day',
      LOG_LEVEL: 'loud',
      HOST: '0.0.0.0',
      JUSTONEAPI_BASE_URL: 'https://proxy.example',
    });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'PORT',
      'LOG_LEVEL',
      'CACHE_TTL_PRICES_SECONDS',
      'JUSTONEAPI_BASE_URL',
      'HOST',
    ]);
  });

  it('say what was expected and what came', () => {
    expect(faultsOf({ PORT: '99999', LOG_LEVEL: 'loud' })).toEqual([
      'PORT: expected a whole number from 0 to 65535, but got "99999"',
      'LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent, but got "loud"',
    ]);
  });

  it('never repeat a secret', () => {
    const message = faultsOf({
      JUSTONEAPI_TOKEN: 'SECRET-token',
      JUSTONEAPI_BASE_URL: 'gopher://user:SECRET@proxy',
      API_KEYS: 'alice:SECRET-key,SECRET',
      STORE_URL: 'reddis://:SECRET@cache',
      PORT: 'x',
    }).join('\n');
    expect(message).toContain('API_KEYS: expected');
    expect(message).toContain('STORE_URL: expected');
    expect(message).toContain('JUSTONEAPI_BASE_URL: expected');
    expect(message).not.toContain('SECRET');
  });

  it('are the values of NODE_DEBUG that print every request, when there is a token to print', () => {
    for (const NODE_DEBUG of ['undici', 'http,UNDICI', '*', 'und*']) {
      expect(faultsOf({ JUSTONEAPI_TOKEN: 'tok', NODE_DEBUG })).toEqual([
        expect.stringContaining('NODE_DEBUG: '),
      ]);
      expect(faultsOf({ NODE_DEBUG })).toEqual([]);
    }
    expect(faultsOf({ JUSTONEAPI_TOKEN: 'tok', NODE_DEBUG: 'http,net' })).toEqual([]);
  });

  it('are several workers without a store that they share, as in the sandbox by default', () => {
    const fault =
      'WORKERS: 2 processes cannot share the store memory:, so each would pay for the same answers; set STORE_URL to sqlite:./.data/xingtu.db or redis://HOST, or leave WORKERS at 1';
    expect(faultsOf({ WORKERS: '2' })).toEqual([fault]);
    expect(faultsOf({ WORKERS: '2', JUSTONEAPI_TOKEN: 'tok', STORE_URL: 'memory:' })).toEqual([fault]);
    expect(faultsOf({ WORKERS: '2', STORE_URL: 'redis://127.0.0.1' })).toEqual([]);
    expect(faultsOf({ WORKERS: '2', JUSTONEAPI_TOKEN: 'tok' })).toEqual([]);
    expect(faultsOf({ WORKERS: '1' })).toEqual([]);
  });

  it('are a key of seven characters, and not one of eight', () => {
    expect(faultsOf({ API_KEYS: 'alice:12345678' })).toEqual([]);
    expect(faultsOf({ API_KEYS: 'alice:1234567' })).toHaveLength(1);
  });

  it('are keys of one name with different rights, and names with the same key', () => {
    expect(faultsOf({ API_KEYS: 'alice:12345678:10,alice:87654321:10' })).toEqual([]);
    for (const [first, second] of [
      ['10', '20'],
      ['10', '10:admin'],
    ]) {
      expect(faultsOf({ API_KEYS: `alice:12345678:${first},alice:87654321:${second}` })).toEqual([
        expect.stringContaining('API_KEYS: all keys of alice'),
      ]);
    }
    expect(faultsOf({ API_KEYS: 'alice:12345678,bob:12345678' })).toEqual([
      'API_KEYS: alice and bob must not have the same key',
    ]);
    expect(faultsOf({ API_KEYS: 'alice:12345678:many' })).toEqual([
      expect.stringMatching(/^API_KEYS: expected/),
    ]);
  });
});

describe('a HOST that other machines reach', () => {
  it.each(['0.0.0.0', '::', '192.168.1.5', 'api.example'])('is refused without API_KEYS: %s', (host) => {
    expect(faultsOf({ HOST: host })).toEqual([expect.stringMatching(/^HOST: .*API_KEYS/)]);
    expect(faultsOf({ HOST: host, API_KEYS: ' , ' })).toEqual([expect.stringMatching(/^API_KEYS/)]);
    expect(faultsOf({ HOST: host, API_KEYS: 'alice:short' })).toEqual([expect.stringMatching(/^API_KEYS/)]);
    expect(read({ HOST: host, API_KEYS: 'alice:alices-key' }).host).toBe(host);
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.2', '127.0.0.2'],
    ['LOCALHOST', 'localhost'],
    ['[::1]', '::1'],
  ])('is not %s', (host, meant) => {
    expect(read({ HOST: host }).host).toBe(meant);
  });
});

it.each(['https://user@proxy.example', 'https://proxy.example/?key=1', 'https://proxy.example/#x'])(
  'refuses a JUSTONEAPI_BASE_URL with a part that calls would not have: %s',
  (url) => {
    expect(faultsOf({ JUSTONEAPI_TOKEN: 't', JUSTONEAPI_BASE_URL: url })).toEqual([
      'JUSTONEAPI_BASE_URL: expected an http or https URL without user, query or fragment, but got something else',
    ]);
  },
);

it('refuses JUSTONEAPI_BASE_URL without a token', () => {
  expect(faultsOf({ JUSTONEAPI_BASE_URL: 'https://proxy.example' })).toEqual([
    expect.stringMatching(/^JUSTONEAPI_BASE_URL: needs JUSTONEAPI_TOKEN/),
  ]);
});

it('refuses STORE_REQUIRED with a store that is never lost', () => {
  const fault = expect.stringMatching(/^STORE_REQUIRED: memory: is a store that is never lost/);
  expect(faultsOf({ STORE_REQUIRED: '1' })).toEqual([fault]);
  expect(faultsOf({ STORE_REQUIRED: '1', JUSTONEAPI_TOKEN: 'tok' })).toEqual([]);
});

it('refuses a SHUTDOWN_TIMEOUT_SECONDS that is over before the calls can end', () => {
  const shutdown = (delay: string, drain: string, timeout: string) => ({
    SHUTDOWN_DELAY_SECONDS: delay,
    SHUTDOWN_DRAIN_SECONDS: drain,
    SHUTDOWN_TIMEOUT_SECONDS: timeout,
  });
  expect(faultsOf(shutdown('20', '3', '25'))).toEqual([]);
  expect(faultsOf(shutdown('20', '4', '25'))).toEqual([
    'SHUTDOWN_TIMEOUT_SECONDS: 25 is less than SHUTDOWN_DELAY_SECONDS + SHUTDOWN_DRAIN_SECONDS + 2 s for the store; set it to 26 or more, and what ends the server must wait as long',
  ]);
});

it('refuses PERSISTED_ONLY without documents', () => {
  expect(faultsOf({ PERSISTED_ONLY: '1' })).toEqual([
    'PERSISTED_ONLY: needs PERSISTED_DOCUMENTS, the folder of the allowed documents',
  ]);
  expect(faultsOf({ PERSISTED_ONLY: '0' })).toEqual([]);
});

const allNames = [
  ...Object.keys(settings),
  ...endpointNames.map((name) => `CACHE_TTL_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}_SECONDS`),
];

/** The name with each letter in turn left out, doubled or swapped with the next, its words in another order, or joined. */
function slipsIn(name: string): string[] {
  const letters = Array.from(name, (letter, at) => {
    const [start, next = '', end] = [name.slice(0, at), name[at + 1], name.slice(at + 2)];
    return [start + next + end, start + letter + letter + next + end, start + next + letter + end];
  });
  const words = name.split('_');
  const turned = words.map((_, at) => [...words.slice(at), ...words.slice(0, at)].join('_'));
  const orders = [...turned, words.toReversed().join('_')];
  const joined = words.map((_, at) => words.slice(0, at + 1).join('') + words.slice(at + 1).join('_'));
  const slips = [...letters.flat(), ...orders, ...joined, words.join('-'), name.toLowerCase()];
  return slips.filter((slip) => slip !== name);
}

describe('a misspelt setting', () => {
  it.each([
    ['JUSTONEAPI_TOKN', 'JUSTONEAPI_TOKEN'],
    ['JUSTONEAPI_KEY', 'JUSTONEAPI_TOKEN'],
    ['JUSTONEAPI_TOKEN_FIEL', 'JUSTONEAPI_TOKEN'],
    ['JUSTONEAPI_URL', 'JUSTONEAPI_BASE_URL'],
    ['CACHE_TTL_PROFIL_SECONDS', 'CACHE_TTL_PROFILE_SECONDS'],
    ['DAILY_MAX_CALL', 'DAILY_MAX_CALLS'],
    ['DAILY_MAXCALLS', 'DAILY_MAX_CALLS'],
    ['daily_max_calls', 'DAILY_MAX_CALLS'],
    ['DAILY-MAX-CALLS', 'DAILY_MAX_CALLS'],
    ['MAX_DAILY_CALLS', 'DAILY_MAX_CALLS'],
    ['DAILY_LIMIT', 'DAILY_MAX_CALLS'],
    ['DALIY_MAX_CALLS', 'DAILY_MAX_CALLS'],
    ['DAILY_MAX_CALL_FILE', 'DAILY_MAX_CALLS_FILE'],
    ['QUERY_MAXCALLS', 'QUERY_MAX_CALLS'],
    ['QUERY_MAX', 'QUERY_MAX_CALLS'],
    ['QUERY_TIMEOUT', 'QUERY_TIMEOUT_MS'],
    ['UPSTREAM_CALLS_PER_SEC', 'UPSTREAM_CALLS_PER_SECOND'],
    ['UPSTREAM_RETRY', 'UPSTREAM_RETRIES'],
    ['CACHE_MAX_BYTE', 'CACHE_MAX_BYTES'],
    ['API_KEYS_FILES', 'API_KEYS'],
    ['STORE_URI', 'STORE_URL'],
    ['PERSISTED_ONYL', 'PERSISTED_ONLY'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
  ])('is a fault that names the nearest setting: %s', (name, nearest) => {
    expect(faultsOf({ [name]: '5' })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: no setting has this name; the nearest is ${nearest}`)),
    ]);
  });

  it('is found for every setting, whatever slip of the finger it has', () => {
    const others = allNames.filter((name) => !commonNames.has(name));
    const files = Object.keys(settings).map((name) => `${name}_FILE`);
    const known = new Set([...others, ...files.filter((name) => !commonNames.has(name.slice(0, -5)))]);
    const slips = [...known].flatMap(slipsIn).filter((slip) => !known.has(slip));
    const faults = misspeltIn(Object.fromEntries(slips.map((slip) => [slip, '5'])), allNames);
    const found = new Set(faults.map((fault) => fault.split(':')[0]));
    expect(slips.filter((slip) => !found.has(slip))).toEqual([]);
    expect(slips.length).toBeGreaterThan(5_000);
  });

  it('is no fault for the few names that other programs spell in many ways', () => {
    for (const name of commonNames) {
      const slips = slipsIn(name).filter((slip) => !slip.startsWith('API_KEYS_'));
      expect(misspeltIn(Object.fromEntries(slips.map((slip) => [slip, '1'])), allNames)).toEqual([]);
    }
  });

  it('is not a name that machines, platforms and other programs set', () => {
    const service = (name: string) => ({
      [`${name}_SERVICE_HOST`]: '10.0.0.1',
      [`${name}_SERVICE_PORT`]: '6379',
      [`${name}_SERVICE_PORT_HTTP`]: '6379',
      [`${name}_PORT`]: 'tcp://10.0.0.1:6379',
      [`${name}_PORT_6379_TCP`]: 'tcp://10.0.0.1:6379',
      [`${name}_PORT_6379_TCP_PROTO`]: 'tcp',
      [`${name}_PORT_6379_TCP_PORT`]: '6379',
      [`${name}_PORT_6379_TCP_ADDR`]: '10.0.0.1',
    });
    const services = ['REDIS', 'STORE', 'UPSTREAM', 'CACHE', 'API_KEYS', 'QUERY', 'DAILY', 'JUSTONEAPI'];
    expect(faultsOf(Object.assign({}, ...services.map(service)))).toEqual([]);
    const others = `API_KEY CACHE_DIR CACHE_DRIVER CACHE_MAX_AGE CACHE_TTL CACHE_TTL_HOURS CALL_CENTER DAILY_REPORT HOME
      HOSTNAME HOSTS HOST_IP LOGLEVEL LOGNAME LOG_LEVELS LOG_FORMAT NODE_ENV NODE_OPTIONS PATH PERSISTENCE PORTS
      QUERY_STRING REDIS_URL RESPONSE_TIMEOUT STORE_ID UPSTREAM_HOST UPSTREAM_URL WORKER WEB_CONCURRENCY XDG_CACHE_HOME
      npm_config_cache npm_config_cache_max npm_config_loglevel npm_lifecycle_event npm_package_version`;
    expect(faultsOf(Object.fromEntries(others.split(/\s+/).map((name) => [name, '5'])))).toEqual([]);
  });
});

describe('a name with _FILE', () => {
  const file = async (content: string) => {
    const path = join(await temporaryFolder(), 'secret');
    await writeFile(path, content);
    return path;
  };

  it('reads the value from the file, without the byte order mark and the line end of an editor', async () => {
    expect(read({ JUSTONEAPI_TOKEN_FILE: await file('tok\n') }).token).toBe('tok');
    expect(read({ API_KEYS_FILE: await file('\ufeffalice:alices-key\r\n') }).apiKeys).toEqual(
      read({ API_KEYS: 'alice:alices-key' }).apiKeys,
    );
    expect(read({ DAILY_MAX_CALLS_FILE: await file('7'), DAILY_MAX_CALLS: '' }).dailyMaxCalls).toBe(7);
  });

  it.each(names)('may be any setting: $name', async ({ name, good, with: others = {} }) => {
    expect(read({ ...others, [`${name}_FILE`]: await file(good) })).toEqual(
      read({ ...others, [name]: good }),
    );
  });

  it('is a fault when the setting itself is there, too', async () => {
    expect(faultsOf({ API_KEYS: 'alice:alices-key', API_KEYS_FILE: await file('bob:bobs-key-1') })).toEqual([
      'API_KEYS_FILE: API_KEYS is set, too; remove one of them',
    ]);
  });

  it('is a fault when its file is missing, a folder or empty, and its value is never repeated', async () => {
    const folder = await temporaryFolder();
    const cases = { [`${folder}/SECRET`]: 'ENOENT', [folder]: 'EISDIR', 'SECRET\0': 'ERR_INVALID_ARG_VALUE' };
    for (const [path, code] of Object.entries(cases)) {
      expect(faultsOf({ JUSTONEAPI_TOKEN_FILE: path })).toEqual([
        `JUSTONEAPI_TOKEN_FILE: the file that it names can't be read (${code})`,
      ]);
    }
    expect(faultsOf({ API_KEYS_FILE: await file(' \n') })).toEqual([
      'API_KEYS_FILE: the file that it names is empty',
    ]);
    expect(faultsOf({ QUERY_MAX_CALLS_FILE: await file('SECRET') })).toEqual([
      'QUERY_MAX_CALLS: expected a whole number of at least 1, but got something else',
    ]);
  });
});

it.each([
  [{ JUSTONEAPI_TOKEN: '' }],
  [{ JUSTONEAPI_TOKEN: '  ' }],
  [{ JUSTONEAPI_TOKEN_FILE: '' }],
  [{ JUSTONEAPI_TOKEN: '', JUSTONEAPI_TOKEN_FILE: '' }],
])('refuses an empty token, with which the sandbox would start: %j', (env) => {
  expect(faultsOf({ ...env, JUSTONEAPI_BASE_URL: 'https://proxy.example' })).toEqual([
    'JUSTONEAPI_TOKEN: is set but empty, so a secret may be missing; give it a value, or remove it to use the sandbox',
  ]);
});

it.each([
  ['UPSTREAM_TIMEOUT_MS', '600001'],
  ['CACHE_MAX_BYTES', '1048575'],
  ['HISTORY_DAYS', '36501'],
])('refuses a %s of %s', (name, value) => {
  expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(`^${name}`)]);
});
