import type { Config } from '../../../config.js';

/** Where calls may go. */
export interface Environment {
  /** `prod-global`, `prod-cn`, `custom` for a base URL of the operator's own, or `sandbox`. */
  readonly name: string;
  readonly baseUrl: string;
}

/** The vendor's. prod-cn is meant for Mainland China and has no TLS. */
const prodGlobal: Environment = { name: 'prod-global', baseUrl: 'https://api.justoneapi.com' };
const prodCn: Environment = { name: 'prod-cn', baseUrl: 'http://47.117.133.51:30015' };

type Choice = Pick<Config, 'environment' | 'baseUrl'>;

/** In order of preference: calls start with the first. */
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

/** What the operator should know before the first call leaves. Null: nothing. */
export function warningFor({ environment, baseUrl }: Choice): string | null {
  if (baseUrl !== null || environment === 'prod-global') return null;
  return environment === 'prod-cn'
    ? 'prod-cn is plain HTTP: the token travels unencrypted with every call.'
    : 'JUSTONEAPI_ENVIRONMENT=auto also calls prod-cn, which is plain HTTP: there the token travels unencrypted.';
}
