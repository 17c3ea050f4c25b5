import { createHash } from 'node:crypto';
import type { Logger } from '../../logger.js';
import { UpstreamError } from '../errors.js';
import type { LedgerEntry } from './ledger.js';

/** A call that has ended. */
export interface EndedCall extends Omit<LedgerEntry, 'billed'> {
  readonly billed: 'no' | LedgerEntry['billed'];
  /** The request that started it. */
  readonly requestId: string;
  /** The length of upstream's answer. Null: none came. */
  readonly bytes: number | null;
  /** Null: it succeeded. */
  readonly error: unknown;
}

/** Enough to tell calls apart. */
const keyHexDigits = 16;

/**
 * One line for each call that was paid or has failed. Arguments may be what somebody searches for, so the line has a hash
 * of them, which is the same for the same call, and the id of what they are about.
 */
export function logCall(logger: Logger, ended: EndedCall): void {
  const { call, payer, operationName, requestId, outcome, billed, attempts, ms, bytes, error } = ended;
  const { endpoint, args, key } = call;
  const subject = endpoint.subject(args);
  const fields = {
    requestId,
    ...(payer !== null && { key: payer }),
    ...(operationName !== null && { operationName }),
    endpoint: endpoint.name,
    ...(subject !== null && { subject }),
    callKey: createHash('sha256').update(key).digest('hex').slice(0, keyHexDigits),
    code: outcome,
    billed,
    attempts,
    ms: Math.round(ms),
    ...(bytes !== null && { bytes }),
  };
  if (error === null) {
    logger.info(fields, 'call');
  } else if (error instanceof UpstreamError) {
    const { upstreamCode, message, isHeldBack } = error;
    // An open circuit may refuse thousands of calls, and its opening was logged.
    const level = isHeldBack ? 'debug' : 'warn';
    logger[level]({ ...fields, ...(upstreamCode !== undefined && { upstreamCode }), error: message }, 'call');
  }
}
