import type { Payer } from '../config.js';
import type { Asker } from '../upstream/asker.js';
import type { Client } from '../upstream/client.js';
import type { Plan } from './plan.js';
import type { Finding } from './report.js';

/** What would become of a plan now: with what is kept and under way, and with what budgets and circuits leave. */
export async function forecastOf(
  client: Pick<Client, 'forecast' | 'leftToday' | 'isShut'>,
  plan: Plan,
  payer: Payer | null,
): Promise<readonly Finding[]> {
  const [left, ...forecasts] = await Promise.all([
    client.leftToday(payer),
    ...[...plan.values()].map(async (request) => ({ request, ...(await client.forecast(request)) })),
  ]);
  let callsLeft = left;
  return forecasts.map(({ request, outcome, isRenewing, entry, standIn }) => {
    const finding = { request, isUncertain: false, attempts: 0, ms: null };
    const needsCall = outcome === 'paid' || isRenewing;
    if (needsCall && (callsLeft === 0 || client.isShut(request.endpoint))) {
      return { ...finding, outcome: standIn ? 'stale' : 'failed', isRenewing: false, entry: standIn };
    }
    if (needsCall) callsLeft -= 1;
    return { ...finding, outcome, isRenewing, entry };
  });
}

/**
 * What an operation has come by so far. An answer doesn't wait for the renewals that it has set off: those that are not
 * sent yet count as far as budgets and circuits will let them through.
 */
export async function foundBy(
  client: Pick<Client, 'leftToday' | 'isShut'>,
  { lookups, payer }: Pick<Asker, 'lookups' | 'payer'>,
): Promise<readonly Finding[]> {
  if (!lookups.some(({ isRenewing }) => isRenewing)) return lookups;
  let callsLeft = await client.leftToday(payer);
  return lookups.map((lookup) => {
    if (!lookup.isRenewing || lookup.isRenewalSent) return lookup;
    if (callsLeft > 0 && !client.isShut(lookup.request.endpoint)) {
      callsLeft -= 1;
      return lookup;
    }
    const { request, outcome, isUncertain, attempts, ms, entry } = lookup;
    return { request, outcome, isUncertain, attempts, ms, entry, isRenewing: false };
  });
}
