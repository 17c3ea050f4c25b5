export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

/** What a STORE_URL of Redis says. */
export interface RedisAddress {
  /** One server; several hosts of a cluster; or sentinels, which know where the master is. */
  readonly kind: 'single' | 'cluster' | 'sentinel';
  /** At least one. For a sentinel address, those of the sentinels. */
  readonly hosts: readonly RedisHost[];
  /** The sentinels' name for the master. Null: no sentinels. */
  readonly masterName: string | null;
  readonly isTls: boolean;
  readonly username: string | null;
  readonly password: string | null;
  /** The number of the database. */
  readonly db: number;
  /** Starts every key of ours, since other programs may use the same Redis. */
  readonly keyPrefix: string;
}

const defaultPrefix = 'xingtu';
const redisPort = 6379;
const sentinelPort = 26379;

const form = /^(rediss?):\/\/(?:([^/?#]*)@)?([^@/?#]+)(?:\/(\d*))?(?:\?([^#]*))?$/;

/** Braces would make all keys of a cluster one slot's. */
const prefixForm = /^[\w.-]+$/;

/**
 * Reads `redis://[USER:PASSWORD@]HOST[:PORT],…[/DB][?prefix=NAME][&sentinel=NAME]`, or `rediss:` for TLS. Null: it is not one,
 * or has a parameter that is not known.
 */
export function parseRedisUrl(url: string): RedisAddress | null {
  const match = form.exec(url);
  if (!match) return null;
  const [, scheme, login = '', hostList = '', db, query = ''] = match;
  const parameters = parametersOf(query);
  const { sentinel: masterName = null, prefix = defaultPrefix } = parameters ?? {};
  const hosts = hostList
    .split(',')
    .map((host) => parseHost(host, masterName === null ? redisPort : sentinelPort));
  const kind = masterName !== null ? 'sentinel' : hosts.length > 1 ? 'cluster' : 'single';
  const [username, password] = parseLogin(login) ?? [];
  const isValid =
    parameters !== null &&
    username !== undefined &&
    masterName !== '' &&
    prefixForm.test(prefix) &&
    // A cluster has only this database.
    (kind !== 'cluster' || Number(db || 0) === 0);
  if (!isValid || !hosts.every((host) => host !== null)) return null;
  return {
    kind,
    hosts,
    masterName,
    isTls: scheme === 'rediss',
    username: username || null,
    password: password || null,
    db: Number(db || 0),
    keyPrefix: `${prefix}:`,
  };
}

/** For messages: a STORE_URL without its user and password. */
export function withoutLogin(url: string): string {
  return url.replace(/^(rediss?:\/\/)[^/?#]*@/, '$1');
}

/** Null: there are others than the known ones, or one has two values. */
function parametersOf(query: string): Partial<Record<'sentinel' | 'prefix', string>> | null {
  const entries = [...new URLSearchParams(query)];
  const names = entries.map(([name]) => name);
  const isKnown = names.every((name) => name === 'sentinel' || name === 'prefix');
  return isKnown && new Set(names).size === names.length ? Object.fromEntries(entries) : null;
}

function parseLogin(login: string): readonly [username: string, password: string] | null {
  const [username = '', ...password] = login.split(':');
  try {
    return [decodeURIComponent(username), decodeURIComponent(password.join(':'))];
  } catch {
    return null;
  }
}

function parseHost(text: string, defaultPort: number): RedisHost | null {
  try {
    const { hostname, port } = new URL(`redis://${text}`);
    // Node connects to an IPv6 address without its brackets.
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    return host === '' ? null : { host, port: port === '' ? defaultPort : Number(port) };
  } catch {
    return null;
  }
}
