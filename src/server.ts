import { GraphQLError } from 'graphql';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import type { ApiKey } from './config.js';
import { type Context, createContext } from './context.js';
import { CodedError } from './errors.js';
import { useApiKeys } from './plugins/useApiKeys.js';
import { useClearRefusals } from './plugins/useClearRefusals.js';
import { useExactIds } from './plugins/useExactIds.js';
import { useGraphiql } from './plugins/useGraphiql.js';
import { useSandboxMark } from './plugins/useSandboxMark.js';
import { schema } from './schema/index.js';
import type { Logger } from './telemetry/logger.js';
import type { Client } from './upstream/client.js';

export const graphqlPath = '/graphql';

export interface ServerOptions {
  readonly client: Client;
  readonly logger: Logger;
  /** Empty: everybody may ask. */
  readonly apiKeys: readonly ApiKey[];
  /** Whose pages may ask. Empty: none but the server's own. */
  readonly corsOrigins: readonly string[];
}

/** GraphQL over HTTP as a function from request to response. `http.ts` puts it on a port. */
export function createServer(options: ServerOptions): YogaServerInstance<object, Context> {
  const { client, logger, apiKeys, corsOrigins } = options;
  return createYoga<object, Context>({
    schema,
    graphqlEndpoint: graphqlPath,
    context: () => createContext(client),
    plugins: [
      useGraphiql({
        endpoint: graphqlPath,
        title: client.isSandbox() ? 'Xingtu GraphQL (sandbox)' : 'Xingtu GraphQL',
      }),
      useApiKeys(apiKeys),
      useClearRefusals(),
      useExactIds(),
      useSandboxMark(client.isSandbox),
    ],
    maskedErrors: { maskError },
    cors: corsOrigins.length > 0 ? { origin: [...corsOrigins], methods: ['GET', 'POST'] } : false,
    logging: {
      debug: (...args) => logger.debug(args.join(' ')),
      info: (...args) => logger.info(args.join(' ')),
      warn: (...args) => logger.warn(args.join(' ')),
      error: (error) => logger.error(error),
    },
    // Both are replaced: by useGraphiql, which needs no network, and by http.ts, which bounds bodies for less.
    graphiql: false,
    maxRequestBodySize: false,
    multipart: false,
    landingPage: false,
  });
}

/** Lets GraphQL's own refusals and the failures of our table through; all else is a bug, and says nothing. */
function maskError(error: unknown): Error {
  if (error instanceof GraphQLError) {
    const original = error.originalError;
    if (!original || original instanceof GraphQLError || original instanceof CodedError) return error;
  }
  const place = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
  return new GraphQLError('The server made a mistake. It has been logged.', {
    ...place,
    originalError: error instanceof Error ? error : null,
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
}
