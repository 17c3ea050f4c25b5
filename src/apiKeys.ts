import { z } from 'zod';

/** An owner of API keys, whose calls are counted. */
export interface Payer {
  readonly name: string;
  /** How many calls may be paid for it on one calendar day in China. Null: only the server's limit. */
  readonly dailyMaxCalls: number | null;
  /** May see what every key spends. */
  readonly isAdmin: boolean;
}

export interface ApiKey extends Payer {
  readonly key: string;
}

/** One item of `API_KEYS`: `name:key`, `name:key:1000`, `name:key:admin` or `name:key:1000:admin`. */
export const apiKeyForm = z
  .string()
  .regex(/^[\w-]+:[^:\s]{8,}(:\d{1,15})?(:admin)?$/)
  .transform((text): ApiKey => {
    const [name = '', key = '', ...options] = text.split(':');
    const budget = options.find((option) => option !== 'admin');
    return {
      name,
      key,
      dailyMaxCalls: budget === undefined ? null : Number(budget),
      isAdmin: options.includes('admin'),
    };
  });

/** A name may have several keys, so that a key can be replaced without a gap, but all with the same budget and rights. */
export function contradictionsIn(apiKeys: readonly ApiKey[]): readonly string[] {
  const faults = new Set<string>();
  for (const one of apiKeys) {
    for (const other of apiKeys) {
      if (one.name === other.name) {
        if (one.dailyMaxCalls !== other.dailyMaxCalls || one.isAdmin !== other.isAdmin) {
          faults.add(
            `API_KEYS: all keys of ${one.name} must have the same number of calls a day, and all or none must be admin`,
          );
        }
      } else if (one.key === other.key) {
        faults.add(`API_KEYS: ${[one.name, other.name].sort().join(' and ')} must not have the same key`);
      }
    }
  }
  return [...faults];
}
