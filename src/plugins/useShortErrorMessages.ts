import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { type DeliveredResult, errorsOf, mapResults } from '../protocol/incrementalResults.js';
import { printable } from '../quote.js';

/** The middle of a longer message is text from the request, such as a value of a megabyte. */
const startLength = 600;
const endLength = 300;

/** Cuts the middle out of long error messages, because it repeats the request. The two ends say what is wrong, and where. */
export function useShortErrorMessages(): Plugin {
  return {
    onResultProcess({ result, setResult }) {
      if (Array.isArray(result)) return;
      const delivery = result as DeliveredResult | AsyncIterable<DeliveredResult>;
      if (isAsyncIterable(delivery) || errorsOf(delivery).length > 0) {
        setResult(mapResults(delivery, withShortMessages));
      }
    },
  };
}

function withShortMessages(result: DeliveredResult): DeliveredResult {
  for (const error of errorsOf(result)) {
    // Escaping makes a message longer. Cut again, it stays as it is when a cached error passes here once more.
    error.message = cut(printable(cut(error.message)));
  }
  return result;
}

function cut(message: string): string {
  if (message.length <= startLength + endLength) return message;
  return `${message.slice(0, startLength)} … ${message.slice(-endLength)}`;
}
