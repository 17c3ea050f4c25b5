import type { ExecutionResult } from 'graphql';
import { type Money, moneyTimes } from '../money.js';
import type { Clock } from '../time.js';
import type { Outcome } from '../upstream/cache/lookup.js';
import type { SectionRequest } from '../upstream/section.js';
import type { CostHeaders } from './costHeaders.js';

/** `extensions.cost`: what an operation cost, in calls. The four outcomes add up to `requestedCalls`. */
export interface Cost {
  /** The numbers say what executing would cost now; nothing was executed. */
  readonly dryRun?: true;
  /**
   * Sections are asked for of what a search will find: each of the page's 20 places counts as a creator. Only in a dry run.
   */
  readonly isUpperBound?: true;
  /** Distinct calls (endpoint and arguments) that the operation asks for. */
  readonly requestedCalls: number;
  /** Calls that this operation started and upstream bills, whether or not their answers can be used. */
  readonly paidCalls: number;
  /** Served from the cache: fresh answers, stale answers, and failures in the negative cache. */
  readonly cachedCalls: number;
  /** Calls of other operations that this operation joined, however they ended. */
  readonly coalescedCalls: number;
  /** The rest. */
  readonly failedCalls: number;
  /** The failed calls that may have been billed, or may still be. */
  readonly uncertainCalls: number;
  /** Renewals of stale answers that this operation started and did not wait for. Not among the four outcomes. */
  readonly renewalCalls: number;
  /** HTTP requests sent for the calls that this operation started and waited for, retries included. */
  readonly attempts: number;
  /** How many calls one operation may ask for: QUERY_MAX_CALLS. */
  readonly maxCalls: number;
  /** (paid + renewals) × CALL_PRICE. Absent if no price is set. */
  readonly estimatedSpend?: Money;
  /** One entry for each section. Only with `x-cost-debug`. */
  readonly calls?: readonly CallCost[];
}

export interface CallCost {
  readonly endpoint: string;
  readonly args: object;
  readonly outcome: Outcome;
  /** Whether the look-up started a renewal. */
  readonly renewal: boolean;
  /** How long the look-up took. Null: it had not ended when the response was sent. */
  readonly ms: number | null;
  /** Of the answer when the response was sent. Null: there was no answer. */
  readonly ageSeconds: number | null;
}

/** What a report needs to know of one look-up, which was made or forecast. */
export interface LookupSummary {
  readonly request: SectionRequest;
  readonly outcome: Outcome;
  readonly isUncertain: boolean;
  readonly isRenewing: boolean;
  readonly attempts: number;
  readonly ms: number | null;
  /** The stored answer that was found. */
  readonly entry: { readonly fetchedAtMs: number } | null;
}

export interface CostSettings {
  readonly maxCalls: number;
  /** Yuan, as a decimal number. Null: not set. */
  readonly callPrice: string | null;
}

export interface ReportOptions extends CostSettings, CostHeaders {
  readonly requestedCalls: number;
  readonly isUpperBound: boolean;
  readonly now: Clock;
}

/** Requested calls without a look-up count as failed. */
export function costOf(lookups: readonly LookupSummary[], options: ReportOptions): Cost {
  const { requestedCalls, isUpperBound, maxCalls, callPrice, isDryRun, isDetailed, now } = options;
  const count = (matches: (lookup: LookupSummary) => boolean) => lookups.filter(matches).length;
  const paidCalls = count(({ outcome }) => outcome === 'paid');
  const cachedCalls = count(({ outcome }) => outcome === 'cached' || outcome === 'stale');
  const coalescedCalls = count(({ outcome }) => outcome === 'coalesced');
  const renewalCalls = count(({ isRenewing }) => isRenewing);
  return {
    ...(isDryRun && { dryRun: true, ...(isUpperBound && { isUpperBound }) }),
    requestedCalls,
    paidCalls,
    cachedCalls,
    coalescedCalls,
    failedCalls: requestedCalls - paidCalls - cachedCalls - coalescedCalls,
    uncertainCalls: count(({ isUncertain }) => isUncertain),
    renewalCalls,
    attempts: lookups.reduce((sum, { attempts }) => sum + attempts, 0),
    maxCalls,
    ...(callPrice !== null && { estimatedSpend: moneyTimes(callPrice, paidCalls + renewalCalls) }),
    ...(isDetailed && { calls: callCostsOf(lookups, now()) }),
  };
}

export function withCost<Result extends ExecutionResult>(result: Result, cost: Cost): Result {
  return { ...result, extensions: { ...result.extensions, cost } };
}

function callCostsOf(lookups: readonly LookupSummary[], nowMs: number): readonly CallCost[] {
  return lookups.map(({ request, outcome, isRenewing, ms, entry }) => ({
    endpoint: request.call.endpoint.name,
    args: request.call.args,
    outcome,
    renewal: isRenewing,
    ms: ms === null ? null : Math.round(ms * 10) / 10,
    ageSeconds: entry === null ? null : Math.max(0, Math.floor((nowMs - entry.fetchedAtMs) / 1000)),
  }));
}
