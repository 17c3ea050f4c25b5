import { setImmediate } from 'node:timers/promises';
import type { Payer } from '../apiKeys.js';
import type { Asker } from '../upstream/cache/operation.js';
import type { Forecast } from '../upstream/cache/sectionCache.js';
import type { Client, SectionRequest } from '../upstream/client.js';
import type { EndpointName } from '../upstream/endpoints/table.js';
import type { Plan } from './plan.js';
import type { Finding } from './report.js';

/** A plan that is only asked about may have any size. What else the server has to do must not wait for all of it. */
const forecastsAtOnce = 500;

/** What would become of a plan now: with what is kept and under way, and with what budgets and circuits leave. */
export async function forecastOf(
  client: Pick<Client, 'forecast' | 'leftToday' | 'dueFor'>,
  plan: Plan,
  payer: Payer | null,
): Promise<readonly Finding[]> {
  const requests = [...plan.values()];
  const forecasts: Foreseen[] = [];
  for (let at = 0; at < requests.length; at += forecastsAtOnce) {
    if (at > 0) await setImmediate();
    const some = requests.slice(at, at + forecastsAtOnce);
    forecasts.push(
      ...(await Promise.all(some.map(async (request) => foreseen(request, await client.forecast(request))))),
    );
  }
  const letsThrough = gate(client, await client.leftToday(payer));
  return forecasts.map(({ request, outcome, isRenewing, entry, standIn }) => {
    const finding = { request, isUncertain: false, attempts: 0, ms: null };
    const needsCall = outcome === 'paid' || isRenewing;
    if (needsCall && !letsThrough(request.endpoint)) {
      return { ...finding, outcome: standIn ? 'stale' : 'failed', isRenewing: false, entry: standIn };
    }
    return { ...finding, outcome, isRenewing, entry };
  });
}

type Foreseen = Pick<Finding, 'request' | 'outcome' | 'isRenewing' | 'entry'> & {
  readonly standIn: Finding['entry'];
};

/** Without the answers themselves, which may be large and many. */
function foreseen(request: SectionRequest, { outcome, isRenewing, entry, standIn }: Forecast): Foreseen {
  const ageOnly = (found: Forecast['entry']) => found && { fetchedAtMs: found.fetchedAtMs };
  return { request, outcome, isRenewing, entry: ageOnly(entry), standIn: ageOnly(standIn) };
}

/**
 * What an operation has come by so far. An answer doesn't wait for the renewals that it has set off: those that are not
 * sent yet count as far as budgets and circuits will let them through.
 */
export async function foundBy(
  client: Pick<Client, 'leftToday' | 'dueFor'>,
  { lookups, payer }: Pick<Asker, 'lookups' | 'payer'>,
): Promise<readonly Finding[]> {
  if (!lookups.some(({ isRenewing }) => isRenewing)) return lookups;
  const letsThrough = gate(client, await client.leftToday(payer));
  return lookups.map((lookup) => {
    if (!lookup.isRenewing || lookup.isRenewalSent || letsThrough(lookup.request.endpoint)) return lookup;
    const { request, outcome, isUncertain, attempts, ms, entry } = lookup;
    return { request, outcome, isUncertain, attempts, ms, entry, isRenewing: false };
  });
}

/** Lets calls through, one after the other, as the budgets and the circuits would. */
function gate(client: Pick<Client, 'dueFor'>, callsLeft: number): (endpoint: EndpointName) => boolean {
  const tried = new Set<string>();
  let left = callsLeft;
  return (endpoint) => {
    const due = client.dueFor(endpoint);
    if (left <= 0 || due === null || due.some((circuit) => tried.has(circuit))) return false;
    for (const circuit of due) tried.add(circuit);
    left -= 1;
    return true;
  };
}
