import { GraphQLError } from 'graphql';
import { createGraphQLError, type Plugin } from 'graphql-yoga';
import { quote } from '../quote.js';

/**
 * Checks `Content-Encoding`, `Content-Type` and the JSON of a request. For these Yoga by itself answers without a code, or
 * with a message that repeats the whole body.
 */
export function useRequestChecks(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      const encoding = request.headers.get('content-encoding') ?? 'identity';
      if (request.method === 'POST' && !['', 'identity'].includes(encoding.trim().toLowerCase())) {
        throw encodingError(encoding);
      }
      if (requestParser) {
        setRequestParser((request) => readParams(requestParser, request));
        return;
      }
      // A POST whose content type no parser of Yoga's takes.
      if (request.method === 'POST') throw contentTypeError(request.headers.get('content-type'));
    },
  };
}

/**
 * `variables` and `extensions` in a URL or a form are JSON, and Yoga does not catch the error of parsing them. For a body
 * that is not JSON it adds a second message, which repeats the body.
 */
async function readParams<T>(parser: (request: Request) => T, request: Request): Promise<Awaited<T>> {
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

/**
 * `Accept-Encoding` in the response tells what the server would take (RFC 9110, 15.5.16). Compression is not supported,
 * because a body of a megabyte could unpack to a gigabyte.
 */
function encodingError(encoding: string): GraphQLError {
  const http = { status: 415, headers: { 'accept-encoding': 'identity' } };
  return createGraphQLError(
    `Expected an uncompressed body, but its Content-Encoding is ${quote(encoding)}. Send it without one.`,
    { extensions: { code: 'BAD_REQUEST', http } },
  );
}

function contentTypeError(type: string | null): GraphQLError {
  return createGraphQLError(
    `Expected the content type application/json, but got ${type ? quote(type) : 'none'}.`,
    { extensions: { code: 'BAD_REQUEST', http: { status: 415 } } },
  );
}
