import type { AnyVariables } from 'urql';
import { type Answer, type Cost, execute, type Operation } from './client.js';

/** What operations would cost now, as dry runs say. */
export interface Quote {
  readonly paidCalls: number;
  readonly storedCalls: number;
  /** In yuan. Null: the server does not know the price of a call. */
  readonly spend: number | null;
  readonly isUpperBound: boolean;
  readonly isSandbox: boolean;
  /** How many calls one operation may have. */
  readonly maxCalls: number;
}

export const noQuote: Quote = {
  paidCalls: 0,
  storedCalls: 0,
  spend: null,
  isUpperBound: false,
  isSandbox: false,
  maxCalls: Number.POSITIVE_INFINITY,
};

/** Dry runs call nothing. */
export async function quote<Data, Variables extends AnyVariables>(
  operations: readonly Operation<Data, Variables>[],
): Promise<Quote> {
  const answers = await Promise.all(operations.map((operation) => execute(operation, { isDryRun: true })));
  return answers.reduce<Quote>(
    (sum, { cost, isSandbox }) => ({
      paidCalls: sum.paidCalls + (cost?.paidCalls ?? 0),
      storedCalls: sum.storedCalls + (cost?.cachedCalls ?? 0),
      spend: addSpend(sum.spend, cost),
      isUpperBound: sum.isUpperBound || cost?.isUpperBound === true,
      isSandbox: sum.isSandbox || isSandbox,
      maxCalls: Math.min(sum.maxCalls, cost?.maxCalls ?? Number.POSITIVE_INFINITY),
    }),
    noQuote,
  );
}

/** What operations did cost, in calls. */
export interface Spent {
  readonly paidCalls: number;
  readonly cachedCalls: number;
  readonly coalescedCalls: number;
  readonly failedCalls: number;
  readonly uncertainCalls: number;
  readonly renewalCalls: number;
  /** In yuan. Null: the server does not know the price of a call. */
  readonly spend: number | null;
}

export const nothingSpent: Spent = {
  paidCalls: 0,
  cachedCalls: 0,
  coalescedCalls: 0,
  failedCalls: 0,
  uncertainCalls: 0,
  renewalCalls: 0,
  spend: null,
};

export function addSpent(sum: Spent, { cost }: Pick<Answer<unknown>, 'cost'>): Spent {
  if (!cost) return sum;
  return {
    paidCalls: sum.paidCalls + cost.paidCalls,
    cachedCalls: sum.cachedCalls + cost.cachedCalls,
    coalescedCalls: sum.coalescedCalls + cost.coalescedCalls,
    failedCalls: sum.failedCalls + cost.failedCalls,
    uncertainCalls: sum.uncertainCalls + cost.uncertainCalls,
    renewalCalls: sum.renewalCalls + cost.renewalCalls,
    spend: addSpend(sum.spend, cost),
  };
}

function addSpend(sum: number | null, cost: Cost | null): number | null {
  const amount = cost?.estimatedSpend?.amount;
  return amount === undefined ? sum : (sum ?? 0) + Number(amount);
}

/** Answers of `operations`, at most `atOnce` of them under way. Rejects with the first that got none, and starts no more. */
export async function executeAll<Data, Variables extends AnyVariables>(
  operations: readonly Operation<Data, Variables>[],
  onAnswer: (answer: Answer<Data>, operation: Operation<Data, Variables>) => void,
  atOnce = 2,
): Promise<void> {
  const left = [...operations];
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const operation = next;
      try {
        onAnswer(await execute(operation), operation);
      } catch (error) {
        left.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
