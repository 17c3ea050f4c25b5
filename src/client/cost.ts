/** `extensions.cost`: what an operation cost, in calls. The four outcomes add up to `requestedCalls`. */
export interface Cost {
  /** A dry run: the figures say what the operation would cost now. */
  readonly dryRun?: true;
  /** A dry run of a search: the figures are the most that it can cost. */
  readonly isUpperBound?: true;
  readonly requestedCalls: number;
  /** Those that upstream bills. */
  readonly paidCalls: number;
  readonly cachedCalls: number;
  readonly coalescedCalls: number;
  readonly failedCalls: number;
  /** The failed calls that may have been billed. */
  readonly uncertainCalls: number;
  /** Paid as well, beside the four outcomes. */
  readonly renewalCalls: number;
  readonly attempts: number;
  /** The most that one operation may request. */
  readonly maxCalls: number;
  /** Only where the server knows the price of a call. */
  readonly estimatedSpend?: { readonly amount: string; readonly currencyCode: 'CNY' };
}
