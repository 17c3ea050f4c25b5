import type { Failure } from '../columns/failures.js';
import type { Cost } from '../cost/report.js';
import { UsageError } from '../operator/usageError.js';
import type { Ask, GroupAnswer } from './ask.js';
import { groupsAtOnce, type Price } from './price.js';
import { type CreatorRow, RowQueue } from './rowQueue.js';
import { type Totals, totalsOf } from './totals.js';

export interface JobProgress {
  readonly doneCreators: number;
  readonly totals: Totals;
  /** Creators with a failure. */
  readonly failedCreators: number;
}

export interface JobOptions {
  readonly price: Price;
  readonly ask: Ask;
  /** Gets the rows in the order of the ids, as soon as they are complete. */
  readonly write: (rows: readonly CreatorRow[]) => Promise<void>;
  readonly onProgress: (progress: JobProgress) => void;
  /** When it is aborted, no further group is asked for. */
  readonly signal: AbortSignal;
  /** Resolves after so many seconds, or when the signal is aborted. */
  readonly wait: (seconds: number) => Promise<void>;
}

export interface JobResult {
  readonly failures: readonly Failure[];
  readonly totals: Totals;
  /** Creators in no row, because the job was interrupted or stopped. */
  readonly missing: number;
  /** Why no further group was asked for. Null: all were, or the job was interrupted. */
  readonly stop: Failure | null;
  readonly isSandbox: boolean;
}

/** After these, every further call would fail. */
const stoppingCodes: ReadonlySet<string> = new Set(['BUDGET_EXCEEDED', 'UPSTREAM_BALANCE_EXHAUSTED']);

/** The longest wait before failures are asked for again. */
const mostWaitSeconds = 60;

/**
 * Asks for the groups of a priced job, two at once, and once more at the end for those with failures that may pass. Never
 * pays for more calls than the price has: a call that failed and was billed, or may have been, is not asked for again.
 */
export async function runJob(options: JobOptions): Promise<JobResult> {
  const { price, ask, write, onProgress, signal, wait } = options;
  const costs: Cost[] = [];
  const rows = new RowQueue(price.groups.flat(), write);
  let stop: Failure | null = null;
  let isSandbox = price.isSandbox;
  const mayContinue = () => !signal.aborted && stop === null && rows.error === null;

  async function askFor(ids: readonly string[]): Promise<void> {
    const answer = await ask(ids).catch((error: unknown) => unanswered(ids, error));
    if (answer.cost) costs.push(answer.cost);
    isSandbox ||= answer.isSandbox;
    stop ??= answer.failures.find(({ code }) => stoppingCodes.has(code)) ?? null;
    await rows.add(rowsOf(ids, answer, signal.aborted ? price.callsPerCreator : null), mayBeAskedAgain);
    onProgress({ ...rows.progress, totals: totalsOf(costs) });
  }

  async function askForAll(groups: readonly (readonly string[])[], allows: typeof isAffordable | null) {
    const queue = [...groups];
    const askInTurn = async () => {
      for (let ids = queue.shift(); ids !== undefined && mayContinue(); ids = queue.shift()) {
        if (allows === null || (await allows(ids))) await askFor(ids);
      }
    };
    await Promise.all(Array.from({ length: groupsAtOnce }, askInTurn));
  }

  /** How many calls the price has that were not paid for. */
  const unpaid = () => {
    const { paidCalls, uncertainCalls, renewalCalls } = totalsOf(costs);
    return price.paidCalls + price.renewalCalls - paidCalls - uncertainCalls - renewalCalls;
  };

  /** A failure that was billed is stored for a minute. After that, to ask for it again would be paid for again. */
  async function isAffordable(ids: readonly string[]): Promise<boolean> {
    const { cost } = await ask(ids, { isDryRun: true }).catch((error: unknown) => unanswered(ids, error));
    return cost !== null && cost.paidCalls + cost.renewalCalls <= unpaid();
  }

  await askForAll(price.groups, null);
  const again = rows.failures.filter(mayBeAskedAgain);
  if (again.length > 0 && unpaid() > 0 && mayContinue()) {
    await wait(Math.max(1, ...again.map(({ retryAfterSeconds }) => retryAfterSeconds ?? 0)));
    const ids = new Set(again.map(({ id }) => id));
    const groups = price.groups.map((group) => group.filter((id) => ids.has(id)));
    // One by one, so that no group is judged by what another is about to pay.
    for (const group of groups) if (group.length > 0) await askForAll([group], isAffordable);
  }
  await rows.flush();
  if (rows.error !== null) throw rows.error;
  return { failures: rows.failures, totals: totalsOf(costs), missing: rows.missing, stop, isSandbox };
}

function mayBeAskedAgain({ isRetryable, retryAfterSeconds, code }: Failure): boolean {
  return isRetryable && !stoppingCodes.has(code) && (retryAfterSeconds ?? 0) <= mostWaitSeconds;
}

/** `mostFailures`: leaves out creators with as many, of which nothing came. Null: none is left out. */
function rowsOf(
  ids: readonly string[],
  { creators, failures }: GroupAnswer,
  mostFailures: number | null,
): readonly CreatorRow[] {
  const rows = ids.map((id, at) => ({
    id,
    creator: creators[at] ?? null,
    failures: failures.filter((failure) => failure.id === id),
  }));
  if (mostFailures === null) return rows;
  const isEmpty = ({ creator, failures }: CreatorRow) =>
    creator === null || (failures.length > 0 && failures.length >= mostFailures);
  return rows.filter((row) => !isEmpty(row));
}

/** A server that can't be reached for a moment must not end a job of an hour. */
function unanswered(ids: readonly string[], error: unknown): GroupAnswer {
  if (!(error instanceof UsageError)) throw error;
  const failures = ids.map((id) => ({
    id,
    section: null,
    code: 'NO_ANSWER',
    message: error.message,
    isRetryable: true,
    retryAfterSeconds: null,
  }));
  return { creators: ids.map(() => null), failures, cost: null, isSandbox: false };
}
