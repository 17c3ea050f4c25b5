import { parse } from 'graphql';
import type { YogaServer } from 'graphql-yoga';
import type { PersistedDocument, PersistedDocuments } from '../persistedDocuments.js';

interface InvalidDocument extends Pick<PersistedDocument, 'file' | 'id'> {
  readonly why: string;
}

/** The persisted documents that a server would refuse, by the rules of its plugins and its schema. */
export function invalidDocuments(
  documents: PersistedDocuments,
  yoga: YogaServer<object, object>,
  maxLexicalTokens: number,
): InvalidDocument[] {
  // Not Yoga's own `parse`: it would cache a syntax error without the code that the error gets in a request.
  const { schema, validate } = yoga.getEnveloped();

  function errorIn(text: string): unknown {
    try {
      return validate(schema, parse(text, { maxLexicalTokens }))[0];
    } catch (error) {
      return error;
    }
  }

  return [...documents.values()].flatMap(({ text, file, id }) => {
    const error = errorIn(text);
    return error instanceof Error ? [{ file, id, why: error.message }] : [];
  });
}
