import type { Plugin } from 'graphql-yoga';
import { type Part, withParts } from '../protocol/incrementalResults.js';

/** Puts `extensions.sandbox: true` on every answer, and each part of one, while upstream is a stand-in, so that nobody takes it for real data. */
export function useSandboxMark(isSandbox: () => boolean): Plugin {
  return {
    onExecutionResult({ result, setResult }) {
      if (!result || Array.isArray(result)) return;
      setResult(withParts(result, (part) => (isSandbox() ? marked(part) : part)));
    },
  };
}

function marked(part: Part): Part {
  return { ...part, extensions: { ...part.extensions, sandbox: true } };
}
