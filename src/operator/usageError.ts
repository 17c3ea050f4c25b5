/** Something that the operator wrote or asked for is wrong. The message says what, and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
