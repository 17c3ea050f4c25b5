import type { Config } from './config.js';
import { graphqlPath } from './server.js';
import type { Environment } from './upstream/call/route/environment.js';
import { withoutLogin } from './upstream/store/redis/address.js';
import type { Store } from './upstream/store/store.js';

export interface StartedServer {
  readonly origin: string;
  readonly environments: readonly Environment[];
  readonly config: Pick<Config, 'token' | 'baseUrl' | 'storeUrl'>;
  readonly store: Pick<Store, 'lostBecause'>;
}

/** One line for the person who starts the server. */
export function startupMessage({ origin, environments, config, store }: StartedServer): string {
  const where =
    config.token === null
      ? 'sandbox: made-up creators, nothing is paid'
      : describeUpstream(environments, config);
  return `Page: ${origin}/ · GraphiQL: ${origin}${graphqlPath} · ${where} · store: ${describeStore(config, store)}`;
}

function describeUpstream(
  environments: readonly Environment[],
  { baseUrl }: StartedServer['config'],
): string {
  return baseUrl === null
    ? `live: ${environments.map(({ name }) => name).join(' or ')}`
    : `upstream: ${baseUrl}`;
}

function describeStore(
  { storeUrl }: StartedServer['config'],
  { lostBecause }: StartedServer['store'],
): string {
  if (storeUrl === 'memory:') return 'memory: lost at a restart';
  return `${withoutLogin(storeUrl)}${lostBecause === null ? '' : ' (unavailable; memory stands in until it is back)'}`;
}
