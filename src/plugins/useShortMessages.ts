import type { GraphQLError } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { errorsOf, type Part, withParts } from '../protocol/incrementalResults.js';
import { printable } from '../quote.js';

/** What stands in the middle of a longer message is what the client has sent, a value of a megabyte for example. */
const startLength = 600;
const endLength = 300;

/** Cuts what an error repeats of a request: both ends of the message are kept, for they say what and where. */
export function useShortMessages(): Plugin {
  return {
    onResultProcess({ result, setResult }) {
      if (Array.isArray(result)) return;
      if (isAsyncIterable(result) || errorsOf(result as Part).length > 0) {
        setResult(withParts(result as Part, shortened));
      }
    },
  };
}

function shortened(part: Part): Part {
  for (const error of errorsOf(part)) shorten(error);
  return part;
}

function shorten(error: GraphQLError): void {
  const { message } = error;
  const text =
    message.length > startLength + endLength
      ? `${message.slice(0, startLength)} … ${message.slice(-endLength)}`
      : message;
  error.message = printable(text);
}
