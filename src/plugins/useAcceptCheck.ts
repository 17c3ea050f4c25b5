import type { Plugin } from 'graphql-yoga';
import { acceptsAnyOf, incrementalTypes, singleResultTypes } from '../protocol/acceptHeader.js';
import { refusalResponse } from '../protocol/refusalResponse.js';
import { quote } from '../quote.js';
import { type ServerContext, serverContextIn } from '../response/responder.js';

const responseTypes = [...singleResultTypes, ...incrementalTypes];

/**
 * Answers 406 if no response to an operation would have a type that `Accept` allows. Must come before plugins that refuse
 * operations: to such a request Yoga sends their errors as an empty body.
 */
export function useAcceptCheck(): Plugin<ServerContext> {
  return {
    onRequestParse({ request, serverContext, endResponse, fetchAPI }) {
      if (acceptsAnyOf(request, responseTypes)) return;
      const message = `Expected Accept to allow ${responseTypes.join(' or ')}, but Accept is ${quote(request.headers.get('accept') ?? '')}. Nothing was called.`;
      const refusal = { status: 406, code: 'BAD_REQUEST', message };
      endResponse(refusalResponse(refusal, serverContextIn(serverContext).record, fetchAPI));
    },
  };
}
