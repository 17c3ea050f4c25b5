import { type DeliveredResult, errorsOf } from '../protocol/incrementalResults.js';
import { type Clock, Stopwatch } from '../time.js';

/**
 * What became of an operation. `ok`: data without an error. `partial`: data and errors. `failed`: it was executed, and its
 * data is null. `refused`: it was not executed. `dry_run`: its client asked what it would cost. `abandoned`: its client
 * disconnected before the response was there.
 */
export type OperationOutcome = 'ok' | 'partial' | 'failed' | 'refused' | 'dry_run' | 'abandoned';

/** An operation as logs tell it. No values of variables, and nothing of the document but its operation's name. */
export interface OperationSummary {
  readonly requestId: string;
  readonly traceId: string | null;
  /** The name of the API key. */
  readonly key: string | null;
  readonly operationName: string | null;
  /** The id by which the client named the document. */
  readonly documentId: string | null;
  readonly outcome: OperationOutcome;
  /** How many errors have which code. */
  readonly errorCodes: ReadonlyMap<string, number>;
  /** `extensions.cost`, if the operation has any. */
  readonly cost: object | null;
  readonly ms: number;
}

const noCodes: ReadonlyMap<string, number> = new Map();

/** Longer names and ids are cut: clients choose them. */
const maxNameLength = 128;

/** Collects what a request is logged and counted as, if it has an operation. */
export class OperationRecord {
  readonly requestId: string;
  readonly #stopwatch: Stopwatch;
  #errorCodes: Map<string, number> | null = null;
  #operationName: string | null = null;
  #documentId: string | null = null;
  #key: string | null = null;
  #traceId: string | null = null;
  #cost: object | null = null;
  #outcome: OperationOutcome | null = null;

  constructor(requestId: string, elapsed: Clock) {
    this.requestId = requestId;
    this.#stopwatch = new Stopwatch(elapsed);
  }

  noteNames({ operationName, documentId }: { operationName?: unknown; documentId?: unknown }): void {
    if (typeof operationName === 'string') this.#operationName = operationName.slice(0, maxNameLength);
    if (typeof documentId === 'string') this.#documentId = documentId.slice(0, maxNameLength);
  }

  noteKey(key: string | null): void {
    this.#key = key;
  }

  noteTrace(traceId: string): void {
    this.#traceId = traceId;
  }

  /** Notes the only result, or one of an incremental delivery. */
  noteResult(result: DeliveredResult): void {
    for (const { extensions } of errorsOf(result)) {
      const code = String(extensions?.['code'] ?? 'UNKNOWN');
      this.#errorCodes ??= new Map();
      this.#errorCodes.set(code, (this.#errorCodes.get(code) ?? 0) + 1);
    }
    this.#cost = (result.extensions?.['cost'] as object | undefined) ?? this.#cost;
    if (this.#errorCodes && this.#outcome === 'ok') this.#outcome = 'partial';
    this.#outcome ??= this.#outcomeOf(result);
  }

  /** The client has disconnected. */
  noteAbandoned(): void {
    if (this.#outcome !== null) this.#outcome = 'abandoned';
  }

  /** Null: the request has no operation, such as one of a page. */
  get summary(): OperationSummary | null {
    if (this.#outcome === null) return null;
    return {
      requestId: this.requestId,
      traceId: this.#traceId,
      key: this.#key,
      operationName: this.#operationName,
      documentId: this.#documentId,
      outcome: this.#outcome,
      errorCodes: this.#errorCodes ?? noCodes,
      cost: this.#cost,
      ms: this.#stopwatch.ms,
    };
  }

  #outcomeOf({ data }: DeliveredResult): OperationOutcome {
    if (!this.#errorCodes) return 'ok';
    if (this.#errorCodes.has('DRY_RUN')) return 'dry_run';
    if (data === undefined) return 'refused';
    return data === null ? 'failed' : 'partial';
  }
}
