import type { Cost } from '../cost/report.js';
import { sumOfMoney } from '../money.js';

/** What an export has cost, in calls. */
export interface Totals {
  readonly requestedCalls: number;
  readonly paidCalls: number;
  readonly cachedCalls: number;
  readonly coalescedCalls: number;
  readonly failedCalls: number;
  readonly uncertainCalls: number;
  readonly renewalCalls: number;
  /** In yuan. Null: the server knows no price. */
  readonly spend: string | null;
}

export function totalsOf(costs: readonly Cost[]): Totals {
  const sum = (figure: Exclude<keyof Totals, 'spend'>) =>
    costs.reduce((total, cost) => total + cost[figure], 0);
  return {
    requestedCalls: sum('requestedCalls'),
    paidCalls: sum('paidCalls'),
    cachedCalls: sum('cachedCalls'),
    coalescedCalls: sum('coalescedCalls'),
    failedCalls: sum('failedCalls'),
    uncertainCalls: sum('uncertainCalls'),
    renewalCalls: sum('renewalCalls'),
    spend: moneySum(costs),
  };
}

/** Null: no response says what its calls cost. */
export function moneySum(costs: readonly Cost[]): string | null {
  const amounts = costs.flatMap(({ estimatedSpend }) => estimatedSpend ?? []);
  return amounts.length === 0 ? null : sumOfMoney(amounts).amount;
}
