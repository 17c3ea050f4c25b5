import type { Plugin } from 'graphql-yoga';
import { type DeliveredResult, mapResults } from '../protocol/incrementalResults.js';

/** Adds `extensions.sandbox: true` to every result while upstream is a sandbox, so that nobody takes it for real data. */
export function useSandboxExtension(isSandbox: () => boolean): Plugin {
  return {
    onExecutionResult({ result, setResult }) {
      if (!result || Array.isArray(result)) return;
      setResult(mapResults(result, (one) => (isSandbox() ? withSandbox(one) : one)));
    },
  };
}

function withSandbox(result: DeliveredResult): DeliveredResult {
  return { ...result, extensions: { ...result.extensions, sandbox: true } };
}
