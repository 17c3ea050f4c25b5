import type { YogaServerOptions } from 'graphql-yoga';
import { behindDoorkeeper, createDocumentCache } from './documentCache.js';
import type { ResponseMemo } from './memo.js';
import { useFastValidation } from './useFastValidation.js';
import { useLazyLocations } from './useLazyLocations.js';

type YogaOptions = YogaServerOptions<object, object>;

/** How requests are remembered, parsed and validated. */
interface RequestPath {
  /** Null: every operation is executed. */
  readonly memo: ResponseMemo | null;
  readonly plugins: NonNullable<YogaOptions['plugins']>;
  readonly documentCaches: NonNullable<YogaOptions['parserAndValidationCache']>;
}

/**
 * Everything that only makes the server faster: a memo of whole responses, a parser that skips locations, a validator
 * that skips what no rule looks at, and a doorkeeper in front of the document cache. RESPONSE_MEMO=0 replaces all of it
 * by the standard path.
 */
export function fastPath(memo: ResponseMemo): RequestPath {
  return {
    memo,
    plugins: [useLazyLocations(), useFastValidation()],
    documentCaches: {
      documentCache: behindDoorkeeper(createDocumentCache()),
      errorCache: behindDoorkeeper(createDocumentCache()),
    },
  };
}

/**
 * `parse` and `validate` of graphql-js. Responses are the same as on the fast path, with one exception: which of very many
 * errors in a very long document have `locations`.
 */
export function standardPath(): RequestPath {
  return {
    memo: null,
    plugins: [],
    documentCaches: { documentCache: createDocumentCache(), errorCache: createDocumentCache() },
  };
}
