import { GraphQLError } from 'graphql';
import type { ResponseTooLargeError } from '../responseSize/responseTooLargeError.js';
import type { Cost } from './report.js';

/** For an operation that is refused before it is executed: with the HTTP status of the response. */
export function sizeRefusal(error: ResponseTooLargeError): GraphQLError {
  const { message, extensions, isRetryable } = error;
  const http = { spec: true, status: isRetryable ? 503 : 400 };
  return new GraphQLError(message, { originalError: error, extensions: { ...extensions, http } });
}

/** For an operation that was being executed. */
export function sizeError(originalError: ResponseTooLargeError): GraphQLError {
  return new GraphQLError(originalError.message, { originalError, extensions: originalError.extensions });
}

/** A dry run has no data, and the GraphQL specification requires an error then. */
export function dryRunError({ paidCalls, renewalCalls, isUpperBound }: Cost): GraphQLError {
  const renewals = renewalCalls === 0 ? '' : ` and ${renewalCalls} to renew stale answers`;
  return new GraphQLError(
    `Dry run: ${isUpperBound ? 'at most ' : ''}${paidCalls} paid ${paidCalls === 1 ? 'call' : 'calls'}${renewals}; nothing was executed.`,
    {
      extensions: { code: 'DRY_RUN', retryable: false, http: { status: 200 } },
    },
  );
}

/** `isUpperBound`: a search is among the calls, and how many creators its page names is not known. */
export function tooExpensiveError(
  plannedCalls: number,
  maxCalls: number,
  isUpperBound: boolean,
  calledSentence: string,
): GraphQLError {
  const asked = isUpperBound
    ? `may ask for up to ${plannedCalls} calls, since a page of a search can name 20 creators`
    : `asks for ${plannedCalls} calls`;
  return new GraphQLError(
    `This operation ${asked}, and one operation may ask for ${maxCalls} (QUERY_MAX_CALLS). ${calledSentence} Ask for fewer creators or sections, in several operations.`,
    {
      extensions: {
        code: 'QUERY_TOO_EXPENSIVE',
        plannedCalls,
        maxCalls,
        retryable: false,
        http: { spec: true, status: 400 },
      },
    },
  );
}
