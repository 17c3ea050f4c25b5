import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import type { Store } from '../upstream/store/store.js';

export type StoreConfig = Pick<
  Config,
  | 'storeUrl'
  | 'cacheMaxBytes'
  | 'token'
  | 'baseUrl'
  | 'ttlSeconds'
  | 'staleSeconds'
  | 'historyDays'
  | 'dailyMaxCalls'
  | 'apiKeys'
  | 'callPrice'
>;

export interface CommandContext {
  readonly store: Store;
  readonly config: StoreConfig;
  readonly logger: Logger;
}
