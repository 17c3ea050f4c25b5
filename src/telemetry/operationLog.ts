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
    const { requestId, traceId, outcome, ms } = summary;
    const fields = { requestId, ...(traceId !== null && { traceId }), ...fieldsOf(summary), outcome };
    this.#logger.info({ ...fields, ms: Math.round(ms * 10) / 10, ...errorsIn(summary) }, 'operation');
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
      this.#logger.info(
        { ...fieldsOf(summary), outcome: summary.outcome, repeats: count },
        'operation repeated',
      );
    }
  }
}

function fieldsOf({ key, operationName, documentId, cost }: OperationSummary): object {
  return {
    ...(key !== null && { key }),
    ...(operationName !== null && { operationName }),
    ...(documentId !== null && { documentId }),
    ...(cost !== null && { cost: withoutCalls(cost) }),
  };
}

/** `x-cost-debug` adds a list of calls, which can be long. */
function withoutCalls(cost: object): object {
  const { calls: _, ...rest } = cost as { calls?: unknown };
  return rest;
}

function errorsIn({ errorCodes }: OperationSummary): object {
  return errorCodes.size === 0 ? {} : { errorCodes: Object.fromEntries(errorCodes) };
}
