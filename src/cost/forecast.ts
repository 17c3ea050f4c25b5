import type { Payer } from '../config.js';
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
