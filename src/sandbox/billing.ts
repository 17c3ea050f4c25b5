import type { Reply } from './replies.js';

/**
 * The vendor bills a success, "no data" (for 404 this is assumed), and every answer that starts as a success, since the
 * work is done by then. `undefined`: a success.
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
