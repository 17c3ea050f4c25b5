import type { Failure } from '../columns/failures.js';
import type { Cost } from '../cost/report.js';
import { UsageError } from '../operator/usageError.js';
import type { Ask, GroupAnswer } from './ask.js';
import { NoAnswerError } from './executor.js';
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

/** No code of a GraphQL server's. */
const noAnswer = 'NO_ANSWER';

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

  /** What groups under way may pay, and what those may have paid of which no answer came. */
  let reserved = 0;
  let lost = 0;

  const totals = () => {
    const told = totalsOf(costs);
    return { ...told, uncertainCalls: told.uncertainCalls + lost };
  };

  /** How many calls the price has that were not paid for. */
  const unpaid = () => {
    const { paidCalls, uncertainCalls, renewalCalls } = totals();
    return price.paidCalls + price.renewalCalls - paidCalls - uncertainCalls - renewalCalls - reserved;
  };

  /**
   * Asks for a group if it pays for no more calls than the price has left. It could: stored answers may have expired since
   * the price was told, and a failure that was billed is stored for a minute only.
   */
  async function askFor(ids: readonly string[], isFirst: boolean): Promise<void> {
    const plan = await ask(ids, { isDryRun: true }).catch((error: unknown) => unanswered(ids, error));
    if (plan.failures.some(({ code }) => code === noAnswer)) return isFirst ? take(ids, plan) : undefined;
    const most = plan.cost ? plan.cost.paidCalls + plan.cost.renewalCalls : 0;
    if (most > unpaid()) {
      if (isFirst) stop ??= priceRisen(ids);
      return;
    }
    reserved += most;
    const answer = await ask(ids).catch((error: unknown) => {
      if (error instanceof NoAnswerError && error.mayHavePaid) lost += most;
      return unanswered(ids, error);
    });
    reserved -= most;
    await take(ids, answer);
  }

  async function take(ids: readonly string[], answer: GroupAnswer): Promise<void> {
    if (answer.cost) costs.push(answer.cost);
    isSandbox ||= answer.isSandbox;
    stop ??= answer.failures.find(({ code }) => stoppingCodes.has(code)) ?? null;
    await rows.add(rowsOf(ids, answer, { areEmptyLeftOut: signal.aborted }), mayBeAskedAgain);
    onProgress({ ...rows.progress, totals: totals() });
  }

  const queue = [...price.groups];
  const askInTurn = async () => {
    for (let ids = queue.shift(); ids !== undefined && mayContinue(); ids = queue.shift()) {
      await askFor(ids, true);
    }
  };
  await Promise.all(Array.from({ length: groupsAtOnce }, askInTurn));
  const again = rows.failures.filter(mayBeAskedAgain);
  // What was lost may be stored by now.
  if (again.length > 0 && (unpaid() > 0 || lost > 0) && mayContinue()) {
    await wait(Math.max(1, ...again.map(({ retryAfterSeconds }) => retryAfterSeconds ?? 0)));
    const ids = new Set(again.map(({ id }) => id));
    const groups = price.groups.map((group) => group.filter((id) => ids.has(id)));
    for (const group of groups) if (group.length > 0 && mayContinue()) await askFor(group, false);
  }
  await rows.flush();
  if (rows.error !== null) throw rows.error;
  return { failures: rows.failures, totals: totals(), missing: rows.missing, stop, isSandbox };
}

function mayBeAskedAgain({ isRetryable, retryAfterSeconds, code }: Failure): boolean {
  return isRetryable && !stoppingCodes.has(code) && (retryAfterSeconds ?? 0) <= mostWaitSeconds;
}

/** `areEmptyLeftOut`: leaves out creators of whose sections none came. */
function rowsOf(
  ids: readonly string[],
  { creators, failures }: GroupAnswer,
  { areEmptyLeftOut }: { readonly areEmptyLeftOut: boolean },
): readonly CreatorRow[] {
  const rows = ids.map((id, at) => ({
    id,
    creator: creators[at] ?? null,
    failures: failures.filter((failure) => failure.id === id),
  }));
  if (!areEmptyLeftOut) return rows;
  // A section that has failed is null. What is no section, such as the id, is no object.
  const isEmpty = ({ creator, failures }: CreatorRow) =>
    creator === null ||
    (failures.length > 0 &&
      !Object.values(creator as object).some((value) => typeof value === 'object' && value !== null));
  return rows.filter((row) => !isEmpty(row));
}

/** Why the rest of a job is not asked for. */
function priceRisen([id = '']: readonly string[]): Failure {
  return {
    id,
    section: null,
    code: 'PRICE_RISEN',
    message:
      'The rest would cost more than the price that was told, because stored answers have expired since. Run the command again to see the new price.',
    isRetryable: true,
    retryAfterSeconds: null,
  };
}

/** A server that can't be reached for a moment must not end a job of an hour. */
function unanswered(ids: readonly string[], error: unknown): GroupAnswer {
  if (!(error instanceof UsageError)) throw error;
  const failures = ids.map((id) => ({
    id,
    section: null,
    code: noAnswer,
    message: error.message,
    isRetryable: true,
    retryAfterSeconds: null,
  }));
  return { creators: ids.map(() => null), failures, cost: null, isSandbox: false };
}
