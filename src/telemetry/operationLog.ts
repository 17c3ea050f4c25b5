import type { Logger } from '../logger.js';
import type { After } from '../time.js';
import type { OperationSummary } from './operationRecord.js';

/** How often the responses that were sent again are told. */
const repeatsEveryMs = 10_000;

/** How often a stored response was sent. */
export class Repeats {
  count = 0;
  readonly summary: OperationSummary;

  constructor(summary: OperationSummary) {
    this.summary = summary;
  }
}

/**
 * One line for each operation that was executed. Responses that the fast path sends again are counted, and told in one
 * line for each of them and each ten seconds: a line takes longer to write than such a response.
 */
export class OperationLog {
  readonly #logger: Pick<Logger, 'info'>;
  readonly #after: After;
  #repeated: Repeats[] = [];

  constructor(logger: Pick<Logger, 'info'>, after: After) {
    this.#logger = logger;
    this.#after = after;
  }

  noteExecuted(summary: OperationSummary): void {
    const { requestId, traceId, outcome, ms, errorCodes } = summary;
    const fields: Fields = { requestId };
    if (traceId !== null) fields['traceId'] = traceId;
    addWhat(fields, summary);
    fields['outcome'] = outcome;
    fields['ms'] = Math.round(ms * 10) / 10;
    if (errorCodes.size > 0) fields['errorCodes'] = Object.fromEntries(errorCodes);
    this.#logger.info(fields, 'operation');
  }

  noteRepeated(repeats: Repeats): void {
    repeats.count += 1;
    if (repeats.count > 1) return;
    this.#repeated.push(repeats);
    if (this.#repeated.length === 1) this.#after(repeatsEveryMs, () => this.flush());
  }

  /** Tells the responses that were sent again so far. */
  flush(): void {
    const repeated = this.#repeated;
    this.#repeated = [];
    for (const repeats of repeated) {
      const { summary, count } = repeats;
      repeats.count = 0;
      const fields: Fields = {};
      addWhat(fields, summary);
      fields['outcome'] = summary.outcome;
      fields['repeats'] = count;
      this.#logger.info(fields, 'operation repeated');
    }
  }
}

/** Assigned one by one: this runs for every operation, and spreading objects takes longer than the rest. */
type Fields = Record<string, unknown>;

/** What was executed, for whom, at what cost. */
function addWhat(fields: Fields, { key, operationName, documentId, cost }: OperationSummary): void {
  if (key !== null) fields['key'] = key;
  if (operationName !== null) fields['operationName'] = operationName;
  if (documentId !== null) fields['documentId'] = documentId;
  if (cost !== null) fields['cost'] = 'calls' in cost ? withoutCalls(cost) : cost;
}

/** `x-cost-debug` adds a list of calls, which can be long. */
function withoutCalls({ calls: _, ...rest }: { readonly calls: unknown }): object {
  return rest;
}
