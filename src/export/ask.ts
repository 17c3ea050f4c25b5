import { type Failure, failuresOf } from '../columns/failures.js';
import type { Cost } from '../cost/report.js';
import type { ExportDocument } from './document.js';
import type { Executor } from './executor.js';

/** The answer about a group of creators. */
export interface GroupAnswer {
  /** In the order of the ids. Null: nothing came. */
  readonly creators: readonly unknown[];
  readonly failures: readonly Failure[];
  /** Null: the response has none, since the document names no section or was refused. */
  readonly cost: Cost | null;
  readonly isSandbox: boolean;
}

export interface AskOptions {
  /** Asks only what it would cost. */
  readonly isDryRun?: boolean;
}

export type Ask = (ids: readonly string[], options?: AskOptions) => Promise<GroupAnswer>;

export function askWith(executor: Executor, { text, key }: Pick<ExportDocument, 'text' | 'key'>): Ask {
  return async (ids, { isDryRun = false } = {}) => {
    const headers = isDryRun ? { 'x-dry-run': '1' } : undefined;
    const { data, errors = [], extensions } = await executor.execute(text, { ids }, headers);
    const creators = data?.[key];
    return {
      creators: Array.isArray(creators) ? creators : ids.map(() => null),
      failures: failuresOf(errors, key, ids),
      cost: extensions?.cost ?? null,
      isSandbox: extensions?.sandbox === true,
    };
  };
}
