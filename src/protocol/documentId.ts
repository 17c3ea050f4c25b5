import { createGraphQLError, type GraphQLParams } from 'graphql-yoga';

/** The parameters of a request, with `documentId` from the GraphQL over HTTP specification, which Yoga does not know. */
export type DocumentIdParams = GraphQLParams & { readonly documentId?: unknown };

/** A reference to a persisted document. */
export interface DocumentId {
  readonly id: string;
  /** It came as Apollo's `extensions.persistedQuery`, which urql uses, too. */
  readonly isApollo: boolean;
}

/** Null: the request names no document. Throws when an id is not a string. */
export function documentIdOf({ documentId, extensions }: DocumentIdParams): DocumentId | null {
  const id: unknown = documentId ?? apolloIdOf(extensions);
  if (id === undefined) return null;
  if (typeof id === 'string') return { id, isApollo: documentId == null };
  const got = Array.isArray(id) ? 'an array' : `a value of type ${typeof id}`;
  throw createGraphQLError(`Expected the document's id to be a string, but got ${got}.`, {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  });
}

/** Version 1 is the only one that exists. */
function apolloIdOf(extensions: GraphQLParams['extensions']): unknown {
  const { version, sha256Hash } = extensions?.['persistedQuery'] ?? {};
  return version === 1 ? (sha256Hash ?? undefined) : undefined;
}
