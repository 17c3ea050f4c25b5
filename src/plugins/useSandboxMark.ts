import { isAsyncIterable, type Plugin } from 'graphql-yoga';

/** Puts `extensions.sandbox: true` on every answer while upstream is a stand-in, so that nobody takes it for real data. */
export function useSandboxMark(isSandbox: () => boolean): Plugin {
  return {
    onExecutionResult({ result, setResult }) {
      if (!result || isAsyncIterable(result) || Array.isArray(result) || !isSandbox()) return;
      setResult({ ...result, extensions: { ...result.extensions, sandbox: true } });
    },
  };
}
