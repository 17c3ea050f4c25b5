import { z } from 'zod';

/** An owner of API keys, whose calls are counted. */
export interface Payer {
  readonly name: string;
  /** How many calls may be paid for it on one calendar day in China. Null: only the server's limit. */
  readonly dailyMaxCalls: number | null;
  readonly role: Role;
}

/**
 * What a key may do. `client`: send operations. `admin`: also see what every key spends. `metrics`: only read the metrics,
 * so that it can spend nothing.
 */
export type Role = 'client' | 'admin' | 'metrics';

export interface ApiKey extends Payer {
  readonly key: string;
}

/** One item of `API_KEYS`: `name:key`, `name:key:1000`, `name:key:admin`, `name:key:1000:admin` or `name:key:metrics`. */
export const apiKeyForm = z
  .string()
  .regex(/^[\w-]+:[^:\s]{8,}(:metrics|(:\d{1,15})?(:admin)?)$/)
  .transform((text): ApiKey => {
    const [name = '', key = '', ...options] = text.split(':');
    const budget = options.find((option) => /^\d/.test(option));
    return {
      name,
      key,
      dailyMaxCalls: budget === undefined ? null : Number(budget),
      role: options.includes('admin') ? 'admin' : options.includes('metrics') ? 'metrics' : 'client',
    };
  });

/** A name may have several keys, so that a key can be replaced without a gap, but all with the same budget and rights. */
export function contradictionsIn(apiKeys: readonly ApiKey[]): readonly string[] {
  const faults = new Set<string>();
  for (const one of apiKeys) {
    for (const other of apiKeys) {
      if (one.name === other.name) {
        if (one.dailyMaxCalls !== other.dailyMaxCalls || one.role !== other.role) {
          faults.add(
            `API_KEYS: all keys of ${one.name} must have the same number of calls a day, and the same role (admin, metrics or none)`,
          );
        }
      } else if (one.key === other.key) {
        faults.add(`API_KEYS: ${[one.name, other.name].sort().join(' and ')} must not have the same key`);
      }
    }
  }
  return [...faults];
}
