import type { GraphQLError } from 'graphql';
import { createGraphQLError } from 'graphql-yoga';
import type { DocumentId } from './documentId.js';
import { noStore } from './refusalResponse.js';

/**
 * The clients of Apollo and urql recognise one message, and then send the text. With PERSISTED_ONLY that would be refused,
 * too, so they get the long message.
 */
export function documentNotFoundError({ isApollo }: DocumentId, isPersistedOnly: boolean): GraphQLError {
  const advice = isPersistedOnly ? 'No query text is answered either.' : 'Send the query itself.';
  const message = `The server has no document with this id. ${advice} The operator adds a client's manifest to PERSISTED_DOCUMENTS.`;
  return createGraphQLError(isApollo && !isPersistedOnly ? 'PersistedQueryNotFound' : message, {
    extensions: {
      code: 'PERSISTED_QUERY_NOT_FOUND',
      retryable: false,
      http: { spec: true, status: 400, headers: noStore },
    },
  });
}

export function documentRequiredError(): GraphQLError {
  return createGraphQLError(
    'This server executes persisted documents only (PERSISTED_ONLY). Send the id of one as documentId, instead of a query.',
    {
      extensions: {
        code: 'PERSISTED_DOCUMENT_REQUIRED',
        retryable: false,
        http: { spec: true, status: 403, headers: noStore },
      },
    },
  );
}
