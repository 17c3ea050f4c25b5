import type { Plugin } from 'graphql-yoga';
import type { Logger } from '../logger.js';
import { bareId, type PersistedDocuments, pageDocuments } from '../persistedDocuments.js';
import { type DocumentIdParams, documentIdOf } from '../protocol/documentId.js';
import { invalidDocuments } from '../protocol/invalidDocuments.js';
import { documentNotFoundError, documentRequiredError } from '../protocol/persistedDocumentErrors.js';
import { serverContextIn } from '../response/responder.js';

interface PersistedDocumentsOptions {
  readonly documents: PersistedDocuments;
  /** Refuses every other document, including GraphiQL's introspection. */
  readonly isPersistedOnly: boolean;
  readonly maxTokens: number;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Lets clients send the id of a document instead of its text: as `documentId`, as in GraphQL over HTTP, or as Apollo's
 * `extensions.persistedQuery`. If the id is known, a text beside it is ignored. The document then has the same limits as
 * any other. Clients can't add documents: that would let anybody fill the memory.
 */
export function usePersistedDocuments(options: PersistedDocumentsOptions): Plugin {
  const { documents, isPersistedOnly, maxTokens, logger } = options;
  return {
    onYogaInit({ yoga }) {
      const invalid = invalidDocuments(documents, yoga, maxTokens);
      if (invalid.length === 0) return;
      logger.warn({ invalid }, 'Some persisted documents are invalid here. Requests for them are refused.');
    },
    onRequestParse({ request, url }) {
      if (request.method !== 'GET') return;
      // Yoga reads only the parameters that it knows from a URL.
      const documentId = url.searchParams.get('documentId');
      if (documentId === null) return;
      return {
        onRequestParseDone({ requestParserResult, setRequestParserResult }) {
          const params: DocumentIdParams = { ...requestParserResult, documentId };
          setRequestParserResult(params);
        },
      };
    },
    onParams({ params: given, context, setParams }) {
      const reference = documentIdOf(given);
      if (reference) serverContextIn(context).record.noteNames({ documentId: reference.id });
      const { documentId: _, ...params }: DocumentIdParams = given;
      const id = reference ? bareId(reference.id) : '';
      const text = documents.get(id)?.text ?? pageDocuments.get(id);
      const isTextEnough = !isPersistedOnly && params.query != null;
      if (text !== undefined) setParams({ ...params, query: text });
      else if (isTextEnough) setParams(params);
      else if (reference) throw documentNotFoundError(reference, isPersistedOnly);
      else if (isPersistedOnly) throw documentRequiredError();
    },
  };
}
