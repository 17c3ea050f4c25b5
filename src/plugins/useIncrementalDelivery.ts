import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { acceptsAnyOf, incrementalTypes } from '../protocol/acceptHeader.js';
import { EqualStreamsRule } from '../protocol/equalStreamsRule.js';
import { type IncrementalDirective, incrementalOf } from '../protocol/incrementalDirectives.js';
import { mapIncrementalErrors, mapResults } from '../protocol/incrementalResults.js';
import { stream } from '../schema/incremental.js';

/**
 * Delivers the results of `@defer` and `@stream` incrementally, in the older of the two formats (no `pending`, no
 * `completed`). Refuses before anything is called if the client can't read that, or if an argument is wrong.
 */
export function useIncrementalDelivery(maskError: (error: unknown) => GraphQLError): Plugin {
  const { onValidate } = useDeferStream();
  return {
    onValidate(payload) {
      onValidate?.({
        ...payload,
        addValidationRule: (rule) => {
          // A copy of graphql-js's rule that also compares streams, without its budget: 5,000 tokens keep it busy for 20 s.
          if (rule.name !== 'OverlappingFieldsCanBeMergedRule') payload.addValidationRule(rule);
        },
      });
      payload.addValidationRule(EqualStreamsRule);
    },
    onExecute({ args, setResultAndStopExecution: stopWith }) {
      const refusal = refusalOf(args);
      if (refusal) stopWith({ errors: [refusal] });
    },
    /** Yoga itself masks the other errors of a result. */
    onExecutionResult({ result, setResult }) {
      if (!isAsyncIterable(result)) return;
      setResult(mapResults(result, (one) => mapIncrementalErrors(one, maskError)));
    },
  };
}

/** Null: the operation may be executed. */
function refusalOf(args: ExecutionArgs & { readonly contextValue: YogaInitialContext }): GraphQLError | null {
  try {
    const directives = incrementalOf({ ...args, text: args.contextValue.params.query ?? '' });
    for (const { node, values } of directives) {
      const count = values['initialCount'];
      if (node.name.value !== stream.name || (typeof count === 'number' && count >= 0)) continue;
      const message = `Expected an initialCount of at least 0 for @stream, but got ${count}.`;
      return new GraphQLError(message, { nodes: node });
    }
    const isReadable = directives.length === 0 || acceptsAnyOf(args.contextValue.request, incrementalTypes);
    return isReadable ? null : notAcceptedError(directives);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

function notAcceptedError(directives: readonly IncrementalDirective[]): GraphQLError {
  return new GraphQLError(
    'An operation with @defer or @stream is answered in parts, which the Accept header of this request does not allow. Nothing was called. Send "Accept: multipart/mixed" or "Accept: text/event-stream"; or remove these directives, or set their "if" to false.',
    {
      nodes: directives.map(({ node }) => node),
      extensions: { code: 'BAD_REQUEST', retryable: false, http: { status: 406 } },
    },
  );
}
