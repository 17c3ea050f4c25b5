import { setImmediate } from 'node:timers/promises';
import type { Payer } from '../apiKeys.js';
import type { Operation } from '../upstream/cache/operation.js';
import type { Forecast } from '../upstream/cache/sectionCache.js';
import type { Client } from '../upstream/client.js';
import type { EndpointName } from '../upstream/endpoints/table.js';
import type { SectionRequest } from '../upstream/section.js';
import type { Plan } from './plan.js';
import type { Finding } from './report.js';

/** A plan that is only asked about may have any size. Other work of the server must not wait for all of it. */
const forecastsAtOnce = 500;

/** What would become of a plan now: with stored answers, calls in flight, and what budgets and circuits leave. */
export async function forecastOf(
  client: Pick<Client, 'forecast' | 'leftToday' | 'dueFor'>,
  plan: Plan,
  payer: Payer | null,
): Promise<readonly Finding[]> {
  const requests = [...plan.values()];
  const foreseen: Foreseen[] = [];
  for (let at = 0; at < requests.length; at += forecastsAtOnce) {
    if (at > 0) await setImmediate();
    const some = requests.slice(at, at + forecastsAtOnce);
    const forecasts = await client.forecast(some);
    for (const [nth, forecast] of forecasts.entries()) {
      const request = some[nth];
      if (request) foreseen.push(withoutAnswers(request, forecast));
    }
  }
  const letsThrough = gate(client, await client.leftToday(payer));
  return foreseen.map(({ request, outcome, isRenewing, entry, standIn }) => {
    const finding = { request, isUncertain: false, attempts: 0, ms: null };
    const needsCall = outcome === 'paid' || isRenewing;
    if (needsCall && !letsThrough(request.call.endpoint.name)) {
      return { ...finding, outcome: standIn ? 'stale' : 'failed', isRenewing: false, entry: standIn };
    }
    return { ...finding, outcome, isRenewing, entry };
  });
}

type Foreseen = Pick<Finding, 'request' | 'outcome' | 'isRenewing' | 'entry'> & {
  readonly standIn: Finding['entry'];
};

/** Answers may be large and many, and only their age counts. */
function withoutAnswers(
  request: SectionRequest,
  { outcome, isRenewing, entry, standIn }: Forecast,
): Foreseen {
  const ageOnly = (found: Forecast['entry']) => found && { fetchedAtMs: found.fetchedAtMs };
  return { request, outcome, isRenewing, entry: ageOnly(entry), standIn: ageOnly(standIn) };
}

/**
 * What an operation has come by so far. An answer does not wait for the renewals that it has started: those that are not
 * reserved yet count as far as budgets and circuits will let them through.
 */
export async function findingsOf(
  client: Pick<Client, 'leftToday' | 'dueFor'>,
  { lookups, payer }: Pick<Operation, 'lookups' | 'payer'>,
): Promise<readonly Finding[]> {
  const isGated = lookups.some(({ isRenewing }) => isRenewing);
  const letsThrough = isGated ? gate(client, await client.leftToday(payer)) : () => true;
  return lookups.map(({ request, outcome, isUncertain, isRenewing, isRenewalReserved, attempts, ms, found }) => ({
    request,
    outcome,
    isUncertain,
    isRenewing: isRenewing && (isRenewalReserved || letsThrough(request.call.endpoint.name)),
    attempts,
    ms,
    entry: found?.entry ?? null,
  }));
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
