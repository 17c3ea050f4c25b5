import { type DeliveredResult, errorsOf } from '../protocol/incrementalResults.js';
import { type Clock, Stopwatch } from '../time.js';
import { startOperationSpan, type TracedSpan, type TraceParent } from '../tracing.js';

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
  #span: TracedSpan | null = null;
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

  /** Starts the operation's span. `headers`: of its request. */
  startSpan(headers: object): void {
    this.#span = startOperationSpan(headers);
  }

  /** Under which the operation's work is traced. */
  get trace(): TraceParent {
    return this.#span?.parent ?? null;
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
      traceId: this.#span?.traceId ?? null,
      key: this.#key,
      operationName: this.#operationName,
      documentId: this.#documentId,
      outcome: this.#outcome,
      errorCodes: this.#errorCodes ?? noCodes,
      cost: this.#cost,
      ms: this.#stopwatch.ms,
    };
  }

  /** To be called once, when the response is complete. Returns null if the request has no operation. */
  end(): OperationSummary | null {
    const { summary } = this;
    if (!summary) return null;
    const { operationName, documentId, outcome, errorCodes } = summary;
    this.#span?.set({
      'graphql.operation.type': 'query',
      'xingtu.outcome': outcome,
      'xingtu.request_id': this.requestId,
      ...(operationName !== null && { 'graphql.operation.name': operationName }),
      ...(documentId !== null && { 'graphql.document.id': documentId }),
    });
    this.#span?.end(
      outcome === 'failed' || outcome === 'refused' ? ([...errorCodes.keys()][0] ?? null) : null,
    );
    return summary;
  }

  #outcomeOf({ data }: DeliveredResult): OperationOutcome {
    if (!this.#errorCodes) return 'ok';
    if (this.#errorCodes.has('DRY_RUN')) return 'dry_run';
    if (data === undefined) return 'refused';
    return data === null ? 'failed' : 'partial';
  }
}
