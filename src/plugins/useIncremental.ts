import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin, type YogaInitialContext } from 'graphql-yoga';
import { accepts, partTypes } from '../protocol/acceptHeader.js';
import { EqualStreamsRule } from '../protocol/equalStreamsRule.js';
import { type Incremental, incrementalOf } from '../protocol/incrementalDirectives.js';
import { type Part, withParts } from '../protocol/incrementalResults.js';
import { stream } from '../schema/incremental.js';

/**
 * Answers in parts, where `@defer` and `@stream` ask for them, in the older of the two formats (no `pending`, no
 * `completed`). Who can't read them, or asks for what can't be, is told so before anything is called.
 */
export function useIncremental(maskError: (error: unknown) => GraphQLError): Plugin {
  const { onValidate } = useDeferStream();
  return {
    onValidate(payload) {
      onValidate?.({
        ...payload,
        addValidationRule: (rule) => {
          // The same as GraphQL's own but for streams, and without its budget: 5,000 tokens keep it busy for 20 s.
          if (rule.name !== 'OverlappingFieldsCanBeMergedRule') payload.addValidationRule(rule);
        },
      });
      payload.addValidationRule(EqualStreamsRule);
    },
    onExecute({ args, setResultAndStopExecution: stopWith }) {
      const refusal = refusalOf(args);
      if (refusal) stopWith({ errors: [refusal] });
    },
    /** Yoga masks what is beside the patches of a part, and not what is in them. */
    onExecutionResult({ result, setResult }) {
      if (!isAsyncIterable(result)) return;
      setResult(withParts(result, (part) => masked(part, maskError)));
    },
  };
}

/** Why an operation isn't to be executed. Null: it may be. */
function refusalOf(args: ExecutionArgs & { readonly contextValue: YogaInitialContext }): GraphQLError | null {
  try {
    const directives = incrementalOf({ ...args, text: args.contextValue.params.query ?? '' });
    for (const { node, values } of directives) {
      const count = values['initialCount'];
      if (node.name.value !== stream.name || (typeof count === 'number' && count >= 0)) continue;
      const message = `Expected an initialCount of at least 0 for @stream, but got ${count}.`;
      return new GraphQLError(message, { nodes: node });
    }
    const isReadable = directives.length === 0 || accepts(args.contextValue.request, partTypes);
    return isReadable ? null : wholeOnlyError(directives);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

function wholeOnlyError(directives: readonly Incremental[]): GraphQLError {
  return new GraphQLError(
    'An operation with @defer or @stream is answered in parts, which this request does not accept. Nothing was called. Send "Accept: multipart/mixed" or "Accept: text/event-stream"; or leave these directives out, or set their "if" to false.',
    {
      nodes: directives.map(({ node }) => node),
      extensions: { code: 'BAD_REQUEST', retryable: false, http: { status: 406 } },
    },
  );
}

function masked(part: Part, maskError: (error: unknown) => GraphQLError): Part {
  if (!part.incremental) return part;
  const incremental = part.incremental.map((patch) =>
    patch.errors ? { ...patch, errors: patch.errors.map(maskError) } : patch,
  );
  return { ...part, incremental };
}
