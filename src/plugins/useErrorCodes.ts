import type { Plugin } from 'graphql-yoga';
import { type DeliveredResult, errorsOf, mapResults } from '../protocol/incrementalResults.js';

/**
 * Adds a code to errors that graphql-js raises after validation: the variables or the operation's name do not fit, or,
 * if the error has a path, an argument does not.
 */
export function useErrorCodes(): Plugin {
  return {
    onExecutionResult({ result, setResult }) {
      if (!result || Array.isArray(result)) return;
      setResult(mapResults(result, withCodes));
    },
  };
}

function withCodes(result: DeliveredResult): DeliveredResult {
  for (const error of errorsOf(result)) {
    if (error.extensions['code'] !== undefined) continue;
    error.extensions['code'] = 'BAD_USER_INPUT';
    error.extensions['retryable'] = false;
    if (!error.path) error.extensions['http'] = { spec: true, status: 400 };
  }
  return result;
}
