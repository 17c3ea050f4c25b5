import type { Config } from '../config.js';
import { openServer } from '../instance.js';
import type { Logger } from '../logger.js';
import { textOf } from '../response/message.js';
import { type Executor, type ExecutorResult, graphqlHeaders } from './executor.js';

export interface InProcessOptions {
  readonly config: Config;
  readonly logger: Logger;
  /** See `Log.droppedLines`. */
  readonly droppedLines: () => number;
  /** Where the sandbox listens. Null: calls go to upstream. */
  readonly sandboxUrl: string | null;
  /** Closes the sandbox. */
  readonly closeSandbox: () => Promise<void>;
}

/** How long an export that ends waits for the calls that were sent. */
const stopWithinMs = 7_000;

/** How long it then waits for a lost store, so that what it paid for is stored. */
const storeWithinMs = 10_000;

/** Nobody waits for a part of an export, as a page would: it may take as long as its calls. */
const operationMs = 3_600_000;

/** Asks a server of its own in this process, with the settings, the store, the budgets and the ledger of a server. */
export async function inProcessExecutor(options: InProcessOptions): Promise<Executor> {
  const { config, logger, droppedLines, sandboxUrl, closeSandbox } = options;
  const server = await openServer({
    // The settings have the token itself, so a key would protect nothing.
    config: { ...config, apiKeys: [], isPersistedOnly: false, queryTimeoutMs: operationMs },
    logger,
    droppedLines,
    sandboxUrl,
  }).catch(async (error) => {
    await closeSandbox();
    throw error;
  });
  const never = new AbortController().signal;
  return {
    async execute(query, variables, given = {}) {
      const headers = { host: 'localhost', ...graphqlHeaders, ...given };
      const message = await server.respond(
        { method: 'POST', url: '/graphql', headers, rawHeaders: Object.entries(headers).flat() },
        Buffer.from(JSON.stringify({ query, variables })),
        () => never,
      );
      return JSON.parse(await textOf(message)) as ExecutorResult;
    },
    stopCalls: () => server.stopCalls(stopWithinMs),
    close: async () => {
      await server.stopCalls(stopWithinMs);
      await server.abortCalls();
      await server.close(sandboxUrl === null ? storeWithinMs : 0);
      await closeSandbox();
    },
  };
}
