/** The Redis can't be used with this STORE_URL, however long the server waits. The message says what to change. */
export class UnusableRedisError extends Error {
  override readonly name = 'UnusableRedisError';
}
