import { setImmediate } from 'node:timers/promises';
import type { Payer } from '../apiKeys.js';
import type { Operation } from '../upstream/cache/operation.js';
import type { Forecast } from '../upstream/cache/sectionCache.js';
import type { Client } from '../upstream/client.js';
import type { EndpointName } from '../upstream/endpoints/table.js';
import type { SectionRequest } from '../upstream/section.js';
import type { Plan } from './plan.js';
import type { LookupSummary } from './report.js';

/** The plan of a dry run may have any size. After this many sections the event loop handles other work. */
const batchSize = 500;

/** The look-ups of a plan as they would end now, given stored answers, in-flight calls, budgets and circuits. */
export async function forecastOf(
  client: Pick<Client, 'forecast' | 'leftToday' | 'dueProbes'>,
  plan: Plan,
  payer: Payer | null,
): Promise<readonly LookupSummary[]> {
  const requests = [...plan.values()];
  const forecasts: ForecastOfRequest[] = [];
  for (let start = 0; start < requests.length; start += batchSize) {
    if (start > 0) await setImmediate();
    const batch = requests.slice(start, start + batchSize);
    for (const [nth, forecast] of (await client.forecast(batch)).entries()) {
      const request = batch[nth];
      if (request) forecasts.push(withoutBodies(request, forecast));
    }
  }
  const allowsCall = createGate(client, await client.leftToday(payer));
  return forecasts.map(({ request, outcome, isRenewing, entry, fallback }) => {
    const summary = { request, isUncertain: false, attempts: 0, ms: null };
    const needsCall = outcome === 'paid' || isRenewing;
    if (needsCall && !allowsCall(request.call.endpoint.name)) {
      return { ...summary, outcome: fallback ? 'stale' : 'failed', isRenewing: false, entry: fallback };
    }
    return { ...summary, outcome, isRenewing, entry };
  });
}

type ForecastOfRequest = Pick<LookupSummary, 'request' | 'outcome' | 'isRenewing' | 'entry'> & {
  /** The stale answer that is served if the call is not made. */
  readonly fallback: LookupSummary['entry'];
};

/** Keeps only the ages of answers, since there may be many large ones. */
function withoutBodies(
  request: SectionRequest,
  { outcome, isRenewing, entry, fallback }: Forecast,
): ForecastOfRequest {
  const ageOnly = (stored: Forecast['entry']) => stored && { fetchedAtMs: stored.fetchedAtMs };
  return { request, outcome, isRenewing, entry: ageOnly(entry), fallback: ageOnly(fallback) };
}

/**
 * The look-ups of an operation so far. The response does not wait for renewals: of those that no budget has reserved yet,
 * it counts as many as budgets and circuits will allow.
 */
export async function summariesOf(
  client: Pick<Client, 'leftToday' | 'dueProbes'>,
  { lookups, payer }: Pick<Operation, 'lookups' | 'payer'>,
): Promise<readonly LookupSummary[]> {
  const hasRenewals = lookups.some(({ isRenewing }) => isRenewing);
  const allowsCall = hasRenewals ? createGate(client, await client.leftToday(payer)) : () => true;
  return lookups.map(
    ({ request, outcome, isUncertain, isRenewing, isRenewalReserved, attempts, ms, found }) => ({
      request,
      outcome,
      isUncertain,
      isRenewing: isRenewing && (isRenewalReserved || allowsCall(request.call.endpoint.name)),
      attempts,
      ms,
      entry: found?.entry ?? null,
    }),
  );
}

/** Allows one call after another, as the budgets and the circuits would. */
function createGate(
  client: Pick<Client, 'dueProbes'>,
  callsLeft: number,
): (endpoint: EndpointName) => boolean {
  const probed = new Set<string>();
  let left = callsLeft;
  return (endpoint) => {
    const due = client.dueProbes(endpoint);
    if (left <= 0 || due === null || due.some((circuit) => probed.has(circuit))) return false;
    for (const circuit of due) probed.add(circuit);
    left -= 1;
    return true;
  };
}
