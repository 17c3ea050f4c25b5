import { GraphQLError } from 'graphql';
import { CodedError } from '../errors.js';
import type { Logger } from '../logger.js';

/** Lets errors of GraphQL and CodedErrors through. Any other error is a bug: it is logged, and its message is hidden. */
export function createErrorMask(logger: Pick<Logger, 'error'>): (error: unknown) => GraphQLError {
  return (error) => {
    if (error instanceof GraphQLError) {
      const original = error.originalError;
      if (!original || original instanceof GraphQLError || original instanceof CodedError) return error;
    }
    logger.error(error);
    const { nodes, path } = error instanceof GraphQLError ? error : {};
    return new GraphQLError('The server made a mistake. It has been logged.', {
      nodes: nodes ?? null,
      path: path ?? null,
      originalError: error instanceof Error ? error : null,
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  };
}
