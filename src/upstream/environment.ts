import type { Config } from '../config.js';

/** Where the calls go. */
export interface Environment {
  /** `prod-global`, `prod-cn`, `custom` for a base URL of the operator's own, or `sandbox`. */
  readonly name: string;
  readonly baseUrl: string;
  /** What the operator should know before the first call leaves. */
  readonly warning?: string;
}

/** The vendor's base URLs. prod-cn is meant for Mainland China and has no TLS. */
const baseUrls = {
  'prod-global': 'https://api.justoneapi.com',
  'prod-cn': 'http://47.117.133.51:30015',
} as const;

export function chooseEnvironment(config: Pick<Config, 'environment' | 'baseUrl'>): Environment {
  if (config.baseUrl !== null) return { name: 'custom', baseUrl: config.baseUrl };
  switch (config.environment) {
    case 'prod-global':
      return { name: 'prod-global', baseUrl: baseUrls['prod-global'] };
    case 'prod-cn':
      return {
        name: 'prod-cn',
        baseUrl: baseUrls['prod-cn'],
        warning: 'prod-cn is plain HTTP: the token travels unencrypted.',
      };
    case 'auto':
      return {
        name: 'prod-global',
        baseUrl: baseUrls['prod-global'],
        warning: 'JUSTONEAPI_ENVIRONMENT=auto does not measure yet: prod-global is used.',
      };
  }
}
