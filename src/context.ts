import { createLoaders, type Loaders } from './loaders.js';
import type { Client, UpstreamStatus } from './upstream/client.js';

/** What resolvers see of the world: sections by name, and upstream's state. Never a client, a URL or a token. */
export interface Context {
  readonly loaders: Loaders;
  readonly upstreamStatus: () => Promise<UpstreamStatus>;
}

/** Made anew for each operation. `signal` is aborted when its client hangs up. */
export function createContext(client: Client, signal: AbortSignal): Context {
  return { loaders: createLoaders(client, client.newAsker(signal)), upstreamStatus: () => client.status() };
}
