import { parse } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Refuses documents of more tokens than any sensible query has: a thousand fields take about 3,000. Without it a text of
 * 1 MB makes a tree of 240 MB.
 */
export function useTokenLimit(maxTokens: number): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source, options) => parse(source, { ...options, maxTokens }));
    },
  };
}
