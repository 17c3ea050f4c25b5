import { createGraphQLError, type Plugin } from 'graphql-yoga';

/** Takes an empty `operationName` as none: some clients always send one. */
export function useOperationName(): Plugin {
  return {
    onParams({ params: { operationName, ...params }, setParams }) {
      // Yoga has not checked its type.
      const name: unknown = operationName;
      if (name == null) return;
      if (typeof name !== 'string') {
        throw createGraphQLError(
          `Expected operationName to be a string, but got a value of type ${typeof name}.`,
          { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } },
        );
      }
      if (name === '') setParams(params);
    },
  };
}
