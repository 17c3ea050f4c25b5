import type { Lookup } from '../upstream/cache/lookup.js';
import type { CallObserver } from '../upstream/call/callObserver.js';
import type { Repeats } from './operationLog.js';
import type { OperationSummary } from './operationRecord.js';

/** Is told of everything that the log and the metrics tell. */
export interface Observer extends CallObserver {
  /** An operation whose response is complete. */
  executed(summary: OperationSummary): void;
  /** The fast path sent a response again. */
  repeated(repeats: Repeats): void;
  /** The look-ups of an operation, when they have ended. */
  lookups(lookups: readonly Pick<Lookup, 'level'>[]): void;
}
