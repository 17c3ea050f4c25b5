import { type Money, moneyTimes } from '../money.js';
import type { Outcome } from '../upstream/cache/lookup.js';
import type { SectionRequest } from '../upstream/section.js';

/** `extensions.cost`: what an operation cost, in calls. The four outcomes add up to `requestedCalls`. */
export interface Cost {
  /** It says what executing would cost now; nothing was executed. */
  readonly dryRun?: true;
  /** Distinct calls asked for: endpoint and arguments. */
  readonly requestedCalls: number;
  /** Calls that this operation started and upstream bills, whatever their answers are worth. */
  readonly paidCalls: number;
  /** Served from what is kept: fresh, stale, and failures that are remembered. */
  readonly cachedCalls: number;
  /** It joined a call that another operation had started, however that ended. */
  readonly coalescedCalls: number;
  /** The rest. */
  readonly failedCalls: number;
  /** Of the failed, those that may have been billed, or may yet be. */
  readonly uncertainCalls: number;
  /** Renewals of stale answers that go on without the operation, outside the four. */
  readonly renewalCalls: number;
  /** HTTP requests sent for the calls that it waited for, retries included. */
  readonly attempts: number;
  /** What one operation may ask for: QUERY_MAX_CALLS. */
  readonly maxCalls: number;
  /** (paid + renewals) × CALL_PRICE, where that is set. */
  readonly estimatedSpend?: Money;
  /** One line a section, where the request asked for them. */
  readonly calls?: readonly CallCost[];
}

export interface CallCost {
  readonly endpoint: string;
  readonly args: object;
  readonly outcome: Outcome;
  /** It set off a renewal. */
  readonly renewal: boolean;
  /** How long the section was waited for. Null: it wasn't there when the answer left. */
  readonly ms: number | null;
  /** How old what it gave was when the answer left. Null: it gave nothing. */
  readonly ageSeconds: number | null;
}

/** How one section was come by, or would be. */
export interface Finding {
  readonly request: SectionRequest;
  readonly outcome: Outcome;
  readonly isUncertain: boolean;
  readonly isRenewing: boolean;
  readonly attempts: number;
  readonly ms: number | null;
  readonly entry: { readonly fetchedAtMs: number } | null;
}

/** What a report goes by, beside the findings. */
export interface CostTerms {
  readonly maxCalls: number;
  /** Yuan, as a decimal number. */
  readonly callPrice: string | null;
}

/** Whatever was asked for and was not found, or found to fail, has failed. */
export function costOf(
  requestedCalls: number,
  findings: readonly Finding[],
  { maxCalls, callPrice }: CostTerms,
): Cost {
  const count = (is: (finding: Finding) => boolean) => findings.filter(is).length;
  const paidCalls = count(({ outcome }) => outcome === 'paid');
  const cachedCalls = count(({ outcome }) => outcome === 'cached' || outcome === 'stale');
  const coalescedCalls = count(({ outcome }) => outcome === 'coalesced');
  const renewalCalls = count(({ isRenewing }) => isRenewing);
  return {
    requestedCalls,
    paidCalls,
    cachedCalls,
    coalescedCalls,
    failedCalls: requestedCalls - paidCalls - cachedCalls - coalescedCalls,
    uncertainCalls: count(({ isUncertain }) => isUncertain),
    renewalCalls,
    attempts: findings.reduce((sum, { attempts }) => sum + attempts, 0),
    maxCalls,
    ...(callPrice === null ? {} : { estimatedSpend: moneyTimes(callPrice, paidCalls + renewalCalls) }),
  };
}

/** One line a section. */
export function callsOf(findings: readonly Finding[], nowMs: number): readonly CallCost[] {
  return findings.map(({ request, outcome, isRenewing, ms, entry }) => ({
    endpoint: request.call.endpoint.name,
    args: request.call.args,
    outcome,
    renewal: isRenewing,
    ms: ms === null ? null : Math.round(ms * 10) / 10,
    ageSeconds: entry === null ? null : Math.max(0, Math.floor((nowMs - entry.fetchedAtMs) / 1000)),
  }));
}
