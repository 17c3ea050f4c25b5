import type { Plugin } from 'graphql-yoga';
import { acceptsAnyOf, incrementalTypes, singleResultTypes } from '../protocol/acceptHeader.js';
import { quote } from '../quote.js';

const responseTypes = [...singleResultTypes, ...incrementalTypes];

/**
 * Answers 406 if no response to an operation would have a type that `Accept` allows. Must come before plugins that refuse
 * operations: to such a request Yoga sends their errors as an empty body.
 */
export function useAcceptCheck(): Plugin {
  return {
    onRequestParse({ request, endResponse, fetchAPI }) {
      if (acceptsAnyOf(request, responseTypes)) return;
      const message = `Expected Accept to allow ${responseTypes.join(' or ')}, but Accept is ${quote(request.headers.get('accept') ?? '')}. Nothing was called.`;
      const extensions = { code: 'BAD_REQUEST', retryable: false };
      endResponse(fetchAPI.Response.json({ errors: [{ message, extensions }] }, { status: 406 }));
    },
  };
}
