import { type GraphQLError, getOperationAST } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { type DeliveredResult, errorsOf, mapResults, withEachError } from '../protocol/incrementalResults.js';
import { type ServerContext, serverContextIn } from '../response/responder.js';
import type { OperationRecord } from '../telemetry/operationRecord.js';
import type { Paying } from './useApiKeys.js';

/**
 * Notes what the log and the metrics tell of an operation, and gives each of its errors the request's id:
 * `extensions.requestId`. To be the last plugin that changes results.
 */
export function useOperationRecord(): Plugin<Paying & ServerContext> {
  return {
    onParams({ params, context }) {
      const { record, headers } = serverContextIn(context);
      record.startSpan(headers);
      record.noteNames(params);
    },
    onExecute({ args: { document, operationName, contextValue } }) {
      const { record, payer } = contextValue;
      record.noteNames({ operationName: getOperationAST(document, operationName)?.name?.value });
      record.noteKey(payer?.name ?? null);
    },
    onResultProcess({ result, setResult, serverContext }) {
      if (Array.isArray(result)) return;
      const { record } = serverContextIn(serverContext);
      const delivery = result as DeliveredResult | AsyncIterable<DeliveredResult>;
      const note = (one: DeliveredResult) => {
        record.noteResult(one);
        return errorsOf(one).length === 0 ? one : withEachError(one, (error) => withRequestId(error, record));
      };
      const noted = mapResults(delivery, note);
      if (isAsyncIterable(delivery) || noted !== delivery) setResult(noted);
    },
  };
}

/** A view of the error, since the errors of a document that is refused again are the same objects. */
function withRequestId(error: GraphQLError, { requestId }: OperationRecord): GraphQLError {
  return Object.create(error, {
    extensions: { value: { ...error.extensions, requestId }, enumerable: true },
  });
}
