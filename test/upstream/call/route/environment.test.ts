import { describe, expect, it } from 'vitest';
import { environmentsFor, warningFor } from '../../../../src/upstream/call/route/environment.js';

const names = (environment: 'prod-global' | 'prod-cn' | 'auto', baseUrl: string | null = null) =>
  environmentsFor({ environment, baseUrl }).map(({ name }) => name);

describe('the environments', () => {
  it('are those that are configured, and auto starts with the encrypted one', () => {
    expect(names('prod-global')).toEqual(['prod-global']);
    expect(names('prod-cn')).toEqual(['prod-cn']);
    expect(names('auto')).toEqual(['prod-global', 'prod-cn']);
    expect(environmentsFor({ environment: 'auto', baseUrl: null })[0]?.baseUrl).toMatch(/^https:/);
  });

  it("are replaced by a base URL of the operator's own", () => {
    for (const environment of ['prod-global', 'prod-cn', 'auto'] as const) {
      expect(names(environment, 'http://proxy')).toEqual(['custom']);
      expect(warningFor({ environment, baseUrl: 'http://proxy' })).toBeNull();
    }
  });

  it('come with a warning where the token travels unencrypted', () => {
    expect(warningFor({ environment: 'prod-global', baseUrl: null })).toBeNull();
    expect(warningFor({ environment: 'prod-cn', baseUrl: null })).toContain('unencrypted');
    expect(warningFor({ environment: 'auto', baseUrl: null })).toContain('unencrypted');
  });
});
