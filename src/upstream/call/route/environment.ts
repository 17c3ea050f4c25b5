import type { Config } from '../../../config.js';

/** A server of upstream. */
export interface Environment {
  /** `prod-global`, `prod-cn`, `custom` for JUSTONEAPI_BASE_URL, or `sandbox`. */
  readonly name: string;
  readonly baseUrl: string;
}

/** From the vendor's documentation. prod-cn is meant for Mainland China and has no TLS. */
const prodGlobal: Environment = { name: 'prod-global', baseUrl: 'https://api.justoneapi.com' };
const prodCn: Environment = { name: 'prod-cn', baseUrl: 'http://47.117.133.51:30015' };

type Choice = Pick<Config, 'environment' | 'baseUrl'>;

/** In order of preference: the first is used first. */
export function environmentsFor({ environment, baseUrl }: Choice): readonly Environment[] {
  if (baseUrl !== null) return [{ name: 'custom', baseUrl }];
  switch (environment) {
    case 'prod-global':
      return [prodGlobal];
    case 'prod-cn':
      return [prodCn];
    case 'auto':
      return [prodGlobal, prodCn];
  }
}

/** A warning to log at the start. Null: the token is always encrypted, or the base URL is the operator's own. */
export function warningFor({ environment, baseUrl }: Choice): string | null {
  if (baseUrl !== null || environment === 'prod-global') return null;
  return environment === 'prod-cn'
    ? 'prod-cn is plain HTTP: the token travels unencrypted with every call.'
    : 'JUSTONEAPI_ENVIRONMENT=auto also calls prod-cn, which is plain HTTP: there the token travels unencrypted.';
}
