import { GraphQLError } from 'graphql';
import { createGraphQLError, type Plugin } from 'graphql-yoga';
import { accepts, partTypes, wholeTypes } from '../protocol/acceptHeader.js';
import { errorsOf, type Part, withParts } from '../protocol/incrementalResults.js';
import { quote } from '../quote.js';

/** Says what was wrong where Yoga by itself answers with an empty body, or without a code. */
export function useClearRefusals(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser, endResponse, fetchAPI }) {
      if (!accepts(request, answerTypes)) {
        const message = `Expected to be asked for ${answerTypes.join(' or ')}, but Accept is ${quote(request.headers.get('accept') ?? '')}. Nothing was called.`;
        const extensions = { code: 'BAD_REQUEST', retryable: false };
        endResponse(fetchAPI.Response.json({ errors: [{ message, extensions }] }, { status: 406 }));
        return;
      }
      const encoding = request.headers.get('content-encoding') ?? 'identity';
      if (request.method === 'POST' && !/^\s*(identity)?\s*$/i.test(encoding)) throw encoded(encoding);
      if (requestParser) {
        setRequestParser((request) => readOrRefuse(requestParser, request));
        return;
      }
      if (request.method !== 'POST') return;
      // A POST that no parser wants: its content type is none of GraphQL's.
      const type = request.headers.get('content-type');
      throw createGraphQLError(
        `Expected the content type application/json, but got ${type ? quote(type) : 'none'}.`,
        { extensions: { code: 'BAD_REQUEST', http: { status: 415 } } },
      );
    },
    /** GraphQL refused after validation: the variables or the operation don't fit, or (with a path) an argument doesn't. */
    onExecutionResult({ result, setResult }) {
      if (!result || Array.isArray(result)) return;
      setResult(withParts(result, coded));
    },
  };
}

const answerTypes = [...wholeTypes, ...partTypes];

function coded(part: Part): Part {
  for (const error of errorsOf(part)) {
    if (error.extensions['code'] !== undefined) continue;
    error.extensions['code'] = 'BAD_USER_INPUT';
    error.extensions['retryable'] = false;
    if (!error.path) error.extensions['http'] = { spec: true, status: 400 };
  }
  return part;
}

/** RFC 9110, 15.5.16, has the client told what would be taken. A bomb of a megabyte would be one of gigabytes. */
function encoded(encoding: string): GraphQLError {
  return createGraphQLError(
    `Expected a body as it is, but its Content-Encoding is ${quote(encoding)}. Send it uncompressed.`,
    {
      extensions: { code: 'BAD_REQUEST', http: { status: 415, headers: { 'accept-encoding': 'identity' } } },
    },
  );
}

/**
 * `variables` and `extensions` in an address or a form are JSON texts of their own, which Yoga parses unguarded. To a
 * body that is no JSON it says so, and adds a message that repeats all of it.
 */
async function readOrRefuse<T>(parser: (request: Request) => T, request: Request): Promise<Awaited<T>> {
  try {
    return await parser(request);
  } catch (error) {
    if (error instanceof GraphQLError && error.extensions['originalError'] !== undefined) {
      throw createGraphQLError(error.message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
    }
    if (!(error instanceof SyntaxError)) throw error;
    throw createGraphQLError('Expected the variables and extensions to be JSON.', {
      extensions: { code: 'BAD_REQUEST', http: { spec: true, status: 400 } },
    });
  }
}
