import { z } from 'zod';

/** Who calls are paid for. */
export interface Payer {
  readonly name: string;
  /** Calls that may be paid for it on one of China's calendar days. Null: no limit but the server's. */
  readonly dailyMaxCalls: number | null;
  /** Sees what everybody spends, not only what it does itself. */
  readonly isAdmin: boolean;
}

export interface ApiKey extends Payer {
  readonly key: string;
}

/** As `API_KEYS` has one: `name:key`, `name:key:1000`, `name:key:admin` or `name:key:1000:admin`. */
export const apiKeyForm = z
  .string()
  .regex(/^[\w-]+:[^:\s]{8,}(:\d{1,15})?(:admin)?$/)
  .transform((text): ApiKey => {
    const [name = '', key = '', ...more] = text.split(':');
    const budget = more.find((word) => word !== 'admin');
    return {
      name,
      key,
      dailyMaxCalls: budget === undefined ? null : Number(budget),
      isAdmin: more.includes('admin'),
    };
  });

/** A name may have several keys, so that one can be replaced without a gap; but one budget, and one standing. */
export function contradictionsIn(apiKeys: readonly ApiKey[]): readonly string[] {
  const faults = new Set<string>();
  for (const one of apiKeys) {
    for (const other of apiKeys) {
      if (one.name === other.name) {
        if (one.dailyMaxCalls !== other.dailyMaxCalls || one.isAdmin !== other.isAdmin) {
          faults.add(
            `API_KEYS: every key of ${one.name} must have the same calls a day, and be admin or not`,
          );
        }
      } else if (one.key === other.key) {
        faults.add(`API_KEYS: ${[one.name, other.name].sort().join(' and ')} must not have the same key`);
      }
    }
  }
  return [...faults];
}
