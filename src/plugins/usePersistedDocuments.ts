import { type GraphQLError, parse } from 'graphql';
import { createGraphQLError, type GraphQLParams, type Plugin, type YogaServer } from 'graphql-yoga';
import type { Logger } from '../logger.js';
import { bareId, type PersistedDocuments } from '../persistedDocuments.js';
import { notKept } from '../protocol/forbidden.js';
import type { DocumentLimits } from './useDocumentLimits.js';

export interface PersistedDocumentsOptions {
  readonly documents: PersistedDocuments;
  /** Refuses whatever isn't one of them, GraphiQL's own questions included. */
  readonly isOnly: boolean;
  readonly limits: Pick<DocumentLimits, 'tokens'>;
  readonly logger: Pick<Logger, 'warn'>;
}

type Params = GraphQLParams & { readonly documentId?: unknown };

/**
 * Lets clients name a document instead of sending it: by `documentId`, as GraphQL over HTTP has it, or by Apollo's
 * `extensions.persistedQuery`. The id of a kept document counts, whatever text is beside it. From there on it is a
 * document like any other, with the same limits. No client adds one: that would let anybody fill the memory.
 */
export function usePersistedDocuments({ documents, isOnly, ...told }: PersistedDocumentsOptions): Plugin {
  return {
    onYogaInit: ({ yoga }) => warnOfUnfit(documents, yoga, told),
    onRequestParse({ request, url }) {
      if (request.method !== 'GET') return;
      // Yoga takes no parameter out of an address but those that it knows.
      const documentId = url.searchParams.get('documentId');
      if (documentId === null) return;
      return {
        onRequestParseDone({ requestParserResult: params, setRequestParserResult }) {
          const named: Params = { ...params, documentId };
          setRequestParserResult(named);
        },
      };
    },
    onParams({ params: given, setParams }) {
      const { documentId, ...params }: Params = given;
      const id = documentId ?? apolloId(params);
      if (id !== undefined && typeof id !== 'string') throw notAString(id);
      const document = id === undefined ? undefined : documents.get(bareId(id));
      const isTextEnough = !isOnly && params.query != null;
      if (document) setParams({ ...params, query: document.text });
      else if (isTextEnough) setParams(params);
      else if (id !== undefined) throw notFound(isOnly, documentId == null);
      else if (isOnly) throw documentRequired();
    },
  };
}

/** By the rules that the server itself holds documents to, with what its plugins add to them and to the schema. */
function warnOfUnfit(
  documents: PersistedDocuments,
  yoga: YogaServer<object, object>,
  { limits, logger }: Pick<PersistedDocumentsOptions, 'limits' | 'logger'>,
): void {
  // Not its `parse`, which would remember a syntax error as it is outside of a request: without a code.
  const { schema, validate } = yoga.getEnveloped();

  function faultIn(text: string): unknown {
    try {
      const [first]: readonly GraphQLError[] = validate(schema, parse(text, { maxTokens: limits.tokens }));
      return first;
    } catch (error) {
      return error;
    }
  }

  const unfit = [...documents.values()].flatMap(({ text, file, id }) => {
    const fault = faultIn(text);
    return fault instanceof Error ? [{ file, id, why: fault.message }] : [];
  });
  if (unfit.length === 0) return;
  logger.warn({ unfit }, 'Some persisted documents do not fit this server: who asks for them is refused');
}

/** Beside `version: 1`; of another nobody knows what it means. */
function apolloId({ extensions }: GraphQLParams): unknown {
  const { version, sha256Hash } = extensions?.['persistedQuery'] ?? {};
  return version === 1 ? (sha256Hash ?? undefined) : undefined;
}

function notAString(id: unknown): GraphQLError {
  const got = Array.isArray(id) ? 'an array' : `a value of type ${typeof id}`;
  return createGraphQLError(`Expected the document's id to be a string, but got ${got}.`, {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  });
}

/** Apollo's form is urql's too: both send the text then, and urql goes by that message alone. It would be in vain if `isOnly`. */
function notFound(isOnly: boolean, isApollos: boolean): GraphQLError {
  const advice = isOnly ? 'No query text is answered either.' : 'Send the query itself.';
  const message = `No document is kept here under this id. ${advice} The operator adds a client's manifest to PERSISTED_DOCUMENTS.`;
  return createGraphQLError(isApollos && !isOnly ? 'PersistedQueryNotFound' : message, {
    extensions: {
      code: 'PERSISTED_QUERY_NOT_FOUND',
      retryable: false,
      http: { spec: true, status: 400, headers: notKept },
    },
  });
}

function documentRequired(): GraphQLError {
  return createGraphQLError(
    'This server answers kept documents only (PERSISTED_ONLY). Send the id of one as documentId, instead of a query.',
    {
      extensions: {
        code: 'PERSISTED_DOCUMENT_REQUIRED',
        retryable: false,
        http: { spec: true, status: 403, headers: notKept },
      },
    },
  );
}
