import type { Failure } from '../columns/failures.js';
import { UsageError } from '../operator/usageError.js';
import type { Ask, GroupAnswer } from './ask.js';
import { moneySum } from './totals.js';

/** The most ids that `creators` takes. */
const mostIds = 100;

/** How many groups are asked at once: the next one is planned while the calls of the other are made. */
export const groupsAtOnce = 2;

/** What a job would cost now, and the groups in which it will ask. */
export interface Price {
  readonly groups: readonly (readonly string[])[];
  /** The calls that one creator needs. */
  readonly callsPerCreator: number;
  readonly paidCalls: number;
  /** Paid calls that replace stale answers, which are served meanwhile. */
  readonly renewalCalls: number;
  readonly cachedCalls: number;
  /** In yuan. Null: the server knows no price. */
  readonly spend: string | null;
  readonly isSandbox: boolean;
}

/** Asks with dry runs. Throws UsageError if the server would refuse the operations. */
export async function priceOf(ids: readonly string[], ask: Ask): Promise<Price> {
  const dryRun = async (group: readonly string[]): Promise<readonly PricedGroup[]> => {
    const { failures, cost, isSandbox } = await ask(group, { isDryRun: true });
    const [failure] = failures;
    if (cost && failure?.code === 'DRY_RUN') return [{ ids: group, cost, isSandbox }];
    // Its plan says that the response may be too large.
    if (failure?.code === 'RESPONSE_TOO_LARGE' && group.length > 1) {
      const half = Math.ceil(group.length / 2);
      return [...(await dryRun(group.slice(0, half))), ...(await dryRun(group.slice(half)))];
    }
    throw refusalOf(failure);
  };
  const [first] = await dryRun(ids.slice(0, 1));
  const { requestedCalls: callsPerCreator = 0, maxCalls = mostIds } = first?.cost ?? {};
  if (callsPerCreator > maxCalls) {
    throw new UsageError(
      `One creator needs ${callsPerCreator} calls, and one operation may ask for ${maxCalls} (QUERY_MAX_CALLS). Choose fewer fields.`,
    );
  }
  const size = Math.min(mostIds, Math.floor(maxCalls / Math.max(1, callsPerCreator)));
  const groups = Array.from({ length: Math.ceil(ids.length / size) }, (_, at) =>
    ids.slice(at * size, (at + 1) * size),
  );
  const priced: PricedGroup[] = [];
  for (let at = 0; at < groups.length; at += groupsAtOnce) {
    priced.push(...(await Promise.all(groups.slice(at, at + groupsAtOnce).map(dryRun))).flat());
  }
  const sum = (figure: 'paidCalls' | 'renewalCalls' | 'cachedCalls') =>
    priced.reduce((total, { cost }) => total + cost[figure], 0);
  return {
    groups: priced.map((group) => group.ids),
    callsPerCreator,
    paidCalls: sum('paidCalls'),
    renewalCalls: sum('renewalCalls'),
    cachedCalls: sum('cachedCalls'),
    spend: moneySum(priced.map(({ cost }) => cost)),
    isSandbox: priced.some(({ isSandbox }) => isSandbox),
  };
}

interface PricedGroup {
  readonly ids: readonly string[];
  readonly cost: NonNullable<GroupAnswer['cost']>;
  readonly isSandbox: boolean;
}

function refusalOf(failure: Failure | undefined): UsageError {
  return new UsageError(
    failure
      ? `The server refuses the export (${failure.code}): ${failure.message}`
      : 'The server does not answer a dry run with its cost, so nothing is asked of it.',
  );
}
