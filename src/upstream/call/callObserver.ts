import type { ErrorCode } from '../../errors.js';
import type { EndpointName } from '../endpoints/table.js';

/**
 * What became of a call. `paid`: upstream bills it. `uncertain`: it may have been billed. `unbilled`: it was sent, and is
 * not billed. `not_sent`: a budget, a circuit, the queue or a shutdown held it back.
 */
export type CallOutcome = 'paid' | 'uncertain' | 'unbilled' | 'not_sent';

/** Is told of every attempt and every call when it has ended. */
export interface CallObserver {
  attempt(endpoint: EndpointName, code: 'OK' | ErrorCode, ms: number): void;
  /** `payer`: the name of the API key. Null: the server has no keys. */
  call(endpoint: EndpointName, outcome: CallOutcome, payer: string | null): void;
}
