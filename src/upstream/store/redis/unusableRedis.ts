/** The Redis can't be used with this STORE_URL, however long the server waits. The message says what to change. */
export class UnusableRedisError extends Error {
  override readonly name = 'UnusableRedisError';
}

/** What Redis says to a user without the right to a command, a key or a channel, outside of scripts and in them. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /^(NOPERM|ERR The user executing the script)/.test(error.message);
}

export function missingRights({ message }: Error): UnusableRedisError {
  const [sentence] = message.split(' script:');
  return new UnusableRedisError(
    `its user has too few rights: ${sentence}; it needs +@read +@write +@scripting +@pubsub +@connection +time, and all keys and channels of the prefix, ~xingtu:* &xingtu:*`,
  );
}
