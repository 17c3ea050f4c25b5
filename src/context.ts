import { createLoaders, type Loaders } from './loaders.js';
import type { Client, UpstreamStatus } from './upstream/client.js';

/** What resolvers see of the world: sections by name, and upstream's state. Never a client, a URL or a token. */
export interface Context {
  readonly loaders: Loaders;
  readonly upstreamStatus: () => UpstreamStatus;
}

/** Made anew for each operation. */
export function createContext(client: Client): Context {
  return { loaders: createLoaders(client), upstreamStatus: () => client.status() };
}
