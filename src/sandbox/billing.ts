import type { Reply } from './replies.js';

/**
 * What the vendor bills: its codes for a success and for "no data" (404 is assumed), and every answer that begins as
 * a success, for the work is done by then. A success itself has no fault.
 */
const billed: ReadonlySet<Reply['fault']> = new Set<Reply['fault']>([
  undefined,
  0,
  201,
  202,
  404,
  'base_resp',
  'broken',
  'half',
  'drip',
  'gzip',
  'huge',
]);

export function isBilled({ fault }: Reply): boolean {
  return billed.has(fault);
}
