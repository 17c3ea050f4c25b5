import type { Config } from '../../config.js';
import type { Logger } from '../../telemetry/logger.js';
import { elapsed } from '../../time.js';
import { fingerprintOf, StopKeeper } from '../stops.js';
import { openStore } from './open.js';

export const storeUsage = `The store, for operators. It reads the same settings as the server.

  npm run store -- resume     lifts what stops the calls of JUSTONEAPI_TOKEN; a running server goes on within a second
`;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Runs one command on the store that the server uses, and says what it did. */
export async function runStoreCommand(
  args: readonly string[],
  config: Pick<Config, 'storeUrl' | 'token' | 'baseUrl'>,
  logger: Logger,
): Promise<string> {
  const [command, ...rest] = args;
  if (command !== 'resume' || rest.length > 0) {
    throw new UsageError(`Expected a command, but got ${JSON.stringify(args.join(' '))}.\n\n${storeUsage}`);
  }
  if (config.token === null)
    throw new UsageError('Set JUSTONEAPI_TOKEN to the token whose calls are stopped.');
  if (config.storeUrl === 'memory:') {
    throw new UsageError('STORE_URL is memory:, so the stops end with their server: restart it.');
  }
  const store = openStore(config.storeUrl);
  try {
    const fingerprint = fingerprintOf(config.token, config.baseUrl);
    const wasStopped = await new StopKeeper({ store, fingerprint, elapsed, logger }).lift();
    return wasStopped ? 'Lifted: calls are made again.' : 'Nothing stops the calls of this token.';
  } finally {
    await store.close();
  }
}
