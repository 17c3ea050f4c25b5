import { createGraphQLError, isAsyncIterable, type Plugin } from 'graphql-yoga';

/** Says what was wrong where Yoga by itself answers with an empty body, or without a code. */
export function useClearRefusals(): Plugin {
  return {
    /** A POST that no parser wants: its content type is none of GraphQL's. */
    onRequestParse({ request, requestParser }) {
      if (requestParser || request.method !== 'POST') return;
      const type = request.headers.get('content-type');
      throw createGraphQLError(
        `Expected the content type application/json, but got ${type ? JSON.stringify(type) : 'none'}.`,
        { extensions: { code: 'BAD_REQUEST', http: { status: 415 } } },
      );
    },
    /** The parser goes down with the query, and so may the stack. */
    onParse() {
      return ({ result, replaceParseResult }) => {
        if (!(result instanceof RangeError)) return;
        replaceParseResult(
          createGraphQLError('The query is nested too deep to be read.', {
            extensions: { code: 'GRAPHQL_PARSE_FAILED', http: { status: 400, spec: true } },
          }),
        );
      };
    },
    /** Without `data` execution never began, which after validation means that the variables don't fit. */
    onExecutionResult({ result }) {
      if (!result || isAsyncIterable(result) || Array.isArray(result) || 'data' in result) return;
      for (const error of result.errors ?? []) {
        if (error.extensions['code'] !== undefined) continue;
        error.extensions['code'] = 'BAD_USER_INPUT';
        error.extensions['http'] = { spec: true, status: 400 };
      }
    },
  };
}
