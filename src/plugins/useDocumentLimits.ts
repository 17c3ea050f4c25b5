import { Source } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type DocumentLimits, documentLimitsRule } from '../protocol/documentLimits.js';
import { isShortEnoughToLocate } from '../protocol/sourceLocations.js';

/** Refuses documents that ask for more than any sensible one does, when they are parsed and validated. */
export function useDocumentLimits(limits: DocumentLimits): Plugin {
  const rule = documentLimitsRule(limits);
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source: string | Source, options) => {
        const text = source instanceof Source ? source.body : source;
        const noLocation = options?.noLocation ?? !isShortEnoughToLocate(text);
        return parseFn(source, { ...options, maxLexicalTokens: limits.tokens, noLocation });
      });
    },
    onValidate({ addValidationRule }) {
      addValidationRule(rule);
    },
  };
}
